/* A sine for the ear of the far end, and a meter for what comes back.
 * Levels are dBov: 0 is the power of a full-scale square wave, so a full-scale
 * sine is -3.01 (ITU-T G.100.1).
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef METASIM_MEDIA_TONE_H
#define METASIM_MEDIA_TONE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct tone_gen
{
	double phase; /* radians; kept over a change of tone: no click */
	double step;
	double amplitude;
};

/** 0 Hz is silence. */
void tone_gen_set(struct tone_gen *g, double hz, double dbov, unsigned rate);

void tone_gen_fill(struct tone_gen *g, int16_t *pcm, size_t n);

enum
{
	TONE_RATE = 16000,	/* the meter's sampling rate */
	TONE_WINDOW = 1024, /* samples: 64 ms, bins of 15.6 Hz */
	TONE_HEARD_MAX = 8
};

/* One tone that was heard: windows whose frequencies lie together. */
struct tone_heard
{
	double hz_sum, power_sum; /* over the windows */
	unsigned windows;
	uint64_t first; /* sample number of its first window */
};

struct tone_meter
{
	int16_t window[TONE_WINDOW];
	size_t fill;
	uint64_t samples; /* all so far */

	/* of the last full window */
	double power;  /* mean square, full scale = 1 */
	double hz;	   /* strongest component, 0 = silence */
	double purity; /* its share of the power, 0..1 */

	unsigned windows, silent, noisy; /* noisy: neither silence nor one tone */
	struct tone_heard heard[TONE_HEARD_MAX];
	size_t heardc;
};

void tone_meter_add(struct tone_meter *t, const int16_t *pcm, size_t n);

/** Milliseconds of audio that one window stands for. */
static inline unsigned tone_window_ms(unsigned windows)
{
	return windows * (TONE_WINDOW * 1000u / TONE_RATE);
}

double tone_hz(const struct tone_heard *h);

/** The level of a mean square, -127 for digital silence. */
double tone_dbov(double power);

#endif
