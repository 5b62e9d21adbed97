/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "../../tools/metasim/media_seq.c"

#define MS 1000u

static enum seq_verdict put(struct seq_stats *s, uint16_t seq, uint64_t ms)
{
	unsigned missed;

	return seq_packet(s, seq, ms * MS + 1, &missed);
}

static void test_no_loss_over_the_roll_over(void **state)
{
	struct seq_stats s = {0};

	(void)state;
	for(unsigned i = 0; i < 200; i++)
		assert_int_equal(put(&s, (uint16_t)(65500 + i), 20u * i), SEQ_NEXT);
	assert_int_equal(seq_expected(&s), 200);
	assert_int_equal(seq_lost(&s), 0);
	assert_int_equal(s.cycles + s.max_seq, 65500 + 199);
	assert_int_equal(s.gap_max_us, 20 * MS);
}

static void test_what_was_held_back_comes_in_bursts(void **state)
{
	struct seq_stats s = {0};
	uint16_t seq = 100;

	(void)state;
	for(unsigned i = 0; i < 20; i++)
		put(&s, seq++, 20u * i);
	for(unsigned i = 0; i < 3; i++) /* three after a pause are none */
		put(&s, seq++, 440 + i);
	assert_int_equal(s.bursts, 0);
	for(unsigned i = 0; i < 10; i++)
		put(&s, seq++, 640);
	assert_int_equal(s.bursts, 2);
	for(unsigned i = 0; i < 20; i++)
		put(&s, seq++, 660 + 20u * i);
	assert_int_equal(s.bursts, 2);
}

static void test_loss_late_and_twice(void **state)
{
	struct seq_stats s = {0};
	unsigned missed;

	(void)state;
	assert_int_equal(put(&s, 10, 0), SEQ_NEXT);
	assert_int_equal(seq_packet(&s, 13, 60 * MS, &missed), SEQ_NEXT);
	assert_int_equal(missed, 2);
	assert_int_equal(seq_lost(&s), 2);
	assert_int_equal(put(&s, 12, 65), SEQ_LATE);
	assert_int_equal(seq_lost(&s), 1);
	assert_int_equal(put(&s, 13, 66), SEQ_AGAIN);
	assert_int_equal(s.duplicates, 1);
	assert_int_equal(seq_lost(&s), 1);
}

static void test_jumps_are_no_loss(void **state)
{
	static const uint16_t start[] = {100, 40000, 65000};
	static const uint16_t to[] = {20000, 100, 90};

	(void)state;
	for(size_t i = 0; i < 3; i++) {
		struct seq_stats s = {0};

		(void)put(&s, start[i], 0);
		(void)put(&s, (uint16_t)(start[i] + 1), 20);
		assert_int_equal(put(&s, to[i], 40), SEQ_JUMP);
		assert_int_equal(put(&s, (uint16_t)(to[i] + 1), 60), SEQ_NEXT);
		assert_int_equal(s.seq_jumps, 1);
		assert_int_equal(seq_expected(&s), 4);
		assert_int_equal(seq_lost(&s), 0);
	}
}

static void test_fraction_lost(void **state)
{
	struct seq_stats s = {0};

	(void)state;
	for(unsigned i = 0; i < 100; i++) {
		if(i % 4 != 3)
			(void)put(&s, (uint16_t)i, 20u * i);
	}
	/* 99 expected, for the last one is among the lost: 24 of 99 */
	assert_int_equal(seq_fraction_lost(&s), 24 * 256 / 99);
	for(unsigned i = 100; i < 150; i++)
		(void)put(&s, (uint16_t)i, 20u * i);
	assert_int_equal(seq_fraction_lost(&s), 256 / 51);
	assert_int_equal(seq_fraction_lost(&s), 0);
}

static void test_timestamps(void **state)
{
	struct seq_stats s = {0};

	(void)state;
	assert_int_equal(seq_audio(&s, 1, 5000, 1 * MS, 48000), 0);
	assert_int_equal(seq_audio(&s, 2, 5960, 21 * MS, 48000), 0);
	/* two lost */
	assert_int_equal(seq_audio(&s, 5, 8840, 81 * MS, 48000), 0);
	/* a pause of two seconds, with the wall clock */
	assert_int_equal(seq_audio(&s, 6, 8840 + 96000, 2081 * MS, 48000), 0);
	assert_int_equal(s.ts_jumps, 0);
	/* half a second too far, in no time; then back */
	assert_int_equal(
			seq_audio(&s, 7, 8840 + 96000 + 24960, 2101 * MS, 48000), 500);
	assert_int_equal(
			seq_audio(&s, 8, 8840 + 96000 + 1920, 2121 * MS, 48000), -500);
	assert_int_equal(s.ts_jumps, 2);
	assert_int_equal(s.ts_jump_max_ms, 500);
}

/* Audio that begins anywhere beside a digit, or behind it, is no jump. */
static void audio_beside_a_digit(void **state)
{
	struct seq_stats s = {0};

	(void)state;
	seq_audio(&s, 1, 0, 1 * MS, 8000);
	seq_event(&s, 160);
	assert_int_equal(seq_audio(&s, 16, 160 + 320, 321 * MS, 8000), 0);
	/* before its begin it is one */
	seq_event(&s, 4000);
	assert_int_equal(seq_audio(&s, 30, 640, 741 * MS, 8000), -400);
}

/* `n` packets of audio that come `lag_ms` later than their timestamps say, and one
 * of them that was kept waiting. */
static void come(struct seq_stats *s, unsigned first, unsigned n, unsigned lag_ms)
{
	for(unsigned i = first; i < first + n; i++)
		seq_audio(s, (uint16_t)i, i * 160, (20 * i + lag_ms + (i == first + n - 1 ? 400 : 0)) * MS, 8000);
}

static void audio_behind_the_clock(void **state)
{
	struct seq_stats s = {0};

	(void)state;
	come(&s, 0, 8, 30);
	assert_int_equal(seq_behind_ms(&s), 0);
	come(&s, 8, 60, 30);
	assert_int_equal(seq_behind_ms(&s), 0);
	come(&s, 68, 20, 290);
	assert_int_equal(seq_behind_ms(&s), 260);
	come(&s, 88, 20, 10);
	assert_int_equal(seq_behind_ms(&s), -20);
}

static void test_timestamp_roll_over(void **state)
{
	struct seq_stats s = {0};

	(void)state;
	assert_int_equal(seq_audio(&s, 1, UINT32_MAX - 59, MS, 8000), 0);
	assert_int_equal(seq_audio(&s, 2, 100, 21 * MS, 8000), 0);
	assert_int_equal(s.ts_jumps, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
			cmocka_unit_test(audio_beside_a_digit),
			cmocka_unit_test(audio_behind_the_clock),
			cmocka_unit_test(test_no_loss_over_the_roll_over),
			cmocka_unit_test(test_what_was_held_back_comes_in_bursts),
			cmocka_unit_test(test_loss_late_and_twice),
			cmocka_unit_test(test_jumps_are_no_loss),
			cmocka_unit_test(test_fraction_lost),
			cmocka_unit_test(test_timestamps),
			cmocka_unit_test(test_timestamp_roll_over),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
