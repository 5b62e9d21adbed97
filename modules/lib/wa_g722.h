/* The lower band of ITU-T G.722 at 64 kbit/s: a telephone's voice at 8 kHz.
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * G.722 splits 16 kHz in two bands, each a signal of 8 kHz, and puts six bits of
 * the lower and two of the upper one into an octet. Where the other end is G.711
 * nothing is above 4 kHz: so the lower band alone is read, and written with an
 * upper one that is silent. An octet is a sample, and a tick of the RTP clock.
 *
 * Every octet is valid. No allocation; the structure holds the state of one
 * direction.
 */
#ifndef WA_G722_H
#define WA_G722_H

#include <stddef.h>
#include <stdint.h>

typedef struct wa_g722
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
} wa_g722_t;

/** The state at the beginning of a stream. */
void wa_g722_init(wa_g722_t *g);

/** `n` octets become `n` samples of 16 bits. */
void wa_g722_decode(wa_g722_t *g, const uint8_t *in, size_t n, int16_t *out);

/** And back. */
void wa_g722_encode(wa_g722_t *g, const int16_t *in, size_t n, uint8_t *out);

#endif
