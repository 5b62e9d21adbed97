/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "hep.h"

#include <errno.h>
#include <netdb.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

#include "../lib/wa_redact.h"
#include "conf.h"

#define TARGET_SIZE 80
#define MESSAGE_MAX 65000

hep_stats_t *hep_stats;

/* The socket of this process, and where it leads. */
static struct
{
	pid_t owner;
	int fd;
	char target[TARGET_SIZE];
} out = {.fd = -1};

/* The address of "host:port"; freeaddrinfo() it. NULL: it is none. */
static struct addrinfo *resolve(const char *text)
{
	struct addrinfo hints = {.ai_socktype = SOCK_DGRAM,
			.ai_flags = AI_NUMERICHOST | AI_NUMERICSERV};
	struct addrinfo *ai = NULL;
	const char *colon = strrchr(text, ':');
	char host[TARGET_SIZE];
	wa_sv_t h = {text, colon != NULL ? (size_t)(colon - text) : 0};

	if(h.len > 2 && h.s[0] == '[' && h.s[h.len - 1] == ']')
		h = (wa_sv_t){h.s + 1, h.len - 2};
	if(h.len == 0 || colon[1] == '\0' || wa_sv_copy(host, sizeof(host), h) < 0
			|| getaddrinfo(host, colon + 1, &hints, &ai) != 0)
		return NULL;
	return ai;
}

bool hep_is_target(const char *text)
{
	struct addrinfo *ai = strlen(text) < TARGET_SIZE ? resolve(text) : NULL;

	if(ai != NULL)
		freeaddrinfo(ai);
	return ai != NULL;
}

static int open_socket(const char *target)
{
	struct addrinfo *ai = resolve(target);
	int fd = -1;

	if(ai == NULL)
		return -1;
	fd = socket(
			ai->ai_family, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if(fd >= 0 && connect(fd, ai->ai_addr, ai->ai_addrlen) < 0) {
		close(fd);
		fd = -1;
	}
	freeaddrinfo(ai);
	return fd;
}

/* The socket to where the knob says now; -1: nowhere, or there is none. */
static int current_socket(void)
{
	const char *target = trace_conf_hep();

	if(target == NULL || *target == '\0')
		return -1;
	if(out.owner == getpid() && strcmp(out.target, target) == 0)
		return out.fd;
	/* a socket of before the fork is the parent's: it is closed here alone */
	if(out.fd >= 0)
		close(out.fd);
	out.owner = getpid();
	wa_sv_copy(out.target, sizeof(out.target), wa_sv_from(target));
	out.fd = open_socket(target);
	if(out.fd < 0)
		LM_ERR("hep: no socket to %s: %s\n", target, strerror(errno));
	return out.fd;
}

void hep_send(const wa_hep_t *head, wa_sv_t message)
{
	static char copy[MESSAGE_MAX];
	uint8_t first[WA_HEP_HEAD_MAX];
	struct iovec parts[2];
	struct msghdr packet;
	int fd = current_socket();
	size_t n;

	if(fd < 0)
		return;
	n = message.len <= sizeof(copy) ? wa_hep_head(head, message.len, first) : 0;
	if(n == 0) {
		atomic_fetch_add(&hep_stats->dropped, 1);
		return;
	}
	memcpy(copy, message.s, message.len);
	wa_redact(copy, message.len);
	parts[0] = (struct iovec){first, n};
	parts[1] = (struct iovec){copy, message.len};
	memset(&packet, 0, sizeof(packet));
	packet.msg_iov = parts;
	packet.msg_iovlen = 2;
	if(sendmsg(fd, &packet, MSG_DONTWAIT | MSG_NOSIGNAL) < 0)
		atomic_fetch_add(&hep_stats->dropped, 1);
	else
		atomic_fetch_add(&hep_stats->sent, 1);
}
