/* Calls per number and per trunk since the start: what `wasbcctl top` shows.
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * In shared memory, any process, a lock of its own that no other is taken under.
 */
#ifndef WA_CALLS_TALLY_H
#define WA_CALLS_TALLY_H

#include "../ksr_compat.h"

#include "../lib/wa_call.h"
#include "../lib/wa_tally.h"

/** Before the fork. Returns 0 or -1, logged. */
int tally_prepare(void);
void tally_destroy(void);

/** Counts one for the call's number and its trunk. */
void tally_count(const wa_call_t *c, enum wa_tally_what what);

/** The next key that is used, from place `*at` on. False: no more. */
bool tally_next(unsigned *at, wa_tally_key_t *out);

#endif
