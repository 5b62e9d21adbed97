/* Tokens that come back in a URI.
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Input: "o" and a token, or anything else and the text to seal.
 */
#include "fuzz.h"

#include <string.h>

#include "wa_err.h"
#include "wa_token.h"

static const wa_seal_ring_t ring = {
		.keys = {{"k1", {1, 2, 3}}, {"k2", {4, 5, 6}}}, .n = 2};

static char out[WA_TOKEN_PLAIN_MAX + 1];

static void round_trip(wa_sv_t plain)
{
	char token[WA_TOKEN_SIZE], mask[WA_TOKEN_MASK_SIZE];
	wa_sv_t text;
	size_t at;

	if(wa_token_seal(&ring, WA_SV("rr"), plain, token, sizeof(token)) < 0) {
		FUZZ_CHECK(plain.len > WA_TOKEN_PLAIN_MAX);
		return;
	}
	text = wa_sv_from(token);
	FUZZ_CHECK(wa_token_open(&ring, WA_SV("rr"), text, out, sizeof(out)) == 0);
	FUZZ_CHECK(plain.len == 0 || memcmp(out, plain.s, plain.len) == 0);
	FUZZ_CHECK(out[plain.len] == '\0');
	FUZZ_CHECK(wa_token_open(&ring, WA_SV("contact"), text, out, sizeof(out))
			   == WA_EAUTH);
	at = plain.len > 0 ? (uint8_t)plain.s[0] % text.len : 0;
	token[at] = token[at] == 'A' ? 'B' : 'A';
	FUZZ_CHECK(wa_token_open(&ring, WA_SV("rr"), text, out, sizeof(out)) < 0);
	FUZZ_CHECK(wa_token_mask(&ring, plain, mask) == 0);
	FUZZ_CHECK(strlen(mask) == WA_TOKEN_MASK_SIZE - 1);
}

void fuzz_token(const uint8_t *data, size_t size)
{
	wa_sv_t rest = fuzz_text(data, size);

	if(size == 0)
		return;
	rest = (wa_sv_t){rest.s + 1, rest.len - 1};
	if(data[0] == 'o') {
		FUZZ_CHECK(wa_token_open(&ring, WA_SV("rr"), rest, out, sizeof(out)) < 0);
		FUZZ_CHECK(out[0] == '\0');
	} else {
		round_trip(rest);
	}
}
