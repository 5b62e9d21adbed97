/* SDP between Meta, rtpengine and a PBX: reading what matters, and the edits
 * that need parsing.
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Meta's side: one audio stream, ICE-lite with DTLS or one SDES line, Opus at
 * 20 ms, telephone-event at 8000 (meta-calling.md 2.5, 4). What rtpengine passes
 * through of the other side is stopped here (platform.md 3.3).
 *
 *     Meta --from_meta--> rtpengine --to_pbx--> PBX
 *     PBX --from_pbx--> rtpengine --to_meta--> Meta
 *
 * rtpengine pairs Opus with telephone-event/48000 only: at 8000 it drops it when
 * it transcodes, and 10.5 reorders the digits when it does not. Both sides
 * speak of 8000. So beside Opus rtpengine is told 48000, and what it says of
 * 48000 goes out as 8000.
 */
#ifndef WA_SDP_H
#define WA_SDP_H

#include <stdbool.h>

#include "wa_buf.h"
#include "wa_number.h"

#define WA_SDP_MAX 16384	  /* octets of an SDP */
#define WA_SDP_LINES_MAX 400
#define WA_SDP_MEDIAS_MAX 16

enum wa_sdp_keys
{
	WA_SDP_KEYS_NONE, /* plain RTP */
	WA_SDP_KEYS_DTLS,
	WA_SDP_KEYS_SDES  /* with AES_CM_128_HMAC_SHA1_80, the one suite of Meta's */
};

typedef struct wa_sdp_info
{
	bool audio;			   /* there is an audio stream, its port not 0 */
	bool placed;		   /* its address and port can be sent to */
	enum wa_sdp_keys keys; /* of that stream */
	unsigned codecs;	   /* enum wa_codec bits it offers */
	bool dtmf;			   /* telephone-event/8000 */
	bool ice_lite;
	unsigned candidates;
	unsigned medias; /* m= lines */
	unsigned cryptos; /* a=crypto lines of the audio stream */
} wa_sdp_info_t;

/** Reads what the script decides by.
 * Returns 0, WA_EPARSE (no SDP) or WA_ETOOLONG. */
int wa_sdp_scan(wa_sv_t sdp, wa_sdp_info_t *out);

enum wa_sdp_from_meta
{
	WA_SDP_HELD = 1 /* without candidates: ICE and DTLS have to wait */
};

/** Meta's offer or answer for rtpengine: the audio stream alone, a=ice-lite
 * below m= (rtpengine 10.5 looks for it there), only codecs in `codecs`, G.711 and
 * G.722 without format parameters; `how` is enum wa_sdp_from_meta bits.
 * All four return 0, WA_EPARSE, WA_ETOOLONG, or WA_EUNSUP: no audio, or no
 * codec left. */
int wa_sdp_from_meta(wa_sv_t sdp, unsigned codecs, unsigned how, wa_buf_t *out);

/** Meta's SDP for rtpengine without what DTLS needs: ICE goes first, and only with
 * the whole SDP does rtpengine begin DTLS. Returns 0, WA_ETOOLONG, or WA_EUNSUP: it
 * is the peer that begins DTLS (a=setup:active, RFC 4145) or that checks and
 * nominates (no a=ice-lite, RFC 8445 2.5), and rtpengine must be ready for it. */
int wa_sdp_keyless(wa_sv_t sdp, wa_buf_t *out);

/** What rtpengine made for Meta: nothing of the PBX in it, one crypto line
 * AES_CM_128_HMAC_SHA1_80, 20 ms, telephone-event at 8000 only, Opus with FEC at
 * 16 kHz and 20 kbit/s, always sendrecv. Also WA_EUNSUP when it has neither a
 * fingerprint nor such a crypto line: it must not go to Meta. */
int wa_sdp_to_meta(wa_sv_t sdp, unsigned codecs, wa_buf_t *out);

/** The PBX's offer or answer for rtpengine: the audio stream alone, always
 * sendrecv (Meta knows no hold), only codecs in `codecs`, G.711 and G.722 without
 * format parameters. */
int wa_sdp_from_pbx(wa_sv_t sdp, unsigned codecs, wa_buf_t *out);

/** What rtpengine made for the PBX: only codecs in `codecs`, one telephone-event. With
 * `offer`, the PBX's own, as an answer to it: only codecs that it has, its other m= lines
 * are refused, and its direction is answered (RFC 3264 5.1, 6). */
int wa_sdp_to_pbx(wa_sv_t sdp, wa_sv_t offer, unsigned codecs, wa_buf_t *out);

/** "OPUS,PCMA" to enum wa_codec bits; unknown names are skipped. */
unsigned wa_sdp_codecs(wa_sv_t list);

/** And back, comma separated, in the order of preference OPUS, PCMU, PCMA, G722. */
void wa_sdp_codec_list(unsigned codecs, wa_buf_t *out);

#endif
