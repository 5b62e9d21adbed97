/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "wa_backoff.h"

/* `n` scaled by rnd / 2^32, in steps that do not overflow for any n < 2^32 ms. */
static uint64_t fraction(uint64_t n, uint32_t rnd)
{
	if(n > UINT32_MAX)
		n = UINT32_MAX;
	return (n * rnd) >> 32;
}

uint64_t wa_backoff(unsigned failures, uint64_t base, uint64_t max, uint32_t rnd)
{
	uint64_t delay = base < max ? base : max;

	for(unsigned i = 1; i < failures && delay < max; i++)
		delay = delay > max / 2 ? max : delay * 2;
	return delay - delay / 2 + fraction(delay / 2, rnd);
}

uint64_t wa_jitter(uint64_t period, uint32_t rnd)
{
	return period - period / 10 + fraction(period / 5, rnd);
}
