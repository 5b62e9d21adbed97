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
	assert_int_not_equal(from, to);
	wa_g711_convert(&octet, 1, from);
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

/* Samples are the values of the octets, and lead back to them. */
static void samples_and_octets(void **state)
{
	(void)state;
	for(int i = 0; i < 256; i++) {
		uint8_t octet = (uint8_t)i, back;
		int16_t sample;

		wa_g711_decode(&octet, 1, WA_CODEC_PCMU, &sample);
		assert_int_equal(sample, linear_of_ulaw(octet));
		wa_g711_encode(&sample, 1, WA_CODEC_PCMU, &back);
		assert_int_equal(back, i == 0x7f ? 0xff : i); /* of two zeros one */
		wa_g711_decode(&octet, 1, WA_CODEC_PCMA, &sample);
		assert_int_equal(sample, linear_of_alaw(octet));
		wa_g711_encode(&sample, 1, WA_CODEC_PCMA, &back);
		assert_int_equal(back, i);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
			cmocka_unit_test(each_octet_becomes_one_as_loud),
			cmocka_unit_test(silence_stays_silence),
			cmocka_unit_test(samples_and_octets),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
