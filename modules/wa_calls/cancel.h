/* The caller gives up.
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef WA_CALLS_CANCEL_H
#define WA_CALLS_CANCEL_H

#include "../ksr_compat.h"

/** Relays a CANCEL as t_relay() does, but never beside a response to its INVITE.
 * Returns what t_relay() returns; -1 also where there is no such INVITE. */
int cancel_relay(sip_msg_t *msg);

#endif
