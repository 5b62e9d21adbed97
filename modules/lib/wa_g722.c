/* Names in capitals are those of the Recommendation's blocks (clause 6.2).
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "wa_g722.h"

#include <stdbool.h>
#include <string.h>

#define STEP_FIRST 32
#define SCALE_MAX 18432
#define UPPER_STEP_FIRST 8
#define UPPER_SCALE_MAX 22528
#define UPPER_LIMIT 564 /* in 1/4096 of the step (Q2) */
#define POLE2_MAX 12288
#define POLES_MAX 15360
#define SAMPLE_MIN (-16384)
#define SAMPLE_MAX 16383
#define SILENT_UPPER 0xc0 /* the smaller step, upward */

/* What the magnitude of a difference is compared with (Q6), in 1/4096 of the step. */
static const short limits[30] = {0, 35, 72, 110, 150, 190, 233, 276, 323, 370, 422,
		473, 530, 587, 650, 714, 786, 858, 940, 1023, 1121, 1219, 1339, 1458, 1612,
		1765, 1980, 2195, 2557, 2919};

/* The difference that a code of six bits stands for (QM6), in 1/32768 of the step. */
static const short values6[64] = {-136, -136, -136, -136, -24808, -21904, -19008,
		-16704, -14984, -13512, -12280, -11192, -10232, -9360, -8576, -7856, -7192,
		-6576, -6000, -5456, -4944, -4464, -4008, -3576, -3168, -2776, -2400, -2032,
		-1688, -1360, -1040, -728, 24808, 21904, 19008, 16704, 14984, 13512, 12280,
		11192, 10232, 9360, 8576, 7856, 7192, 6576, 6000, 5456, 4944, 4464, 4008,
		3576, 3168, 2776, 2400, 2032, 1688, 1360, 1040, 728, 432, 136, -432, -136};

/* The same of its upper four (QM4): only those adapt the filters. */
static const short values4[16] = {0, -20456, -12896, -8968, -6288, -4240, -2584,
		-1200, 20456, 12896, 8968, 6288, 4240, 2584, 1200, 0};

/* How a magnitude moves the step (WL, by RL42). */
static const short moves[8] = {-60, -30, 58, 172, 334, 538, 1198, 3042};
static const unsigned char magnitudes[16] = {
		0, 7, 6, 5, 4, 3, 2, 1, 7, 6, 5, 4, 3, 2, 1, 0};

/* The upper band's code: what it stands for (QM2), and how it moves the step (WH). */
static const short upper_values[4] = {-7408, -1616, 7408, 1616};
static const short upper_moves[4] = {798, -214, 798, -214};

/* What splits the bands: every second one for either of two samples (H). */
static const short filter[WA_G722_TAPS / 2] = {
		3, -11, 12, 32, -210, 951, 3876, -805, 362, -156, 53, -11};

/* 2048 * 2^(i/32) (ILB) */
static const short powers[32] = {2048, 2093, 2139, 2186, 2233, 2282, 2332, 2383, 2435,
		2489, 2543, 2599, 2656, 2714, 2774, 2834, 2896, 2960, 3025, 3091, 3158, 3228,
		3298, 3371, 3444, 3520, 3597, 3676, 3756, 3838, 3922, 4008};

static int bounded(int v, int low, int high)
{
	return v < low ? low : v > high ? high : v;
}

static int saturated(int v)
{
	return bounded(v, -32768, 32767);
}

/* v * factor / 32768, downward as the Recommendation has it */
static int scaled(int v, int factor)
{
	return (v * factor) >> 15;
}

void wa_g722_init(wa_g722_t *g)
{
	*g = (wa_g722_t){.lower.step = STEP_FIRST, .upper.step = UPPER_STEP_FIRST};
}

/* LOGSCL and SCALEL, or LOGSCH and SCALEH: a step of 2^`size` at most */
static void adapt_step(wa_g722_band_t *g, int move, int most, int size)
{
	int shift;

	g->scale = bounded(scaled(g->scale, 32512) + move, 0, most);
	shift = size - (g->scale >> 11);
	g->step = powers[g->scale >> 6 & 31];
	g->step = (shift < 0 ? g->step << -shift : g->step >> shift) * 4;
}

/* UPPOL2, UPPOL1: `p` without what the poles make, the newest. */
static void adapt_poles(wa_g722_band_t *g, int p)
{
	bool as1 = (p < 0) == (g->p[0] < 0), as2 = (p < 0) == (g->p[1] < 0);
	int first = saturated(g->a[0] * 4), second, most;

	second = bounded(as1 ? -first : first, -32768, 32767) >> 7;
	second += (as2 ? 128 : -128) + scaled(g->a[1], 32512);
	second = bounded(second, -POLE2_MAX, POLE2_MAX);
	most = POLES_MAX - second;
	g->a[0] = saturated((as1 ? 192 : -192) + scaled(g->a[0], 32640));
	g->a[0] = bounded(g->a[0], -most, most);
	g->a[1] = second;
}

/* UPZERO, and DELAYA of the differences */
static void adapt_zeros(wa_g722_band_t *g, int d)
{
	int move = d == 0 ? 0 : 128;

	for(int i = 0; i < 6; i++) {
		bool same = (d < 0) == (g->d[i] < 0);

		g->b[i] = saturated((same ? move : -move) + scaled(g->b[i], 32640));
	}
	for(int i = 5; i > 0; i--)
		g->d[i] = g->d[i - 1];
	g->d[0] = d;
}

