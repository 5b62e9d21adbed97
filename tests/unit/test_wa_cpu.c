/* Processors: what /proc/stat says, and the share between two readings.
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "wa_cpu.h"
#include "wa_err.h"

static void what_is_busy(void **state)
{
	wa_cpu_t c;

	(void)state;
	assert_int_equal(wa_cpu_read(WA_SV("cpu  10 20 30 400 50 1 2 3 10 0\ncpu0 1 2 3 4\n"), &c), 0);
	assert_true(c.busy == 60 && c.total == 460);
	assert_int_equal(wa_cpu_read(WA_SV("cpu  1 2 3 4"), &c), 0);
	assert_true(c.busy == 6 && c.total == 10);
}

static void what_is_none(void **state)
{
	static const char *const texts[] = {"", "cpu", "cpu0 1 2 3 4", "cpu  1 2 3", "cpu  1 2 x 4", "intr 1 2 3 4",
			"cpu  1 2 3 99999999999999999999999"};
	wa_cpu_t c = {7, 8};

	(void)state;
	for(unsigned i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		assert_int_equal(wa_cpu_read(wa_sv_from(texts[i]), &c), WA_EPARSE);
	assert_true(c.busy == 7 && c.total == 8);
}

static void shares(void **state)
{
	static const wa_cpu_t from = {100, 1000};

	(void)state;
	assert_int_equal(wa_cpu_percent(&from, &(wa_cpu_t){100, 1100}), 0);
	assert_int_equal(wa_cpu_percent(&from, &(wa_cpu_t){190, 1100}), 90);
	assert_int_equal(wa_cpu_percent(&from, &(wa_cpu_t){200, 1100}), 100);
	assert_int_equal(wa_cpu_percent(&from, &(wa_cpu_t){300, 1100}), 100);
	/* no time, and counters that went back */
	assert_int_equal(wa_cpu_percent(&from, &from), 0);
	assert_int_equal(wa_cpu_percent(&from, &(wa_cpu_t){90, 1100}), 0);
	assert_int_equal(wa_cpu_percent(&from, &(wa_cpu_t){100, 900}), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(what_is_busy), cmocka_unit_test(what_is_none),
			cmocka_unit_test(shares)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
