/* G.722, against what another implementation made of the same.
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <math.h>
#include <stdlib.h>

#include <cmocka.h>

#include "wa_g722.h"

/* 1000 and 333 Hz, and what spandsp makes of it at 8 kHz */
static const int16_t tones[24] = {0, 2638, 3999, 3534, 1731, -190, -1000, -188, 1734, 3538,
		4004, 2644, 6, -2632, -3993, -3529, -1727, 191, 1000, 186, -1737, -3543, -4009,
		-2650};
static const uint8_t coded[24] = {250, 224, 224, 224, 224, 217, 205, 223, 228, 226, 236, 242,
		222, 211, 209, 212, 219, 250, 249, 255, 214, 210, 210, 216};
static const int16_t decoded[24] = {2, 48, 132, 372, 1048, -206, -1012, -178, 1800, 3578, 3980,
		2618, -54, -2722, -3964, -3482, -1716, 218, 928, 246, -1834, -3418, -3946, -2562};

static void as_another_does(void **state)
{
	wa_g722_t g;
	uint8_t octets[24];
	int16_t samples[24];

	(void)state;
	wa_g722_init(&g);
	wa_g722_encode(&g, tones, 24, octets);
	assert_memory_equal(octets, coded, sizeof(coded));
	wa_g722_init(&g);
	wa_g722_decode(&g, coded, 24, samples);
	assert_memory_equal(samples, decoded, sizeof(decoded));
}

/* 1000 and 5500 Hz, and what spandsp makes of it at 16 kHz */
static const int16_t wide_tones[48] = {0, 2395, 736, 3064, 4061, 1300, 2695, 1981, -1500, -315,
		-1547, -4243, -1939, -2479, -3507, 99, 0, -99, 3507, 2479, 1939, 4243, 1547, 315,
		1500, -1981, -2695, -1300, -4061, -3064, -736, -2395, 0, 2395, 736, 3064, 4061,
		1300, 2695, 1981, -1500, -315, -1547, -4243, -1939, -2479, -3507, 99};
static const uint8_t wide_coded[24] = {250, 91, 250, 164, 5, 160, 160, 32, 36, 183, 143, 11,
		146, 159, 49, 173, 176, 59, 22, 146, 21, 62, 179, 47};
static const int16_t wide_decoded[48] = {0, -1, -1, 0, 0, -1, 0, 0, -1, -1, 0, 0, 1, 0, -4,
		-18, 10, 45, -4, -86, -38, 106, 265, 456, 703, 1130, 1932, 2522, 2340, 1210, -132,
		-1185, -2152, -2920, -3082, -2826, -2180, -1081, 6, 1088, 2148, 2698, 2799, 2855,
		2072, 1055, 191, -1408};

static void both_bands_as_another_does(void **state)
{
	wa_g722_t g;
	uint8_t octets[24];
	int16_t samples[48];

	(void)state;
	wa_g722_init(&g);
	wa_g722_encode_wide(&g, wide_tones, 10, octets);
	wa_g722_encode_wide(&g, wide_tones + 20, 14, octets + 10);
	assert_memory_equal(octets, wide_coded, sizeof(wide_coded));
	wa_g722_init(&g);
	wa_g722_decode_wide(&g, wide_coded, 24, samples);
	assert_memory_equal(samples, wide_decoded, sizeof(wide_decoded));
}

/* In pieces or at once: all that counts is the state. */
static void a_stream_may_come_in_pieces(void **state)
{
	wa_g722_t g;
	uint8_t octets[24];

	(void)state;
	wa_g722_init(&g);
	for(size_t i = 0; i < 24; i++)
		wa_g722_encode(&g, tones + i, 1, octets + i);
	assert_memory_equal(octets, coded, sizeof(coded));
}

/* The loudest there is comes through, and silence after it is silent again. */
static void it_neither_runs_away_nor_rings(void **state)
{
	wa_g722_t in, out;
	uint8_t octet;
	int16_t sample = 0;

	(void)state;
	wa_g722_init(&in);
	wa_g722_init(&out);
	for(int i = 0; i < 4000; i++) {
		int16_t loud = (int16_t)(32000 * sin(2 * M_PI * 500 * i / 8000));

		wa_g722_encode(&out, &loud, 1, &octet);
		wa_g722_decode(&in, &octet, 1, &sample);
		if(i > 200)
			assert_true(abs(sample - loud) < 2500);
	}
	for(int i = 0; i < 2000; i++) {
		int16_t nothing = 0;

		wa_g722_encode(&out, &nothing, 1, &octet);
		wa_g722_decode(&in, &octet, 1, &sample);
	}
	assert_true(abs(sample) <= 8);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
			cmocka_unit_test(as_another_does),
			cmocka_unit_test(both_bands_as_another_does),
			cmocka_unit_test(a_stream_may_come_in_pieces),
			cmocka_unit_test(it_neither_runs_away_nor_rings),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
