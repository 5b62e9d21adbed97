/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tap.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <kamailio/core/events.h>
#include <kamailio/core/ip_addr.h>
#include <kamailio/core/resolve.h>

#include "../lib/wa_glance.h"
#include "hep.h"

static wa_ladder_t *ladder;
static unsigned capture;
static struct
{
	struct ip_addr ip;
	unsigned short port;
} meta;

/* One end of a message's way. */
typedef struct end
{
	struct ip_addr ip;
	unsigned short port;
} end_t;

typedef struct way
{
	end_t near, far; /* ours, and the other one */
	bool sent;
	char proto;
} way_t;

static uint64_t now_us(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_REALTIME, &ts);
	return (uint64_t)ts.tv_sec * 1000000 + (uint64_t)ts.tv_nsec / 1000;
}

static bool is_meta(const end_t *e)
{
	return e->port == meta.port && ip_addr_cmp(&e->ip, &meta.ip);
}

static void show_end(const end_t *e, char *out, size_t size)
{
	struct ip_addr ip = e->ip;
	int n = snprintf(out, size, ip.af == AF_INET6 ? "[%s]:%u" : "%s:%u",
			ip_addr2a(&ip), e->port);

	if(n < 0 || (size_t)n >= size)
		out[0] = '\0';
}

static void to_ladder(const wa_glance_t *g, const way_t *way, uint64_t at)
{
	wa_step_t s;

	memset(&s, 0, sizeof(s));
	s.at = (int64_t)at;
	memcpy(s.what, g->what, sizeof(s.what));
	memcpy(s.method, g->method, sizeof(s.method));
	s.cseq = g->cseq;
	s.sdp = g->sdp;
	s.credentials = g->credentials;
	s.sent = way->sent;
	s.meta = is_meta(&way->near);
	show_end(&way->far, s.far, sizeof(s.far));
	wa_ladder_put(ladder, g->call_id, &s);
}

static void set_end(const end_t *e, uint8_t address[16], uint16_t *port)
{
	memcpy(address, e->ip.u.addr, e->ip.len <= 16 ? e->ip.len : 16);
	*port = e->port;
}

static void to_hep(wa_sv_t message, const way_t *way, uint64_t at)
{
	wa_hep_t h;

	memset(&h, 0, sizeof(h));
	h.ip6 = way->far.ip.af == AF_INET6;
	h.protocol = way->proto == PROTO_UDP ? 17 : 6;
	set_end(way->sent ? &way->near : &way->far, h.src, &h.src_port);
	set_end(way->sent ? &way->far : &way->near, h.dst, &h.dst_port);
	h.at_us = at;
	h.capture_id = capture;
	hep_send(&h, message);
}

static void take(wa_sv_t message, const way_t *way)
{
	uint64_t at = now_us();
	wa_glance_t g;

	if(wa_glance(message, &g) < 0 || !wa_glance_is_call(&g))
		return;
	if(ladder != NULL)
		to_ladder(&g, way, at);
	to_hep(message, way, at);
}

static int on_received(sr_event_param_t *evp)
{
	const sr_net_info_t *n = evp->data;
	way_t way;

	if(n == NULL || n->rcv == NULL || n->data.len <= 0)
		return 0;
	memset(&way, 0, sizeof(way));
	way.proto = n->rcv->proto;
	/* the socket it belongs to: a connection of ours has any local port */
	way.near = n->rcv->bind_address != NULL
					   ? (end_t){n->rcv->bind_address->address,
							   n->rcv->bind_address->port_no}
					   : (end_t){n->rcv->dst_ip, n->rcv->dst_port};
	way.far = (end_t){n->rcv->src_ip, n->rcv->src_port};
	take(KSR_SV(&n->data), &way);
	return 0;
}

static int on_sent(sr_event_param_t *evp)
{
	const sr_net_info_t *n = evp->data;
	way_t way;

	if(n == NULL || n->dst == NULL || n->data.len <= 0)
		return 0;
	memset(&way, 0, sizeof(way));
	way.sent = true;
	way.proto = n->dst->proto;
	su2ip_addr(&way.far.ip, &n->dst->to);
	way.far.port = su_getport(&n->dst->to);
	if(n->dst->send_sock != NULL)
		way.near = (end_t){n->dst->send_sock->address,
				n->dst->send_sock->port_no};
	take(KSR_SV(&n->data), &way);
	return 0;
}

static int set_meta(const char *text)
{
	const char *colon = strrchr(text, ':');
	str host = {(char *)(uintptr_t)text,
			colon != NULL ? (int)(colon - text) : 0};
	struct ip_addr *ip = str2ipx(&host);

	if(ip != NULL) {
		meta.ip = *ip;
		meta.port = (unsigned short)strtoul(colon + 1, NULL, 10);
	}
	if(ip != NULL && meta.port != 0)
		return 0;
	LM_ERR("meta_socket: \"%s\" is not ADDRESS:PORT\n", text);
	return -1;
}

int tap_init(wa_ladder_t *l, const char *meta_socket, unsigned capture_id)
{
	ladder = l;
	capture = capture_id;
	if(set_meta(meta_socket) < 0)
		return -1;
	if(sr_event_register_cb(SREV_NET_DATA_RECV, on_received) == 0
			&& sr_event_register_cb(SREV_NET_DATA_SENT, on_sent) == 0)
		return 0;
	LM_ERR("another module (sipdump, siptrace) listens to messages already\n");
	return -1;
}
