/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "wa_rtp_reception.h"

#define MAX_DROPOUT 3000 /* packets: RFC 3550 A.1 */
#define MAX_MISORDER 100

static uint32_t expected(const wa_rtp_reception_t *r)
{
	return r->has ? r->cycles + r->max_seq - r->base + 1 : 0;
}

static void begin(wa_rtp_reception_t *r, const wa_rtp_t *rtp)
{
	wa_rtp_reception_sum(r, &r->old_expected, &r->old_received);
	r->has = true;
	r->ssrc = rtp->ssrc;
	r->base = r->max_seq = rtp->seq;
	r->cycles = r->received = r->expected_prior = r->received_prior = 0;
	r->jitter = r->lsr = 0;
	r->lsr_at = 0;
}

static uint32_t transit(const wa_rtp_t *rtp, uint32_t clock, int64_t now)
{
	return (uint32_t)((uint64_t)now / 1000 * clock / 1000) - rtp->ts;
}

static void move_jitter(wa_rtp_reception_t *r, uint32_t now_transit)
{
	int32_t d = (int32_t)(now_transit - r->transit);

	r->transit = now_transit;
	if(d < 0)
		d = d > INT32_MIN ? -d : INT32_MAX;
	r->jitter += (uint32_t)d - ((r->jitter + 8) >> 4);
}

void wa_rtp_received(
		wa_rtp_reception_t *r, const wa_rtp_t *rtp, uint32_t clock, int64_t now)
{
	uint16_t step = (uint16_t)(rtp->seq - r->max_seq);
	uint32_t t = transit(rtp, clock, now);

	if(!r->has || r->ssrc != rtp->ssrc
			|| (step >= MAX_DROPOUT && step <= 65536 - MAX_MISORDER)) {
		begin(r, rtp);
		r->transit = t;
	} else if(step > 0 && step < MAX_DROPOUT) {
		if(rtp->seq < r->max_seq)
			r->cycles += 65536;
		r->max_seq = rtp->seq;
	}
	r->received++;
	move_jitter(r, t);
}

void wa_rtp_received_sr(
		wa_rtp_reception_t *r, const wa_rtcp_sender_t *sender, int64_t now)
{
	r->lsr = (uint32_t)(sender->ntp >> 16);
	r->lsr_at = now;
}

static uint8_t fraction_lost(wa_rtp_reception_t *r)
{
	uint32_t all = expected(r) - r->expected_prior;
	uint32_t got = r->received - r->received_prior;

	r->expected_prior += all;
	r->received_prior = r->received;
	if(all == 0 || got >= all)
		return 0;
	return (uint8_t)(((uint64_t)(all - got) << 8) / all > 255
							 ? 255
							 : ((uint64_t)(all - got) << 8) / all);
}

bool wa_rtp_report(wa_rtp_reception_t *r, int64_t now, wa_rtcp_block_t *out)
{
	if(!r->has)
		return false;
	*out = (wa_rtcp_block_t){.ssrc = r->ssrc,
			.lost = (int32_t)(expected(r) - r->received),
			.highest = r->cycles + r->max_seq, .jitter = r->jitter >> 4,
			.lsr = r->lsr};
	out->fraction = fraction_lost(r);
	if(r->lsr)
		out->dlsr = (uint32_t)((now - r->lsr_at) * 65536 / 1000000);
	return true;
}

void wa_rtp_reception_sum(
		const wa_rtp_reception_t *r, uint32_t *all, uint32_t *got)
{
	*all = r->old_expected + expected(r);
	*got = r->old_received + (r->has ? r->received : 0);
}
