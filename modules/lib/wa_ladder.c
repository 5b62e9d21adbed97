/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "wa_ladder.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#define MIN 64
#define MAX (4 * 1024 * 1024)

typedef struct place
{
	_Atomic uint64_t turn; /* 0: being written, or never was */
	uint64_t call;
	wa_step_t step;
} place_t;

struct wa_ladder
{
	unsigned max;
	uint64_t seed;
	_Atomic uint64_t count;
	place_t places[];
};

size_t wa_ladder_size(unsigned max)
{
	return max < MIN || max > MAX
				   ? 0
				   : sizeof(wa_ladder_t) + max * sizeof(place_t);
}

wa_ladder_t *wa_ladder_init(void *block, unsigned max, uint64_t seed)
{
	wa_ladder_t *l = block;

	memset(block, 0, wa_ladder_size(max));
	l->max = max;
	l->seed = seed;
	return l;
}

/* FNV-1a with a seed, mixed at the end. */
static uint64_t hash(const wa_ladder_t *l, wa_sv_t v)
{
	uint64_t h = 14695981039346656037ULL ^ l->seed;

	for(size_t i = 0; i < v.len; i++)
		h = (h ^ (unsigned char)v.s[i]) * 1099511628211ULL;
	h ^= h >> 32;
	h *= 0xd6e8feb86659fd93ULL;
	return h ^ (h >> 32);
}

void wa_ladder_put(wa_ladder_t *l, wa_sv_t call_id, const wa_step_t *step)
{
	uint64_t turn = atomic_fetch_add(&l->count, 1) + 1;
	place_t *p = &l->places[(turn - 1) % l->max];

	atomic_store(&p->turn, 0);
	atomic_thread_fence(memory_order_release);
	p->call = hash(l, call_id);
	p->step = *step;
	atomic_store_explicit(&p->turn, turn, memory_order_release);
}

/* A copy of a place; false: empty, or it changed meanwhile. */
static bool copy(const place_t *p, uint64_t *call, wa_step_t *step)
{
	uint64_t before = atomic_load_explicit(&p->turn, memory_order_acquire);

	*call = p->call;
	*step = p->step;
	atomic_thread_fence(memory_order_acquire);
	return before != 0
		   && atomic_load_explicit(&p->turn, memory_order_relaxed) == before;
}

static bool is_one_of(uint64_t call, const uint64_t *wanted, size_t n)
{
	for(size_t i = 0; i < n; i++)
		if(wanted[i] == call)
			return true;
	return false;
}

/* Puts it where its time belongs; what came last is mostly the latest. */
static size_t insert(
		wa_step_t *out, size_t n, size_t max, const wa_step_t *step)
{
	size_t at = n;

	while(at > 0 && out[at - 1].at > step->at)
		at--;
	if(at == max)
		return n;
	if(n == max)
		n--;
	memmove(&out[at + 1], &out[at], (n - at) * sizeof(*out));
	out[at] = *step;
	return n + 1;
}

size_t wa_ladder_find(const wa_ladder_t *l, const wa_sv_t *call_ids, size_t n,
		wa_step_t *out, size_t max)
{
	uint64_t wanted[4], call, count = atomic_load(&l->count);
	size_t found = 0;
	wa_step_t step;

	if(n > sizeof(wanted) / sizeof(wanted[0]))
		n = sizeof(wanted) / sizeof(wanted[0]);
	for(size_t i = 0; i < n; i++)
		wanted[i] = hash(l, call_ids[i]);
	/* from the oldest on */
	for(unsigned i = 0; i < l->max; i++) {
		const place_t *p = &l->places[(count + i) % l->max];

		if(!is_one_of(p->call, wanted, n) || !copy(p, &call, &step)
				|| !is_one_of(call, wanted, n))
			continue;
		found = insert(out, found, max, &step);
	}
	return found;
}

uint64_t wa_ladder_count(const wa_ladder_t *l)
{
	return atomic_load(&l->count);
}
