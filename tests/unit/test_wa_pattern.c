/* Suspicious patterns: windows, thresholds, blocks.
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
#include "wa_pattern.h"

static wa_patterns_t t;
static const wa_sv_t number = {"15550001111", 11};

static bool count(const wa_pattern_limits_t *l, int64_t now)
{
	return wa_pattern_count(&t, number, false, WA_PATTERN_REFUSALS, l, now);
}

static void more_than_there_may_be_is_told_once(void **state)
{
	wa_pattern_limits_t l = {.window = 60, .most = {0, 0, 2, 0}};

	(void)state;
	memset(&t, 0, sizeof(t));
	assert_false(count(&l, 100));
	assert_false(count(&l, 101));
	assert_true(count(&l, 159));
	assert_false(count(&l, 159));
	/* a new window */
	assert_false(count(&l, 160));
	assert_false(count(&l, 161));
	assert_true(count(&l, 162));
	assert_false(wa_pattern_is_blocked(&t, number, false, 162));
	/* others have their own, and what is off is not counted */
	assert_false(wa_pattern_count(
			&t, number, true, WA_PATTERN_REFUSALS, &l, 162));
	for(int i = 0; i < 9; i++)
		assert_false(wa_pattern_count(
				&t, number, false, WA_PATTERN_SHORT_CALLS, &l, 162));
}

static void blocks(void **state)
{
	wa_pattern_limits_t l = {.window = 60, .most = {0, 0, 1, 0}, .block = 10};

	(void)state;
	memset(&t, 0, sizeof(t));
	assert_false(count(&l, 100));
	assert_true(count(&l, 100));
	assert_true(wa_pattern_is_blocked(&t, number, false, 109));
	assert_false(wa_pattern_is_blocked(&t, number, true, 109));
	assert_false(wa_pattern_is_blocked(&t, number, false, 110));
	assert_int_equal(wa_pattern_unblock(&t, number, false), 0);
	assert_false(wa_pattern_is_blocked(&t, number, false, 101));
	assert_int_equal(wa_pattern_unblock(&t, number, false), WA_ENOENT);
	assert_int_equal(wa_pattern_unblock(&t, WA_SV("x"), false), WA_ENOENT);
}

static void a_block_outlives_a_flood_of_other_keys(void **state)
{
	wa_pattern_limits_t l = {.window = 60, .most = {0, 0, 1, 0}, .block = 1000};
	char name[16];

	(void)state;
	memset(&t, 0, sizeof(t));
	count(&l, 100);
	count(&l, 100);
	for(int i = 0; i < 20000; i++) {
		snprintf(name, sizeof(name), "n%d", i);
		wa_pattern_count(&t, wa_sv_from(name), false, WA_PATTERN_REFUSALS, &l, 200);
	}
	assert_true(wa_pattern_is_blocked(&t, number, false, 300));
}

static void new_users(void **state)
{
	(void)state;
	memset(&t, 0, sizeof(t));
	assert_true(wa_pattern_is_new(&t, number, WA_SV("1")));
	assert_false(wa_pattern_is_new(&t, number, WA_SV("1")));
	assert_true(wa_pattern_is_new(&t, number, WA_SV("2")));
	assert_true(wa_pattern_is_new(&t, WA_SV("1555000"), WA_SV("11111")));
}

static void hours(void **state)
{
	static const struct
	{
		uint32_t open, close, at;
		bool off;
	} rows[] = {{800, 1800, 759, true}, {800, 1800, 800, false}, {800, 1800, 1759, false},
			{800, 1800, 1800, true}, {2000, 600, 2359, false}, {2000, 600, 0, false},
			{2000, 600, 559, false}, {2000, 600, 600, true}, {2000, 600, 1959, true},
			{0, 0, 1200, false}, {800, 800, 300, false}};

	(void)state;
	for(size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		wa_pattern_limits_t l = {.open = rows[i].open, .close = rows[i].close};

		assert_int_equal(wa_pattern_is_off(&l, rows[i].at), rows[i].off);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(hours),
			cmocka_unit_test(more_than_there_may_be_is_told_once),
			cmocka_unit_test(blocks),
			cmocka_unit_test(a_block_outlives_a_flood_of_other_keys),
			cmocka_unit_test(new_users)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
