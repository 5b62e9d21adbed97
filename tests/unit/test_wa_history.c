/* A day's minutes, and decimal fractions.
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "wa_err.h"
#include "wa_history.h"
#include "wa_milli.h"

static wa_history_t h;

static void minutes(void **state)
{
	wa_minute_t m;

	(void)state;
	memset(&h, 0, sizeof(h));
	wa_history_count(&h, 60000, WA_HISTORY_ATTEMPTS);
	wa_history_count(&h, 119999, WA_HISTORY_ATTEMPTS);
	wa_history_count(&h, 120000, WA_HISTORY_FAILED);
	wa_history_calls(&h, 60001, 7);
	wa_history_calls(&h, 60002, 3);
	wa_history_mos(&h, 60003, 4300);
	wa_history_mos(&h, 60004, 0); /* not known */
	m = wa_history_get(&h, 1);
	assert_int_equal(m.count[WA_HISTORY_ATTEMPTS], 2);
	assert_int_equal(m.count[WA_HISTORY_FAILED], 0);
	assert_int_equal(m.calls, 7);
	assert_int_equal(m.mos_n, 1);
	assert_int_equal(m.mos_sum, 4300);
	assert_int_equal(wa_history_get(&h, 2).count[WA_HISTORY_FAILED], 1);
	/* a day later its place is another's */
	wa_history_count(&h, (int64_t)(1 + WA_HISTORY_MINUTES) * 60000, WA_HISTORY_ENDED);
	assert_int_equal(wa_history_get(&h, 1).calls, 0);
	m = wa_history_get(&h, 1 + WA_HISTORY_MINUTES);
	assert_int_equal(m.count[WA_HISTORY_ENDED], 1);
	assert_int_equal(m.count[WA_HISTORY_ATTEMPTS], 0);
	assert_int_equal(wa_history_get(&h, -1).calls, 0);
	wa_history_count(&h, -1, WA_HISTORY_ENDED);
}

static void fractions(void **state)
{
	static const char *const bad[] = {"", ".", ".5", "a", "1.a", "-1", "1.2.3", "1000001", "1 "};
	int64_t n;

	(void)state;
	assert_int_equal(wa_milli(WA_SV("4.3"), &n), 0);
	assert_int_equal(n, 4300);
	assert_int_equal(wa_milli(WA_SV("0.0019"), &n), 0);
	assert_int_equal(n, 1);
	assert_int_equal(wa_milli(WA_SV("12"), &n), 0);
	assert_int_equal(n, 12000);
	assert_int_equal(wa_milli(WA_SV("1."), &n), 0);
	assert_int_equal(n, 1000);
	for(size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_true(wa_milli(wa_sv_from(bad[i]), &n) < 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
			cmocka_unit_test(minutes), cmocka_unit_test(fractions)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
