/* Record-Route: ours, and those of the proxies on the PBX's side.
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Ours is the one with the parameter "wa". It is written with the address that
 * faces the request's receiver; in the reply it gets the one that faces the
 * reply's receiver (RFC 3261 16.7 step 8), so that neither side learns the other
 * address. What stands above ours in a reply, or in a request at all, belongs to
 * the side it came from and stays there.
 */
#ifndef WA_TOPO_ROUTES_H
#define WA_TOPO_ROUTES_H

#include "../ksr_compat.h"

/** In a reply: the URI of our Record-Route up to ";wa=" becomes `address`
 * ("sip:10.0.0.1:5060;transport=udp"). Returns 0, WA_ENOENT (none of ours),
 * WA_EPARSE or WA_ENOMEM. */
int routes_set_address(sip_msg_t *msg, str address);

/** In a reply: adds `text` (", <sip:...>, ...") right below ours. */
int routes_add_below(sip_msg_t *msg, str text);

/** Removes the Record-Route entries of the side that the message came from: all
 * of a request, those above ours of a reply. `out` gets them as the value of a
 * Route header for requests toward that side, "" if there were none.
 * Returns 0, WA_ETOOLONG, WA_EPARSE or WA_ENOMEM. */
int routes_take(sip_msg_t *msg, char *out, size_t size);

#endif
