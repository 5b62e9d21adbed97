/* Suspicious patterns of calls: how much of what in a window of time.
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Counted per key, a business number or a trunk. Memory and lock are the
 * caller's. Where there are more keys than places, the one that was counted
 * longest ago gives way, unless it is blocked.
 */
#ifndef WA_PATTERN_H
#define WA_PATTERN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "wa_sv.h"

enum wa_pattern
{
	WA_PATTERN_NEW_USERS,	  /* users that were not called before */
	WA_PATTERN_SHORT_CALLS,	  /* answered, and over at once */
	WA_PATTERN_REFUSALS,	  /* refused, failed */
	WA_PATTERN_AUTH_FAILURES, /* wrong credentials, either way */
	WA_PATTERN_OFF_HOURS,	  /* calls of the business outside its hours */
	WA_PATTERNS
};

/** "new_users", "short_calls", ... */
const char *wa_pattern_name(enum wa_pattern p);

#define WA_PATTERN_PLACES 2048
#define WA_PATTERN_PAIRS 16384 /* pairs that are remembered, about */

typedef struct wa_pattern_key
{
	char name[64]; /* "" = unused */
	bool trunk;	   /* else a number */
	int64_t window; /* when the present window began, s */
	int64_t seen;
	int64_t blocked_until; /* s */
	uint32_t n[WA_PATTERNS];
} wa_pattern_key_t;

typedef struct wa_patterns
{
	uint64_t seed;
	wa_pattern_key_t keys[WA_PATTERN_PLACES];
	uint64_t pairs[WA_PATTERN_PAIRS];
} wa_patterns_t;

/* 0 = off. */
typedef struct wa_pattern_limits
{
	uint32_t window; /* s */
	uint32_t most[WA_PATTERNS];
	uint32_t block; /* s that a key is blocked for, 0 = it is only told */
	uint32_t open, close; /* hours, as hhmm; equal = there are none */
} wa_pattern_limits_t;

/** Counts one. True: just now there are more in this window than there may be
 * (once per window); with `block` the key is blocked from now on. */
bool wa_pattern_count(wa_patterns_t *t, wa_sv_t name, bool trunk,
		enum wa_pattern p, const wa_pattern_limits_t *l, int64_t now);

bool wa_pattern_is_blocked(
		const wa_patterns_t *t, wa_sv_t name, bool trunk, int64_t now);

/** Is it outside the hours at `hhmm` (0 to 2359)? Hours may go over midnight. */
bool wa_pattern_is_off(const wa_pattern_limits_t *l, uint32_t hhmm);

/** Ends a block. Returns 0 or WA_ENOENT. */
int wa_pattern_unblock(wa_patterns_t *t, wa_sv_t name, bool trunk);

/** Is it the first call of this pair, as far as that is remembered? From now on
 * it is not. */
bool wa_pattern_is_new(wa_patterns_t *t, wa_sv_t number, wa_sv_t user);

#endif
