/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "wa_tally.h"

static const wa_tally_key_t *find(const wa_tally_t *t, const char *name, bool trunk)
{
	for(int i = 0; i < WA_TALLY_PLACES; i++)
		if(t->keys[i].trunk == trunk && strcmp(t->keys[i].name, name) == 0)
			return &t->keys[i];
	return NULL;
}

static void test_a_number_and_a_trunk_of_one_name_are_two(void **state)
{
	wa_tally_t *t = calloc(1, sizeof(*t));

	(void)state;
	assert_non_null(t);
	wa_tally_count(t, WA_SV("1555"), false, WA_TALLY_ATTEMPTS, WA_SV(""), 10);
	wa_tally_count(t, WA_SV("1555"), false, WA_TALLY_ATTEMPTS, WA_SV(""), 11);
	wa_tally_count(t, WA_SV("1555"), true, WA_TALLY_FAILED, WA_SV("pbx_busy"), 12);
	assert_int_equal(find(t, "1555", false)->n[WA_TALLY_ATTEMPTS], 2);
	assert_int_equal(find(t, "1555", false)->failed_at, 0);
	assert_int_equal(find(t, "1555", true)->n[WA_TALLY_FAILED], 1);
	assert_int_equal(find(t, "1555", true)->failed_at, 12);
	assert_string_equal(find(t, "1555", true)->cause, "pbx_busy");
	free(t);
}

static void test_the_newest_stay(void **state)
{
	wa_tally_t *t = calloc(1, sizeof(*t));
	char name[32];

	(void)state;
	assert_non_null(t);
	for(int i = 0; i < 3 * WA_TALLY_PLACES; i++) {
		snprintf(name, sizeof(name), "1555%07d", i);
		wa_tally_count(t, wa_sv_from(name), false, WA_TALLY_ANSWERED, WA_SV(""), i + 1);
		assert_non_null(find(t, name, false));
	}
	free(t);
}

static void test_what_is_no_name_is_not_counted(void **state)
{
	wa_tally_t *t = calloc(1, sizeof(*t)), *none = calloc(1, sizeof(*t));
	char name[65];

	(void)state;
	assert_non_null(t);
	assert_non_null(none);
	memset(name, 'x', 64);
	name[64] = '\0';
	wa_tally_count(t, WA_SV(""), false, WA_TALLY_ATTEMPTS, WA_SV(""), 1);
	wa_tally_count(t, wa_sv_from(name), true, WA_TALLY_ATTEMPTS, WA_SV(""), 1);
	assert_memory_equal(t, none, sizeof(*t));
	free(none);
	free(t);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
			cmocka_unit_test(test_a_number_and_a_trunk_of_one_name_are_two),
			cmocka_unit_test(test_the_newest_stay),
			cmocka_unit_test(test_what_is_no_name_is_not_counted),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
