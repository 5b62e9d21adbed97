/* A page of a WABA's numbers: recorded shapes, and what they may not look like.
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
#include "wa_graph_list.h"

#define MAX 8

static wa_listed_t found[MAX];
static int n_found, stop_with;
static char after[WA_CURSOR_SIZE], why[WA_ERROR_SIZE];

static int take(const wa_listed_t *n, void *arg)
{
	assert_ptr_equal(arg, found);
	found[n_found++] = *n;
	return stop_with;
}

/* A copy that ends where its block ends, for the address sanitizer. */
static int parse(const char *json)
{
	size_t len = strlen(json);
	char *copy = malloc(len ? len : 1);
	int err;

	assert_non_null(copy);
	memcpy(copy, json, len);
	n_found = 0;
	why[0] = '\0';
	err = wa_graph_list_parse((wa_sv_t){copy, len}, take, found, after, why, sizeof(why));
	free(copy);
	return err;
}

static void the_documented_answer(void **state)
{
	(void)state;
	assert_int_equal(parse("{\"data\":["
						   "{\"verified_name\":\"Jasper's Market\",\"display_phone_number\":"
						   "\"+1 631-555-1111\",\"id\":\"1906385232743451\","
						   "\"quality_rating\":\"GREEN\",\"throughput\":{\"level\":\"HIGH\"}},"
						   "{\"id\":\"1913623884432103\",\"display_phone_number\":"
						   "\"+1 (555) 999\\u20111234\"}],"
						   "\"paging\":{\"cursors\":{\"before\":\"QQ\",\"after\":\"Qg==\"},"
						   "\"next\":\"https://graph.facebook.com/v25.0/1/phone_numbers?after=Qg\"}}"),
			0);
	assert_int_equal(n_found, 2);
	assert_string_equal(found[0].digits, "16315551111");
	assert_string_equal(found[0].id, "1906385232743451");
	assert_string_equal(found[0].name, "Jasper's Market");
	assert_string_equal(found[1].digits, "15559991234");
	assert_string_equal(found[1].name, "");
	assert_string_equal(after, "Qg==");
}

static void the_last_page_has_cursors_and_no_next(void **state)
{
	(void)state;
	assert_int_equal(parse("{\"data\":[],\"paging\":{\"cursors\":{\"after\":\"Qg\"}}}"), 0);
	assert_string_equal(after, "");
	assert_int_equal(parse("{\"data\":[]}"), 0);
	assert_int_equal(n_found, 0);
}

static void digits_of_a_display_number(void **state)
{
	static const struct
	{
		const char *display, *digits;
	} rows[] = {{"+1 631-555-1111", "16315551111"}, {"+49 (0) 30 1234", "490301234"},
			{"", ""}, {"12-34", ""}, {"+1234567890123456", ""}, {"0611 2345", ""},
			{"+999999999999999", "999999999999999"}};
	char out[WA_DIGITS_SIZE];

	(void)state;
	for(size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		wa_listed_digits(out, wa_sv_from(rows[i].display));
		assert_string_equal(out, rows[i].digits);
	}
}

static void what_is_wrong_is_named(void **state)
{
	static const struct
	{
		const char *json, *why;
		int err;
	} bad[] = {
			{"[]", "data: array expected", WA_ETYPE},
			{"{\"data\":{}}", "data: array expected", WA_ETYPE},
			{"{\"data\":[1]}", "data[0]: object expected", WA_ETYPE},
			{"{\"data\":[{\"id\":\"1\"},{\"id\":2}]}",
					"data[1].id: a string of digits expected", WA_ETYPE},
			{"{\"data\":[{\"id\":\"1/../2\"}]}",
					"data[0].id: a string of digits expected", WA_ETYPE},
			{"{\"data\":[{\"id\":\"123456789012345678901234567890123\"}]}",
					"data[0].id: too long", WA_ETOOLONG},
			{"{\"data\":[{\"id\":\"1\",\"display_phone_number\":5}]}",
					"data[0].display_phone_number: string expected", WA_ETYPE},
			{"{\"data\":[{\"id\":\"1\",\"verified_name\":[]}]}",
					"data[0].verified_name: string expected", WA_ETYPE},
			{"{\"data\":[],\"paging\":[]}", "paging: wrong type", WA_ETYPE},
			{"{\"data\":[],\"paging\":{\"next\":1}}", "paging: wrong type", WA_ETYPE},
			{"{\"data\":[],\"paging\":{\"next\":\"x\"}}",
					"paging.cursors.after: string expected", WA_ETYPE},
			{"{\"data\":[", "the answer is no JSON, or not all of it", WA_EPARSE},
			{"", "the answer is no JSON, or not all of it", WA_EPARSE},
	};

	(void)state;
	for(size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		assert_int_equal(parse(bad[i].json), bad[i].err);
		assert_string_equal(why, bad[i].why);
		assert_string_equal(after, "");
	}
}

static void whoever_is_shown_may_stop_it(void **state)
{
	(void)state;
	stop_with = WA_ESTALE;
	assert_int_equal(parse("{\"data\":[{\"id\":\"1\"},{\"id\":\"2\"}]}"), WA_ESTALE);
	assert_int_equal(n_found, 1);
	stop_with = 0;
}

static void names_are_printable(void **state)
{
	(void)state;
	assert_int_equal(parse("{\"data\":[{\"id\":\"1\",\"verified_name\":"
						   "\"\\u001b[2J\\n EAAGm0PX4ZCpsBAAabcdefghijklmnop\"}]}"),
			0);
	assert_string_equal(found[0].name, " [2J  ***");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
			cmocka_unit_test(the_documented_answer),
			cmocka_unit_test(the_last_page_has_cursors_and_no_next),
			cmocka_unit_test(digits_of_a_display_number),
			cmocka_unit_test(what_is_wrong_is_named),
			cmocka_unit_test(whoever_is_shown_may_stop_it),
			cmocka_unit_test(names_are_printable),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
