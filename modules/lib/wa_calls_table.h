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
#include "wa_usage.h"

typedef struct wa_calls wa_calls_t;

/* 0 = no limit. */
typedef struct wa_calls_limits
{
	uint32_t number_calls, trunk_calls;
	uint32_t number_cps, trunk_cps;
	uint32_t one_per_pair; /* 1 = a pair has one call at once */
} wa_calls_limits_t;

/* How large a table is. */
typedef struct wa_calls_room
{
	unsigned max;	 /* calls, 1 to 65536 */
	unsigned others; /* calls of other nodes that count for limits; 0: none do */
	int64_t lease;	 /* ms that they count without being told again */
} wa_calls_room_t;

/** Octets for a table; 0 if `max` is out of range. */
size_t wa_calls_size(const wa_calls_room_t *room);

/** An empty table in `block`, aligned as malloc() does it. `seed` keeps others
 * from choosing Call-IDs that collide. */
wa_calls_t *wa_calls_init(void *block, const wa_calls_room_t *room, uint64_t seed);

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

/** A call that was here before this start, and is over. */
void wa_calls_note_gone(wa_calls_t *t, const wa_call_t *c);

/** Has a call of that name been here not long ago? */
bool wa_calls_was_here(const wa_calls_t *t, wa_sv_t call, wa_sv_t dir);

/** The next call in the table from place `*at` on (0 = the first), which is moved
 * behind it. NULL: no more. */
wa_call_t *wa_calls_next(wa_calls_t *t, unsigned *at);

unsigned wa_calls_count(const wa_calls_t *t);

/** Calls of a number, or through a trunk, now: on this node. */
unsigned wa_calls_of_number(const wa_calls_t *t, wa_sv_t number);
unsigned wa_calls_of_trunk(const wa_calls_t *t, wa_sv_t trunk);

/** What limits are counted by, to be told to other nodes and heard from them. */
wa_usage_t *wa_calls_usage(wa_calls_t *t);

/** `n` calls of a key have begun on another node; counted in the second of `now`,
 * ms: its clock and ours need not agree. */
void wa_calls_begun(wa_calls_t *t, uint64_t key, uint32_t n, int64_t now);

#endif
