/* Delays between tries: growth, the cap, and the range of the jitter.
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "wa_backoff.h"

static void doubles_up_to_the_cap(void **state)
{
	static const uint64_t full[] = {1000, 2000, 4000, 8000, 10000, 10000};

	(void)state;
	for(unsigned i = 0; i < sizeof(full) / sizeof(full[0]); i++) {
		uint64_t least = wa_backoff(i + 1, 1000, 10000, 0);
		uint64_t most = wa_backoff(i + 1, 1000, 10000, UINT32_MAX);

		assert_int_equal(least, full[i] / 2);
		assert_true(most > full[i] - 2 && most <= full[i]);
	}
}

static void extremes(void **state)
{
	(void)state;
	assert_true(wa_backoff(UINT32_MAX, 1000, 3600000, 0) == 1800000);
	assert_true(wa_backoff(0, 1000, 10000, 0) == 500);
	assert_true(wa_backoff(1, 1, 1, UINT32_MAX) == 1);
	assert_true(wa_backoff(9, 0, 0, 7) == 0);
	assert_true(wa_backoff(3, 5000, 100, UINT32_MAX) <= 100);
	assert_true(wa_backoff(200, UINT64_MAX / 3, UINT64_MAX, 1) >= UINT64_MAX / 2);
}

static void a_tenth_either_way(void **state)
{
	(void)state;
	assert_true(wa_jitter(60000, 0) == 54000);
	assert_true(wa_jitter(60000, UINT32_MAX) >= 65999);
	assert_true(wa_jitter(60000, UINT32_MAX) <= 66000);
	assert_true(wa_jitter(0, UINT32_MAX) == 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
			cmocka_unit_test(doubles_up_to_the_cap),
			cmocka_unit_test(extremes),
			cmocka_unit_test(a_tenth_either_way),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
