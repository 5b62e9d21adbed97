/* RTCP: the relay is an end of both streams, and reports on both.
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include <string.h>
#include <sys/socket.h>
#include <time.h>

#include "relay.h"

#define UNIX_EPOCH 2208988800u /* 1970 in NTP seconds */

static uint64_t ntp_now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_REALTIME, &ts);
	return ((uint64_t)ts.tv_sec + UNIX_EPOCH) << 32
		   | ((uint64_t)ts.tv_nsec << 32) / 1000000000;
}

/* RFC 3550 6.4.1: when the report that echoes ours was made, and how long after. */
static void take_block(struct report *rep, const wa_rtcp_block_t *b)
{
	rep->fraction = b->fraction;
	rep->lost = b->lost;
	if(b->lsr) {
		uint32_t rtt = (uint32_t)(ntp_now() >> 16) - b->lsr - b->dlsr;

		/* clocks that do not fit make it negative, or hours */
		if(rtt < 60 * 65536)
			rep->rtt_us = (int32_t)((uint64_t)rtt * 1000000 / 65536);
	}
}

void report_take(struct relay *r, struct call *c, bool from_pbx,
		const uint8_t *p, size_t len, int64_t now)
{
	uint32_t ours = from_pbx ? (c->to_pbx.packets ? c->to_pbx.ssrc : c->ssrc)
							 : c->stream.ssrc;
	struct report *rep = from_pbx ? &c->with_pbx : &c->with_engine;
	wa_rtcp_t rtcp;

	if(wa_rtcp_read(p, len, ours, &rtcp) < 0) {
		r->n.malformed++;
		return;
	}
	rep->got++;
	if(rtcp.has_sender)
		wa_rtp_received_sr(from_pbx ? &c->from_pbx : &c->from_engine,
				&rtcp.sender, now);
	if(rtcp.has_block)
		take_block(rep, &rtcp.block);
}

/* RFC 3550 6.2: half to one and a half times the mean, so that the reports of
 * many calls do not leave together. */
static int64_t interval(struct relay *r)
{
	int64_t mean = r->cfg.rtcp_us;

	return mean / 2 + (int64_t)(relay_random(r) % (uint64_t)mean);
}

void report_begin(struct relay *r, struct call *c, int64_t now)
{
	if(c->with_engine.due == 0)
		c->with_engine.due = now + interval(r) / 2;
	if(c->with_pbx.due == 0)
		c->with_pbx.due = now + interval(r) / 2;
}

void report_soon(struct call *c, int64_t now)
{
	c->with_engine.due = now;
}

static void send_report(struct relay *r, int fd, const wa_endpoint_t *to,
		uint32_t ssrc, const wa_rtcp_sender_t *sender, wa_rtp_reception_t *from,
		const char *cname, struct report *rep, int64_t now)
{
	uint8_t p[WA_RTCP_MAX];
	wa_rtcp_block_t block;
	bool has_block = wa_rtp_report(from, now, &block);
	size_t len = wa_rtcp_write(p, sizeof(p), ssrc, sender,
			has_block ? &block : NULL, cname);
	struct sockaddr_storage ss;
	socklen_t ss_len = wa_endpoint_sockaddr(to, &ss);

	if(len == 0 || ss_len == 0)
		return;
	if(sendto(fd, p, len, MSG_DONTWAIT, (struct sockaddr *)&ss, ss_len) < 0)
		r->n.send_errors++;
	else
		rep->sent++;
}

static void to_engine(struct relay *r, struct call *c, int64_t now)
{
	wa_rtcp_sender_t sender = {.ntp = ntp_now(),
			.ts = wa_rtp_stream_now(&c->stream, now),
			.packets = c->stream.packets, .octets = c->stream.octets};

	send_report(r, r->inner_rtcp, &c->engine_rtcp, c->stream.ssrc,
			c->stream.packets ? &sender : NULL, &c->from_engine, c->cname,
			&c->with_engine, now);
}

static void to_pbx(struct relay *r, struct call *c, int64_t now)
{
	const struct sent *s = &c->to_pbx;
	uint32_t clock = convert_clock_of_pbx(c);
	wa_rtcp_sender_t sender = {.ntp = ntp_now(),
			.ts = s->ts + (uint32_t)((now - s->at) * clock / 1000000),
			.packets = s->packets, .octets = s->octets};

	if(c->pbx.port == 0 || wa_endpoint_is_any(&c->pbx_rtcp))
		return;
	send_report(r, r->pairs[store_slot(&r->store, c)].rtcp, &c->pbx_rtcp,
			s->packets ? s->ssrc : c->ssrc, s->packets ? &sender : NULL,
			&c->from_pbx, c->cname, &c->with_pbx, now);
}

void report_send(struct relay *r, struct call *c, int64_t now)
{
	if(c->with_engine.due && now >= c->with_engine.due) {
		to_engine(r, c, now);
		c->with_engine.due = now + interval(r);
	}
	if(c->with_pbx.due && now >= c->with_pbx.due) {
		to_pbx(r, c, now);
		c->with_pbx.due = now + interval(r);
	}
}
