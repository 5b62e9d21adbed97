/* One codec's packets as another's.
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <opus/opus.h>

#include "wa_err.h"
#include "wa_g711.h"
#include "wa_g722.h"
#include "wa_voice.h"

#define FRAME 160
#define PACKETS 50

static const enum wa_codec codecs[] = {WA_CODEC_PCMU, WA_CODEC_PCMA, WA_CODEC_G722,
		WA_CODEC_OPUS};

/* Packet `n` of a tone of 1000 Hz, in PCMA. */
static void tone(unsigned n, uint8_t octets[FRAME])
{
	int16_t pcm[FRAME];

	for(unsigned i = 0; i < FRAME; i++)
		pcm[i] = (int16_t)(4000 * sin(2 * M_PI * 1000 * (n * FRAME + i) / 8000));
	wa_g711_encode(pcm, FRAME, WA_CODEC_PCMA, octets);
}

/* How much of a packet in PCMA is 1000 Hz (1: all of it), and how loud it is. */
static double purity(const uint8_t octets[FRAME], double *level)
{
	double re = 0, im = 0, all = 0;
	int16_t pcm[FRAME];

	wa_g711_decode(octets, FRAME, WA_CODEC_PCMA, pcm);
	for(unsigned i = 0; i < FRAME; i++) {
		re += pcm[i] * cos(2 * M_PI * i / 8);
		im += pcm[i] * sin(2 * M_PI * i / 8);
		all += (double)pcm[i] * pcm[i];
	}
	*level = sqrt(2 * all / FRAME);
	return 2 * (re * re + im * im) / FRAME / all;
}

/* A packet that makes one, whose octets are returned. */
static int one(wa_voice_t *v, uint32_t ssrc, uint16_t seq, const uint8_t *in, size_t len,
		uint8_t *out)
{
	static wa_voice_packet_t made[WA_VOICE_PACKETS];

	assert_int_equal(wa_voice_convert(v, ssrc, seq, in, len, made), 1);
	assert_int_equal(made[0].seq, seq);
	assert_int_equal(made[0].later, 0);
	memcpy(out, made[0].data, made[0].len);
	return (int)made[0].len;
}

/* PCMA to `from`, that to `to`, that back to PCMA: what is left of the tone. */
static void goes_through(enum wa_codec from, enum wa_codec to)
{
	wa_voice_t *v[3] = {wa_voice_new(WA_CODEC_PCMA, from), wa_voice_new(from, to),
			wa_voice_new(to, WA_CODEC_PCMA)};
	uint8_t a[WA_VOICE_MAX], b[WA_VOICE_MAX];
	double level = 0, pure = 0;

	for(unsigned n = 0; n < PACKETS; n++) {
		int len = FRAME;

		tone(n, a);
		for(unsigned i = 0; i < 3; i++) {
			len = one(v[i], 7, (uint16_t)n, a, (size_t)len, b);
			assert_in_range(len, 1, WA_VOICE_MAX);
			memcpy(a, b, (size_t)len);
		}
		assert_int_equal(len, FRAME);
		pure = purity(a, &level);
	}
	assert_true(pure > 0.98);
	assert_true(level > 3500 && level < 4500);
	for(unsigned i = 0; i < 3; i++)
		wa_voice_free(v[i]);
}

static void a_tone_goes_through_every_pair(void **state)
{
	(void)state;
	for(unsigned f = 0; f < 4; f++)
		for(unsigned t = 0; t < 4; t++)
			goes_through(codecs[f], codecs[t]);
}

static void it_knows_what_it_is(void **state)
{
	wa_voice_t *v = wa_voice_new(WA_CODEC_G722, WA_CODEC_PCMA);

	(void)state;
	assert_true(wa_voice_is(v, WA_CODEC_G722, WA_CODEC_PCMA));
	assert_false(wa_voice_is(v, WA_CODEC_PCMA, WA_CODEC_G722));
	assert_false(wa_voice_is(NULL, WA_CODEC_G722, WA_CODEC_PCMA));
	wa_voice_free(v);
	wa_voice_free(NULL);
}

