/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "wa_replay.h"

#include <stdbool.h>
#include <string.h>

#include "wa_err.h"

#define WAYS 8
#define ENTRIES_MAX 16777216u

typedef struct entry
{
	wa_nonce_id_t id; /* issued 0: free */
	uint32_t top;	  /* highest nc used */
	uint64_t below;	  /* bit i: nc top - 1 - i was used */
} entry_t;

typedef struct set
{
	uint32_t floor; /* issue time of the youngest that was forgotten alive */
	entry_t e[WAYS];
} set_t;

struct wa_replay
{
	unsigned n_sets; /* a power of two */
	unsigned lifetime;
	uint64_t evicted;
	set_t sets[];
};

static unsigned sets_for(unsigned entries)
{
	unsigned n = 1;

	while(n * WAYS < entries)
		n *= 2;
	return n;
}

size_t wa_replay_size(unsigned entries)
{
	if(entries == 0 || entries > ENTRIES_MAX)
		return 0;
	return sizeof(wa_replay_t) + sets_for(entries) * sizeof(set_t);
}

wa_replay_t *wa_replay_init(void *block, unsigned entries, unsigned lifetime)
{
	wa_replay_t *t = block;

	memset(block, 0, wa_replay_size(entries));
	t->n_sets = sets_for(entries);
	t->lifetime = lifetime;
	return t;
}

/* The random part of a nonce is spread evenly, and signed: nobody else can
 * choose it. */
static set_t *set_of(wa_replay_t *t, const wa_nonce_id_t *id)
{
	uint32_t h;

	memcpy(&h, id->random, sizeof(h));
	return &t->sets[h & (t->n_sets - 1)];
}

/* Of a time that this clock, or another node's, cannot have by now: somebody has
 * put the clock back. wa_nonce_check() takes no such nonce. */
static bool is_ahead(uint32_t issued, time_t now)
{
	return (int64_t)issued > (int64_t)now + WA_NONCE_SKEW;
}

static bool is_alive(const wa_replay_t *t, const entry_t *e, time_t now)
{
	return e->id.issued != 0 && !is_ahead(e->id.issued, now)
		   && (int64_t)now <= (int64_t)e->id.issued + t->lifetime;
}

/* Free or expired if there is one, else the oldest: it expires first, which
 * keeps the floor low. */
static entry_t *victim(wa_replay_t *t, set_t *set, time_t now)
{
	entry_t *oldest = &set->e[0];

	for(unsigned i = 0; i < WAYS; i++) {
		if(!is_alive(t, &set->e[i], now))
			return &set->e[i];
		if(set->e[i].id.issued < oldest->id.issued)
			oldest = &set->e[i];
	}
	t->evicted++;
	if(oldest->id.issued > set->floor)
		set->floor = oldest->id.issued;
	return oldest;
}

static int use_known(entry_t *e, uint32_t nc)
{
	uint32_t behind;

	if(nc > e->top) {
		uint32_t ahead = nc - e->top;

		e->below = ahead > 64 ? 0
							  : (ahead < 64 ? e->below << ahead : 0)
										| UINT64_C(1) << (ahead - 1);
		e->top = nc;
		return 0;
	}
	behind = e->top - nc;
	if(behind == 0 || behind > 64
			|| (e->below & UINT64_C(1) << (behind - 1)) != 0)
		return WA_EREPLAY;
	e->below |= UINT64_C(1) << (behind - 1);
	return 0;
}

int wa_replay_use(
		wa_replay_t *t, const wa_nonce_id_t *id, uint32_t nc, time_t now)
{
	set_t *set = set_of(t, id);
	entry_t *e;

	if(nc == 0)
		return WA_EREPLAY;
	for(unsigned i = 0; i < WAYS; i++)
		if(memcmp(&set->e[i].id, id, sizeof(*id)) == 0)
			return use_known(&set->e[i], nc);
	if(is_ahead(set->floor, now))
		set->floor = 0;
	if(id->issued <= set->floor)
		return WA_ESTALE;
	e = victim(t, set, now);
	*e = (entry_t){.id = *id, .top = nc};
	return 0;
}

void wa_replay_stats(const wa_replay_t *t, time_t now, wa_replay_stats_t *out)
{
	*out = (wa_replay_stats_t){
			.capacity = t->n_sets * WAYS, .evicted = t->evicted};
	for(unsigned s = 0; s < t->n_sets; s++)
		for(unsigned i = 0; i < WAYS; i++)
			out->used += is_alive(t, &t->sets[s].e[i], now);
}
