/* Counters of wrong answers: window, forgetting, and a table that is too small.
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "wa_tries.h"

#define NOW ((time_t)1750000000)

static wa_tries_t *table(unsigned entries)
{
	void *block = malloc(wa_tries_size(entries));

	assert_non_null(block);
	return wa_tries_init(block, entries, 60);
}

static void counts_within_the_window(void **state)
{
	wa_tries_t *t = table(8);
	uint64_t a = wa_tries_key(WA_SV("127.0.0.1"), WA_SV("15550001111"));
	uint64_t b = wa_tries_key(WA_SV("127.0.0.1"), WA_SV("15550001112"));

	(void)state;
	assert_int_equal(wa_tries_add(t, a, NOW), 1);
	assert_int_equal(wa_tries_add(t, a, NOW + 60), 2);
	assert_int_equal(wa_tries_sum(t, a, NOW + 60), 2);
	assert_int_equal(wa_tries_sum(t, a, NOW + 61), 0);
	assert_int_equal(wa_tries_sum(t, b, NOW + 60), 0);
	assert_int_equal(wa_tries_add(t, b, NOW + 60), 1);
	assert_int_equal(wa_tries_add(t, a, NOW + 61), 1);
	assert_int_equal(wa_tries_add(t, a, NOW + 62), 2);
	wa_tries_clear(t, a);
	assert_int_equal(wa_tries_add(t, a, NOW + 63), 1);
	assert_int_equal(wa_tries_add(t, b, NOW + 63), 2);
	wa_tries_clear(t, 4711);
	free(t);
}

static void keys_keep_their_parts_apart(void **state)
{
	(void)state;
	assert_true(wa_tries_key(WA_SV("1"), WA_SV("23"))
				!= wa_tries_key(WA_SV("12"), WA_SV("3")));
	assert_true(wa_tries_key((wa_sv_t){NULL, 0}, WA_SV("a"))
				!= wa_tries_key(WA_SV("a"), (wa_sv_t){NULL, 0}));
}

static void the_first_begun_is_forgotten(void **state)
{
	wa_tries_t *t = table(8);

	(void)state;
	for(uint64_t k = 0; k < 9; k++)
		assert_int_equal(wa_tries_add(t, k, NOW + (time_t)k), 1);
	assert_int_equal(wa_tries_add(t, 8, NOW + 9), 2);
	assert_int_equal(wa_tries_add(t, 1, NOW + 9), 2);
	assert_int_equal(wa_tries_add(t, 0, NOW + 9), 1);
	assert_int_equal(wa_tries_size(0), 0);
	assert_int_equal(wa_tries_size(16777217), 0);
	free(t);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
			cmocka_unit_test(counts_within_the_window),
			cmocka_unit_test(keys_keep_their_parts_apart),
			cmocka_unit_test(the_first_begun_is_forgotten),
	};

	return cmocka_run_group_tests_name("wa_tries", tests, NULL, NULL);
}
