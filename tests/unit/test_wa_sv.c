/* String views: the edges where a length is one off, or a view is empty.
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include <limits.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "wa_err.h"
#include "wa_sv.h"

/* A copy on the heap that ends exactly where the view ends: reading one byte
 * too far is then an error of the address sanitizer. */
static wa_sv_t tight(const char *text)
{
	size_t len = strlen(text);
	char *p = malloc(len ? len : 1);

	assert_non_null(p);
	memcpy(p, text, len);
	return (wa_sv_t){p, len};
}

static void tight_free(wa_sv_t v)
{
	free((char *)v.s);
}

static void from_null_is_empty(void **state)
{
	(void)state;
	assert_int_equal(wa_sv_from(NULL).len, 0);
	assert_int_equal(wa_sv_from("").len, 0);
	assert_int_equal(wa_sv_from("abc").len, 3);
	assert_int_equal(WA_SV("abc").len, 3);
}

static void eq_compares_length_and_bytes(void **state)
{
	wa_sv_t a = tight("Digest");
	wa_sv_t b = tight("Digest");

	(void)state;
	assert_true(wa_sv_eq(a, b));
	assert_false(wa_sv_eq(a, WA_SV("Diges")));
	assert_false(wa_sv_eq(a, WA_SV("Digesu")));
	assert_false(wa_sv_eq(a, WA_SV("digest")));
	assert_true(wa_sv_eq((wa_sv_t){NULL, 0}, WA_SV("")));
	assert_true(wa_sv_eq((wa_sv_t){"a\0b", 3}, (wa_sv_t){"a\0b", 3}));
	assert_false(wa_sv_eq((wa_sv_t){"a\0b", 3}, (wa_sv_t){"a\0c", 3}));
	tight_free(a);
	tight_free(b);
}

static void ieq_ignores_ascii_case_only(void **state)
{
	(void)state;
	assert_true(wa_sv_ieq(WA_SV("x-WA-meta"), WA_SV("X-wa-META")));
	assert_false(wa_sv_ieq(WA_SV("x-wa-meta"), WA_SV("x-wa_meta")));
	assert_false(wa_sv_ieq(WA_SV("["), WA_SV("{"))); /* 0x5b, 0x7b */
	assert_true(wa_sv_ieq((wa_sv_t){NULL, 0}, (wa_sv_t){NULL, 0}));
}

static void trim_takes_both_ends(void **state)
{
	static const struct
	{
		const char *in, *out;
	} v[] = {{"", ""}, {" ", ""}, {"\r\n\t ", ""}, {"a", "a"}, {" a ", "a"},
			{"\ta b\r\n", "a b"}, {"a\v", "a\v"}};

	(void)state;
	for(size_t i = 0; i < sizeof(v) / sizeof(v[0]); i++) {
		wa_sv_t in = tight(v[i].in);

		assert_true(wa_sv_eq(wa_sv_trim(in), wa_sv_from(v[i].out)));
		tight_free(in);
	}
}

static void cut_walks_a_list(void **state)
{
	wa_sv_t list = tight("a,,bc,");
	wa_sv_t rest = list;

	(void)state;
	assert_true(wa_sv_eq(wa_sv_cut(&rest, ','), WA_SV("a")));
	assert_true(wa_sv_eq(wa_sv_cut(&rest, ','), WA_SV("")));
	assert_true(wa_sv_eq(wa_sv_cut(&rest, ','), WA_SV("bc")));
	assert_int_equal(rest.len, 0);
	assert_true(wa_sv_eq(wa_sv_cut(&rest, ','), WA_SV("")));
	tight_free(list);
}

static void cut_without_separator_takes_all(void **state)
{
	wa_sv_t rest = WA_SV("abc");
	wa_sv_t none = {NULL, 0};

	(void)state;
	assert_true(wa_sv_eq(wa_sv_cut(&rest, ';'), WA_SV("abc")));
	assert_int_equal(rest.len, 0);
	assert_int_equal(wa_sv_cut(&none, ';').len, 0);
	assert_null(none.s);
	assert_int_equal(none.len, 0);
}

static void ulong_takes_digits_up_to_max(void **state)
{
	static const struct
	{
		const char *in;
		unsigned long max, out;
		int err;
	} v[] = {{"0", 10, 0, 0}, {"007", 10, 7, 0}, {"65535", 65535, 65535, 0},
			{"65536", 65535, 0, WA_ERANGE}, {"", 10, 0, WA_EPARSE},
			{"-1", 10, 0, WA_EPARSE}, {"+1", 10, 0, WA_EPARSE},
			{" 1", 10, 0, WA_EPARSE}, {"1 ", 10, 0, WA_EPARSE},
			{"1a", 10, 0, WA_EPARSE}, {"9", 8, 0, WA_ERANGE},
			{"1", 0, 0, WA_ERANGE}, {"0", 0, 0, 0},
			{"18446744073709551615", ULONG_MAX, ULONG_MAX, 0},
			{"18446744073709551616", ULONG_MAX, 0, WA_ERANGE},
			{"99999999999999999999999", ULONG_MAX, 0, WA_ERANGE}};

	(void)state;
	for(size_t i = 0; i < sizeof(v) / sizeof(v[0]); i++) {
		wa_sv_t in = tight(v[i].in);
		unsigned long n = 4711;

		assert_int_equal(wa_sv_ulong(in, v[i].max, &n), v[i].err);
		assert_true(n == (v[i].err ? 4711 : v[i].out));
		tight_free(in);
	}
}

static void copy_needs_room_for_the_nul(void **state)
{
	char four[4] = "zzz";
	wa_sv_t abc = tight("abc");

	(void)state;
	assert_int_equal(wa_sv_copy(four, sizeof(four), abc), 0);
	assert_string_equal(four, "abc");
	assert_int_equal(wa_sv_copy(four, 3, abc), WA_ETOOLONG);
	assert_string_equal(four, "");
	assert_int_equal(wa_sv_copy(NULL, 0, abc), WA_ETOOLONG);
	assert_int_equal(wa_sv_copy(four, sizeof(four), (wa_sv_t){NULL, 0}), 0);
	assert_string_equal(four, "");
	tight_free(abc);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
			cmocka_unit_test(from_null_is_empty),
			cmocka_unit_test(eq_compares_length_and_bytes),
			cmocka_unit_test(ieq_ignores_ascii_case_only),
			cmocka_unit_test(trim_takes_both_ends),
			cmocka_unit_test(cut_walks_a_list),
			cmocka_unit_test(cut_without_separator_takes_all),
			cmocka_unit_test(ulong_takes_digits_up_to_max),
			cmocka_unit_test(copy_needs_room_for_the_nul),
	};

	return cmocka_run_group_tests_name("wa_sv", tests, NULL, NULL);
}
