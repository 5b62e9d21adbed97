/* Filters of lists: exact values, beginnings, several at once, bad ones.
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "wa_err.h"
#include "wa_filter.h"

static wa_number_t number(void)
{
	wa_number_t n = {.digits = "15550001111",
			.trunk = "pbx",
			.hostname = "sbc.example.com",
			.codecs = WA_CODEC_OPUS,
			.has_password = true,
			.port = 5061};

	return n;
}

static bool matches(const char *a, const char *b)
{
	wa_number_t n = number();
	wa_filter_t f = {.n = 0};
	char err[128];

	assert_int_equal(wa_filter_add(&f, wa_sv_from(a), err, sizeof(err)), 0);
	if(b != NULL)
		assert_int_equal(
				wa_filter_add(&f, wa_sv_from(b), err, sizeof(err)), 0);
	return wa_filter_matches(&f, &n);
}

static void values_and_beginnings(void **state)
{
	(void)state;
	assert_true(matches("trunk=pbx", NULL));
	assert_false(matches("trunk=pb", NULL));
	assert_false(matches("trunk=pbx2", NULL));
	assert_true(matches("trunk=pb*", NULL));
	assert_false(matches("trunk=pbx2*", NULL));
	assert_true(matches("digits=1555*", NULL));
	assert_false(matches("digits=1556*", NULL));
	assert_true(matches("digits=15550001111", NULL));
	assert_true(matches("has_password=1", NULL));
	assert_false(matches("has_password=0", NULL));
	assert_true(matches("port=5061", NULL));
	assert_true(matches("sync_error=", NULL));
	assert_true(matches("sync_error=*", NULL));
	assert_false(matches("hostname=", NULL));
}

static void all_have_to_match(void **state)
{
	(void)state;
	assert_true(matches("trunk=pbx", "port=5061"));
	assert_false(matches("trunk=pbx", "port=5062"));
	assert_false(matches("trunk=other", "port=5061"));
}

static void no_filter_lets_all_through(void **state)
{
	wa_number_t n = number();
	wa_filter_t f = {.n = 0};

	(void)state;
	assert_true(wa_filter_matches(NULL, &n));
	assert_true(wa_filter_matches(&f, &n));
}

static void bad_ones_are_named(void **state)
{
	wa_filter_t f = {.n = 0};
	char err[128];

	(void)state;
	assert_int_equal(
			wa_filter_add(&f, WA_SV("trunk"), err, sizeof(err)), WA_EPARSE);
	assert_non_null(strstr(err, "trunk: expected"));
	assert_int_equal(
			wa_filter_add(&f, WA_SV("password=x"), err, sizeof(err)), WA_EPARSE);
	assert_int_equal(
			wa_filter_add(&f, WA_SV("=x"), err, sizeof(err)), WA_EPARSE);
	assert_int_equal(f.n, 0);
	for(int i = 0; i < WA_FILTER_MAX; i++)
		assert_int_equal(
				wa_filter_add(&f, WA_SV("trunk=a"), err, sizeof(err)), 0);
	assert_int_equal(
			wa_filter_add(&f, WA_SV("trunk=a"), err, sizeof(err)), WA_ETOOLONG);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
			cmocka_unit_test(values_and_beginnings),
			cmocka_unit_test(all_have_to_match),
			cmocka_unit_test(no_filter_lets_all_through),
			cmocka_unit_test(bad_ones_are_named)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