/* Octets that are no packet of the codec. */
static void what_is_none_is_told(void **state)
{
	static const uint8_t much[2000] = {0xff};
	static wa_voice_packet_t out[WA_VOICE_PACKETS];

	(void)state;
	for(unsigned f = 0; f < 4; f++) {
		wa_voice_t *v = wa_voice_new(codecs[f], WA_CODEC_OPUS);

		assert_int_equal(wa_voice_convert(v, 1, 0, much, 0, out), WA_EPARSE);
		assert_int_equal(wa_voice_convert(v, 1, 0, much, sizeof(much), out), WA_EPARSE);
		wa_voice_free(v);
	}
}

/* A telephone with packets of another duration: 20 ms each come out, one behind the
 * other in number and time, and the tone is whole. */
static void opus_has_packets_of_twenty_ms(void **state)
{
	static const unsigned ms[] = {10, 30, 40, 60, 120, 5};
	static uint8_t in[60 * FRAME];
	static wa_voice_packet_t opus[WA_VOICE_PACKETS];
	uint8_t out[WA_VOICE_MAX];
	double level;

	(void)state;
	for(unsigned n = 0; n < 60; n++)
		tone(n, in + n * FRAME);
	for(unsigned k = 0; k < sizeof(ms) / sizeof(ms[0]); k++) {
		wa_voice_t *up = wa_voice_new(WA_CODEC_PCMA, WA_CODEC_OPUS);
		wa_voice_t *down = wa_voice_new(WA_CODEC_OPUS, WA_CODEC_PCMA);
		unsigned octets = ms[k] * 8, made = 0, packets = sizeof(in) / octets;
		uint16_t first = 65530;

		for(unsigned n = 0; n < packets; n++) {
			int got = wa_voice_convert(up, 1, (uint16_t)(first + n), in + n * octets, octets, opus);

			assert_in_range(got, 0, WA_VOICE_PACKETS);
			for(int i = 0; i < got; i++, made++) {
				assert_int_equal(opus[i].seq, (uint16_t)(first + made));
				assert_int_equal((int)(n * ms[k] * 48) + opus[i].later, (int)(made * 960));
				assert_int_equal(one(down, 1, opus[i].seq, opus[i].data, opus[i].len, out), FRAME);
			}
		}
		assert_int_equal(made, 60);
		assert_true(purity(out, &level) > 0.98);
		wa_voice_free(up);
		wa_voice_free(down);
	}
}

/* 30 ms each, of which the fourth does not come, or too late. */
static void what_is_missing_of_others_is_a_gap(void **state)
{
	static wa_voice_packet_t out[WA_VOICE_PACKETS];
	wa_voice_t *v = wa_voice_new(WA_CODEC_PCMA, WA_CODEC_OPUS);
	uint8_t in[240];

	(void)state;
	memset(in, 0xd5, sizeof(in));
	assert_int_equal(wa_voice_convert(v, 1, 0, in, 240, out), 1); /* 0 to 20 */
	assert_int_equal(wa_voice_convert(v, 1, 1, in, 240, out), 2); /* 20 to 60 */
	assert_int_equal(out[1].seq, 2);
	assert_int_equal(wa_voice_convert(v, 1, 2, in, 240, out), 1); /* 60 to 80, and 10 */
	assert_int_equal(wa_voice_convert(v, 1, 4, in, 240, out), 1); /* from 120 on */
	assert_int_equal(out[0].seq, 6);
	assert_int_equal(out[0].later, 0);
	assert_int_equal(wa_voice_convert(v, 1, 3, in, 240, out), 0);
	assert_int_equal(wa_voice_convert(v, 1, 5, in, 240, out), 2);
	assert_int_equal(out[0].later, -480);
	wa_voice_free(v);
}

/* As loud as it came, also what is loud: Opus at 8 kHz would take it from the voice for
 * what may be lost. */
