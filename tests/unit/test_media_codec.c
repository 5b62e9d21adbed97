/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "../../tools/metasim/media_codec.c"
#include "../../tools/metasim/media_tone.c"

/* Tables of ITU-T G.711, values at the ends of segments. */
static void test_g711_vectors(void **state)
{
	static const struct
	{
		uint8_t code;
		int16_t ulaw, alaw;
	} v[] = {{0x00, -32124, -5504}, {0x80, 32124, 5504}, {0x7f, 0, -848},
			{0xff, 0, 848}, {0x55, -716, -8}, {0xd5, 716, 8},
			{0x2a, -5372, -32256}, {0xaa, 5372, 32256}};

	(void)state;
	for(size_t i = 0; i < sizeof(v) / sizeof(v[0]); i++) {
		assert_int_equal(ulaw_decode(v[i].code), v[i].ulaw);
		assert_int_equal(alaw_decode(v[i].code), v[i].alaw);
	}
}

static void test_g711_round_trip(void **state)
{
	(void)state;
	for(unsigned code = 0; code < 256; code++) {
		int16_t u = ulaw_decode((uint8_t)code);
		int16_t a = alaw_decode((uint8_t)code);

		/* -0 of the u-law comes back as +0 */
		assert_int_equal(ulaw_encode(u), code == 0x7f ? 0xff : code);
		assert_int_equal(alaw_encode(a), code);
	}
	assert_int_equal(ulaw_encode(INT16_MIN), 0x00);
	assert_int_equal(alaw_encode(INT16_MIN), 0x2a);
	assert_int_equal(ulaw_encode(INT16_MAX), 0x80);
	assert_int_equal(alaw_encode(INT16_MAX), 0xaa);
}

static void through(enum codec_id id, double hz, double dbov, unsigned loss)
{
	struct encoder *e = NULL;
	struct decoder *d = NULL;
	struct tone_gen g = {0};
	struct tone_meter t = {0};
	int16_t said[CODEC_SAID_MAX], pcm[CODEC_HEARD_MAX];
	uint8_t p[CODEC_PACKET_MAX];

	assert_int_equal(encoder_alloc(&e, id), 0);
	assert_int_equal(decoder_alloc(&d, id), 0);
	tone_gen_set(&g, hz, dbov, codec_said_rate(id));
	for(unsigned i = 0; i < 100; i++) {
		size_t n, len;

		tone_gen_fill(&g, said, codec_said_rate(id) / 50);
		len = encoder_put(e, said, p, sizeof(p));
		assert_true(len > 0);
		assert_int_equal(codec_duration(id, p, len), codec_clock(id) / 50);
		n = loss && i % loss == 0 ? decoder_lost(d, NULL, 0, pcm)
								  : decoder_get(d, p, len, pcm);
		assert_int_equal(n, CODEC_HEARD_RATE / 50);
		tone_meter_add(&t, pcm, n);
	}
	if(!loss) {
		assert_int_equal(t.heardc, 1);
		assert_true(fabs(tone_hz(&t.heard[0]) - hz) < 2.0);
		assert_true(fabs(tone_dbov(t.power) - dbov) < 1.5);
	}
	mem_deref(e);
	mem_deref(d);
}

static void test_tone_through_each(void **state)
{
	(void)state;
	for(enum codec_id id = CODEC_OPUS; id <= CODEC_PCMA; id++) {
		through(id, 440, -20, 0);
		through(id, 1000, -10, 0);
		through(id, 1000, -20, 10);
	}
}

static void test_no_frames(void **state)
{
	static const uint8_t odd[] = {0xff, 0xff, 0xff};

	(void)state;
	assert_int_equal(codec_duration(CODEC_OPUS, odd, 0), 0);
	assert_int_equal(codec_duration(CODEC_OPUS, odd, sizeof(odd)), 0);
	assert_int_equal(codec_duration(CODEC_NONE, odd, sizeof(odd)), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
			cmocka_unit_test(test_g711_vectors),
			cmocka_unit_test(test_g711_round_trip),
			cmocka_unit_test(test_tone_through_each),
			cmocka_unit_test(test_no_frames),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
