/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "wa_calls_table.h"

#include <string.h>

#include "wa_err.h"
#include "wa_rate.h"

#define MAX 65536
#define GONE_SIZE 8192 /* calls that were here: a power of two */
#define RATE_SIZE 1024
#define NONE UINT32_MAX
#define KEYS 3		/* of a call */
#define KEYS_HERE 4 /* and room for some that are at 0 and have to be told yet */

/* What limits are counted by. */
typedef struct keys
{
	uint64_t number, trunk, pair; /* 0 = unused slot */
} keys_t;

struct wa_calls
{
	unsigned max;
	unsigned count;
	unsigned high; /* slots from here on were never used */
	uint32_t free; /* list of those that were */
	uint32_t buckets; /* a power of two */
	uint64_t seed;
	wa_rate_t rate;
	wa_call_t *calls;
	keys_t *keys;
	wa_usage_t *usage;
	uint32_t *next; /* in the bucket, or in the list of free slots */
	uint32_t *head;
	uint64_t *gone;
};

static uint32_t buckets_for(unsigned max)
{
	uint32_t n = 16;

	while(n < max)
		n *= 2;
	return n;
}

static size_t usage_size(const wa_calls_room_t *room)
{
	return wa_usage_size(KEYS_HERE * room->max, KEYS * room->others);
}

size_t wa_calls_size(const wa_calls_room_t *room)
{
	unsigned max = room->max;

	if(max == 0 || max > MAX)
		return 0;
	return sizeof(struct wa_calls) + RATE_SIZE * sizeof(wa_rate_slot_t)
		   + GONE_SIZE * sizeof(uint64_t) + usage_size(room)
		   + max * (sizeof(wa_call_t) + sizeof(keys_t) + sizeof(uint32_t))
		   + buckets_for(max) * sizeof(uint32_t);
}

wa_calls_t *wa_calls_init(void *block, const wa_calls_room_t *room, uint64_t seed)
{
	wa_calls_t *t = block;
	unsigned max = room->max;
	char *p = (char *)(t + 1);

	memset(block, 0, wa_calls_size(room));
	t->max = max;
	t->seed = seed;
	t->free = NONE;
	t->buckets = buckets_for(max);
	/* what is aligned widest comes first */
	t->calls = (wa_call_t *)(void *)p;
	p += max * sizeof(wa_call_t);
	t->keys = (keys_t *)(void *)p;
	p += max * sizeof(keys_t);
	t->usage = wa_usage_init(p, KEYS_HERE * max, KEYS * room->others, room->lease);
	p += usage_size(room);
	t->rate = (wa_rate_t){RATE_SIZE, (wa_rate_slot_t *)(void *)p};
	p += RATE_SIZE * sizeof(wa_rate_slot_t);
	t->gone = (uint64_t *)(void *)p;
	p += GONE_SIZE * sizeof(uint64_t);
	t->next = (uint32_t *)(void *)p;
	p += max * sizeof(uint32_t);
	t->head = (uint32_t *)(void *)p;
	for(uint32_t i = 0; i < t->buckets; i++)
		t->head[i] = NONE;
	return t;
}

/* FNV-1a with a seed, mixed at the end; never 0. */
static uint64_t hash(const wa_calls_t *t, wa_sv_t a, wa_sv_t b)
{
	uint64_t h = 14695981039346656037ULL ^ t->seed;

	for(size_t i = 0; i < a.len + 1 + b.len; i++) {
		unsigned char c = i < a.len	   ? (unsigned char)a.s[i]
						  : i == a.len ? 0
									   : (unsigned char)b.s[i - a.len - 1];

		h = (h ^ c) * 1099511628211ULL;
	}
	h ^= h >> 32;
	h *= 0xd6e8feb86659fd93ULL;
	h ^= h >> 32;
	return h != 0 ? h : 1;
}

static uint64_t key_of(const char *kind, wa_sv_t name)
{
	return wa_usage_key(wa_sv_from(kind), name, WA_SV(""));
}

static uint64_t hash_call(const wa_calls_t *t, wa_sv_t call, wa_sv_t dir)
{
	return hash(t, call, dir);
}

static unsigned place(const wa_calls_t *t, const wa_call_t *c)
{
	return (unsigned)(c - t->calls);
}

/* --- limits ---------------------------------------------------------------- */

static const char *over_rate(
		const wa_calls_t *t, const wa_calls_limits_t *l, const keys_t *k, int64_t s)
{
	if(l->number_cps > 0
			&& wa_rate_get(&t->rate, k->number, s) >= l->number_cps)
		return "limit_rate_number";
	if(l->trunk_cps > 0 && wa_rate_get(&t->rate, k->trunk, s) >= l->trunk_cps)
		return "limit_rate_trunk";
	return NULL;
}

static const char *over_calls(
		const wa_calls_t *t, const wa_calls_limits_t *l, const keys_t *k)
{
	if(l->one_per_pair != 0 && wa_usage_all(t->usage, k->pair) > 0)
		return "limit_pair";
	if(l->number_calls > 0 && wa_usage_all(t->usage, k->number) >= l->number_calls)
		return "limit_number";
	if(l->trunk_calls > 0 && wa_usage_all(t->usage, k->trunk) >= l->trunk_calls)
		return "limit_trunk";
	return t->count >= t->max ? "limit_node" : NULL;
}

static keys_t keys_of(const wa_call_t *c)
{
	return (keys_t){key_of("number", wa_sv_from(c->number)),
			key_of("trunk", wa_sv_from(c->trunk)),
			wa_usage_key(WA_SV("pair"), wa_sv_from(c->number), wa_sv_from(c->peer))};
}

static int put(wa_calls_t *t, const wa_call_t *c, const keys_t *k, bool begun);

