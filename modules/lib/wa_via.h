/* A Via that must not leave the house.
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Kamailio writes its own Via before the top one of a request and then adds
 * where the request came from ("received", "rport") to that top one, whatever the
 * script did to it. So its value is exchanged for a mark, and the marked line is
 * cut out of the finished text just before it is sent.
 */
#ifndef WA_VIA_H
#define WA_VIA_H

#include <stddef.h>

/* What a marked Via begins with; .invalid never resolves (RFC 6761 6.4). */
#define WA_VIA_MARK "SIP/2.0/TLS hidden.invalid;branch=z9hG4bKhidden"

/** Removes the line of the first marked Via from a message in place; a message
 * without one is left alone. Returns the new length. */
size_t wa_via_cut(char *msg, size_t len);

#endif
