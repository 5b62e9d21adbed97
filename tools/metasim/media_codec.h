/* The three codecs that Meta speaks, one 20 ms frame at a time. Whatever the
 * codec, what is heard comes out at 16 kHz, the bandwidth of Meta's Opus.
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef METASIM_MEDIA_CODEC_H
#define METASIM_MEDIA_CODEC_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum codec_id
{
	CODEC_NONE,
	CODEC_OPUS,
	CODEC_PCMU,
	CODEC_PCMA
};

enum
{
	CODEC_HEARD_RATE = 16000,
	CODEC_HEARD_MAX = 5760 / 3,	 /* 120 ms, the longest Opus packet */
	CODEC_SAID_MAX = 320,		 /* samples of 20 ms at 16 kHz */
	CODEC_PACKET_MAX = 1275
};

struct encoder;
struct decoder;

const char *codec_name(enum codec_id id);

/** The RTP clock: 48000 for Opus, whatever its bandwidth (RFC 7587). */
unsigned codec_clock(enum codec_id id);

/** The sampling rate that encoder_put() wants: 16000 or 8000. */
unsigned codec_said_rate(enum codec_id id);

/** Length of a payload in RTP clock units, 0 when it is no frame of `id`. */
unsigned codec_duration(enum codec_id id, const uint8_t *p, size_t len);

/** Released with mem_deref(). */
int encoder_alloc(struct encoder **ep, enum codec_id id);
int decoder_alloc(struct decoder **dp, enum codec_id id);

/** Encodes 20 ms. Returns the payload's length, 0 on failure. */
size_t encoder_put(struct encoder *e, const int16_t *pcm, uint8_t *out,
		size_t size);

/** Decodes a payload into at most CODEC_HEARD_MAX samples. Returns how many. */
size_t decoder_get(
		struct decoder *d, const uint8_t *p, size_t len, int16_t *pcm);

/** 20 ms in place of a lost packet; `next` (may be NULL) is the packet after
 * it, whose in-band FEC may hold the lost one. */
size_t decoder_lost(
		struct decoder *d, const uint8_t *next, size_t len, int16_t *pcm);

#endif
