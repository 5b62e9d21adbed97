/* User parts of URIs: parameters in the manner of RFC 4904, numbers, BSUIDs.
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

#include "wa_err.h"
#include "wa_uri.h"

#define A128                                                                  \
	"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"          \
	"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"

/* A copy that ends where the view ends: one byte too far is caught. */
static wa_sv_t tight(const char *text)
{
	size_t len = strlen(text);
	char *p = malloc(len ? len : 1);

	assert_non_null(p);
	memcpy(p, text, len);
	return (wa_sv_t){p, len};
}

static void user_parameters(void **state)
{
	static const struct
	{
		const char *in, *user, *tgrp, *context;
		int err;
	} rows[] = {
			{"+15550001111;tgrp=wacall;trunk-context=byoc.example.com",
					"+15550001111", "wacall", "byoc.example.com", 0},
			{"+15550001111", "+15550001111", "", "", 0},
			{"+1;trunk-context=y;tgrp=x", "+1", "x", "y", 0},
			{"+1;TGRP=x;Trunk-Context=y", "+1", "x", "y", 0},
			{"+1;tgrp=x;context=y", "+1", "x", "y", 0},
			{"+1;context=z;tgrp=x;trunk-context=y", "+1", "x", "y", 0},
			{"+1;tgrp=a%3bb%20c", "+1", "a;b c", "", 0},
			{"+1;tgrp=", "+1", "", "", 0},
			{"+1;tgrp", "+1", "", "", 0},
			{"+1;;tgrp=x;", "+1", "x", "", 0},
			{"+1;isub=7;tgrp=x=y;postd=3", "+1", "x=y", "", 0},
			{"+1;tgrp=x;tgrp=x", "+1", "x", "", 0},
			{"+1;tgrp=x;tgrp=y", "", "", "", WA_EPARSE},
			{"+1;tgrp=a%0d%0aVia", "", "", "", WA_EPARSE},
			{"+1;tgrp=a%00", "", "", "", WA_EPARSE},
			{"+1;tgrp=a%4", "", "", "", WA_EPARSE},
			{"+1;tgrp=a%", "", "", "", WA_EPARSE},
			{"+1;tgrp=a%zz", "", "", "", WA_EPARSE},
			{";tgrp=x", "", "", "", WA_EPARSE},
			{"", "", "", "", WA_EPARSE},
			{"+1;tgrp=" A128, "+1", A128, "", 0},
			{"+1;" A128 "=x", "+1", "", "", 0},
			{"+1;tgrp=" A128 "a", "", "", "", WA_ETOOLONG},
			{"+1;a" A128 "=x", "", "", "", WA_ETOOLONG},
	};

	(void)state;
	for(size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		wa_sv_t in = tight(rows[i].in);
		wa_uri_user_t out;
		int err = wa_uri_user_parse(in, &out);

		if(err != rows[i].err)
			fail_msg("\"%s\": %s", rows[i].in, wa_strerror(err));
		assert_true(wa_sv_eq(out.user, wa_sv_from(rows[i].user)));
		assert_string_equal(out.tgrp, rows[i].tgrp);
		assert_string_equal(out.context, rows[i].context);
		free((void *)(uintptr_t)in.s);
	}
}

static void numbers_of_a_pbx(void **state)
{
	static const struct
	{
		const char *digits, *country, *prefix, *out;
		enum wa_number_format format;
	} rows[] = {{"15550001111", "", "", "+15550001111", WA_FORMAT_E164},
			{"15550001111", "", "", "15550001111", WA_FORMAT_DIGITS},
			{"15550001111", "1", "0", "05550001111", WA_FORMAT_NATIONAL},
			{"15550001111", "1", "", "5550001111", WA_FORMAT_NATIONAL},
			{"15550001111", "49", "0", "0015550001111", WA_FORMAT_NATIONAL}};
	char out[40], digits[WA_DIGITS_SIZE];

	(void)state;
	for(size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		wa_sv_t country = wa_sv_from(rows[i].country);
		wa_sv_t prefix = wa_sv_from(rows[i].prefix);

		assert_int_equal(wa_uri_format(wa_sv_from(rows[i].digits),
								 rows[i].format, country, prefix, out,
								 sizeof(out)),
				0);
		assert_string_equal(out, rows[i].out);
		assert_int_equal(wa_uri_from_pbx(wa_sv_from(out), rows[i].format,
								 country, prefix, digits),
				0);
		assert_string_equal(digits, rows[i].digits);
	}
	assert_int_equal(wa_uri_from_pbx(WA_SV("5550001111"), WA_FORMAT_NATIONAL,
							 WA_SV("1"), WA_SV("0"), digits),
			WA_EPARSE);
	assert_int_equal(wa_uri_format(WA_SV("15550001111"), WA_FORMAT_E164,
							 WA_SV(""), WA_SV(""), out, 12),
			WA_ETOOLONG);
}

