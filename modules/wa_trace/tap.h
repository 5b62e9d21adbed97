/* Every message that comes in or goes out passes here.
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef WA_TRACE_TAP_H
#define WA_TRACE_TAP_H

#include "../ksr_compat.h"

#include "../lib/wa_ladder.h"

/** Begins to listen: messages of calls go to `ladder` (NULL: to none) and out by
 * HEP. `meta_socket` is "ADDRESS:PORT" of the socket that faces Meta. mod_init.
 * Returns 0 or -1, logged. */
int tap_init(wa_ladder_t *ladder, const char *meta_socket, unsigned capture_id);

#endif
