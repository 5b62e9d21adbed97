/* Which calls does a journal know that are not over?
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Lines of a journal: "open {...}" with a call as wa_call_journal() writes it,
 * the last one of an id counts; "done ID". Anything else, half a line too, is
 * skipped: the host may have lost power.
 */
#ifndef WA_JOURNAL_H
#define WA_JOURNAL_H

#include <stdbool.h>

#include "wa_sv.h"

typedef struct wa_journal wa_journal_t;

/** Reads the whole text, which has to stay. A call whose id stands in `records`
 * (lines of the CDR file) is over too. NULL: out of memory. */
wa_journal_t *wa_journal_read(wa_sv_t text, wa_sv_t records);
void wa_journal_free(wa_journal_t *j);

/** The next call that is not over: its JSON. False: no more. */
bool wa_journal_next(wa_journal_t *j, wa_sv_t *json);

#endif
