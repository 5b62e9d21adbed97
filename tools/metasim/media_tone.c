/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "media_tone.h"

#include <complex.h>
#include <math.h>
#include <string.h>

#define FULL_SCALE 32768.0
#define SILENCE_DBOV (-70.0)
#define PURE 0.6		/* share of the power that makes a window "one tone" */
#define SAME_TONE_HZ 30.0 /* windows that belong to the same tone */

void tone_gen_set(struct tone_gen *g, double hz, double dbov, unsigned rate)
{
	g->step = 2.0 * M_PI * hz / rate;
	/* a sine's mean square is half of its peak's square */
	g->amplitude =
			hz > 0.0 ? FULL_SCALE * M_SQRT2 * pow(10.0, dbov / 20.0) : 0.0;
}

static int16_t clip(double v)
{
	if(v > INT16_MAX)
		return INT16_MAX;
	if(v < INT16_MIN)
		return INT16_MIN;
	return (int16_t)lrint(v);
}

void tone_gen_fill(struct tone_gen *g, int16_t *pcm, size_t n)
{
	for(size_t i = 0; i < n; i++) {
		pcm[i] = clip(g->amplitude * sin(g->phase));
		g->phase = fmod(g->phase + g->step, 2.0 * M_PI);
	}
}

double tone_dbov(double power)
{
	return power > 0.0 ? fmax(10.0 * log10(power), -127.0) : -127.0;
}

double tone_hz(const struct tone_heard *h)
{
	return h->windows ? h->hz_sum / h->windows : 0.0;
}

static size_t bit_reverse(size_t i, size_t n)
{
	size_t r = 0;

	for(; n > 1; n >>= 1, i >>= 1)
		r = r << 1 | (i & 1);
	return r;
}

/* In place, radix 2, decimation in time. */
static void fft(float complex *x, size_t n)
{
	for(size_t i = 0; i < n; i++) {
		size_t j = bit_reverse(i, n);

		if(i < j) {
			float complex t = x[i];

			x[i] = x[j];
			x[j] = t;
		}
	}
	for(size_t half = 1; half < n; half <<= 1) {
		float complex turn = cexpf(-I * (float)(M_PI / (double)half));

		for(size_t base = 0; base < n; base += 2 * half) {
			float complex w = 1.0f;

			for(size_t k = base; k < base + half; k++, w *= turn) {
				float complex odd = w * x[k + half];

				x[k + half] = x[k] - odd;
				x[k] += odd;
			}
		}
	}
}

/* Power of the bins 0..TONE_WINDOW/2 under a Hann window, mean removed. */
static void spectrum(const int16_t *pcm, float *bin)
{
	float complex x[TONE_WINDOW];
	double mean = 0.0;

	for(size_t i = 0; i < TONE_WINDOW; i++)
		mean += pcm[i] / (double)TONE_WINDOW;
	for(size_t i = 0; i < TONE_WINDOW; i++) {
		double hann = 0.5 - 0.5 * cos(2.0 * M_PI * (double)i / TONE_WINDOW);

		x[i] = (float)((pcm[i] - mean) / FULL_SCALE * hann);
	}
	fft(x, TONE_WINDOW);
	for(size_t i = 0; i <= TONE_WINDOW / 2; i++)
		bin[i] = crealf(x[i] * conjf(x[i]));
}

/* The strongest component, to a fraction of a bin: a parabola through the
 * logarithms of the peak and its neighbours. */
static void strongest(const float *bin, double *hz, double *purity)
{
	const size_t last = TONE_WINDOW / 2;
	size_t peak = 2;
	double total = 1e-20, around = 0.0, a, b, c, shift;

	for(size_t i = 1; i < last; i++) {
		total += bin[i];
		if(bin[i] > bin[peak] && i >= 2 && i < last - 2)
			peak = i;
	}
	for(size_t i = peak - 2; i <= peak + 2; i++)
		around += bin[i];
	a = log(bin[peak - 1] + 1e-20);
	b = log(bin[peak] + 1e-20);
	c = log(bin[peak + 1] + 1e-20);
	shift = fabs(a - 2 * b + c) > 1e-9 ? 0.5 * (a - c) / (a - 2 * b + c) : 0.0;
	*hz = ((double)peak + shift) * TONE_RATE / TONE_WINDOW;
	*purity = around / total;
}

static struct tone_heard *heard_entry(struct tone_meter *t)
{
	for(size_t i = 0; i < t->heardc; i++) {
		if(fabs(tone_hz(&t->heard[i]) - t->hz) <= SAME_TONE_HZ)
			return &t->heard[i];
	}
	if(t->heardc == TONE_HEARD_MAX)
		return NULL;
	t->heard[t->heardc] = (struct tone_heard){.first = t->samples};
	return &t->heard[t->heardc++];
}

static void window_done(struct tone_meter *t)
{
	float bin[TONE_WINDOW / 2 + 1];
	double power = 0.0;
	struct tone_heard *h;

	for(size_t i = 0; i < TONE_WINDOW; i++)
		power += (double)t->window[i] * t->window[i];
	t->power = power / (TONE_WINDOW * FULL_SCALE * FULL_SCALE);
	t->hz = t->purity = 0.0;
	t->windows++;
	if(tone_dbov(t->power) < SILENCE_DBOV) {
		t->silent++;
		return;
	}
	spectrum(t->window, bin);
	strongest(bin, &t->hz, &t->purity);
	h = t->purity >= PURE ? heard_entry(t) : NULL;
	if(h == NULL) {
		t->noisy++;
		return;
	}
	h->hz_sum += t->hz;
	h->power_sum += t->power;
	h->windows++;
}

void tone_meter_add(struct tone_meter *t, const int16_t *pcm, size_t n)
{
	while(n > 0) {
		size_t take = TONE_WINDOW - t->fill;

		if(take > n)
			take = n;
		memcpy(t->window + t->fill, pcm, take * sizeof(*pcm));
		t->fill += take;
		t->samples += take;
		pcm += take;
		n -= take;
		if(t->fill == TONE_WINDOW) {
			window_done(t);
			t->fill = 0;
		}
	}
}
