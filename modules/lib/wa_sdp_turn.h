/* One side's SDP with the codecs of the other.
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Where Meta and the PBX have no codec in common the relay turns one into the other
 * (wa_voice.h), and rtpengine, which has Meta's alone, passes all it gets.
 *
 *   Meta rings   the PBX is offered its own codecs (turn_offer) in place of Meta's,
 *                and what it answers becomes Meta's for rtpengine (turn_answer)
 *   PBX calls    its offer becomes one of Meta's codecs (turn_offer), and Meta's answer
 *                one of the PBX's (turn_answer)
 *
 * Both see what rtpengine is told: Opus has one channel, and telephone-event beside it
 * 48000 (wa_sdp.h).
 */
#ifndef WA_SDP_TURN_H
#define WA_SDP_TURN_H

#include "wa_buf.h"
#include "wa_sv.h"

/* Both return 0, WA_EPARSE, WA_ETOOLONG, or WA_EUNSUP: no audio, or no codec. */

/** An offer of `codecs` instead, "PCMU,PCMA,OPUS", in that order; with telephone-event,
 * if it has any. Names that are unknown are skipped. */
int wa_sdp_turn_offer(wa_sv_t sdp, wa_sv_t codecs, wa_buf_t *out);

/** An answer to `offer`, by the offer's numbers. If that lacks the codec which the answer
 * prefers, or `codecs` (enum wa_codec bits) does, it gets the first of the offer's that
 * is in `codecs` instead; with telephone-event, if both have it. Else it is renumbered:
 * wa_sdp_renumber(). */
int wa_sdp_turn_answer(wa_sv_t answer, wa_sv_t offer, unsigned codecs, wa_buf_t *out);

#endif
