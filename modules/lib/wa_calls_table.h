/* The calls that are there now: look-up, limits, states.
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * In one block of memory that is the caller's, as is the lock around every
 * function. Nothing waits, nothing allocates. Soft state: a call that is not in
 * here goes on all the same.
 */
#ifndef WA_CALLS_TABLE_H
#define WA_CALLS_TABLE_H

#include "wa_call.h"

typedef struct wa_calls wa_calls_t;

/* 0 = no limit. */
typedef struct wa_calls_limits
{
	uint32_t number_calls, trunk_calls;
	uint32_t number_cps, trunk_cps;
	uint32_t one_per_pair; /* 1 = a pair has one call at once */
} wa_calls_limits_t;

/** Octets for a table of `max` calls; 0 if that is out of range (1 to 65536). */
size_t wa_calls_size(unsigned max);

/** An empty table in `block`, aligned as malloc() does it. `seed` keeps others
 * from choosing Call-IDs that collide. */
wa_calls_t *wa_calls_init(void *block, unsigned max, uint64_t seed);

/** Enters a call that may go on, by its `call` and `dir`. Returns 0, or WA_EBUSY
 * and `*cause`, a code of the dictionary. `now` is in ms. */
int wa_calls_admit(wa_calls_t *t, const wa_call_t *c,
		const wa_calls_limits_t *limits, int64_t now, const char **cause);

/** Enters a call without asking for limits: one that the journal remembers.
 * Returns 0 or WA_EBUSY (full). */
int wa_calls_put(wa_calls_t *t, const wa_call_t *c);

/** The call, to read and to change; NULL: there is none. `dir` may be empty. It
 * is valid until it is removed. */
wa_call_t *wa_calls_find(wa_calls_t *t, wa_sv_t call, wa_sv_t dir);
wa_call_t *wa_calls_find_id(wa_calls_t *t, wa_sv_t id);

/** Takes a call out. It is remembered for a while that it was here. */
void wa_calls_remove(wa_calls_t *t, wa_call_t *c);

/** Has a call of that name been here not long ago? */
bool wa_calls_was_here(const wa_calls_t *t, wa_sv_t call, wa_sv_t dir);

/** The next call in the table from place `*at` on (0 = the first), which is moved
 * behind it. NULL: no more. */
wa_call_t *wa_calls_next(wa_calls_t *t, unsigned *at);

unsigned wa_calls_count(const wa_calls_t *t);

/** Calls of a number, or through a trunk, now. */
unsigned wa_calls_of_number(const wa_calls_t *t, wa_sv_t number);
unsigned wa_calls_of_trunk(const wa_calls_t *t, wa_sv_t trunk);

#endif
