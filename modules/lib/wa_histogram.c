/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "wa_histogram.h"

const int64_t wa_histogram_ms[WA_HISTOGRAM_BUCKETS] = {10, 25, 50, 100, 250,
		500, 1000, 2500, 5000, 10000, 30000, 60000};

const int64_t wa_histogram_mos[WA_HISTOGRAM_BUCKETS] = {1500, 2000, 2500, 2800,
		3100, 3300, 3500, 3700, 3900, 4100, 4300, 4500};

const int64_t wa_histogram_share[WA_HISTOGRAM_BUCKETS] = {
		0, 1, 2, 5, 10, 20, 30, 50, 100, 200, 500, 1000};

const int64_t wa_histogram_jitter[WA_HISTOGRAM_BUCKETS] = {
		1, 2, 5, 10, 15, 20, 30, 40, 50, 75, 100, 200};

void wa_histogram_put(wa_histogram_t *h,
		const int64_t bounds[WA_HISTOGRAM_BUCKETS], int64_t value)
{
	if(value < 0)
		value = 0;
	for(int i = 0; i < WA_HISTOGRAM_BUCKETS; i++)
		if(value <= bounds[i]) {
			atomic_fetch_add(&h->bucket[i], 1);
			break;
		}
	atomic_fetch_add(&h->sum, (uint64_t)value);
	atomic_fetch_add(&h->count, 1);
}

void wa_histogram_add(wa_histogram_t *h, int64_t ms)
{
	wa_histogram_put(h, wa_histogram_ms, ms);
}
