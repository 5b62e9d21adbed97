/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "wa_rate.h"

#define PROBES 8

static wa_rate_slot_t *probe(const wa_rate_t *r, uint64_t key, size_t i)
{
	return &r->slots[((size_t)(key ^ (key >> 32)) + i) & (r->n - 1)];
}

static size_t probes(const wa_rate_t *r)
{
	return r->n < PROBES ? r->n : PROBES;
}

uint32_t wa_rate_get(const wa_rate_t *r, uint64_t key, int64_t second)
{
	for(size_t i = 0; i < probes(r); i++) {
		const wa_rate_slot_t *s = probe(r, key, i);

		if(s->key == key && s->second == second)
			return s->count;
	}
	return 0;
}

void wa_rate_add(wa_rate_t *r, uint64_t key, int64_t second, uint32_t n)
{
	wa_rate_slot_t *best = probe(r, key, 0);

	for(size_t i = 0; i < probes(r); i++) {
		wa_rate_slot_t *s = probe(r, key, i);

		if(s->key == key && s->second == second) {
			s->count = n < UINT32_MAX - s->count ? s->count + n : UINT32_MAX;
			return;
		}
		if(best->second == second
				&& (s->second != second || s->count < best->count))
			best = s;
	}
	*best = (wa_rate_slot_t){key, second, n};
}