/* FILTEP, FILTEZ, PREDIC */
static void predict(wa_g722_band_t *g)
{
	int poles = 0, zeros = 0;

	for(int i = 0; i < 2; i++)
		poles += scaled(g->a[i], saturated(2 * g->r[i]));
	for(int i = 5; i >= 0; i--)
		zeros += scaled(g->b[i], saturated(2 * g->d[i]));
	g->zeros = saturated(zeros);
	g->forecast = saturated(saturated(poles) + g->zeros);
}

/* The difference that was sent, in the filters. */
static void adapt_filters(wa_g722_band_t *g, int d)
{
	int r = saturated(g->forecast + d), p = saturated(g->zeros + d);

	adapt_zeros(g, d);
	adapt_poles(g, p);
	g->r[1] = g->r[0];
	g->r[0] = r;
	g->p[1] = g->p[0];
	g->p[0] = p;
	predict(g);
}

/* What both ends do with the upper four bits of a code. */
static void adapt(wa_g722_band_t *g, unsigned code4)
{
	int d = scaled(g->step, values4[code4]);

	adapt_step(g, moves[magnitudes[code4]], SCALE_MAX, 8);
	adapt_filters(g, d);
}

/* ... and with a code of the upper band. */
static void adapt_upper(wa_g722_band_t *g, unsigned code2)
{
	int d = scaled(g->step, upper_values[code2]);

	adapt_step(g, upper_moves[code2], UPPER_SCALE_MAX, 10);
	adapt_filters(g, d);
}

static int decode(wa_g722_band_t *g, unsigned code)
{
	int v = g->forecast + scaled(g->step, values6[code]);

	adapt(g, code >> 2);
	return bounded(v, SAMPLE_MIN, SAMPLE_MAX);
}

static int decode_upper(wa_g722_band_t *g, unsigned code)
{
	int v = g->forecast + scaled(g->step, upper_values[code]);

	adapt_upper(g, code);
	return bounded(v, SAMPLE_MIN, SAMPLE_MAX);
}

void wa_g722_decode(wa_g722_t *g, const uint8_t *in, size_t n, int16_t *out)
{
	for(size_t i = 0; i < n; i++)
		out[i] = (int16_t)(decode(&g->lower, in[i] & 0x3f) * 2);
}

/* QUANTL: 30 magnitudes. Codes 0 to 3 are left out: a line must not hold zeros for
 * long. */
static unsigned quantized(const wa_g722_band_t *g, int difference)
{
	int magnitude = difference < 0 ? -(difference + 1) : difference, i = 1;

	while(i < 30 && magnitude >= (limits[i] * g->step) >> 12)
		i++;
	if(difference >= 0)
		return 62u - (unsigned)i;
	return i < 3 ? 64u - (unsigned)i : 34u - (unsigned)i;
}

static unsigned encode(wa_g722_band_t *g, int sample)
{
	unsigned code = quantized(g, saturated(sample - g->forecast));

	adapt(g, code >> 2);
	return code;
}

/* QUANTH */
static unsigned encode_upper(wa_g722_band_t *g, int sample)
{
	int difference = saturated(sample - g->forecast);
	int magnitude = difference < 0 ? -(difference + 1) : difference;
	unsigned code = difference < 0 ? 1 : 3;

	if(magnitude >= (UPPER_LIMIT * g->step) >> 12)
		code--;
	adapt_upper(g, code);
	return code;
}

void wa_g722_encode(wa_g722_t *g, const int16_t *in, size_t n, uint8_t *out)
{
	for(size_t i = 0; i < n; i++) {
		/* toward minus infinity, as a shift of the Recommendation's */
		int sample = in[i] < 0 ? -((1 - in[i]) / 2) : in[i] / 2;

		out[i] = (uint8_t)(SILENT_UPPER | encode(&g->lower, sample));
	}
}

/* --- both bands ---------------------------------------------------------------- */

/* Two samples more; the two sums are of those in even places and in odd ones. */
static void pass(wa_g722_t *g, int first, int second, int sum[2])
{
	memmove(g->past, g->past + 2, sizeof(g->past) - 2 * sizeof(g->past[0]));
	g->past[WA_G722_TAPS - 2] = first;
	g->past[WA_G722_TAPS - 1] = second;
	sum[0] = sum[1] = 0;
	for(int i = 0; i < WA_G722_TAPS / 2; i++) {
		sum[0] += g->past[2 * i] * filter[i];
		sum[1] += g->past[2 * i + 1] * filter[WA_G722_TAPS / 2 - 1 - i];
	}
}

void wa_g722_encode_wide(wa_g722_t *g, const int16_t *in, size_t n, uint8_t *out)
{
	int sum[2];

	for(size_t i = 0; i < n; i++) {
		unsigned lower, upper;

		pass(g, in[2 * i], in[2 * i + 1], sum);
		lower = encode(&g->lower, (sum[0] + sum[1]) >> 14);
		upper = encode_upper(&g->upper, (sum[1] - sum[0]) >> 14);
		out[i] = (uint8_t)(upper << 6 | lower);
	}
}

void wa_g722_decode_wide(wa_g722_t *g, const uint8_t *in, size_t n, int16_t *out)
{
	int sum[2];

	for(size_t i = 0; i < n; i++) {
		int lower = decode(&g->lower, in[i] & 0x3f);
		int upper = decode_upper(&g->upper, in[i] >> 6);

		pass(g, lower + upper, lower - upper, sum);
		out[2 * i] = (int16_t)saturated(sum[1] >> 11);
		out[2 * i + 1] = (int16_t)saturated(sum[0] >> 11);
	}
}
