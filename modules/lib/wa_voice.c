/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "wa_voice.h"

#include <opus/opus.h>
#include <stdlib.h>
#include <string.h>

#include "wa_err.h"
#include "wa_g711.h"
#include "wa_g722.h"

#define RATE 8000
#define OCTETS_MAX 960	/* 120 ms: no Opus packet is longer (RFC 6716 3.2.5) */
#define SAMPLES_MAX (2 * OCTETS_MAX)

#define FRAME_MAX 250	/* octets of a frame of Opus: five times its share of the bit rate */
#define MISSING_MAX 5	/* packets in place of which Opus thinks of something */

struct wa_voice
{
	enum wa_codec from, to;
	int wide;	   /* samples of a tick of G.711's and G.722's clock: 1, or 2 */
	uint32_t ssrc; /* of what was decoded last */
	uint16_t seq;
	int lasted;	   /* samples; 0: nothing so far */
	wa_g722_t g722_in, g722_out;
	OpusDecoder *opus_in;
	OpusDecoder *opus_behind; /* as `opus_in` was when the first of the missing should come */
	OpusEncoder *opus_out;
	unsigned loss; /* per cent that it expects */

	/* a source whose packets do not last 20 ms: what Opus has not got yet */
	bool regroups;
	uint16_t next; /* sequence number */
	int held;	   /* samples */
	int16_t pcm[SAMPLES_MAX + SAMPLES_MAX];
};

/* As Meta wants its Opus (wa_sdp.h): FEC, 20 kbit/s. Low complexity: beside hundreds
 * of calls. FEC takes bits from the voice: it is there as soon as something is lost. */
static OpusEncoder *new_encoder(int rate)
{
	int err;
	OpusEncoder *e = opus_encoder_create(rate, 1, OPUS_APPLICATION_VOIP, &err);

	if(e == NULL)
		return NULL;
	opus_encoder_ctl(e, OPUS_SET_BITRATE(20000));
	opus_encoder_ctl(e, OPUS_SET_COMPLEXITY(2));
	opus_encoder_ctl(e, OPUS_SET_INBAND_FEC(1));
	opus_encoder_ctl(e, OPUS_SET_SIGNAL(OPUS_SIGNAL_VOICE));
	return e;
}

static bool is_wide(enum wa_codec c)
{
	return c == WA_CODEC_OPUS || c == WA_CODEC_G722;
}

wa_voice_t *wa_voice_new(enum wa_codec from, enum wa_codec to)
{
	wa_voice_t *v = calloc(1, sizeof(*v));
	int err;

	if(v == NULL)
		return NULL;
	v->from = from;
	v->to = to;
	v->wide = is_wide(from) && is_wide(to) ? 2 : 1;
	wa_g722_init(&v->g722_in);
	wa_g722_init(&v->g722_out);
	if(from == WA_CODEC_OPUS) {
		v->opus_in = opus_decoder_create(v->wide * RATE, 1, &err);
		v->opus_behind = opus_decoder_create(v->wide * RATE, 1, &err);
	}
	if(to == WA_CODEC_OPUS)
		v->opus_out = new_encoder(v->wide * RATE);
	if((from == WA_CODEC_OPUS && (v->opus_in == NULL || v->opus_behind == NULL))
			|| (to == WA_CODEC_OPUS && v->opus_out == NULL)) {
		wa_voice_free(v);
		return NULL;
	}
	return v;
}

void wa_voice_free(wa_voice_t *v)
{
	if(v == NULL)
		return;
	if(v->opus_in != NULL)
		opus_decoder_destroy(v->opus_in);
	if(v->opus_behind != NULL)
		opus_decoder_destroy(v->opus_behind);
	if(v->opus_out != NULL)
		opus_encoder_destroy(v->opus_out);
	free(v);
}

bool wa_voice_is(const wa_voice_t *v, enum wa_codec from, enum wa_codec to)
{
	return v != NULL && v->from == from && v->to == to;
}

wa_voice_t *wa_voice_for(wa_voice_t **v, enum wa_codec from, enum wa_codec to)
{
	if(!wa_voice_is(*v, from, to)) {
		wa_voice_free(*v);
		*v = wa_voice_new(from, to);
	}
	return *v;
}

void wa_voice_expect_loss(wa_voice_t *v, unsigned percent)
{
	if(v->opus_out == NULL || v->loss == percent)
		return;
	v->loss = percent;
	opus_encoder_ctl(v->opus_out, OPUS_SET_PACKET_LOSS_PERC((int)percent));
}

/* What was heard of one source says nothing of the next. */
static void new_source(wa_voice_t *v, uint32_t ssrc)
{
	v->ssrc = ssrc;
	v->lasted = v->held = 0;
	v->regroups = false;
	wa_g722_init(&v->g722_in);
	if(v->opus_in != NULL)
		opus_decoder_ctl(v->opus_in, OPUS_RESET_STATE);
	if(v->opus_behind != NULL)
		opus_decoder_ctl(v->opus_behind, OPUS_RESET_STATE);
}

/* Packets are missing: Opus thinks of something in their place, so that what comes
 * behind them begins softly. */
