/* An nftables ruleset as nft prints it.
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "fuzz.h"

#include <string.h>

#include "wa_nft.h"

void fuzz_nft(const uint8_t *data, size_t size)
{
	char why[64];
	enum wa_nft_verdict v =
			wa_nft_judge(fuzz_text(data, size), "tcp", 5061, why, sizeof(why));

	FUZZ_CHECK(v == WA_NFT_OPEN || v == WA_NFT_SHUT || v == WA_NFT_UNKNOWN);
	FUZZ_CHECK(memchr(why, '\0', sizeof(why)) != NULL);
}
