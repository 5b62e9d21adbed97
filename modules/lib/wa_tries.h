/* How often a source was wrong lately: a bounded table of counters.
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * In memory the caller gives, under the caller's lock, as with wa_replay.h.
 * Keys are hashes of text: two sources that collide share a counter. Where the
 * table is too small, the counter that began first is forgotten.
 */
#ifndef WA_TRIES_H
#define WA_TRIES_H

#include <stddef.h>
#include <stdint.h>
#include <time.h>

#include "wa_sv.h"

typedef struct wa_tries wa_tries_t;

/** Bytes needed for at least `entries` sources; 0 if that is out of range
 * (1 to 16777216). */
size_t wa_tries_size(unsigned entries);

/** Makes an empty table in `block` (wa_tries_size(entries) bytes, aligned as
 * malloc() does it). A source's counter begins anew `window` seconds after its
 * first count. */
wa_tries_t *wa_tries_init(void *block, unsigned entries, unsigned window);

/** Key of a source: the text of both views, which may be empty. */
uint64_t wa_tries_key(wa_sv_t source, wa_sv_t number);

/** Counts one and returns the sum within the window. */
unsigned wa_tries_add(wa_tries_t *t, uint64_t key, time_t now);

/** The sum within the window; counts nothing. */
unsigned wa_tries_sum(wa_tries_t *t, uint64_t key, time_t now);

/** Forgets a source. */
void wa_tries_clear(wa_tries_t *t, uint64_t key);

#endif
