/* One codec's packets as another's.
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * A PBX gets and sends what it has, Meta what was agreed on with it. Opus is made in
 * packets of 20 ms, which Meta wants (meta-calling.md 4), whatever the PBX sends; else a
 * packet makes one of the same duration. By 8 kHz, a telephone's voice, which is all that G.711
 * can; Opus and G.722 become each other by 16 kHz, and the two laws of G.711 without a
 * loss of their own.
 *
 * Nothing is made in place of a packet that is missing: whoever gets ours sees the gap.
 * Only Opus is told of it, so that what comes behind fits to what was before; what was
 * only overtaken is decoded as if it had come in its turn.
 *
 *     v = wa_voice_new(WA_CODEC_G722, WA_CODEC_PCMA);
 *     n = wa_voice_convert(v, ssrc, seq, payload, len, packets);
 */
#ifndef WA_VOICE_H
#define WA_VOICE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "wa_number.h"

#define WA_VOICE_MAX 1000 /* octets that a packet becomes at most: 120 ms of G.711 */
#define WA_VOICE_PACKETS 7 /* that it makes at most: 120 ms and the rest of the one before */

typedef struct wa_voice wa_voice_t;

/** One direction of a call. NULL: out of memory. */
wa_voice_t *wa_voice_new(enum wa_codec from, enum wa_codec to);

/** NULL will do. */
void wa_voice_free(wa_voice_t *v);

/** Does it turn the one into the other? `v` may be NULL. */
bool wa_voice_is(const wa_voice_t *v, enum wa_codec from, enum wa_codec to);

/** `*v`, if it turns the one into the other, else a new one in its place, which may be
 * NULL at first. NULL: out of memory. */
wa_voice_t *wa_voice_for(wa_voice_t **v, enum wa_codec from, enum wa_codec to);

/** How many of our packets the far end has lost lately, in per cent (0 to 100): Opus has
 * that much more in it against losses (RFC 6716 2.1.7). */
void wa_voice_expect_loss(wa_voice_t *v, unsigned percent);

typedef struct wa_voice_packet
{
	uint16_t seq;  /* that of the source, as long as its packets last 20 ms */
	int32_t later; /* than the packet it is made of, in ticks of the target's clock */
	size_t len;
	uint8_t data[WA_VOICE_MAX];
} wa_voice_packet_t;

/** A packet of the source `ssrc`, which may be another than that before; `seq` is its
 * sequence number. Returns how many packets it makes, written to `out`
 * (WA_VOICE_PACKETS): 0 as long as it takes more for 20 ms. Or WA_EPARSE (no packet
 * of that codec) or WA_EUNSUP. */
int wa_voice_convert(wa_voice_t *v, uint32_t ssrc, uint16_t seq, const uint8_t *in,
		size_t len, wa_voice_packet_t *out);

#endif
