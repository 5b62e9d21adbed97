/* The way of the packets.
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#define _GNU_SOURCE
#include <string.h>
#include <sys/socket.h>
#include <sys/uio.h>

#include "relay.h"

#define AT_ONCE 64 /* packets taken from the inner port by one call */


/* --- from the PBX -------------------------------------------------------------- */

/* Only the address that its SDP names may speak; or, where its trunk says so,
 * the first one that does within the time to learn. */
static bool is_pbx(struct call *c, const wa_endpoint_t *src, bool rtcp, int64_t now)
{
	if(wa_endpoint_eq(src, rtcp ? &c->pbx_rtcp : &c->pbx))
		return true;
	if(rtcp || now >= c->learn_until)
		return false;
	c->learn_until = 0;
	c->pbx = c->pbx_rtcp = *src;
	c->pbx_rtcp.port++;
	return true;
}

/* Its place in the stream, and out. The payload has room for the header in front. */
static void pass(struct relay *r, struct call *c, bool event, uint8_t to, const wa_rtp_t *in,
		uint8_t *p, int64_t now)
{
	wa_rtp_t out;

	if(!wa_rtp_stream_take(&c->stream, in, p + in->at, event ? WA_RTP_EVENT : WA_RTP_AUDIO,
			   to, now, &out))
		return;
	/* CSRCs and extensions are the PBX's own business */
	wa_rtp_write(p + in->at - WA_RTP_HEAD, &out);
	batch_add(&r->up, in->at - WA_RTP_HEAD, WA_RTP_HEAD + in->len, &c->engine);
	c->up_packets++;
	r->n.up_packets++;
}

/* In another codec, as so many packets as that makes. */
static void turn(struct relay *r, struct call *c, int map, const wa_rtp_t *in,
		const uint8_t *p, int64_t now)
{
	static wa_voice_packet_t made[WA_VOICE_PACKETS];
	int n = convert_up(r, c, map, in, p + in->at, made);

	if(n < 0)
		r->n.malformed++;
	for(int i = 0; i < n; i++) {
		uint8_t *room = batch_room(&r->up, r->inner_rtp, &r->n.send_errors);
		wa_rtp_t one = crew_header(in, &made[i], i == 0);

		one.at = WA_RTP_HEAD;
		memcpy(room + WA_RTP_HEAD, made[i].data, made[i].len);
		pass(r, c, false, c->up.pt[map].to, &one, room, now);
	}
}

/* All of the call's, so that nothing overtakes. */
static void give(struct relay *r, struct call *c, int map, const wa_rtp_t *in, const uint8_t *p)
{
	struct voices *v = &r->voices[store_slot(&r->store, c)];
	enum wa_relay_payload what = (enum wa_relay_payload)c->up.pt[map].what;
	bool same = convert_is_same(&c->up, map);
	struct crew_packet packet = {.slot = store_slot(&r->store, c), .serial = v->serial,
			.to = c->up.pt[map].to, .event = what == WA_RELAY_EVENT,
			.from = same ? WA_CODEC_OPUS : wa_relay_codec(what), .loss = convert_loss(c),
			.rtp = *in, .payload = p + in->at};

	v->crew = true;
	r->n.behind += !crew_give(r->crew, &packet);
}

static void made(const struct crew_packet *p, void *arg)
{
	struct relay *r = arg;
	struct call *c = &r->store.calls[p->slot];
	uint8_t *room = batch_room(&r->up, r->inner_rtp, &r->n.send_errors);
	wa_rtp_t rtp = p->rtp;

	/* meanwhile the call has ended, or has no Opus any more */
	if(!c->used || r->voices[p->slot].serial != p->serial || c->stream.codec != WA_CODEC_OPUS)
		return;
	rtp.at = WA_RTP_HEAD;
	memcpy(room + WA_RTP_HEAD, p->payload, rtp.len);
	pass(r, c, p->event, p->to, &rtp, room, relay_now());
}

void forward_from_crew(struct relay *r)
{
	r->n.malformed += crew_take(r->crew, made, r);
}

static void up(struct relay *r, struct call *c, uint8_t *p, size_t len, int64_t now)
{
	enum wa_codec engine;
	wa_rtp_t in;
	int map;

	if(wa_rtp_read(p, len, &in) < 0) {
		r->n.malformed++;
		return;
	}
	wa_rtp_received(&c->from_pbx, &in, convert_clock_of_pbx(c), now);
	map = wa_relay_map_find(&c->up, in.pt);
	if(map < 0 || !c->sends || c->engine.family == 0 || c->up.pt[map].what == WA_RELAY_DROP)
		return;
	engine = wa_relay_codec((enum wa_relay_payload)c->up.pt[map].engine);
	/* it has chosen another of the codecs that were agreed on */
	if(engine != 0 && engine != c->stream.codec)
		wa_rtp_stream_format(&c->stream, engine, c->up.pt[map].to, c->stream.event_pt);
	convert_clock_up(c, &in);
	if(convert_by_crew(r, c))
		give(r, c, map, &in, p);
	else if(convert_is_same(&c->up, map))
		pass(r, c, c->up.pt[map].what == WA_RELAY_EVENT, c->up.pt[map].to, &in, p, now);
	else
		turn(r, c, map, &in, p, now);
}

