/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "wa_strikes.h"

#include <stdio.h>
#include <string.h>

#define WAYS 8
#define ENTRIES_MAX 1048576u

struct wa_strikes
{
	unsigned n_sets; /* a power of two */
	uint64_t seed;
	wa_source_t e[];
};

static unsigned sets_for(unsigned entries)
{
	unsigned n = 1;

	while(n * WAYS < entries)
		n *= 2;
	return n;
}

size_t wa_strikes_size(unsigned entries)
{
	if(entries == 0 || entries > ENTRIES_MAX)
		return 0;
	return sizeof(wa_strikes_t)
		   + (size_t)sets_for(entries) * WAYS * sizeof(wa_source_t);
}

wa_strikes_t *wa_strikes_init(void *block, unsigned entries, uint64_t seed)
{
	wa_strikes_t *t = block;

	memset(block, 0, wa_strikes_size(entries));
	t->n_sets = sets_for(entries);
	t->seed = seed;
	return t;
}

/* splitmix64 over both halves */
static uint64_t mix(uint64_t h)
{
	h = (h ^ h >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
	h = (h ^ h >> 27) * UINT64_C(0x94d049bb133111eb);
	return h ^ h >> 31;
}

static wa_source_t *set_of(wa_strikes_t *t, const wa_addr_t *a)
{
	uint64_t half[2];

	memcpy(half, a->b, sizeof(half));
	return &t->e[(mix(mix(half[0] ^ t->seed) ^ half[1]) & (t->n_sets - 1))
				 * WAYS];
}

static wa_source_t *find(wa_strikes_t *t, const wa_addr_t *a)
{
	wa_source_t *set = set_of(t, a);

	for(unsigned i = 0; i < WAYS; i++)
		if(set[i].seen != 0 && memcmp(&set[i].addr, a, sizeof(*a)) == 0)
			return &set[i];
	return NULL;
}

/* Who is forgotten first has the lowest worth. */
static int64_t worth(const wa_source_t *s, int64_t now)
{
	if(s->seen == 0)
		return INT64_MIN;
	if(s->trusted_until > now)
		return INT64_MAX / 2 + s->seen;
	return s->banned_until > now ? INT64_MAX / 4 + s->seen : s->seen;
}

static wa_source_t *place(wa_strikes_t *t, const wa_addr_t *a, int64_t now)
{
	wa_source_t *s = find(t, a), *set = set_of(t, a);

	if(s == NULL) {
		s = set;
		for(unsigned i = 1; i < WAYS; i++)
			if(worth(&set[i], now) < worth(s, now))
				s = &set[i];
		*s = (wa_source_t){.addr = *a};
	}
	s->seen = now;
	return s;
}

unsigned wa_strikes_request(wa_strikes_t *t, const wa_addr_t *a, int64_t now)
{
	wa_source_t *s = place(t, a, now);

	if(s->second != now) {
		s->second = now;
		s->requests = 0;
	}
	return ++s->requests;
}

static void set_reason(wa_source_t *s, const char *reason)
{
	if(snprintf(s->reason, sizeof(s->reason), "%s", reason) < 0)
		s->reason[0] = '\0';
}

bool wa_strikes_add(wa_strikes_t *t, const wa_addr_t *a, int64_t now,
		unsigned weight, unsigned window, unsigned limit, int64_t secs,
		const char *reason)
{
	wa_source_t *s = place(t, a, now);

	if(now >= s->since + window) {
		s->since = now;
		s->strikes = 0;
	}
	s->strikes += weight;
	set_reason(s, reason);
	if(s->strikes < limit || s->trusted_until > now)
		return false;
	s->banned_until = now + secs;
	s->strikes = 0;
	return true;
}

void wa_strikes_ban(wa_strikes_t *t, const wa_addr_t *a, int64_t now,
		int64_t secs, const char *reason)
{
	wa_source_t *s = place(t, a, now);

	s->banned_until = now + secs;
	set_reason(s, reason);
}

void wa_strikes_trust(
		wa_strikes_t *t, const wa_addr_t *a, int64_t now, int64_t secs)
{
	place(t, a, now)->trusted_until = now + secs;
}

bool wa_strikes_is_banned(wa_strikes_t *t, const wa_addr_t *a, int64_t now)
{
	const wa_source_t *s = find(t, a);

	return s != NULL && s->banned_until > now;
}

bool wa_strikes_is_trusted(wa_strikes_t *t, const wa_addr_t *a, int64_t now)
{
	const wa_source_t *s = find(t, a);

	return s != NULL && s->trusted_until > now;
}

bool wa_strikes_forget(wa_strikes_t *t, const wa_addr_t *a)
{
	wa_source_t *s = find(t, a);

	if(s != NULL)
		*s = (wa_source_t){.seen = 0};
	return s != NULL;
}

size_t wa_strikes_list(const wa_strikes_t *t, enum wa_strikes_what what,
		int64_t now, wa_source_t *out, size_t max)
{
	size_t n = 0;

	for(size_t i = 0; i < (size_t)t->n_sets * WAYS && n < max; i++) {
		const wa_source_t *s = &t->e[i];
		int64_t until = what == WA_STRIKES_BANNED ? s->banned_until
												  : s->trusted_until;

		if(s->seen != 0 && until > now)
			out[n++] = *s;
	}
	return n;
}
