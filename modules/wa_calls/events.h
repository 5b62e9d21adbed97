/* What the script tells of calls.
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef WA_CALLS_EVENTS_H
#define WA_CALLS_EVENTS_H

#include "../ksr_compat.h"

#include "../lib/wa_calls_table.h"

/** modparam "field": "name=$pvar". Returns 0 or -1, logged. */
int events_add_field(modparam_t type, void *val);

/** mod_init. Returns 0 or -1, logged. */
int events_init(void);

/** wa_calls_admit(pvar): 1, or -1 and `pvar` has the cause. */
int events_admit(sip_msg_t *msg, const char **cause);

/** wa_calls_event(name). Returns 0 or a wa_err. */
int events_take(sip_msg_t *msg, wa_sv_t name);

/** The call is over: counts it, takes it out of the table, and leaves in `out`
 * what its record says; the caller pushes that as JOB_CLOSE when the table is no
 * longer locked. `c` is in the table, which is locked, or nowhere (NULL). */
void events_close(wa_calls_t *table, wa_call_t *c, enum wa_call_result result,
		wa_call_t *out);

struct tm_binds;
const struct tm_binds *events_tm(void);

#endif
