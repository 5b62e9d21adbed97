/* PCMU in PCMA and back, against the values of ITU-T G.711.
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "wa_g711.h"

static uint8_t converted(uint8_t octet, enum wa_codec from, enum wa_codec to)
{
	wa_g711_convert(&octet, 1, from, to);
	return octet;
}

/* 16 bits, as every telephone decodes them: written down once more, in another way. */
static int linear_of_ulaw(uint8_t octet)
{
	int u = ~octet & 0xff, v = ((u & 15) << 3) + 0x84;

	v <<= (u & 0x70) >> 4;
	return u & 0x80 ? 0x84 - v : v - 0x84;
}

static int linear_of_alaw(uint8_t octet)
{
	int a = octet ^ 0x55, v = (a & 15) << 4, segment = (a & 0x70) >> 4;

	if(segment == 0)
		v += 8;
	else
		v = (v + 0x108) << (segment - 1);
	return a & 0x80 ? v : -v;
}

static int distance(int a, int b)
{
	return a > b ? a - b : b - a;
}

/* Half a step of either law is a thirty-second of the value at most. */
static bool is_near(int a, int b)
{
	return distance(a, b) <= distance(a, 0) / 24 + 8;
}

static void each_octet_becomes_one_as_loud(void **state)
{
	(void)state;
	for(int i = 0; i < 256; i++) {
		int u = linear_of_ulaw((uint8_t)i), a = linear_of_alaw((uint8_t)i);
		int got_a = linear_of_alaw(converted((uint8_t)i, WA_CODEC_PCMU, WA_CODEC_PCMA));
		int got_u = linear_of_ulaw(converted((uint8_t)i, WA_CODEC_PCMA, WA_CODEC_PCMU));

		assert_true(is_near(u, got_a));
		assert_true(is_near(a, got_u));
	}
}

static void silence_stays_silence(void **state)
{
	(void)state;
	assert_int_equal(converted(0xff, WA_CODEC_PCMU, WA_CODEC_PCMA), 0xd5);
	assert_int_equal(converted(0xd5, WA_CODEC_PCMA, WA_CODEC_PCMU), 0xfe);
	assert_int_equal(converted(0x80, WA_CODEC_PCMU, WA_CODEC_PCMA), 0xaa); /* as loud as it can be */
	assert_int_equal(converted(0x00, WA_CODEC_PCMU, WA_CODEC_PCMA), 0x2a);
	assert_int_equal(converted(0xaa, WA_CODEC_PCMA, WA_CODEC_PCMU), 0x80);
}

static void other_codecs_are_left_alone(void **state)
{
	(void)state;
	assert_int_equal(converted(0x12, WA_CODEC_PCMU, WA_CODEC_PCMU), 0x12);
	assert_int_equal(converted(0x12, WA_CODEC_G722, WA_CODEC_PCMU), 0x12);
	assert_int_equal(converted(0x12, WA_CODEC_PCMA, WA_CODEC_OPUS), 0x12);
	assert_false(wa_g711_converts(WA_CODEC_PCMA, WA_CODEC_PCMA));
	assert_true(wa_g711_converts(WA_CODEC_PCMA, WA_CODEC_PCMU));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
			cmocka_unit_test(each_octet_becomes_one_as_loud),
			cmocka_unit_test(silence_stays_silence),
			cmocka_unit_test(other_codecs_are_left_alone),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