void forward_from_pbx(struct relay *r, struct call *c, int fd, bool rtcp)
{
	uint8_t *p = batch_room(&r->up, r->inner_rtp, &r->n.send_errors);
	struct sockaddr_storage ss;
	socklen_t ss_len = sizeof(ss);
	int64_t now = relay_now();
	wa_endpoint_t src;
	ssize_t len;

	len = recvfrom(fd, p, PACKET_MAX, MSG_DONTWAIT, (struct sockaddr *)&ss, &ss_len);
	if(len <= 0)
		return;
	wa_endpoint_from(&ss, &src);
	if(!is_pbx(c, &src, rtcp, now)) {
		c->foreign++;
		r->n.foreign++;
		return;
	}
	c->pbx_at = now;
	if(rtcp || wa_rtp_is_rtcp(p, (size_t)len))
		report_take(r, c, true, p, (size_t)len, now);
	else
		up(r, c, p, (size_t)len, now);
}

void forward_fill(struct relay *r, struct call *c, int64_t now)
{
	for(;;) {
		uint8_t *p = batch_room(&r->up, r->inner_rtp, &r->n.send_errors);
		size_t len = wa_rtp_stream_fill(&c->stream, now, p);

		if(len == 0)
			return;
		if(c->engine.family == 0)
			continue;
		batch_add(&r->up, 0, len, &c->engine);
		r->n.up_silence++;
	}
}

/* --- from rtpengine ------------------------------------------------------------- */

static void send_to_pbx(struct relay *r, const struct call *c, const uint8_t *p,
		size_t len)
{
	const struct pair *pair = &r->pairs[store_slot(&r->store, c)];
	struct sockaddr_storage ss;
	socklen_t ss_len = wa_endpoint_sockaddr(&c->pbx, &ss);

	if(sendto(pair->rtp, p, len, MSG_DONTWAIT, (struct sockaddr *)&ss, ss_len) < 0)
		r->n.send_errors++;
}

static void down(struct relay *r, struct call *c, uint8_t *p, size_t len, int64_t now)
{
	struct sent *sent = &c->to_pbx;
	enum wa_relay_payload what;
	wa_rtp_t rtp;
	int map;

	if(wa_rtp_read(p, len, &rtp) < 0) {
		r->n.malformed++;
		return;
	}
	wa_rtp_received(&c->from_engine, &rtp, wa_rtp_clock(c->stream.codec), now);
	map = wa_relay_map_find(&c->down, rtp.pt);
	if(map < 0 || !c->hears || c->pbx.family == 0 || c->pbx.port == 0
			|| wa_endpoint_is_any(&c->pbx))
		return;
	what = (enum wa_relay_payload)c->down.pt[map].what;
	if(what == WA_RELAY_DROP)
		return;
	if(!convert_down(r, c, map, &rtp, p)) {
		r->n.malformed++;
		return;
	}
	if(what != WA_RELAY_EVENT)
		*sent = (struct sent){rtp.ssrc, rtp.ts, sent->packets, sent->octets, now};
	sent->packets++;
	sent->octets += (uint32_t)rtp.len;
	rtp.pt = c->down.pt[map].to;
	/* CSRCs, extensions and padding are nothing to the PBX */
	wa_rtp_write(p + rtp.at - WA_RTP_HEAD, &rtp);
	send_to_pbx(r, c, p + rtp.at - WA_RTP_HEAD, WA_RTP_HEAD + rtp.len);
	c->down_packets++;
	r->n.down_packets++;
}

static void from_engine(struct relay *r, const wa_endpoint_t *src, bool rtcp,
		uint8_t *p, size_t len, int64_t now)
{
	struct call *c = store_by_engine(&r->store, src, rtcp);

	if(c == NULL) {
		r->n.unknown++;
		return;
	}
	c->meta_at = now;
	if(rtcp || wa_rtp_is_rtcp(p, len))
		report_take(r, c, false, p, len, now);
	else
		down(r, c, p, len, now);
}

void forward_from_engine(struct relay *r, bool rtcp)
{
	static uint8_t data[AT_ONCE][PACKET_MAX];
	struct mmsghdr msg[AT_ONCE];
	struct iovec iov[AT_ONCE];
	struct sockaddr_storage src[AT_ONCE];
	int64_t now;
	int n;

	for(unsigned i = 0; i < AT_ONCE; i++) {
		iov[i] = (struct iovec){data[i], PACKET_MAX};
		msg[i] = (struct mmsghdr){.msg_hdr = {.msg_name = &src[i],
				.msg_namelen = sizeof(src[i]), .msg_iov = &iov[i],
				.msg_iovlen = 1}};
	}
	n = recvmmsg(rtcp ? r->inner_rtcp : r->inner_rtp, msg, AT_ONCE, MSG_DONTWAIT, NULL);
	now = relay_now();
	for(int i = 0; i < n; i++) {
		wa_endpoint_t e;

		wa_endpoint_from(&src[i], &e);
		from_engine(r, &e, rtcp, data[i], msg[i].msg_len, now);
	}
}
