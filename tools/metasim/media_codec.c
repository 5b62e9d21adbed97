/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "media_codec.h"

#include <errno.h>
#include <string.h>

#include <opus/opus.h>
#include <re/re.h>

enum
{
	G711_FRAME = 160, /* bytes of 20 ms */
	OPUS_FRAMES_MAX = 48,
	OPUS_BITRATE = 20000,
	OPUS_EXPECTED_LOSS = 10, /* percent; makes the encoder add FEC at all */
	OPUS_COMPLEXITY = 1		 /* hundreds of calls in one process */
};

struct encoder
{
	enum codec_id id;
	OpusEncoder *opus;
};

struct decoder
{
	enum codec_id id;
	OpusDecoder *opus;
	int16_t last; /* G.711: the sample before, for the interpolation */
};

const char *codec_name(enum codec_id id)
{
	switch(id) {
		case CODEC_OPUS:
			return "opus";
		case CODEC_PCMU:
			return "PCMU";
		case CODEC_PCMA:
			return "PCMA";
		default:
			return "none";
	}
}

unsigned codec_clock(enum codec_id id)
{
	return id == CODEC_OPUS ? 48000 : 8000;
}

unsigned codec_said_rate(enum codec_id id)
{
	return id == CODEC_OPUS ? 16000 : 8000;
}

unsigned codec_duration(enum codec_id id, const uint8_t *p, size_t len)
{
	const unsigned char *frames[OPUS_FRAMES_MAX];
	opus_int16 sizes[OPUS_FRAMES_MAX];
	int n;

	if(id == CODEC_NONE || len == 0)
		return 0;
	if(id != CODEC_OPUS)
		return (unsigned)len;
	if(opus_packet_parse(p, (opus_int32)len, NULL, frames, sizes, NULL) <= 0)
		return 0;
	n = opus_packet_get_nb_samples(p, (opus_int32)len, 48000);
	return n > 0 ? (unsigned)n : 0;
}

/* G.711 by its segments (ITU-T G.711, tables 1 and 2). */

static uint8_t ulaw_encode(int16_t pcm)
{
	int v = pcm < 0 ? -(int)pcm : pcm;
	int seg = 7;

	v = (v > 32635 ? 32635 : v) + 132;
	for(int mask = 0x4000; seg > 0 && (v & mask) == 0; mask >>= 1)
		seg--;
	return (uint8_t)~((pcm < 0 ? 0x80 : 0) | seg << 4 | (v >> (seg + 3) & 0x0f));
}

static int16_t ulaw_decode(uint8_t u)
{
	int v;

	u = (uint8_t)~u;
	v = ((((u & 0x0f) << 3) + 132) << (u >> 4 & 7)) - 132;
	return (int16_t)(u & 0x80 ? -v : v);
}

static uint8_t alaw_encode(int16_t pcm)
{
	int v = pcm < 0 ? -(int)pcm - 1 : pcm;
	int seg = 7, code;

	for(int mask = 0x4000; seg > 0 && (v & mask) == 0; mask >>= 1)
		seg--;
	code = seg << 4 | (v >> (seg ? seg + 3 : 4) & 0x0f);
	return (uint8_t)((code | (pcm < 0 ? 0 : 0x80)) ^ 0x55);
}

static int16_t alaw_decode(uint8_t a)
{
	int seg, v;

	a ^= 0x55;
	seg = a >> 4 & 7;
	v = (a & 0x0f) << 4;
	v = seg ? (v + 0x108) << (seg - 1) : v + 8;
	return (int16_t)(a & 0x80 ? v : -v);
}

static void encoder_destructor(void *arg)
{
	struct encoder *e = arg;

	if(e->opus)
		opus_encoder_destroy(e->opus);
}

