/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "ng.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <unistd.h>

#include "../../../modules/lib/wa_ng.h"
#include "resolve.h"

#define MESSAGE_MAX 16384
#define TRIES 2

static const char offer[] = "v=0\r\no=- 1 1 IN IP4 192.0.2.1\r\ns=-\r\nc=IN IP4 192.0.2.1\r\n"
							"t=0 0\r\nm=audio 40000 RTP/AVP 0\r\na=rtpmap:0 PCMU/8000\r\n";
static const char flags[] = "replace-origin replace-session-connection ICE=remove RTP/AVP "
							"direction=pbx direction=meta";

/* "udp:192.0.2.1:2223", "udp:[2001:db8::1]:2223" */
static int open_socket(const char *url, char *why, size_t size)
{
	struct sockaddr_storage a[RESOLVE_MAX];
	const char *host = strchr(url, ':'), *port = strrchr(url, ':');
	char name[128];
	size_t len;
	int fd;

	(void)!snprintf(why, size, "%s is not udp:HOST:PORT", url);
	if(host == NULL || host == port)
		return -1;
	host++;
	len = (size_t)(port - host);
	if(*host == '[' && len > 2) {
		host++;
		len -= 2;
	}
	if(len >= sizeof(name))
		return -1;
	memcpy(name, host, len);
	name[len] = '\0';
	if(resolve_host(name, (unsigned short)strtol(port + 1, NULL, 10), NULL, a, why, size)
			== 0)
		return -1;
	fd = socket(a[0].ss_family, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if(fd >= 0 && connect(fd, (struct sockaddr *)&a[0], resolve_len(&a[0])) == 0)
		return fd;
	(void)!snprintf(why, size, "%s", strerror(errno));
	if(fd >= 0)
		close(fd);
	return -1;
}

/* The reply stays in `mem`. */
static bool exchange(
		int fd, wa_sv_t msg, wa_sv_t cookie, int timeout_ms, char *mem, wa_ben_t *reply)
{
	struct pollfd p = {.fd = fd, .events = POLLIN};
	wa_sv_t got;

	for(int i = 0; i < TRIES; i++) {
		if(send(fd, msg.s, msg.len, 0) < 0)
			continue;
		while(poll(&p, 1, timeout_ms / TRIES) > 0) {
			ssize_t n = recv(fd, mem, MESSAGE_MAX, MSG_DONTWAIT);

			if(n < 0)
				break;
			if(wa_ng_reply((wa_sv_t){mem, (size_t)n}, &got, reply) == 0
					&& wa_sv_eq(got, cookie))
				return true;
		}
	}
	return false;
}

/* Names of one look: nobody else's session is touched. */
static void make_names(char cookie[20], char callid[32])
{
	uint64_t n = 0;

	(void)!getrandom(&n, sizeof(n), 0);
	(void)!snprintf(cookie, 20, "%016llx", (unsigned long long)n);
	(void)!snprintf(callid, 32, "doctor-%s", cookie);
}

static void read_sdp(wa_sv_t sdp, ng_announced_t *out)
{
	while(sdp.len > 0) {
		wa_sv_t line = wa_sv_trim(wa_sv_cut(&sdp, '\n'));
		char text[128];

		if(wa_sv_copy(text, sizeof(text), line) < 0)
			continue;
		if(strncmp(text, "m=audio ", 8) == 0)
			out->port = (unsigned)strtoul(text + 8, NULL, 10);
		else if(strncmp(text, "c=IN IP", 7) == 0 && strlen(text) > 9)
			(void)!snprintf(out->address, sizeof(out->address), "%.63s", text + 9);
	}
}

static void take_reply(const wa_ben_t *reply, ng_announced_t *out)
{
	wa_sv_t reason = {"", 0};
	wa_ben_t sdp;

	if(wa_ng_result(reply, &reason) < 0)
		(void)!snprintf(out->why, sizeof(out->why), "it refuses an offer: %.*s",
				(int)(reason.len < 80 ? reason.len : 80), reason.s);
	else if(wa_ben_get(reply, WA_SV("sdp"), WA_BEN_STR, &sdp) == 0)
		read_sdp(sdp.body, out);
}

static bool ask_offer(int fd, int timeout_ms, ng_announced_t *out)
{
	static char text[MESSAGE_MAX], mem[MESSAGE_MAX];
	char cookie[20], callid[32];
	wa_buf_t b = wa_buf_on(text, sizeof(text));
	wa_ben_t reply;

	make_names(cookie, callid);
	wa_ng_begin(&b, wa_sv_from(cookie), WA_SV("offer"), wa_sv_from(callid));
	wa_ben_put_pair(&b, WA_SV("from-tag"), WA_SV("doctor"));
	wa_ben_put_pair(&b, WA_SV("sdp"), wa_sv_from(offer));
	wa_ng_flags(&b, wa_sv_from(flags));
	wa_ben_put_end(&b);
	if(!exchange(fd, wa_buf_sv(&b), wa_sv_from(cookie), timeout_ms, mem, &reply)) {
		(void)!snprintf(out->why, sizeof(out->why), "no answer");
		return false;
	}
	take_reply(&reply, out);
	cookie[0] = cookie[0] == 'x' ? 'y' : 'x';
	b = wa_buf_on(text, sizeof(text));
	wa_ng_begin(&b, wa_sv_from(cookie), WA_SV("delete"), wa_sv_from(callid));
	wa_ben_put_pair(&b, WA_SV("from-tag"), WA_SV("doctor"));
	wa_ben_put_str(&b, WA_SV("delete-delay"));
	wa_ben_put_int(&b, 0);
	wa_ben_put_end(&b);
	(void)exchange(fd, wa_buf_sv(&b), wa_sv_from(cookie), timeout_ms, mem, &reply);
	return out->address[0] != '\0';
}

bool ng_announces(const char *url, int timeout_ms, ng_announced_t *out)
{
	int fd;
	bool ok;

	*out = (ng_announced_t){.port = 0};
	fd = open_socket(url, out->why, sizeof(out->why));
	if(fd < 0)
		return false;
	out->why[0] = '\0';
	ok = ask_offer(fd, timeout_ms, out);
	close(fd);
	return ok;
}
