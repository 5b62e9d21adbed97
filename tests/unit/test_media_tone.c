/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "../../tools/metasim/media_tone.c"

static void say(struct tone_meter *t, double hz, double dbov, unsigned ms)
{
	struct tone_gen g = {0};
	int16_t pcm[TONE_RATE / 50];

	tone_gen_set(&g, hz, dbov, TONE_RATE);
	for(unsigned i = 0; i < ms / 20; i++) {
		tone_gen_fill(&g, pcm, TONE_RATE / 50);
		tone_meter_add(t, pcm, TONE_RATE / 50);
	}
}

static void assert_near(double got, double want, double off)
{
	if(fabs(got - want) > off)
		fail_msg("%f is not within %f of %f", got, off, want);
}

static void test_frequency_and_level(void **state)
{
	static const struct
	{
		double hz, dbov;
	} v[] = {{100, -10}, {440, -20}, {697, -3.1}, {1000, -40}, {1004, -20},
			{3400, -30}, {7000, -20}};

	(void)state;
	for(size_t i = 0; i < sizeof(v) / sizeof(v[0]); i++) {
		struct tone_meter t = {0};

		say(&t, v[i].hz, v[i].dbov, 1000);
		assert_int_equal(t.heardc, 1);
		assert_near(tone_hz(&t.heard[0]), v[i].hz, 1.5);
		assert_near(tone_dbov(t.power), v[i].dbov, 0.3);
		assert_near(t.purity, 1.0, 0.05);
		assert_int_equal(t.silent + t.noisy, 0);
	}
}

static void test_silence_is_no_tone(void **state)
{
	struct tone_meter t = {0};

	(void)state;
	say(&t, 0, 0, 1000);
	assert_int_equal(t.heardc, 0);
	assert_int_equal(t.silent, t.windows);
	assert_true(tone_dbov(t.power) <= -127.0);
}

static void test_noise_is_no_tone(void **state)
{
	struct tone_meter t = {0};
	int16_t pcm[TONE_WINDOW];

	(void)state;
	srand(7);
	for(size_t i = 0; i < TONE_WINDOW; i++)
		pcm[i] = (int16_t)(rand() % 8000 - 4000);
	tone_meter_add(&t, pcm, TONE_WINDOW);
	assert_int_equal(t.heardc, 0);
	assert_int_equal(t.noisy, 1);
}

static void test_tones_one_after_the_other(void **state)
{
	struct tone_meter t = {0};

	(void)state;
	say(&t, 440, -20, 640);
	say(&t, 0, 0, 640);
	say(&t, 1000, -20, 1280);
	say(&t, 440, -20, 640);
	assert_int_equal(t.heardc, 2);
	assert_near(tone_hz(&t.heard[0]), 440, 2);
	assert_near(tone_hz(&t.heard[1]), 1000, 2);
	assert_int_equal(tone_window_ms(t.heard[0].windows), 1280);
	assert_int_equal(tone_window_ms(t.heard[1].windows), 1280);
	assert_int_equal(tone_window_ms(t.silent), 640);
}

static void test_phase_goes_on(void **state)
{
	struct tone_gen g = {0};
	int16_t pcm[2];

	(void)state;
	tone_gen_set(&g, 1000, -20, TONE_RATE);
	tone_gen_fill(&g, pcm, 1);
	tone_gen_fill(&g, pcm + 1, 1);
	assert_int_equal(pcm[0], 0);
	assert_true(pcm[1] > 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
			cmocka_unit_test(test_frequency_and_level),
			cmocka_unit_test(test_silence_is_no_tone),
			cmocka_unit_test(test_noise_is_no_tone),
			cmocka_unit_test(test_tones_one_after_the_other),
			cmocka_unit_test(test_phase_goes_on),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
