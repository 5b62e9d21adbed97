/* How often in this second: a small table of counters by key.
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Memory and lock are the caller's. Where the table is too small for all keys of
 * one second, the one that was counted least gives way: a limit may then be
 * passed, never a call be refused that is within it.
 */
#ifndef WA_RATE_H
#define WA_RATE_H

#include <stddef.h>
#include <stdint.h>

typedef struct wa_rate_slot
{
	uint64_t key;
	int64_t second;
	uint32_t count;
} wa_rate_slot_t;

typedef struct wa_rate
{
	size_t n; /* a power of two */
	wa_rate_slot_t *slots;
} wa_rate_t;

/** How often `key` was counted in that second. */
uint32_t wa_rate_get(const wa_rate_t *r, uint64_t key, int64_t second);

/** Counts it `n` times more. */
void wa_rate_add(wa_rate_t *r, uint64_t key, int64_t second, uint32_t n);

#endif
