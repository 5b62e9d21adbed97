/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "wa_pattern.h"

#include <string.h>

#include "wa_err.h"

#define PROBES 8

const char *wa_pattern_name(enum wa_pattern p)
{
	static const char *const names[WA_PATTERNS] = {
			"new_users", "short_calls", "refusals", "auth_failures", "off_hours"};

	return p < WA_PATTERNS ? names[p] : "unknown";
}

static uint64_t hash(uint64_t seed, wa_sv_t a, wa_sv_t b)
{
	uint64_t h = 14695981039346656037ULL ^ seed;

	for(size_t i = 0; i < a.len; i++)
		h = (h ^ (unsigned char)a.s[i]) * 1099511628211ULL;
	h *= 1099511628211ULL;
	for(size_t i = 0; i < b.len; i++)
		h = (h ^ (unsigned char)b.s[i]) * 1099511628211ULL;
	h ^= h >> 29;
	return h != 0 ? h : 1;
}

static bool is_key(const wa_pattern_key_t *k, wa_sv_t name, bool trunk)
{
	return k->trunk == trunk && wa_sv_eq(wa_sv_from(k->name), name);
}

/* The key's place; with `make` one is made for it, NULL if all are blocked. */
static wa_pattern_key_t *place(wa_patterns_t *t, wa_sv_t name, bool trunk,
		bool make, int64_t now)
{
	uint64_t h = hash(t->seed, name, trunk ? WA_SV("t") : WA_SV("n"));
	wa_pattern_key_t *oldest = NULL;

	if(name.len == 0 || name.len >= sizeof(oldest->name))
		return NULL;
	for(unsigned i = 0; i < PROBES; i++) {
		wa_pattern_key_t *k = &t->keys[(h + i) % WA_PATTERN_PLACES];

		if(is_key(k, name, trunk))
			return k;
		if(k->blocked_until <= now
				&& (oldest == NULL || k->seen < oldest->seen))
			oldest = k;
	}
	if(!make || oldest == NULL)
		return NULL;
	memset(oldest, 0, sizeof(*oldest));
	memcpy(oldest->name, name.s, name.len);
	oldest->trunk = trunk;
	return oldest;
}

bool wa_pattern_count(wa_patterns_t *t, wa_sv_t name, bool trunk,
		enum wa_pattern p, const wa_pattern_limits_t *l, int64_t now)
{
	wa_pattern_key_t *k;

	if(l->most[p] == 0)
		return false;
	k = place(t, name, trunk, true, now);
	if(k == NULL)
		return false;
	if(now - k->window >= (int64_t)l->window) {
		memset(k->n, 0, sizeof(k->n));
		k->window = now;
	}
	k->seen = now;
	if(k->n[p] < UINT32_MAX)
		k->n[p]++;
	if(k->n[p] != l->most[p] + 1)
		return false;
	if(l->block > 0)
		k->blocked_until = now + (int64_t)l->block;
	return true;
}

bool wa_pattern_is_blocked(
		const wa_patterns_t *t, wa_sv_t name, bool trunk, int64_t now)
{
	const wa_pattern_key_t *k =
			place((wa_patterns_t *)(uintptr_t)t, name, trunk, false, now);

	return k != NULL && k->blocked_until > now;
}

bool wa_pattern_is_off(const wa_pattern_limits_t *l, uint32_t hhmm)
{
	bool after_open = hhmm >= l->open, before_close = hhmm < l->close;

	if(l->open == l->close)
		return false;
	return l->open < l->close ? !(after_open && before_close)
							  : !(after_open || before_close);
}

int wa_pattern_unblock(wa_patterns_t *t, wa_sv_t name, bool trunk)
{
	wa_pattern_key_t *k = place(t, name, trunk, false, 0);

	if(k == NULL || k->blocked_until == 0)
		return WA_ENOENT;
	k->blocked_until = 0;
	memset(k->n, 0, sizeof(k->n));
	return 0;
}

bool wa_pattern_is_new(wa_patterns_t *t, wa_sv_t number, wa_sv_t user)
{
	uint64_t h = hash(t->seed, number, user);
	uint64_t *slot = &t->pairs[h % WA_PATTERN_PAIRS];
	bool known = *slot == h;

	*slot = h;
	return !known;
}
