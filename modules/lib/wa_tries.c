/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "wa_tries.h"

#include <stdbool.h>
#include <string.h>

#define WAYS 8
#define ENTRIES_MAX 16777216u

typedef struct entry
{
	uint64_t key;
	int64_t since;
	unsigned count; /* 0: free */
} entry_t;

struct wa_tries
{
	unsigned n_sets; /* a power of two */
	unsigned window;
	entry_t e[];
};

static unsigned sets_for(unsigned entries)
{
	unsigned n = 1;

	while(n * WAYS < entries)
		n *= 2;
	return n;
}

size_t wa_tries_size(unsigned entries)
{
	if(entries == 0 || entries > ENTRIES_MAX)
		return 0;
	return sizeof(wa_tries_t) + sets_for(entries) * WAYS * sizeof(entry_t);
}

wa_tries_t *wa_tries_init(void *block, unsigned entries, unsigned window)
{
	wa_tries_t *t = block;

	memset(block, 0, wa_tries_size(entries));
	t->n_sets = sets_for(entries);
	t->window = window;
	return t;
}

/* FNV-1a, 64 bits; the NUL keeps "1"+"23" and "12"+"3" apart. */
uint64_t wa_tries_key(wa_sv_t source, wa_sv_t number)
{
	uint64_t h = UINT64_C(0xcbf29ce484222325);

	for(size_t i = 0; i < source.len; i++)
		h = (h ^ (unsigned char)source.s[i]) * UINT64_C(0x100000001b3);
	h *= UINT64_C(0x100000001b3);
	for(size_t i = 0; i < number.len; i++)
		h = (h ^ (unsigned char)number.s[i]) * UINT64_C(0x100000001b3);
	return h;
}

static entry_t *set_of(wa_tries_t *t, uint64_t key)
{
	return &t->e[((key ^ key >> 32) & (t->n_sets - 1)) * WAYS];
}

static bool is_alive(const wa_tries_t *t, const entry_t *e, time_t now)
{
	return e->count > 0 && (int64_t)now <= e->since + t->window;
}

static entry_t *find(entry_t *set, uint64_t key)
{
	for(unsigned i = 0; i < WAYS; i++)
		if(set[i].count > 0 && set[i].key == key)
			return &set[i];
	return NULL;
}

static entry_t *victim(const wa_tries_t *t, entry_t *set, time_t now)
{
	entry_t *oldest = &set[0];

	for(unsigned i = 0; i < WAYS; i++) {
		if(!is_alive(t, &set[i], now))
			return &set[i];
		if(set[i].since < oldest->since)
			oldest = &set[i];
	}
	return oldest;
}

unsigned wa_tries_add(wa_tries_t *t, uint64_t key, time_t now)
{
	entry_t *set = set_of(t, key);
	entry_t *e = find(set, key);

	if(e == NULL)
		e = victim(t, set, now);
	if(e->key != key || !is_alive(t, e, now))
		*e = (entry_t){.key = key, .since = (int64_t)now};
	return ++e->count;
}

unsigned wa_tries_sum(wa_tries_t *t, uint64_t key, time_t now)
{
	const entry_t *e = find(set_of(t, key), key);

	return e != NULL && is_alive(t, e, now) ? e->count : 0;
}

void wa_tries_clear(wa_tries_t *t, uint64_t key)
{
	entry_t *e = find(set_of(t, key), key);

	if(e != NULL)
		*e = (entry_t){0};
}
