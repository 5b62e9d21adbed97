/* How long things take: counts per bucket, as Prometheus has them.
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef WA_HISTOGRAM_H
#define WA_HISTOGRAM_H

#include <stdatomic.h>
#include <stdint.h>

#define WA_HISTOGRAM_BUCKETS 12

/* Upper bounds in ms; what is longer is in none but `count`. */
extern const int64_t wa_histogram_ms[WA_HISTOGRAM_BUCKETS];

/* In memory that processes share, without a lock. */
typedef struct wa_histogram
{
	_Atomic uint64_t bucket[WA_HISTOGRAM_BUCKETS]; /* not cumulative */
	_Atomic uint64_t count;
	_Atomic uint64_t sum_ms;
} wa_histogram_t;

/** Counts one; a negative time counts as 0. */
void wa_histogram_add(wa_histogram_t *h, int64_t ms);

#endif
