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
			len = wa_voice_convert(v[i], 7, (uint16_t)n, a, (size_t)len, b);
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

/* Octets that are no packet of the codec, and durations that Opus does not have. */
static void what_is_none_is_told(void **state)
{
	static const uint8_t much[2000] = {0xff};
	uint8_t out[WA_VOICE_MAX];
	wa_voice_t *v;

	(void)state;
	for(unsigned f = 0; f < 4; f++) {
		v = wa_voice_new(codecs[f], WA_CODEC_OPUS);
		assert_int_equal(wa_voice_convert(v, 1, 0, much, 0, out), WA_EPARSE);
		assert_int_equal(wa_voice_convert(v, 1, 0, much, sizeof(much), out), WA_EPARSE);
		wa_voice_free(v);
	}
	v = wa_voice_new(WA_CODEC_PCMA, WA_CODEC_OPUS);
	assert_int_equal(wa_voice_convert(v, 1, 0, much, 200, out), WA_EUNSUP);
	assert_true(wa_voice_convert(v, 1, 0, much, 320, out) > 0);
	wa_voice_free(v);
}

/* A telephone with packets of 30 ms, which no Opus frame has. */
static void opus_has_packets_of_any_ten_milliseconds(void **state)
{
	wa_voice_t *up = wa_voice_new(WA_CODEC_PCMA, WA_CODEC_OPUS);
	wa_voice_t *down = wa_voice_new(WA_CODEC_OPUS, WA_CODEC_PCMA);
	uint8_t in[12 * FRAME], opus[WA_VOICE_MAX], out[WA_VOICE_MAX];
	double level;

	(void)state;
	for(unsigned n = 0; n < 12; n++)
		tone(n, in + n * FRAME);
	for(unsigned at = 0; at + 240 <= sizeof(in); at += 240) {
		int len = wa_voice_convert(up, 1, at, in + at, 240, opus);

		assert_in_range(len, 1, WA_VOICE_MAX);
		assert_int_equal(wa_voice_convert(down, 1, 0, opus, (size_t)len, out), 240);
	}
	assert_true(purity(out, &level) > 0.98);
	for(unsigned ms = 10; ms <= 120; ms += 10) {
		int len = wa_voice_convert(up, 1, 0, in, ms * 8, opus);

		assert_in_range(len, 1, WA_VOICE_MAX);
		assert_int_equal(wa_voice_convert(down, 1, 0, opus, (size_t)len, out), ms * 8);
	}
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
			len = wa_voice_convert(source, 1, (uint16_t)n, pcma, FRAME, in);
			assert_int_equal(wa_voice_convert(v[0], 1, (uint16_t)n, in, (size_t)len, out[0]), FRAME);
		}
		assert_int_equal(wa_voice_convert(v[0], 2, 0, in, (size_t)len, out[0]), FRAME);
		assert_int_equal(wa_voice_convert(v[1], 2, 0, in, (size_t)len, out[1]), FRAME);
		assert_memory_equal(out[0], out[1], FRAME);
		/* and the same source would not have */
		assert_int_equal(wa_voice_convert(v[0], 2, 1, in, (size_t)len, out[0]), FRAME);
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
		assert_int_equal(wa_voice_convert(v, 1, (uint16_t)n, opus, (size_t)len, octets), FRAME);
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
		len = wa_voice_convert(up, 1, seq, in, FRAME, opus);
		if(n == 17 || n == 18) {
			seq -= !told;
			continue;
		}
		assert_int_equal(wa_voice_convert(down, 1, seq, opus, (size_t)len, out), FRAME);
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
		len[n] = wa_voice_convert(up, 1, (uint16_t)n, in, FRAME, opus[n]);
	}
	for(unsigned k = 0; k < 2; k++) {
		wa_voice_t *down = wa_voice_new(WA_CODEC_OPUS, WA_CODEC_PCMA);

		for(unsigned i = 0; i < 4; i++) {
			unsigned n = orders[k][i];

			assert_int_equal(wa_voice_convert(down, 1, (uint16_t)(65534 + n), opus[n],
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
			cmocka_unit_test(opus_has_packets_of_any_ten_milliseconds),
			cmocka_unit_test(another_source_begins_anew),
			cmocka_unit_test(what_is_above_a_telephone_stays),
			cmocka_unit_test(opus_hears_of_a_loss),
			cmocka_unit_test(what_was_overtaken_is_as_if_in_its_turn),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
