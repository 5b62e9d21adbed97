/* Suspicious patterns of calls, per number and trunk.
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Any process; nothing waits but for a lock of its own.
 */
#ifndef WA_CALLS_PATTERNS_H
#define WA_CALLS_PATTERNS_H

#include "../ksr_compat.h"

#include "../lib/wa_buf.h"
#include "../lib/wa_call.h"
#include "../lib/wa_pattern.h"

/** Before the fork. Returns 0 or -1, logged. */
int patterns_prepare(void);
void patterns_destroy(void);

/** May number and trunk of this call go on? */
bool patterns_allow(const wa_call_t *c);

/** A call was admitted. `short_ms`: a shorter call is a short one. */
void patterns_begin(
		const wa_call_t *c, const wa_pattern_limits_t *l, uint32_t short_ms);

/** A call is over. `l` NULL: by what was said last when one was admitted. */
void patterns_end(
		const wa_call_t *c, const wa_pattern_limits_t *l, uint32_t short_ms);

/** Returns 0 or WA_ENOENT. */
int patterns_unblock(wa_sv_t name);

/** How many are blocked now; `each` (may be NULL) gets them one by one. */
unsigned patterns_blocked(
		void (*each)(void *arg, const wa_pattern_key_t *k), void *arg);

/** For Prometheus. */
void patterns_write(wa_buf_t *b);

#endif
