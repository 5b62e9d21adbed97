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

#define PARTS_MAX 12	/* of 10 ms */
#define PART_MAX 80		/* octets that an Opus frame of that may have */
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
	OpusRepacketizer *opus_parts;
};

/* As Meta wants its Opus (wa_sdp.h): FEC, 20 kbit/s. Low complexity: beside hundreds
 * of calls. */
static OpusEncoder *new_encoder(int rate)
{
	int err;
	OpusEncoder *e = opus_encoder_create(rate, 1, OPUS_APPLICATION_VOIP, &err);

	if(e == NULL)
		return NULL;
	opus_encoder_ctl(e, OPUS_SET_BITRATE(20000));
	opus_encoder_ctl(e, OPUS_SET_COMPLEXITY(2));
	opus_encoder_ctl(e, OPUS_SET_INBAND_FEC(1));
	opus_encoder_ctl(e, OPUS_SET_PACKET_LOSS_PERC(5));
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
	if(to == WA_CODEC_OPUS) {
		v->opus_out = new_encoder(v->wide * RATE);
		v->opus_parts = opus_repacketizer_create();
	}
	if((from == WA_CODEC_OPUS && (v->opus_in == NULL || v->opus_behind == NULL))
			|| (to == WA_CODEC_OPUS && (v->opus_out == NULL || v->opus_parts == NULL))) {
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
	if(v->opus_parts != NULL)
		opus_repacketizer_destroy(v->opus_parts);
	free(v);
}

bool wa_voice_is(const wa_voice_t *v, enum wa_codec from, enum wa_codec to)
{
	return v != NULL && v->from == from && v->to == to;
}

/* What was heard of one source says nothing of the next. */
static void new_source(wa_voice_t *v, uint32_t ssrc)
{
	v->ssrc = ssrc;
	v->lasted = 0;
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

/* Is it one of those that were missing? */
static bool is_late(wa_voice_t *v, uint16_t seq)
{
	int16_t missing = (int16_t)(seq - v->seq - 1);

	if(v->lasted > 0 && missing < 0)
		return true;
	v->seq = seq;
	if(v->opus_in != NULL && v->lasted > 0 && missing > 0)
		miss(v, missing);
	return false;
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

static int ten_ms(const wa_voice_t *v)
{
	return v->wide * RATE / 100;
}

/* A duration that no frame has (30 ms): a packet of frames of 10 ms. */
static int encode_parts(wa_voice_t *v, const int16_t *pcm, int n, uint8_t *out)
{
	uint8_t part[PARTS_MAX][PART_MAX];
	int size = ten_ms(v);

	opus_repacketizer_init(v->opus_parts);
	for(int i = 0; i < n / size; i++) {
		int len = opus_encode(v->opus_out, pcm + i * size, size, part[i], PART_MAX);

		if(len <= 0 || opus_repacketizer_cat(v->opus_parts, part[i], len) != OPUS_OK)
			return WA_EUNSUP;
	}
	return opus_repacketizer_out(v->opus_parts, out, WA_VOICE_MAX);
}

/* Returns the octets, or WA_EUNSUP. */
static int encode(wa_voice_t *v, const int16_t *pcm, int n, uint8_t *out)
{
	int len;

	if(v->to == WA_CODEC_OPUS) {
		len = opus_encode(v->opus_out, pcm, n, out, WA_VOICE_MAX);
		if(len == OPUS_BAD_ARG && n % ten_ms(v) == 0)
			len = encode_parts(v, pcm, n, out);
		return len > 0 ? len : WA_EUNSUP;
	}
	n /= v->wide;
	if(v->to != WA_CODEC_G722)
		wa_g711_encode(pcm, (size_t)n, v->to, out);
	else if(v->wide > 1)
		wa_g722_encode_wide(&v->g722_out, pcm, (size_t)n, out);
	else
		wa_g722_encode(&v->g722_out, pcm, (size_t)n, out);
	return n;
}

static bool is_law(enum wa_codec c)
{
	return c == WA_CODEC_PCMU || c == WA_CODEC_PCMA;
}

int wa_voice_convert(wa_voice_t *v, uint32_t ssrc, uint16_t seq, const uint8_t *in,
		size_t len, uint8_t *out)
{
	int16_t pcm[SAMPLES_MAX];
	int n;

	if(len == 0 || (v->from != WA_CODEC_OPUS && len > OCTETS_MAX))
		return WA_EPARSE;
	if(is_law(v->from) && is_law(v->to) && v->from != v->to) {
		memcpy(out, in, len);
		wa_g711_convert(out, len, v->from);
		return (int)len;
	}
	if(ssrc != v->ssrc)
		new_source(v, ssrc);
	n = decode(v, is_late(v, seq), in, len, pcm);
	if(n < 0)
		return n;
	v->lasted = n;
	return encode(v, pcm, n, out);
}
