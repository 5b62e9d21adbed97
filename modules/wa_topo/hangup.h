/* A 200 OK that must not be passed on: who sent it is hung up.
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef WA_TOPO_HANGUP_H
#define WA_TOPO_HANGUP_H

#include "../ksr_compat.h"

#include <kamailio/modules/tm/tm_load.h>

/** Binds wa_auth. mod_init. Returns 0 or -1. */
int hangup_init(void);

/** In tm's onreply_route, with a 2xx to INVITE: its sender gets ACK, and, with an
 * `account`, BYE too (RFC 3261 13.2.2.4), whose challenge is answered as
 * "number:DIGITS" or "trunk:NAME"; tm does not relay the reply, so the caller must
 * have had its final reply already. `next_hop`: where to send, "" for the first
 * Record-Route above ours or the reply's Contact. Returns 0, WA_ENOENT (not such
 * a reply), WA_EPARSE, WA_ETOOLONG, WA_ENOMEM or WA_EIO. */
int hangup_answer(const struct tm_binds *tm, sip_msg_t *msg, str next_hop,
		str account);

#endif
