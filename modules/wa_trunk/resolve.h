/* From the name in a gateway's URI to addresses (RFC 3263).
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef WA_TRUNK_RESOLVE_H
#define WA_TRUNK_RESOLVE_H

#include "gateways.h"

/** Takes "ADDRESS[:PORT]" for the DNS server to ask; NULL or "": those of
 * resolv.conf. In the process that resolves. Returns 0 or -1. */
int resolve_init(const char *server);

/** Looks up one URI: with a port by A and AAAA, with a transport alone by SRV,
 * else by NAPTR, SRV and A. Blocks: not in a SIP worker. Returns how many
 * addresses were found, best first; 0: `*why` says what stood in the way. `*ttl`
 * is how long that holds, in seconds. */
unsigned resolve_uri(const char *uri, gw_address_t out[GW_ADDRESSES_MAX],
		unsigned *ttl, const char **why);

#endif
