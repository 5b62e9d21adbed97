/* ITU-T G.722 at 64 kbit/s: a voice at 16 kHz, or a telephone's at 8 kHz.
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * G.722 splits 16 kHz in two bands, each a signal of 8 kHz, and puts six bits of
 * the lower and two of the upper one into an octet, which is a tick of the RTP clock.
 * Where the other end is G.711 nothing is above 4 kHz: so the lower band alone is
 * read, and written with an upper one that is silent, and an octet is a sample; with
 * `_wide` it is two.
 *
 * Every octet is valid. No allocation; the structure holds the state of one
 * direction, which is either wide or not.
 */
#ifndef WA_G722_H
#define WA_G722_H

#include <stddef.h>
#include <stdint.h>

#define WA_G722_TAPS 24

typedef struct wa_g722_band
{
	int scale;	  /* logarithm of the step (NBL) */
	int step;	  /* DETL */
	int forecast; /* of the next sample (SL) */
	int zeros;	  /* ... the part of it that the zeros make (SZL) */
	int a[2];	  /* coefficients of the poles */
	int b[6];	  /* ... of the zeros */
	int r[2];	  /* last reconstructed samples, newest first */
	int p[2];	  /* ... without what the poles make */
	int d[6];	  /* last differences */
} wa_g722_band_t;

typedef struct wa_g722
{
	wa_g722_band_t lower, upper;
	int past[WA_G722_TAPS]; /* of what is split, or put together, oldest first */
} wa_g722_t;

/** The state at the beginning of a stream. */
void wa_g722_init(wa_g722_t *g);

/** `n` octets become `n` samples of 16 bits. */
void wa_g722_decode(wa_g722_t *g, const uint8_t *in, size_t n, int16_t *out);

/** And back. */
void wa_g722_encode(wa_g722_t *g, const int16_t *in, size_t n, uint8_t *out);

/** `n` octets become 2 `n` samples of 16 bits, and back. */
void wa_g722_decode_wide(wa_g722_t *g, const uint8_t *in, size_t n, int16_t *out);
void wa_g722_encode_wide(wa_g722_t *g, const int16_t *in, size_t n, uint8_t *out);

#endif