static void miss(wa_voice_t *v, int packets)
{
	int16_t pcm[SAMPLES_MAX];

	memcpy(v->opus_behind, v->opus_in, (size_t)opus_decoder_get_size(1));
	if(packets > MISSING_MAX)
		return;
	for(; packets > 0; packets--)
		if(opus_decode(v->opus_in, NULL, 0, pcm, v->lasted, 0) < 0)
			return;
}

/* How many are missing before it; below 0: it is one of those that were. */
static int missing_before(wa_voice_t *v, uint16_t seq)
{
	int missing = (int16_t)(seq - v->seq - 1);

	if(v->lasted == 0)
		missing = 0;
	if(missing >= 0)
		v->seq = seq;
	if(v->opus_in != NULL && missing > 0)
		miss(v, missing);
	return missing;
}

/* Returns the samples, or WA_EPARSE. */
static int decode(wa_voice_t *v, bool late, const uint8_t *in, size_t len, int16_t *pcm)
{
	int n;

	if(v->from == WA_CODEC_OPUS) {
		n = opus_decode(late ? v->opus_behind : v->opus_in, in, (opus_int32)len, pcm, SAMPLES_MAX, 0);
		return n > 0 ? n : WA_EPARSE;
	}
	if(v->from != WA_CODEC_G722)
		wa_g711_decode(in, len, v->from, pcm);
	else if(v->wide > 1)
		wa_g722_decode_wide(&v->g722_in, in, len, pcm);
	else
		wa_g722_decode(&v->g722_in, in, len, pcm);
	return (int)len * v->wide;
}

/* Returns the octets. */
static int encode_g7xx(wa_voice_t *v, const int16_t *pcm, int n, uint8_t *out)
{
	n /= v->wide;
	if(v->to != WA_CODEC_G722)
		wa_g711_encode(pcm, (size_t)n, v->to, out);
	else if(v->wide > 1)
		wa_g722_encode_wide(&v->g722_out, pcm, (size_t)n, out);
	else
		wa_g722_encode(&v->g722_out, pcm, (size_t)n, out);
	return n;
}

/* Samples of 20 ms. */
static int frame(const wa_voice_t *v)
{
	return v->wide * RATE / 50;
}

/* As many frames of 20 ms as there are; the rest waits. */
static int encode_frames(wa_voice_t *v, wa_voice_packet_t *out)
{
	const int32_t ticks = 48000 / (v->wide * RATE);
	int size = frame(v), at = 0, n = 0;

	for(; v->held - at >= size; at += size, n++) {
		int len = opus_encode(v->opus_out, v->pcm + at, size, out[n].data, FRAME_MAX);

		if(len <= 0) {
			v->held = 0;
			return WA_EUNSUP;
		}
		out[n].len = (size_t)len;
		out[n].seq = v->next++;
		out[n].later = at * ticks;
	}
	v->held -= at;
	memmove(v->pcm, v->pcm + at, (size_t)v->held * sizeof(v->pcm[0]));
	return n;
}

/* `n` samples of the packet `seq` have come, and `missing` packets before it have not:
 * they leave a gap behind. What is late has no place any more. */
static int take_in(wa_voice_t *v, uint16_t seq, int missing, const int16_t *pcm, int n,
		wa_voice_packet_t *out)
{
	int32_t before;
	int made;

	if(!v->regroups && n == frame(v)) {
		v->held = 0;
		v->next = seq;
	} else if(missing < 0) {
		return 0;
	} else if(!v->regroups) {
		v->regroups = true;
		v->held = 0;
		v->next = seq;
	} else if(missing > 0) {
		v->held = 0;
		v->next = (uint16_t)(v->next + (missing * n + frame(v) - 1) / frame(v));
	}
	before = v->held * (48000 / (v->wide * RATE));
	memcpy(v->pcm + v->held, pcm, (size_t)n * sizeof(pcm[0]));
	v->held += n;
	made = encode_frames(v, out);
	for(int i = 0; i < made; i++)
		out[i].later -= before;
	return made;
}

static bool is_law(enum wa_codec c)
{
	return c == WA_CODEC_PCMU || c == WA_CODEC_PCMA;
}

static void make_one(wa_voice_packet_t *out, uint16_t seq, size_t len)
{
	out->seq = seq;
	out->later = 0;
	out->len = len;
}

int wa_voice_convert(wa_voice_t *v, uint32_t ssrc, uint16_t seq, const uint8_t *in,
		size_t len, wa_voice_packet_t *out)
{
	int16_t pcm[SAMPLES_MAX];
	int n, missing;

	if(len == 0 || (v->from != WA_CODEC_OPUS && len > OCTETS_MAX))
		return WA_EPARSE;
	if(is_law(v->from) && is_law(v->to) && v->from != v->to) {
		memcpy(out->data, in, len);
		wa_g711_convert(out->data, len, v->from);
		make_one(out, seq, len);
		return 1;
	}
	if(ssrc != v->ssrc)
		new_source(v, ssrc);
	missing = missing_before(v, seq);
	n = decode(v, missing < 0, in, len, pcm);
	if(n < 0)
		return n;
	v->lasted = n;
	if(v->to == WA_CODEC_OPUS)
		return take_in(v, seq, missing, pcm, n, out);
	make_one(out, seq, (size_t)encode_g7xx(v, pcm, n, out->data));
	return 1;
}
