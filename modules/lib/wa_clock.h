/* The clock that nobody sets.
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef WA_CLOCK_H
#define WA_CLOCK_H

#include <stdint.h>
#include <time.h>

/** Milliseconds of CLOCK_MONOTONIC, the same in all processes of the host. */
static inline int64_t wa_clock_ms(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (int64_t)ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
}

#endif
