/* How long things take, or how good they are: counts per bucket, as Prometheus
 * has them. Everything in thousandths: of a second, of a point of MOS, of one.
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef WA_HISTOGRAM_H
#define WA_HISTOGRAM_H

#include <stdatomic.h>
#include <stdint.h>

#define WA_HISTOGRAM_BUCKETS 12

/* Upper bounds; what is above is in none but `count`. */
extern const int64_t wa_histogram_ms[WA_HISTOGRAM_BUCKETS];
extern const int64_t wa_histogram_mos[WA_HISTOGRAM_BUCKETS];
extern const int64_t wa_histogram_share[WA_HISTOGRAM_BUCKETS];
extern const int64_t wa_histogram_jitter[WA_HISTOGRAM_BUCKETS];

/* In memory that processes share, without a lock. */
typedef struct wa_histogram
{
	_Atomic uint64_t bucket[WA_HISTOGRAM_BUCKETS]; /* not cumulative */
	_Atomic uint64_t count;
	_Atomic uint64_t sum;
} wa_histogram_t;

/** Counts one in buckets with these bounds, always the same ones; below 0 counts
 * as 0. */
void wa_histogram_put(wa_histogram_t *h,
		const int64_t bounds[WA_HISTOGRAM_BUCKETS], int64_t value);

/** The same with wa_histogram_ms. */
void wa_histogram_add(wa_histogram_t *h, int64_t ms);

#endif
