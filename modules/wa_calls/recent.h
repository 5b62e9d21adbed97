/* Calls that are over: the last ones, the last failures, and the last day.
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * In shared memory; any process; nothing waits but for a lock of its own, which
 * no other is taken under.
 */
#ifndef WA_CALLS_RECENT_H
#define WA_CALLS_RECENT_H

#include "../ksr_compat.h"

#include <stdbool.h>

#include "../lib/wa_call.h"
#include "../lib/wa_history.h"

/** Before the fork; `max` calls of each kind are kept. Returns 0 or -1, logged. */
int recent_prepare(unsigned max);
void recent_destroy(void);

/** A call is over. */
void recent_add(const wa_call_t *c);

/** The `i`th before now, 0 = the last; `failed`: of those alone that did not come
 * about, other than by the caller's own doing. Its legs are empty. False: there is
 * none. */
bool recent_get(bool failed, unsigned i, wa_call_t *out);

/** For the day's minutes. */
void recent_count(enum wa_history_count what);
void recent_calls(unsigned now);
wa_minute_t recent_minute(int64_t minute);

#endif
