/* What rtpengine is told of beside what the two sides say.
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Where the PBX does not have Meta's codec, rtpengine shall turn the PBX's audio into
 * it, and pass Meta's on as it is: the relay turns that into the PBX's, packet by
 * packet (wa_voice.h). Older rtpengines hold all audio back for 200 ms where a packet
 * is lost on its way to being transcoded. So the relay's end has two codecs, Meta's
 * and the PBX's, of which the PBX hears of its own only (wa_sdp_to_pbx()).
 *
 *   Meta rings   rtpengine's offer has both; the PBX's answer gets Meta's codec back,
 *                in front: what is preferred is not transcoded (add_first)
 *   PBX calls    its offer gets Opus (add_opus). Meta's answer makes of two codecs
 *                one, unless it has two itself: so rtpengine offers Meta one that
 *                never leaves it, which the answer takes (add_last)
 *
 * That one is GSM/48000. At the clock of Opus, so that it needs no telephone-event of
 * its own, which the PBX's digits would go to. No packet ever has it.
 */
#ifndef WA_SDP_MORE_H
#define WA_SDP_MORE_H

#include "wa_buf.h"
#include "wa_sv.h"

/* All three return 0, WA_EPARSE, WA_ETOOLONG, or WA_EUNSUP: no audio, or no payload
 * type left for it. What is there already is not added. */

/** The PBX's offer, and Opus behind what it has; with telephone-event, if it has that. */
int wa_sdp_add_opus(wa_sv_t sdp, wa_buf_t *out);

/** An answer with the codec that the offer prefers in front, by the offer's numbers;
 * with its telephone-event, if the answer has one. */
int wa_sdp_add_first(wa_sv_t answer, wa_sv_t offer, wa_buf_t *out);

/** An answer with the offer's last codec behind its own. */
int wa_sdp_add_last(wa_sv_t answer, wa_sv_t offer, wa_buf_t *out);

#endif
