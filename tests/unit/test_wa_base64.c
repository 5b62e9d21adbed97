/* Base64 both ways; RFC 4648 section 10 vectors, and text that must be refused.
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "wa_base64.h"
#include "wa_err.h"

static void rfc4648_vectors(void **state)
{
	static const struct
	{
		const char *plain, *text;
	} rows[] = {{"", ""}, {"f", "Zg=="}, {"fo", "Zm8="}, {"foo", "Zm9v"},
			{"foob", "Zm9vYg=="}, {"fooba", "Zm9vYmE="},
			{"foobar", "Zm9vYmFy"}};

	(void)state;
	for(size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		size_t len = strlen(rows[i].plain), n = 99;
		uint8_t out[8];
		char text[16];

		assert_int_equal(wa_base64_encode((const uint8_t *)rows[i].plain, len,
								 text, WA_BASE64_LEN(len) + 1),
				0);
		assert_string_equal(text, rows[i].text);
		assert_int_equal(
				wa_base64_decode(wa_sv_from(text), out, sizeof(out), &n), 0);
		assert_int_equal(n, len);
		assert_memory_equal(out, rows[i].plain, len);
	}
}

static void every_byte_round_trips(void **state)
{
	uint8_t in[256], out[256];
	char text[WA_BASE64_LEN(256) + 1];
	size_t n;

	(void)state;
	for(size_t i = 0; i < sizeof(in); i++)
		in[i] = (uint8_t)i;
	assert_int_equal(wa_base64_encode(in, sizeof(in), text, sizeof(text)), 0);
	assert_int_equal(
			wa_base64_decode(wa_sv_from(text), out, sizeof(out), &n), 0);
	assert_int_equal(n, sizeof(in));
	assert_memory_equal(in, out, sizeof(in));
}

static void malformed_text(void **state)
{
	static const struct
	{
		const char *text;
		int err;
	} rows[] = {{"Zg=", WA_EPARSE}, {"Zg", WA_EPARSE}, {"Zg =", WA_EPARSE},
			{"====", WA_EPARSE}, {"Z===", WA_EPARSE}, {"Zh==", WA_EPARSE},
			{"Zm9=", WA_EPARSE}, {"Z-_v", WA_EPARSE}, {"=m9v", WA_EPARSE},
			{"Zm9vZm9v", WA_ETOOLONG}};

	(void)state;
	for(size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		uint8_t out[4];
		size_t n = 7;

		assert_int_equal(wa_base64_decode(wa_sv_from(rows[i].text), out,
								 sizeof(out), &n),
				rows[i].err);
		assert_int_equal(n, 7);
	}
}

static void too_small(void **state)
{
	char text[8];

	(void)state;
	assert_int_equal(wa_base64_encode((const uint8_t *)"abcdef", 6, text,
							 sizeof(text)),
			WA_ETOOLONG);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
			cmocka_unit_test(rfc4648_vectors),
			cmocka_unit_test(every_byte_round_trips),
			cmocka_unit_test(malformed_text),
			cmocka_unit_test(too_small),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
