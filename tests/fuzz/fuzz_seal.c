/* Key files, sealed passwords, and the text they come from.
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Input: "k" and a key file, "o" and a sealed text, or "s" and a password.
 */
#include "fuzz.h"

#include <string.h>

#include "wa_err.h"
#include "wa_seal.h"

static const wa_seal_ring_t ring = {
		.keys = {{"k1", {1, 2, 3}}, {"k2", {4, 5, 6}}}, .n = 2};
#define AAD WA_SV("wa:number:15550001111:password")

static void key_file(wa_sv_t text)
{
	wa_seal_ring_t r;
	unsigned line = 0;
	const char *why = NULL;

	if(wa_seal_ring_parse(&r, text, &line, &why) < 0) {
		FUZZ_CHECK(why != NULL && r.n == 0);
		return;
	}
	FUZZ_CHECK(r.n >= 1 && r.n <= WA_SEAL_KEYS_MAX);
	for(size_t i = 0; i < r.n; i++)
		FUZZ_CHECK(memchr(r.keys[i].id, '\0', WA_SEAL_ID_SIZE) != NULL);
	wa_seal_ring_wipe(&r);
}

/* Nobody makes up a text that opens. */
static void open_any(wa_sv_t text)
{
	wa_secret_t out;

	FUZZ_CHECK(wa_seal_open(&ring, text, AAD, &out) < 0);
	FUZZ_CHECK(out.len == 0);
	(void)wa_seal_is_current(&ring, text);
}

static void round_trip(wa_sv_t plain)
{
	char text[WA_SEAL_TEXT_SIZE];
	wa_secret_t out;
	size_t at;

	if(wa_seal(&ring, plain, AAD, text, sizeof(text)) < 0) {
		FUZZ_CHECK(plain.len >= WA_PASSWORD_SIZE);
		return;
	}
	FUZZ_CHECK(wa_seal_is_current(&ring, wa_sv_from(text)));
	FUZZ_CHECK(wa_seal_open(&ring, wa_sv_from(text), AAD, &out) == 0);
	FUZZ_CHECK(wa_sv_eq((wa_sv_t){out.s, out.len}, plain));
	FUZZ_CHECK(wa_seal_open(&ring, wa_sv_from(text), WA_SV("elsewhere"), &out)
			   == WA_EAUTH);
	at = plain.len > 0 ? (uint8_t)plain.s[0] % strlen(text) : 0;
	text[at] = text[at] == 'A' ? 'B' : 'A';
	FUZZ_CHECK(wa_seal_open(&ring, wa_sv_from(text), AAD, &out) < 0);
}

void fuzz_seal(const uint8_t *data, size_t size)
{
	wa_sv_t rest = fuzz_text(data, size);

	if(size == 0)
		return;
	rest = (wa_sv_t){rest.s + 1, rest.len - 1};
	if(data[0] == 'k')
		key_file(rest);
	else if(data[0] == 'o')
		open_any(rest);
	else
		round_trip(rest);
}
