/* SPDX-License-Identifier: GPL-2.0-or-later */
#define _GNU_SOURCE
#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "../../lib/wa_err.h"
#include "relay.h"

#define SHARED_BUFFER (4 << 20) /* octets: a second of all calls */

static int watch(struct relay *r, int fd, enum source what, uint32_t slot)
{
	struct epoll_event ev = {.events = EPOLLIN,
			.data = {.u64 = (uint64_t)what << 32 | slot}};

	return epoll_ctl(r->epoll, EPOLL_CTL_ADD, fd, &ev) < 0 ? WA_EIO : 0;
}

static void mark_traffic(const struct relay *r, int fd, int family)
{
	/* no precedence is a pity, not an error */
	if(family == 4)
		(void)setsockopt(fd, IPPROTO_IP, IP_TOS, &r->cfg.tos, sizeof(int));
	else
		(void)setsockopt(fd, IPPROTO_IPV6, IPV6_TCLASS, &r->cfg.tos, sizeof(int));
}

/* Returns a socket, or -1 with errno. */
static int bound(const struct relay *r, const wa_endpoint_t *base, uint16_t port)
{
	wa_endpoint_t e = *base;
	struct sockaddr_storage ss;
	socklen_t len;
	int fd, err;

	e.port = port;
	len = wa_endpoint_sockaddr(&e, &ss);
	fd = socket(ss.ss_family, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if(fd < 0)
		return -1;
	mark_traffic(r, fd, e.family);
	if(bind(fd, (struct sockaddr *)&ss, len) == 0)
		return fd;
	err = errno;
	close(fd);
	errno = err;
	return -1;
}

static int open_shared(struct relay *r, const wa_endpoint_t *e, uint16_t port,
		enum source what, int *out)
{
	char text[WA_ENDPOINT_TEXT] = "";
	wa_buf_t b = wa_buf_on(text, sizeof(text) - 1);
	wa_endpoint_t named = *e;
	int size = SHARED_BUFFER;

	*out = bound(r, e, port);
	if(*out < 0 || watch(r, *out, what, 0) < 0) {
		int err = errno;

		named.port = port;
		wa_endpoint_put(&named, &b);
		text[b.len] = '\0';
		fprintf(stderr, "wasbc-relay: %s: %s\n", text, strerror(err));
		return WA_EIO;
	}
	/* as far as the host allows */
	(void)setsockopt(*out, SOL_SOCKET, SO_RCVBUF, &size, sizeof(size));
	(void)setsockopt(*out, SOL_SOCKET, SO_SNDBUF, &size, sizeof(size));
	return 0;
}

int net_open(struct relay *r)
{
	const struct config *c = &r->cfg;
	int err;

	r->epoll = epoll_create1(EPOLL_CLOEXEC);
	if(r->epoll < 0)
		return WA_EIO;
	err = open_shared(r, &c->control, c->control.port, SRC_CONTROL, &r->control);
	if(err == 0)
		err = open_shared(r, &c->inner, c->inner.port, SRC_INNER_RTP, &r->inner_rtp);
	if(err == 0)
		err = open_shared(r, &c->inner, (uint16_t)(c->inner.port + 1),
				SRC_INNER_RTCP, &r->inner_rtcp);
	if(err == 0 && r->crew != NULL)
		err = watch(r, r->crew_ready, SRC_CREW, 0);
	if(err == 0 && r->busy.timer >= 0)
		err = watch(r, r->busy.timer, SRC_BUSY, 0);
	return err;
}

/* Both ports, or none. */
static int open_at(struct relay *r, struct call *c, uint16_t port)
{
	uint32_t slot = store_slot(&r->store, c);
	struct pair p = {-1, -1};

	p.rtp = bound(r, &r->cfg.outer, port);
	if(p.rtp >= 0)
		p.rtcp = bound(r, &r->cfg.outer, (uint16_t)(port + 1));
	if(p.rtp >= 0 && p.rtcp >= 0 && watch(r, p.rtp, SRC_OUTER_RTP, slot) == 0
			&& watch(r, p.rtcp, SRC_OUTER_RTCP, slot) == 0) {
		r->pairs[slot] = p;
		c->port = port;
		return 0;
	}
	if(p.rtp >= 0)
		close(p.rtp);
	if(p.rtcp >= 0)
		close(p.rtcp);
	return WA_EBUSY;
}

int net_open_pair(struct relay *r, struct call *c, uint16_t port)
{
	unsigned pairs = (r->cfg.port_max - r->cfg.port_min + 1u) / 2;

	if(port != 0)
		return open_at(r, c, port);
	/* a port that was just given back may still be sent to: around in turn */
	for(unsigned i = 0; i < pairs; i++) {
		uint16_t at = r->next_port;

		r->next_port = (uint16_t)(at + 2);
		if(r->next_port > r->cfg.port_max - 1)
			r->next_port = r->cfg.port_min;
		if(open_at(r, c, at) == 0)
			return 0;
	}
	return WA_EBUSY;
}

void net_close_pair(struct relay *r, const struct call *c)
{
	struct pair *p = &r->pairs[store_slot(&r->store, c)];

	if(p->rtp >= 0)
		close(p->rtp);
	if(p->rtcp >= 0)
		close(p->rtcp);
	*p = (struct pair){-1, -1};
}
