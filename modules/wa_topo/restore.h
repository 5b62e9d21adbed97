/* A reply gets back what its request said when it came to us.
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef WA_TOPO_RESTORE_H
#define WA_TOPO_RESTORE_H

#include "../ksr_compat.h"

#include <kamailio/modules/tm/tm_load.h>

/** Puts Via, From, To and Call-ID of the transaction's request into the reply
 * `msg`; To keeps the reply's tag, and nothing else of it. tm's onreply_route only.
 * Returns 0, WA_ENOENT (no reply, or none of a transaction), WA_EPARSE or WA_ENOMEM. */
int restore_reply(sip_msg_t *msg);

/** Puts the Record-Route headers of the transaction's request below ours. */
int restore_routes(sip_msg_t *msg);

/** Binds tm. mod_init. Returns 0 or -1. */
int restore_init(void);

/** tm's functions, for others here that need them. */
const struct tm_binds *restore_tm(void);

#endif
