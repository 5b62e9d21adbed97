/* Both legs of a call that has just been answered.
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef WA_CALLS_LEG_H
#define WA_CALLS_LEG_H

#include "../ksr_compat.h"

#include <kamailio/modules/tm/tm_load.h>

#include "../lib/wa_call.h"

/** In tm's onreply_route, with a 2xx to INVITE. `c->dir` says which leg is
 * Meta's. Returns 0, WA_ENOENT (no transaction), WA_EPARSE or WA_ETOOLONG; then
 * the call cannot be hung up from here. */
int legs_of_answer(const struct tm_binds *tm, sip_msg_t *reply, wa_call_t *c);

/** Value of the header field `name`; empty: there is none. */
wa_sv_t header_value(sip_msg_t *msg, wa_sv_t name);

#endif
