/* Timestamps of one clock by another, where they wrap, too.
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "wa_rtp_scale.h"

static void steps_are_scaled_through_the_wrap(void **state)
{
	uint32_t in = 4294960000u;
	wa_rtp_scale_t up = {.on = false}, down = {.on = false};
	uint32_t first_up = wa_rtp_scale(&up, in, 8000, 48000);
	uint32_t first_down = wa_rtp_scale(&down, in, 48000, 8000);

	(void)state;
	/* twice around at 48000 */
	for(uint32_t n = 1; n < 10000; n++) {
		assert_int_equal(wa_rtp_scale(&up, in + n * 160, 8000, 48000), (uint32_t)(first_up + n * 960));
		assert_int_equal(wa_rtp_scale(&down, in + n * 960000, 48000, 8000),
				(uint32_t)(first_down + n * 160000));
	}
}

static void a_packet_out_of_order_has_its_own_time(void **state)
{
	wa_rtp_scale_t s = {.on = false};
	uint32_t first = wa_rtp_scale(&s, 96000, 48000, 8000);

	(void)state;
	assert_int_equal(wa_rtp_scale(&s, 96000 + 1920, 48000, 8000), first + 320);
	assert_int_equal(wa_rtp_scale(&s, 96000 + 960, 48000, 8000), first + 160);
	assert_int_equal(wa_rtp_scale(&s, 96000 + 2880, 48000, 8000), first + 480);
}

static void parts_of_a_tick_are_not_lost(void **state)
{
	wa_rtp_scale_t s = {.on = false};
	uint32_t first = wa_rtp_scale(&s, 0, 48000, 8000);

	(void)state;
	for(uint32_t n = 1; n <= 6; n++)
		(void)wa_rtp_scale(&s, n * 5, 48000, 8000);
	assert_int_equal(wa_rtp_scale(&s, 30, 48000, 8000), first + 5);
}

static void one_clock_is_left_alone(void **state)
{
	wa_rtp_scale_t s = {.on = true, .in = 5, .out = 9};

	(void)state;
	assert_int_equal(wa_rtp_scale(&s, 12345, 8000, 8000), 12345);
	assert_int_equal(wa_rtp_scale(&s, 70, 8000, 48000), 70); /* anew */
	assert_int_equal(wa_rtp_scale(&s, 71, 8000, 48000), 76);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
			cmocka_unit_test(steps_are_scaled_through_the_wrap),
			cmocka_unit_test(a_packet_out_of_order_has_its_own_time),
			cmocka_unit_test(parts_of_a_tick_are_not_lost),
			cmocka_unit_test(one_clock_is_left_alone),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
