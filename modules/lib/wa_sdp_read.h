/* An SDP taken apart: private to the wa_sdp files.
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Views into the text; nothing is owned.
 */
#ifndef WA_SDP_READ_H
#define WA_SDP_READ_H

#include "wa_endpoint.h"
#include "wa_sdp.h"

#define SDP_PTS 128

struct line
{
	char type;
	wa_sv_t value;
	wa_sv_t name; /* a=: the attribute, else empty */
	wa_sv_t arg;  /* a=: behind the colon, else empty */
};

/* What is known of a payload type. */
enum payload
{
	PT_NONE,
	PT_OTHER,
	PT_DTMF_8K,
	PT_DTMF_48K,
	PT_OPUS,
	PT_PCMU,
	PT_PCMA,
	PT_G722
};

struct sdp
{
	struct line line[WA_SDP_LINES_MAX];
	unsigned n;
	unsigned media[WA_SDP_MEDIAS_MAX + 1]; /* lines of m=, then the end */
	unsigned n_media;
	unsigned audio; /* which m=; n_media: none */
	unsigned char pt[SDP_PTS]; /* enum payload, of the audio stream */
	enum payload first;	   /* the codec it prefers */
};

/* Our four codecs, in the order of preference. */
#define SDP_CODECS 4
struct sdp_codec
{
	unsigned bit; /* enum wa_codec */
	enum payload pt;
	wa_sv_t name;
};
extern const struct sdp_codec sdp_codecs[SDP_CODECS];

/** Returns 0, WA_EPARSE or WA_ETOOLONG. */
int sdp_read(wa_sv_t text, struct sdp *s);

/** "audio 40012 RTP/SAVP 111 8": its fields; the payload types are left over. */
void sdp_read_media(
		wa_sv_t m, wa_sv_t *kind, wa_sv_t *port, wa_sv_t *proto, wa_sv_t *pts);

/** A payload type's number. */
bool sdp_read_pt(wa_sv_t v, unsigned long *pt);

/** The attribute of the audio stream, else of the session; or NULL. */
const struct line *sdp_attr(const struct sdp *s, wa_sv_t name);

/** "IN IP4 192.0.2.1" of c= or a=rtcp: an address that one party has. Its port
 * stays 0. Returns 0 or WA_EUNSUP: a name, a group, another network. */
int sdp_read_connection(wa_sv_t c, wa_endpoint_t *out);

/** c= of the audio stream, else of the session; or NULL. There is an audio
 * stream. */
const struct line *sdp_connection(const struct sdp *s);

/** Where the audio stream receives. Returns 0 or WA_EUNSUP: no audio, no c=, no
 * such address, or a port that is none. */
int sdp_place(const struct sdp *s, wa_endpoint_t *out);

/** Does its audio stream have one of those? */
bool sdp_has(const struct sdp *s, enum payload p);

/** rtpengine has one telephone-event per clock rate: which of them goes with the codec? */
enum payload sdp_event_beside(const struct sdp *s, enum payload codec);

/** Those of the audio stream. */
unsigned sdp_count_attr(const struct sdp *s, wa_sv_t name);

#endif
