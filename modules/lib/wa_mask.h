/* Telephone numbers and user ids as logs, CDRs and RPC replies may show them.
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef WA_MASK_H
#define WA_MASK_H

#include <stddef.h>

#include "wa_sv.h"

/** The first four and the last two characters, "***" between; "-" for what has
 * fewer than seven. Returns 0, or WA_ETOOLONG with `out` "". */
int wa_mask(wa_sv_t number, char *out, size_t size);

/** A text from outside for one line of a log: each run of seven or more digits
 * is masked as above, control characters become spaces, what does not fit is
 * cut. `out` always ends with a NUL. */
void wa_mask_text(wa_sv_t text, char *out, size_t size);

#endif
