/* Passwords of numbers connected together are not changed together, and none is
 * ever older than its policy says.
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <stdio.h>

#include <cmocka.h>

#include "wa_rotation.h"

#define NUMBERS 5000
#define DAY 86400

static int64_t after(unsigned i, unsigned days)
{
	char digits[16];
	int n = snprintf(digits, sizeof(digits), "1555%07u", i);

	return wa_rotation_after((wa_sv_t){digits, (size_t)n}, days);
}

static void never_later_than_the_policy_and_never_much_earlier(void **state)
{
	static const unsigned days[] = {1, 2, 30, 90, 3650};

	(void)state;
	for(size_t d = 0; d < sizeof(days) / sizeof(*days); d++) {
		for(unsigned i = 0; i < NUMBERS; i++) {
			int64_t s = after(i, days[d]);

			assert_true(s <= (int64_t)days[d] * DAY);
			assert_true(s > (int64_t)days[d] * DAY * 3 / 4);
		}
	}
	assert_int_equal(after(1, 0), 0);
}

static void the_same_each_time(void **state)
{
	(void)state;
	for(unsigned i = 0; i < NUMBERS; i++)
		assert_int_equal(after(i, 30), after(i, 30));
	/* on every node and in every version: a new one would shift what is due */
	assert_int_equal(wa_rotation_after(WA_SV("15550783881"), 30), 2213367);
}

/* Neighbouring numbers fill the quarter evenly: 5000 of them 7.5 days, by the hour. */
static void thousands_of_neighbours_spread(void **state)
{
	static unsigned hours[30 * 24 + 1];
	unsigned most = 0;

	(void)state;
	for(unsigned i = 0; i < NUMBERS; i++)
		hours[after(i, 30) / 3600]++;
	for(size_t h = 0; h < sizeof(hours) / sizeof(*hours); h++)
		if(hours[h] > most)
			most = hours[h];
	assert_true(most <= 3 * NUMBERS / (30 * 24 / 4));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
			cmocka_unit_test(never_later_than_the_policy_and_never_much_earlier),
			cmocka_unit_test(the_same_each_time),
			cmocka_unit_test(thousands_of_neighbours_spread)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