static void group_is_written_again(void **state)
{
	char out[64];
	wa_uri_user_t u, v;

	(void)state;
	assert_int_equal(wa_uri_user_parse(WA_SV("1;context=b%3bc;tgrp=a"), &u), 0);
	assert_int_equal(wa_uri_write_group(&u, out, sizeof(out)), 27);
	assert_string_equal(out, ";tgrp=a;trunk-context=b%3Bc");
	assert_int_equal(wa_uri_user_parse(WA_SV("1"), &v), 0);
	assert_int_equal(
			wa_uri_params_parse(WA_SV("transport=tls;tgrp=a;context=x"), &v), 0);
	assert_string_equal(v.tgrp, "a");
	assert_string_equal(v.context, "x");
	/* what stands before the "@" counts */
	assert_int_equal(wa_uri_params_parse(WA_SV("tgrp=z"), &u), 0);
	assert_string_equal(u.tgrp, "a");
	assert_int_equal(wa_uri_params_parse(WA_SV("tgrp=%0d"), &v), WA_EPARSE);
	assert_string_equal(v.tgrp, "a");
	assert_int_equal(wa_uri_write_group(&u, out, 10), WA_ETOOLONG);
}

static void header_lists(void **state)
{
	wa_sv_t list = WA_SV("x-wa-meta-*, X-Site");

	(void)state;
	assert_true(wa_uri_header_listed(list, WA_SV("X-WA_Meta-user-id")));
	assert_true(wa_uri_header_listed(list, WA_SV("x-site")));
	assert_false(wa_uri_header_listed(list, WA_SV("x-site-2")));
	assert_false(wa_uri_header_listed(list, WA_SV("x-wa-met")));
	assert_false(wa_uri_header_listed(WA_SV("none"), WA_SV("x-site")));
	assert_false(wa_uri_header_listed(WA_SV(""), WA_SV("x-site")));
}

static void identities(void **state)
{
	static const struct
	{
		const char *in, *out;
		enum wa_identity want;
	} rows[] = {
			{"+15550001111", "15550001111", WA_IDENTITY_E164},
			{"15550001111", "15550001111", WA_IDENTITY_E164},
			{"0015550001111", "15550001111", WA_IDENTITY_E164},
			{"+1 (555) 000-11.11", "15550001111", WA_IDENTITY_E164},
			{"+123456789012345", "123456789012345", WA_IDENTITY_E164},
			{"1234567", "1234567", WA_IDENTITY_E164},
			{"+1234567890123456", "", WA_IDENTITY_NONE},
			{"00123456789012345", "123456789012345", WA_IDENTITY_E164},
			{"001234567890123456", "", WA_IDENTITY_NONE},
			{"123456", "", WA_IDENTITY_NONE},
			{"0301234567", "", WA_IDENTITY_NONE},
			{"+0015550001111", "", WA_IDENTITY_NONE},
			{"++15550001111", "", WA_IDENTITY_NONE},
			{"+", "", WA_IDENTITY_NONE},
			{"", "", WA_IDENTITY_NONE},
			{"alice", "", WA_IDENTITY_NONE},
			{"US.13491208655302741918", "US.13491208655302741918",
					WA_IDENTITY_BSUID},
			{"US.ENT.11815799212886844830", "US.ENT.11815799212886844830",
					WA_IDENTITY_BSUID},
			{"US.", "", WA_IDENTITY_NONE},
			{"U1.123", "", WA_IDENTITY_NONE},
			{"US123", "", WA_IDENTITY_NONE},
			{"US.12@evil", "", WA_IDENTITY_NONE},
			{"US.12;x=y", "", WA_IDENTITY_NONE},
			{"US." A128, "", WA_IDENTITY_NONE},
	};

	(void)state;
	for(size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		wa_sv_t in = tight(rows[i].in);
		char out[WA_BSUID_SIZE];
		enum wa_identity got = wa_uri_identity(in, out);

		if(got != rows[i].want)
			fail_msg("\"%s\": %d", rows[i].in, (int)got);
		assert_string_equal(out, rows[i].out);
		free((void *)(uintptr_t)in.s);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
			cmocka_unit_test(user_parameters),
			cmocka_unit_test(numbers_of_a_pbx),
			cmocka_unit_test(group_is_written_again),
			cmocka_unit_test(header_lists),
			cmocka_unit_test(identities),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