static void a_loud_tone_stays_as_loud(void **state)
{
	wa_voice_t *up = wa_voice_new(WA_CODEC_PCMA, WA_CODEC_OPUS);
	wa_voice_t *down = wa_voice_new(WA_CODEC_OPUS, WA_CODEC_PCMA);
	uint8_t in[FRAME], opus[WA_VOICE_MAX], out[FRAME];
	int16_t pcm[FRAME];
	double level = 0;
	size_t lossless = 0, lossy = 0;

	(void)state;
	for(unsigned n = 0; n < 100; n++) {
		int len;

		for(unsigned i = 0; i < FRAME; i++)
			pcm[i] = (int16_t)(16384 * sin(2 * M_PI * 1000 * (n * FRAME + i) / 8000));
		wa_g711_encode(pcm, FRAME, WA_CODEC_PCMA, in);
		if(n == 50) {
			assert_true(purity(out, &level) > 0.98);
			assert_true(level > 15000 && level < 18000);
			wa_voice_expect_loss(up, 20);
		}
		len = one(up, 1, (uint16_t)n, in, FRAME, opus);
		assert_int_equal(one(down, 1, (uint16_t)n, opus, (size_t)len, out), FRAME);
		if(n >= 50)
			lossy += (size_t)len;
		else
			lossless += (size_t)len;
	}
	assert_int_not_equal(lossless, lossy);
	wa_voice_free(up);
	wa_voice_free(down);
}

/* What is said of one source must not be heard in the next: two converters, one of
 * which has heard something loud before, end with the same. */
static void another_source_begins_anew(void **state)
{
	static const enum wa_codec from[] = {WA_CODEC_G722, WA_CODEC_OPUS};
	uint8_t out[2][WA_VOICE_MAX], in[WA_VOICE_MAX], pcma[FRAME];

	(void)state;
	for(unsigned i = 0; i < 2; i++) {
		wa_voice_t *source = wa_voice_new(WA_CODEC_PCMA, from[i]);
		wa_voice_t *v[2] = {wa_voice_new(from[i], WA_CODEC_PCMA),
				wa_voice_new(from[i], WA_CODEC_PCMA)};
		int len = 0;

		for(unsigned n = 0; n < 5; n++) {
			tone(n, pcma);
			len = one(source, 1, (uint16_t)n, pcma, FRAME, in);
			assert_int_equal(one(v[0], 1, (uint16_t)n, in, (size_t)len, out[0]), FRAME);
		}
		assert_int_equal(one(v[0], 2, 0, in, (size_t)len, out[0]), FRAME);
		assert_int_equal(one(v[1], 2, 0, in, (size_t)len, out[1]), FRAME);
		assert_memory_equal(out[0], out[1], FRAME);
		/* and the same source would not have */
		assert_int_equal(one(v[0], 2, 1, in, (size_t)len, out[0]), FRAME);
		assert_memory_not_equal(out[0], out[1], FRAME);
		wa_voice_free(source);
		wa_voice_free(v[0]);
		wa_voice_free(v[1]);
	}
}

/* 5500 Hz, of which a telephone knows nothing, from Opus to G.722: what is left in
 * the packet after a second, in parts of the whole. */
static void what_is_above_a_telephone_stays(void **state)
{
	OpusEncoder *e = opus_encoder_create(16000, 1, OPUS_APPLICATION_AUDIO, NULL);
	wa_voice_t *v = wa_voice_new(WA_CODEC_OPUS, WA_CODEC_G722);
	uint8_t opus[WA_VOICE_MAX], octets[FRAME];
	double re = 0, im = 0, all = 0;
	int16_t pcm[2 * FRAME];
	wa_g722_t g;

	(void)state;
	wa_g722_init(&g);
	for(unsigned n = 0; n < PACKETS; n++) {
		int len;

		for(unsigned i = 0; i < 2 * FRAME; i++)
			pcm[i] = (int16_t)(4000 * sin(2 * M_PI * 5500 * (n * 2 * FRAME + i) / 16000));
		len = opus_encode(e, pcm, 2 * FRAME, opus, sizeof(opus));
		assert_int_equal(one(v, 1, (uint16_t)n, opus, (size_t)len, octets), FRAME);
		wa_g722_decode_wide(&g, octets, FRAME, pcm);
	}
	for(unsigned i = 0; i < 2 * FRAME; i++) {
		re += pcm[i] * cos(2 * M_PI * 5500 * i / 16000);
		im += pcm[i] * sin(2 * M_PI * 5500 * i / 16000);
		all += (double)pcm[i] * pcm[i];
	}
	assert_true((re * re + im * im) / FRAME / all > 0.7); /* two bits have the upper band */
	assert_true(sqrt(all / FRAME) > 3000);
	opus_encoder_destroy(e);
	wa_voice_free(v);
}