/* Meta's fmtp: 16 kHz bandwidth, 20 kbit/s, in-band FEC. */
static int opus_set_up(struct encoder *e)
{
	int err;

	e->opus = opus_encoder_create(16000, 1, OPUS_APPLICATION_VOIP, &err);
	if(e->opus == NULL)
		return ENOMEM;
	err = opus_encoder_ctl(e->opus, OPUS_SET_BITRATE(OPUS_BITRATE));
	err |= opus_encoder_ctl(
			e->opus, OPUS_SET_MAX_BANDWIDTH(OPUS_BANDWIDTH_WIDEBAND));
	err |= opus_encoder_ctl(e->opus, OPUS_SET_INBAND_FEC(1));
	err |= opus_encoder_ctl(
			e->opus, OPUS_SET_PACKET_LOSS_PERC(OPUS_EXPECTED_LOSS));
	err |= opus_encoder_ctl(e->opus, OPUS_SET_COMPLEXITY(OPUS_COMPLEXITY));
	return err == OPUS_OK ? 0 : EINVAL;
}

int encoder_alloc(struct encoder **ep, enum codec_id id)
{
	struct encoder *e = mem_zalloc(sizeof(*e), encoder_destructor);
	int err;

	if(e == NULL)
		return ENOMEM;
	e->id = id;
	err = id == CODEC_OPUS ? opus_set_up(e) : 0;
	if(err)
		mem_deref(e);
	else
		*ep = e;
	return err;
}

size_t encoder_put(
		struct encoder *e, const int16_t *pcm, uint8_t *out, size_t size)
{
	if(e->id == CODEC_OPUS) {
		opus_int32 n = opus_encode(
				e->opus, pcm, CODEC_SAID_MAX, out, (opus_int32)size);

		return n > 0 ? (size_t)n : 0;
	}
	if(size < G711_FRAME)
		return 0;
	for(size_t i = 0; i < G711_FRAME; i++)
		out[i] = e->id == CODEC_PCMU ? ulaw_encode(pcm[i]) : alaw_encode(pcm[i]);
	return G711_FRAME;
}

static void decoder_destructor(void *arg)
{
	struct decoder *d = arg;

	if(d->opus)
		opus_decoder_destroy(d->opus);
}

int decoder_alloc(struct decoder **dp, enum codec_id id)
{
	struct decoder *d = mem_zalloc(sizeof(*d), decoder_destructor);
	int err = OPUS_OK;

	if(d == NULL)
		return ENOMEM;
	d->id = id;
	if(id == CODEC_OPUS)
		d->opus = opus_decoder_create(CODEC_HEARD_RATE, 1, &err);
	if(err != OPUS_OK) {
		mem_deref(d);
		return ENOMEM;
	}
	*dp = d;
	return 0;
}

/* 8 kHz to 16 kHz: the sample between is the mean of its neighbours. */
static size_t g711_get(
		struct decoder *d, const uint8_t *p, size_t len, int16_t *pcm)
{
	if(len > CODEC_HEARD_MAX / 2)
		len = CODEC_HEARD_MAX / 2;
	for(size_t i = 0; i < len; i++) {
		int16_t v = d->id == CODEC_PCMU ? ulaw_decode(p[i]) : alaw_decode(p[i]);

		pcm[2 * i] = (int16_t)((d->last + v) / 2);
		pcm[2 * i + 1] = v;
		d->last = v;
	}
	return 2 * len;
}

size_t decoder_get(
		struct decoder *d, const uint8_t *p, size_t len, int16_t *pcm)
{
	int n;

	if(d->id != CODEC_OPUS)
		return g711_get(d, p, len, pcm);
	n = opus_decode(d->opus, p, (opus_int32)len, pcm, CODEC_HEARD_MAX, 0);
	return n > 0 ? (size_t)n : 0;
}

size_t decoder_lost(
		struct decoder *d, const uint8_t *next, size_t len, int16_t *pcm)
{
	int n;

	if(d->id != CODEC_OPUS) {
		memset(pcm, 0, CODEC_SAID_MAX * sizeof(*pcm));
		return CODEC_SAID_MAX;
	}
	n = opus_decode(
			d->opus, next, (opus_int32)len, pcm, CODEC_SAID_MAX, next != NULL);
	return n > 0 ? (size_t)n : 0;
}
