/* How long a digit is, in one clock and in another.
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "wa_rtp_event.h"

static unsigned scaled(unsigned ticks, uint32_t from, uint32_t to)
{
	uint8_t p[4] = {5, 10, (uint8_t)(ticks >> 8), (uint8_t)ticks};

	wa_rtp_event_scale(p, sizeof(p), from, to);
	assert_int_equal(p[0], 5);
	assert_int_equal(p[1], 10);
	return (unsigned)p[2] << 8 | p[3];
}

static void there_and_back_it_is_the_same(void **state)
{
	(void)state;
	for(unsigned ticks = 160; ticks <= 48000; ticks += 160) {
		unsigned back = scaled(scaled(ticks, 48000, 8000), 8000, 48000);

		assert_true(back >= ticks - 3 && back <= ticks + 3); /* of 8 a millisecond */
	}
	assert_int_equal(scaled(800, 8000, 48000), 4800);
	assert_int_equal(scaled(800, 48000, 8000), 133);
	assert_int_equal(scaled(800, 8000, 8000), 800);
}

static void what_is_too_long_ends_at_the_end(void **state)
{
	(void)state;
	assert_int_equal(scaled(65535, 8000, 48000), 65535);
	assert_int_equal(scaled(10923, 8000, 48000), 65535);
	assert_int_equal(scaled(0, 8000, 48000), 0);
}

static void what_is_no_event_stays(void **state)
{
	uint8_t p[4] = {1, 2, 3, 4};

	(void)state;
	wa_rtp_event_scale(p, 3, 8000, 48000);
	wa_rtp_event_scale(p, 4, 0, 48000);
	assert_int_equal(p[2], 3);
	assert_int_equal(p[3], 4);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
			cmocka_unit_test(there_and_back_it_is_the_same),
			cmocka_unit_test(what_is_too_long_ends_at_the_end),
			cmocka_unit_test(what_is_no_event_stays),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
