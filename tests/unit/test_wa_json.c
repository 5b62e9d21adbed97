/* JSON: all of the text or nothing.
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include <limits.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "wa_err.h"
#include "wa_json.h"

static void all_of_the_text(void **state)
{
	struct json_object *root = NULL;

	(void)state;
	assert_int_equal(wa_json_parse(&root, WA_SV(" {\"a\":[1,\"b\"]} ")), 0);
	assert_int_equal(json_object_object_length(root), 1);
	wa_json_wipe(root);
}

static void nothing_for_what_is_no_json(void **state)
{
	static const char *const v[] = {"", " ", "{", "{\"a\":1} {", "{\"a\":tru", "nope", "[1,]",
			"[1] x", "{\"a\":1,}", "{'a':1}", "[/**/1]", "[NaN]", "[True]", "[truex]", "[01]", "[1.]", "[.5]",
			"[1e]", "[-]", "[+1]", "[1 2]", "[\"a\nb\"]", "[\"\\q\"]", "[\"a\\\"]", "[\"a]", "[\xc3\xa9]"};

	(void)state;
	for(size_t i = 0; i < sizeof(v) / sizeof(v[0]); i++) {
		struct json_object *root = NULL;

		assert_int_equal(wa_json_parse(&root, wa_sv_from(v[i])), WA_EPARSE);
		assert_null(root);
	}
}

static void text_beyond_ascii(void **state)
{
	static const char name[] = "Caf\xc3\xa9 \xf0\x9f\x8d\xb5 \"x\\";
	struct json_object *root = NULL;

	(void)state;
	assert_int_equal(wa_json_parse(&root, WA_SV("[\"Caf\xc3\xa9 \\ud83c\\udf75 \\\"x\\\\\"]")), 0);
	assert_string_equal(json_object_get_string(json_object_array_get_idx(root, 0)), name);
	wa_json_wipe(root);
}

static void numbers_of_any_size(void **state)
{
	struct json_object *root = NULL;

	(void)state;
	assert_int_equal(wa_json_parse(&root, WA_SV("[99999999999999999999,-99999999999999999999,-1.5e-3,0]")), 0);
	assert_true(json_object_get_int64(json_object_array_get_idx(root, 0)) == INT64_MAX);
	assert_true(json_object_get_int64(json_object_array_get_idx(root, 1)) == INT64_MIN);
	wa_json_wipe(root);
}

static void more_than_an_int_is_never_read(void **state)
{
	struct json_object *root = NULL;

	(void)state;
	assert_int_equal(
			wa_json_parse(&root, (wa_sv_t){"{}", (size_t)INT_MAX + 1}), WA_ETOOLONG);
}

static void strings_are_wiped_at_any_depth(void **state)
{
	struct json_object *root = NULL, *kept;

	(void)state;
	assert_int_equal(
			wa_json_parse(&root, WA_SV("{\"a\":[{\"p\":\"made-up\"}],\"n\":null}")), 0);
	/* a reference of our own, to look at it after the wipe */
	kept = json_object_get(json_object_object_get(
			json_object_array_get_idx(json_object_object_get(root, "a"), 0), "p"));
	wa_json_wipe(root);
	assert_memory_equal(json_object_get_string(kept), "\0\0\0\0\0\0\0", 7);
	json_object_put(kept);
	wa_json_wipe(NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
			cmocka_unit_test(all_of_the_text),
			cmocka_unit_test(nothing_for_what_is_no_json),
			cmocka_unit_test(text_beyond_ascii),
			cmocka_unit_test(numbers_of_any_size),
			cmocka_unit_test(more_than_an_int_is_never_read),
			cmocka_unit_test(strings_are_wiped_at_any_depth),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
