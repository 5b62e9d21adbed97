/* Socket addresses as a site writes them: is it one?
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Kamailio takes any text for these and finds out with the first message, when
 * a typing error means that nobody is let in.
 */
#ifndef WA_NET_H
#define WA_NET_H

#include "wa_sv.h"

/** ADDRESS:PORT, an IPv6 address in brackets. Returns 0 or WA_EPARSE. */
int wa_net_socket_check(wa_sv_t text);

#endif
