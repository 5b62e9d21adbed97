/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "wa_histogram.h"

const int64_t wa_histogram_ms[WA_HISTOGRAM_BUCKETS] = {10, 25, 50, 100, 250,
		500, 1000, 2500, 5000, 10000, 30000, 60000};

void wa_histogram_add(wa_histogram_t *h, int64_t ms)
{
	if(ms < 0)
		ms = 0;
	for(int i = 0; i < WA_HISTOGRAM_BUCKETS; i++)
		if(ms <= wa_histogram_ms[i]) {
			atomic_fetch_add(&h->bucket[i], 1);
			break;
		}
	atomic_fetch_add(&h->sum_ms, (uint64_t)ms);
	atomic_fetch_add(&h->count, 1);
}
