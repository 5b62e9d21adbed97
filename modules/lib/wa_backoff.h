/* When to try again: exponential delays with jitter.
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Jitter keeps many numbers, or many nodes, from coming back at one moment.
 */
#ifndef WA_BACKOFF_H
#define WA_BACKOFF_H

#include <stdint.h>

/** Milliseconds until the next try after `failures` (1, 2, ...) in a row: `base`
 * doubled each time, at most `max`, of which the upper half is random. `rnd` is
 * any random number. Never 0 unless `base` is. */
uint64_t wa_backoff(unsigned failures, uint64_t base, uint64_t max, uint32_t rnd);

/** `period` give or take a tenth. */
uint64_t wa_jitter(uint64_t period, uint32_t rnd);

#endif
