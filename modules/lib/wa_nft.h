/* Does an nftables ruleset let a port in?
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Reads what `nft -j list ruleset` prints, and follows a new connection to the port
 * through the base chains of the hook input, jumps and verdict maps. A judgement,
 * not a simulation: it may come from any address by any interface. What lets
 * somebody's in lets in; what drops shuts only when it drops everybody's.
 */
#ifndef WA_NFT_H
#define WA_NFT_H

#include <stddef.h>

#include "wa_sv.h"

enum wa_nft_verdict
{
	WA_NFT_OPEN,
	WA_NFT_SHUT,
	WA_NFT_UNKNOWN /* no ruleset */
};

/** `proto` is "tcp" or "udp". `why` gets the chain that shuts it, or what is wrong
 * with the text. */
enum wa_nft_verdict wa_nft_judge(
		wa_sv_t json, const char *proto, unsigned port, char *why, size_t size);

#endif
