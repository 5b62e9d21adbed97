/* Who receives where: the transport in an SDP, and the answers that the SBC
 * gives on its own.
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Between rtpengine and the PBX stands the RTP relay. Each of them gets the
 * relay's address in place of the other's; what else the SDP says stays. A
 * re-INVITE of the PBX concerns the relay alone: its answer repeats what was
 * agreed on.
 */
#ifndef WA_SDP_END_H
#define WA_SDP_END_H

#include "wa_relay_msg.h"
#include "wa_sdp.h"

typedef struct wa_sdp_end
{
	wa_endpoint_t rtp;
	wa_endpoint_t rtcp; /* where a=rtcp names another; else family 0 */
	bool sends, hears;	/* who wrote it; 0.0.0.0 hears nothing (RFC 2543 B.5) */
	unsigned n;
	struct
	{
		uint8_t pt;
		enum wa_relay_payload what;
	} pt[WA_RELAY_PAYLOADS]; /* what it knows of its audio, preferred first */
} wa_sdp_end_t;

/** Reads the audio stream's end. Returns 0, WA_EPARSE, WA_ETOOLONG, or
 * WA_EUNSUP: no audio, or its address or port is none (a name, a group, 0). */
int wa_sdp_end(wa_sv_t sdp, wa_sdp_end_t *out);

/** The payload type of a payload, or -1. */
int wa_sdp_end_pt(const wa_sdp_end_t *e, enum wa_relay_payload what);

/** The codec it prefers among `codecs` (enum wa_codec bits), or 0. */
enum wa_codec wa_sdp_end_codec(const wa_sdp_end_t *e, unsigned codecs);

/** The same SDP with another end of its audio stream. Errors as above. */
int wa_sdp_move(wa_sv_t sdp, const wa_endpoint_t *to, wa_buf_t *out);

/** The same SDP with the payload types of its audio stream numbered as `like` has
 * them: rtpengine 10.5 drops the digits of a PBX that answers with a number of its
 * own (RFC 3264 6.1). What `like` does not have stays. Errors as above. */
int wa_sdp_renumber(wa_sv_t sdp, wa_sv_t like, wa_buf_t *out);

/** The number that `e` has for what another end calls `pt`: the same, if it means
 * the same, else the first that does; or -1. */
int wa_sdp_end_same(const wa_sdp_end_t *e, uint8_t pt, enum wa_relay_payload what);

/** Which codec of a new offer is taken: `codec`, which was agreed on; else what the
 * relay turns into it (wa_voice.h): the other law of G.711, else the first one; 0:
 * there is none. */
enum wa_codec wa_sdp_end_usable(const wa_sdp_end_t *offer, enum wa_codec codec);

/** Our answer to a new offer of the PBX: `last` is what it has from us, `codec`
 * one of the offer's, `event` whether the call has telephone-event. Payload types
 * are the offer's (of several telephone-events that of 8000), o= has the next version, other m= lines are refused. Also
 * WA_EUNSUP when the offer lacks the codec. */
int wa_sdp_answer_again(wa_sv_t last, wa_sv_t offer, enum wa_codec codec,
		bool event, wa_buf_t *out);

/** Our offer where the PBX sent none: what it has from us, with the next version, and
 * all codecs of ours, that of the call first. Also WA_EUNSUP when that has no
 * address. */
int wa_sdp_offer_again(wa_sv_t last, enum wa_codec codec, bool event, wa_buf_t *out);

#endif
