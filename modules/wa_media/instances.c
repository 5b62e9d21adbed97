/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "instances.h"

#include <netdb.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "../lib/wa_err.h"

/* "udp:HOST:PORT=WEIGHT" or "udp6:[HOST]:PORT" into two texts. */
static int split(wa_sv_t url, char *host, size_t host_size, char *port,
		size_t port_size)
{
	wa_sv_t rest = wa_sv_cut(&url, '='), scheme = wa_sv_cut(&rest, ':');
	size_t at = rest.len;

	if(!wa_sv_ieq(scheme, WA_SV("udp")) && !wa_sv_ieq(scheme, WA_SV("udp6")))
		return WA_EUNSUP;
	while(at > 0 && rest.s[at - 1] != ':')
		at--;
	if(at < 2)
		return WA_EPARSE;
	if(wa_sv_copy(port, port_size, (wa_sv_t){rest.s + at, rest.len - at}) < 0)
		return WA_EPARSE;
	rest.len = at - 1;
	if(rest.len > 2 && rest.s[0] == '[' && rest.s[rest.len - 1] == ']')
		rest = (wa_sv_t){rest.s + 1, rest.len - 2};
	return wa_sv_copy(host, host_size, rest) < 0 ? WA_EPARSE : 0;
}

static int open_socket(wa_sv_t url, int *out)
{
	struct addrinfo hints = {.ai_socktype = SOCK_DGRAM,
			.ai_flags = AI_NUMERICHOST | AI_NUMERICSERV};
	struct addrinfo *ai;
	char host[64], port[8];
	int err = split(url, host, sizeof(host), port, sizeof(port));
	int fd;

	if(err < 0)
		return err;
	if(getaddrinfo(host, port, &hints, &ai) != 0)
		return WA_EPARSE;
	fd = socket(ai->ai_family, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if(fd >= 0 && connect(fd, ai->ai_addr, ai->ai_addrlen) < 0) {
		close(fd);
		fd = -1;
	}
	freeaddrinfo(ai);
	if(fd < 0)
		return WA_EIO;
	*out = fd;
	return 0;
}

int instances_find(struct instances *in, wa_sv_t url, unsigned *at)
{
	int err;

	for(*at = 0; *at < in->n; (*at)++)
		if(wa_sv_eq(wa_sv_from(in->url[*at]), url))
			return 0;
	if(in->n >= INSTANCES_MAX)
		return WA_EBUSY;
	if(wa_sv_copy(in->url[in->n], sizeof(in->url[0]), url) < 0)
		return WA_EPARSE;
	err = open_socket(url, &in->fd[in->n]);
	if(err < 0)
		return err;
	in->n++;
	return 0;
}

static int send_one(struct instances *in, wa_sv_t url, wa_sv_t msg)
{
	unsigned at;
	int err = instances_find(in, url, &at);

	if(err < 0)
		return err;
	/* an earlier "connection refused" is reported by one send: once more */
	for(int i = 0; i < 2; i++)
		if(send(in->fd[at], msg.s, msg.len, MSG_DONTWAIT) == (ssize_t)msg.len)
			return 0;
	return WA_EIO;
}

int instances_send(struct instances *in, wa_sv_t urls, wa_sv_t msg)
{
	int best = WA_EPARSE;

	while(urls.len > 0) {
		wa_sv_t url = wa_sv_cut(&urls, ' ');
		int err = url.len > 0 ? send_one(in, url, msg) : WA_EPARSE;

		if(best != 0)
			best = err;
	}
	return best;
}
