/* Timestamps of one clock by another.
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * A count of 32 bits at 48000 wraps six times while that at 8000 wraps once: so it
 * is the way from packet to packet that is turned, not the count.
 */
#ifndef WA_RTP_SCALE_H
#define WA_RTP_SCALE_H

#include <stdbool.h>
#include <stdint.h>

/* All zero: nothing seen yet. May lie in a file. */
typedef struct wa_rtp_scale
{
	bool on;
	uint32_t in, out; /* they belong together */
} wa_rtp_scale_t;

/** The timestamp `ts` of the clock `from` by the clock `to`; one is a multiple of
 * the other. With the same clock it is what it was, and the next time begins anew. */
uint32_t wa_rtp_scale(wa_rtp_scale_t *s, uint32_t ts, uint32_t from, uint32_t to);

#endif
