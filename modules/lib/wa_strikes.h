/* What a source has done lately: its requests, its strikes, whether it is banned.
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * A bounded table in memory that the caller gives, under the caller's lock. Where
 * it is too small, the source that was seen longest ago is forgotten, one that is
 * neither banned nor trusted first: an attacker with many addresses pushes out
 * other strangers only.
 */
#ifndef WA_STRIKES_H
#define WA_STRIKES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "wa_ranges.h"

typedef struct wa_strikes wa_strikes_t;

/** Of one source. Times are seconds of one clock that only grows. */
typedef struct wa_source
{
	wa_addr_t addr;
	int64_t seen;		 /* 0: the place is free */
	int64_t second;		 /* when `requests` began */
	unsigned requests;	 /* within that second */
	int64_t since;		 /* when `strikes` began */
	unsigned strikes;	 /* within the window */
	int64_t banned_until;
	int64_t trusted_until;
	char reason[24]; /* of the last strike */
} wa_source_t;

/** Bytes needed for at least `entries` sources; 0: out of range (1 to 1048576). */
size_t wa_strikes_size(unsigned entries);

/** Makes an empty table in `block`. Sources spread by `seed`, which nobody
 * outside may know: else all of his addresses could be made to meet. */
wa_strikes_t *wa_strikes_init(void *block, unsigned entries, uint64_t seed);

/** Counts one request of `a` and returns how many came within this second. */
unsigned wa_strikes_request(wa_strikes_t *t, const wa_addr_t *a, int64_t now);

/** Adds `weight` to the strikes of `a`, which begin anew `window` seconds after
 * the first. When they reach `limit`, bans `a` for `secs` from now, unless it is
 * trusted: a UDP packet can be forged, and a peer's calls must not end because
 * somebody writes its address on rubbish. Returns whether it is banned by this. */
bool wa_strikes_add(wa_strikes_t *t, const wa_addr_t *a, int64_t now,
		unsigned weight, unsigned window, unsigned limit, int64_t secs,
		const char *reason);

/** Bans `a` whatever it did. */
void wa_strikes_ban(wa_strikes_t *t, const wa_addr_t *a, int64_t now,
		int64_t secs, const char *reason);

/** `a` has shown that it is a peer. */
void wa_strikes_trust(
		wa_strikes_t *t, const wa_addr_t *a, int64_t now, int64_t secs);

bool wa_strikes_is_banned(wa_strikes_t *t, const wa_addr_t *a, int64_t now);
bool wa_strikes_is_trusted(wa_strikes_t *t, const wa_addr_t *a, int64_t now);

/** Forgets a source, its ban too. False: it was not known. */
bool wa_strikes_forget(wa_strikes_t *t, const wa_addr_t *a);

enum wa_strikes_what
{
	WA_STRIKES_BANNED,
	WA_STRIKES_TRUSTED
};

/** Up to `max` sources that are banned or trusted; returns how many. */
size_t wa_strikes_list(const wa_strikes_t *t, enum wa_strikes_what what,
		int64_t now, wa_source_t *out, size_t max);

#endif
