/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "wa_g711.h"

/* Both laws: a sign, three bits of exponent, four of mantissa. Values here have 14
 * bits (PCMU) and are the middle of their step; PCMA has 13 bits, times two. */
#define BIAS 33
#define ULAW_MAX 8158
#define ALAW_MAX 4095

static int ulaw_value(uint8_t octet)
{
	unsigned u = (uint8_t)~octet, exponent = u >> 4 & 7;
	int v = (int)(((u & 15) * 2 + BIAS) << exponent) - BIAS;

	return u & 0x80 ? -v : v;
}

static int alaw_value(uint8_t octet)
{
	unsigned a = octet ^ 0x55, exponent = a >> 4 & 7;
	int v = (int)((a & 15) * 2 + 1);

	if(exponent > 0)
		v = (v + 32) << (exponent - 1);
	/* here the set bit is the positive sign */
	return a & 0x80 ? v * 2 : -v * 2;
}

static uint8_t ulaw_octet(int value)
{
	unsigned sign = value < 0 ? 0x80 : 0, exponent = 0;
	unsigned v = (unsigned)(value < 0 ? -value : value);

	if(v > ULAW_MAX)
		v = ULAW_MAX;
	v += BIAS;
	while(v >> exponent > 63)
		exponent++;
	return (uint8_t)~(sign | exponent << 4 | ((v >> (exponent + 1)) & 15));
}

static uint8_t alaw_octet(int value)
{
	unsigned sign = value < 0 ? 0 : 0x80, exponent = 0;
	unsigned v = (unsigned)(value < 0 ? -value : value) / 2;

	if(v > ALAW_MAX)
		v = ALAW_MAX;
	while(v >> exponent > 63)
		exponent++;
	/* the first two steps are of one size */
	if(v > 31)
		exponent++;
	return (uint8_t)((sign | exponent << 4 | ((v >> (exponent > 1 ? exponent : 1)) & 15)) ^ 0x55);
}

void wa_g711_convert(uint8_t *p, size_t len, enum wa_codec from)
{
	for(size_t i = 0; i < len; i++)
		p[i] = from == WA_CODEC_PCMU ? alaw_octet(ulaw_value(p[i]))
									 : ulaw_octet(alaw_value(p[i]));
}

void wa_g711_decode(const uint8_t *in, size_t n, enum wa_codec law, int16_t *out)
{
	for(size_t i = 0; i < n; i++)
		out[i] = (int16_t)(4 * (law == WA_CODEC_PCMU ? ulaw_value(in[i]) : alaw_value(in[i])));
}

void wa_g711_encode(const int16_t *in, size_t n, enum wa_codec law, uint8_t *out)
{
	for(size_t i = 0; i < n; i++)
		out[i] = law == WA_CODEC_PCMU ? ulaw_octet(in[i] / 4) : alaw_octet(in[i] / 4);
}
