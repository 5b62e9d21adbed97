/* Socket addresses as a site writes them: is it one, and has this host it?
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Kamailio takes any text for these and finds out with the first message, when
 * a typing error means that nobody is let in.
 */
#ifndef WA_NET_H
#define WA_NET_H

#include <stdbool.h>

#include "wa_sv.h"

/** ADDRESS:PORT, an IPv6 address in brackets. Returns 0 or WA_EPARSE. */
int wa_net_socket_check(wa_sv_t text);

/** Is ADDRESS of such a text an address of this host just now? false also for what
 * is no such text. One that may be bound is not always here: a pair's node listens on
 * addresses that it gets only when the other one is gone. Sends nothing, never waits. */
bool wa_net_is_here(wa_sv_t text);

#endif
