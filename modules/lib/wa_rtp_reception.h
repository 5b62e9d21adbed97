/* What a receiver of RTP reports by RTCP: loss, jitter, the echo of the sender's
 * time.
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * RFC 3550 A.1, A.3, A.8, without probation: who may send is decided by address.
 * Times are microseconds. No I/O, no clock.
 */
#ifndef WA_RTP_RECEPTION_H
#define WA_RTP_RECEPTION_H

#include "wa_rtp.h"

typedef struct wa_rtp_reception
{
	bool has;
	uint32_t ssrc;
	uint16_t max_seq;
	uint32_t cycles; /* of the sequence number, times 65536 */
	uint32_t base;	 /* first sequence number */
	uint32_t received;
	uint32_t expected_prior; /* as of the last report */
	uint32_t received_prior;
	uint32_t jitter; /* units of the clock, times 16 */
	uint32_t transit;
	uint32_t lsr; /* of the last SR */
	int64_t lsr_at;
	/* of streams before this one */
	uint32_t old_expected;
	uint32_t old_received;
} wa_rtp_reception_t;

/** A packet has come; `clock` is the rate of its timestamps. */
void wa_rtp_received(
		wa_rtp_reception_t *r, const wa_rtp_t *rtp, uint32_t clock, int64_t now);

/** Its sender's SR has come. */
void wa_rtp_received_sr(
		wa_rtp_reception_t *r, const wa_rtcp_sender_t *sender, int64_t now);

/** The block to report. False: nothing has come yet. */
bool wa_rtp_report(wa_rtp_reception_t *r, int64_t now, wa_rtcp_block_t *out);

/** Packets of the whole call that should have come, and that have. */
void wa_rtp_reception_sum(
		const wa_rtp_reception_t *r, uint32_t *expected, uint32_t *received);

#endif
