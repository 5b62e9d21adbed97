/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "media_session.h"

#include <string.h>
#include <sys/time.h>

#define CNAME "WhatsAppAudioStream1"

enum
{
	NTP_EPOCH = 2208988800u /* 1970 in NTP seconds */
};

static void ntp_now(uint32_t *sec, uint32_t *frac)
{
	struct timeval tv;

	(void)gettimeofday(&tv, NULL);
	*sec = (uint32_t)((uint64_t)tv.tv_sec + NTP_EPOCH);
	*frac = (uint32_t)(((uint64_t)tv.tv_usec << 32) / 1000000);
}

static void take_report(struct media *m, const struct rtcp_rr *rr, uint32_t n)
{
	for(uint32_t i = 0; rr && i < n; i++) {
		if(rr[i].ssrc != m->out.ssrc)
			continue;
		m->rtcp.peer_fraction_lost = (uint8_t)rr[i].fraction;
		m->rtcp.peer_lost = (uint32_t)rr[i].lost & 0xffffff;
	}
}

static void take(struct media *m, const struct rtcp_msg *msg, uint64_t us)
{
	struct media_rtcp *r = &m->rtcp;

	switch(msg->hdr.pt) {
		case RTCP_SR:
			r->sr++;
			r->lsr = msg->r.sr.ntp_sec << 16 | msg->r.sr.ntp_frac >> 16;
			r->lsr_us = us;
			take_report(m, msg->r.sr.rrv, msg->hdr.count);
			break;
		case RTCP_RR:
			r->rr++;
			take_report(m, msg->r.rr.rrv, msg->hdr.count);
			break;
		case RTCP_BYE:
			r->bye++;
			break;
		case RTCP_RTPFB:
			r->nack++;
			break;
		default:
			break;
	}
}

static void latch(struct media *m, const struct sa *src)
{
	if(m->us_rtcp == NULL)
		return;
	m->target_rtcp = *src;
	m->latched_rtcp = true;
}

void media_rtcp_recv_valid(struct media *m, const struct sa *src,
		struct mbuf *mb, uint64_t us)
{
	m->rtcp.received++;
	latch(m, src);
	media_alive(m, us);
	while(mbuf_get_left(mb) >= 4) {
		struct rtcp_msg *msg = NULL;

		if(rtcp_decode(&msg, mb)) {
			media_violation(m, "rtcp", "malformed RTCP");
			return;
		}
		take(m, msg, us);
		mem_deref(msg);
	}
}

/* A compound that parses to its last byte (RFC 3550 A.2). */
bool media_rtcp_looks_clear(const struct mbuf *mb)
{
	const uint8_t *p = mbuf_buf(mb);
	size_t left = mbuf_get_left(mb);

	while(left >= 4) {
		size_t len = 4 * ((size_t)p[2] << 8 | p[3]) + 4;

		if(p[0] >> 6 != RTCP_VERSION || p[1] < 192 || p[1] > 223 || len > left)
			return false;
		p += len;
		left -= len;
	}
	return left == 0;
}

static int report_block(struct mbuf *mb, void *arg)
{
	struct media *m = arg;
	struct seq_stats *s = &m->in.seq;
	uint64_t since = m->rtcp.lsr_us ? media_now() - m->rtcp.lsr_us : 0;
	uint32_t lost = seq_lost(s);
	double units = codec_clock(m->codec) * s->jitter_us / 1e6;
	int err;

	if(m->in.ssrcc == 0)
		return 0;
	err = mbuf_write_u32(mb, htonl(m->in.ssrc));
	err |= mbuf_write_u32(mb,
			htonl((uint32_t)seq_fraction_lost(s) << 24 | (lost & 0x7fffff)));
	err |= mbuf_write_u32(mb, htonl(s->cycles + s->max_seq));
	err |= mbuf_write_u32(mb, htonl((uint32_t)units));
	err |= mbuf_write_u32(mb, htonl(m->rtcp.lsr));
	return err
		   | mbuf_write_u32(mb, htonl((uint32_t)(since * 65536 / 1000000)));
}

static int cname(struct mbuf *mb, void *arg)
{
	const struct media *m = arg;

	return rtcp_sdes_encode(mb, m->out.ssrc, 1, RTCP_SDES_CNAME, CNAME);
}

static int report(struct media *m, struct mbuf *mb)
{
	uint32_t count = m->in.ssrcc ? 1 : 0, sec, frac;
	int err;

	if(m->out.packets) {
		ntp_now(&sec, &frac);
		err = rtcp_encode(mb, RTCP_SR, count, m->out.ssrc, sec, frac,
				m->out.ts, (uint32_t)m->out.packets, (uint32_t)m->out.bytes,
				report_block, m);
	} else {
		err = rtcp_encode(mb, RTCP_RR, count, m->out.ssrc, report_block, m);
	}
	return err | rtcp_encode(mb, RTCP_SDES, 1, cname, m);
}

/* Meta says nothing at all before the business did. */
void media_rtcp_clock(struct media *m, uint64_t now)
{
	struct media_rtcp *r = &m->rtcp;
	struct mbuf *mb;

	if(!m->keys.ready || !(m->out.open || m->prm.send_first))
		return;
	if(r->due_us == 0)
		r->due_us = now + media_config.rtcp_interval_us / 4;
	if(now < r->due_us)
		return;
	r->due_us = now + media_config.rtcp_interval_us;
	mb = mbuf_alloc(256);
	if(mb && !report(m, mb)) {
		mb->pos = 0;
		media_srtp_send(m, mb, PACKET_RTCP);
		r->sent++;
	}
	mem_deref(mb);
}