int wa_calls_admit(wa_calls_t *t, const wa_call_t *c,
		const wa_calls_limits_t *limits, int64_t now, const char **cause)
{
	keys_t k = keys_of(c);

	/* RFC 3261 8.2.2.2: its way here forked, or led around; back out again too, for
	 * media knows a call by its Call-ID alone */
	if(wa_calls_find(t, wa_sv_from(c->call), (wa_sv_t){NULL, 0}) != NULL)
		*cause = "call_id_in_use";
	else
		*cause = over_calls(t, limits, &k);
	if(*cause == NULL)
		*cause = over_rate(t, limits, &k, now / 1000);
	if(*cause != NULL)
		return WA_EBUSY;
	wa_rate_add(&t->rate, k.number, now / 1000, 1);
	wa_rate_add(&t->rate, k.trunk, now / 1000, 1);
	return put(t, c, &k, true);
}

void wa_calls_begun(wa_calls_t *t, uint64_t key, uint32_t n, int64_t now)
{
	wa_rate_add(&t->rate, key, now / 1000, n);
}

/* --- slots ----------------------------------------------------------------- */

static uint32_t take_slot(wa_calls_t *t)
{
	uint32_t i = t->free;

	if(i != NONE)
		t->free = t->next[i];
	else if(t->high < t->max)
		i = t->high++;
	return i;
}

static int put(wa_calls_t *t, const wa_call_t *c, const keys_t *k, bool begun)
{
	uint32_t i = take_slot(t), *head;

	if(i == NONE)
		return WA_EBUSY;
	t->calls[i] = *c;
	t->keys[i] = *k;
	wa_usage_add(t->usage, k->number, begun);
	wa_usage_add(t->usage, k->trunk, begun);
	wa_usage_add(t->usage, k->pair, false);
	head = &t->head[hash_call(t, wa_sv_from(c->call), wa_sv_from(c->dir))
					& (t->buckets - 1)];
	t->next[i] = *head;
	*head = i;
	t->count++;
	return 0;
}

int wa_calls_put(wa_calls_t *t, const wa_call_t *c)
{
	keys_t k = keys_of(c);

	return put(t, c, &k, false);
}

static wa_call_t *find(wa_calls_t *t, wa_sv_t call, wa_sv_t dir)
{
	uint32_t i = t->head[hash_call(t, call, dir) & (t->buckets - 1)];

	while(i != NONE
			&& (!wa_sv_eq(wa_sv_from(t->calls[i].call), call)
					|| !wa_sv_eq(wa_sv_from(t->calls[i].dir), dir)))
		i = t->next[i];
	return i != NONE ? &t->calls[i] : NULL;
}

wa_call_t *wa_calls_find(wa_calls_t *t, wa_sv_t call, wa_sv_t dir)
{
	wa_call_t *c;

	/* as it was stored */
	if(call.len >= sizeof(c->call))
		call.len = sizeof(c->call) - 1;
	if(dir.len > 0)
		return find(t, call, dir);
	c = find(t, call, WA_SV("in"));
	return c != NULL ? c : find(t, call, WA_SV("out"));
}

wa_call_t *wa_calls_find_id(wa_calls_t *t, wa_sv_t id)
{
	wa_call_t *c;

	for(unsigned at = 0; (c = wa_calls_next(t, &at)) != NULL;)
		if(wa_sv_eq(wa_sv_from(c->id), id))
			return c;
	return NULL;
}

static void note_gone(wa_calls_t *t, uint64_t hash)
{
	t->gone[hash & (GONE_SIZE - 1)] = hash;
}

void wa_calls_remove(wa_calls_t *t, wa_call_t *c)
{
	uint64_t h = hash_call(t, wa_sv_from(c->call), wa_sv_from(c->dir));
	uint32_t *p = &t->head[h & (t->buckets - 1)], i = place(t, c);

	while(*p != NONE && *p != i)
		p = &t->next[*p];
	if(*p == NONE)
		return;
	*p = t->next[i];
	note_gone(t, h);
	wa_usage_drop(t->usage, t->keys[i].number);
	wa_usage_drop(t->usage, t->keys[i].trunk);
	wa_usage_drop(t->usage, t->keys[i].pair);
	t->keys[i] = (keys_t){0, 0, 0};
	t->next[i] = t->free;
	t->free = i;
	t->count--;
}

void wa_calls_note_gone(wa_calls_t *t, const wa_call_t *c)
{
	note_gone(t, hash_call(t, wa_sv_from(c->call), wa_sv_from(c->dir)));
}

bool wa_calls_was_here(const wa_calls_t *t, wa_sv_t call, wa_sv_t dir)
{
	uint64_t h;

	if(call.len >= sizeof(((wa_call_t *)0)->call))
		call.len = sizeof(((wa_call_t *)0)->call) - 1;
	h = hash_call(t, call, dir);
	return t->gone[h & (GONE_SIZE - 1)] == h;
}

wa_call_t *wa_calls_next(wa_calls_t *t, unsigned *at)
{
	while(*at < t->high) {
		unsigned i = (*at)++;

		if(t->keys[i].number != 0)
			return &t->calls[i];
	}
	return NULL;
}

unsigned wa_calls_count(const wa_calls_t *t)
{
	return t->count;
}

unsigned wa_calls_of_number(const wa_calls_t *t, wa_sv_t number)
{
	return wa_usage_here(t->usage, key_of("number", number));
}

unsigned wa_calls_of_trunk(const wa_calls_t *t, wa_sv_t trunk)
{
	return wa_usage_here(t->usage, key_of("trunk", trunk));
}

wa_usage_t *wa_calls_usage(wa_calls_t *t)
{
	return t->usage;
}
