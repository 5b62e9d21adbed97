/* The settings process' clocks.
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef WA_SETTINGS_CLOCK_H
#define WA_SETTINGS_CLOCK_H

#include <stdint.h>
#include <time.h>

#include "../lib/wa_clock.h"

/** Milliseconds of the monotonic clock. */
static inline uint64_t wst_now_ms(void)
{
	return (uint64_t)wa_clock_ms();
}

/** The wall clock at a point of the monotonic one, for people. */
static inline time_t wst_wall(uint64_t ms)
{
	uint64_t now = wst_now_ms();

	return time(NULL) + (time_t)(ms > now ? (ms - now + 999) / 1000 : 0);
}

#endif