/* The longest step from a sample to the next one in the packet behind those that are
 * missing; `told`: by its number. */
static int step_behind_a_loss(bool told)
{
	wa_voice_t *up = wa_voice_new(WA_CODEC_PCMA, WA_CODEC_OPUS);
	wa_voice_t *down = wa_voice_new(WA_CODEC_OPUS, WA_CODEC_PCMA);
	uint8_t in[FRAME], opus[WA_VOICE_MAX], out[FRAME];
	int16_t pcm[FRAME];
	uint16_t seq = 65530;
	int most = 0;

	for(unsigned n = 0; n < 20; n++, seq++) {
		int len;

		tone(n, in);
		len = one(up, 1, seq, in, FRAME, opus);
		if(n == 17 || n == 18) {
			seq -= !told;
			continue;
		}
		assert_int_equal(one(down, 1, seq, opus, (size_t)len, out), FRAME);
	}
	wa_g711_decode(out, FRAME, WA_CODEC_PCMA, pcm);
	for(unsigned i = 1; i < FRAME; i++)
		if(abs(pcm[i] - pcm[i - 1]) > most)
			most = abs(pcm[i] - pcm[i - 1]);
	wa_voice_free(up);
	wa_voice_free(down);
	return most;
}

/* 1000 Hz with 4000 have steps of 3100 at most. */
static void opus_hears_of_a_loss(void **state)
{
	(void)state;
	assert_int_not_equal(step_behind_a_loss(true), step_behind_a_loss(false));
	assert_true(step_behind_a_loss(true) < 3500);
}

/* Four packets, of which the third is overtaken: each is what it would have been in its
 * turn, but the one that came too early. */
static void what_was_overtaken_is_as_if_in_its_turn(void **state)
{
	static const unsigned orders[2][4] = {{0, 1, 2, 3}, {0, 1, 3, 2}};
	uint8_t opus[4][WA_VOICE_MAX], out[2][4][WA_VOICE_MAX], in[FRAME];
	wa_voice_t *up = wa_voice_new(WA_CODEC_PCMA, WA_CODEC_OPUS);
	int len[4];

	(void)state;
	for(unsigned n = 0; n < 4; n++) {
		tone(n, in);
		len[n] = one(up, 1, (uint16_t)n, in, FRAME, opus[n]);
	}
	for(unsigned k = 0; k < 2; k++) {
		wa_voice_t *down = wa_voice_new(WA_CODEC_OPUS, WA_CODEC_PCMA);

		for(unsigned i = 0; i < 4; i++) {
			unsigned n = orders[k][i];

			assert_int_equal(one(down, 1, (uint16_t)(65534 + n), opus[n],
									 (size_t)len[n], out[k][n]), FRAME);
		}
		wa_voice_free(down);
	}
	for(unsigned n = 0; n < 3; n++)
		assert_memory_equal(out[0][n], out[1][n], FRAME);
	wa_voice_free(up);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
			cmocka_unit_test(a_tone_goes_through_every_pair),
			cmocka_unit_test(it_knows_what_it_is),
			cmocka_unit_test(what_is_none_is_told),
			cmocka_unit_test(opus_has_packets_of_twenty_ms),
			cmocka_unit_test(what_is_missing_of_others_is_a_gap),
			cmocka_unit_test(a_loud_tone_stays_as_loud),
			cmocka_unit_test(another_source_begins_anew),
			cmocka_unit_test(what_is_above_a_telephone_stays),
			cmocka_unit_test(opus_hears_of_a_loss),
			cmocka_unit_test(what_was_overtaken_is_as_if_in_its_turn),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
