/* Bencode: every malformed input ends in an error, never beyond its end.
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "wa_bencode.h"
#include "wa_err.h"

/* On the heap without a terminator: one octet too far is found. */
static int open_tight(const char *text, size_t len)
{
	char *p = malloc(len ? len : 1);
	wa_ben_t item;
	int err;

	assert_non_null(p);
	memcpy(p, text, len);
	err = wa_ben_open((wa_sv_t){p, len}, &item);
	free(p);
	return err;
}

static void malformed(void **state)
{
	static const struct
	{
		const char *text;
		int err;
	} cases[] = {
			{"", WA_EPARSE},
			{"x", WA_EPARSE},
			{"e", WA_EPARSE},
			{"i", WA_EPARSE},
			{"ie", WA_EPARSE},
			{"i-e", WA_EPARSE},
			{"i12", WA_EPARSE},
			{"i1x2e", WA_EPARSE},
			{"i1e2", WA_EPARSE},
			{"i1234567890123456789e", WA_ERANGE},
			{"5:abcd", WA_EPARSE},
			{"5", WA_EPARSE},
			{":", WA_EPARSE},
			{"-1:a", WA_EPARSE},
			{"999999999999999999:a", WA_EPARSE},
			{"9999999999999999999:a", WA_ERANGE},
			{"3:abcd", WA_EPARSE},
			{"l", WA_EPARSE},
			{"li1e", WA_EPARSE},
			{"d", WA_EPARSE},
			{"d1:a", WA_EPARSE},
			{"d1:ae", WA_EPARSE},
			{"di1ei2ee", WA_EPARSE},
			{"d1:ai1e", WA_EPARSE},
			{"llllllllllllllllleeeeeeeeeeeeeeeee", 0},
			{"lllllllllllllllllleeeeeeeeeeeeeeeeee", WA_ETOOLONG},
			{"le", 0},
			{"de", 0},
			{"0:", 0},
			{"i-7e", 0},
			{"d1:ali1e1:beee", WA_EPARSE},
			{"d1:ali1e1:bee", 0},
	};

	(void)state;
	for(size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		if(open_tight(cases[i].text, strlen(cases[i].text)) != cases[i].err)
			fail_msg("case %zu: %s", i, cases[i].text);
}

static void every_cut_of_a_reply_is_malformed(void **state)
{
	static const char text[] =
			"d6:result2:ok4:tagsd3:abcd6:mediasld7:streamsld5:flagsl3:RTP6:"
			"filledeeeeeee1:ni-12ee";
	size_t len = sizeof(text) - 1;

	(void)state;
	assert_int_equal(open_tight(text, len), 0);
	for(size_t n = 0; n < len; n++)
		assert_int_not_equal(open_tight(text, n), 0);
}

static void noise_is_survived(void **state)
{
	static const char alphabet[] = "dlie0123456789:-abe";
	unsigned seed = 1;

	(void)state;
	for(int round = 0; round < 20000; round++) {
		char text[24];
		size_t len = (seed = seed * 1103515245u + 12345u) >> 16 & 15;

		for(size_t i = 0; i < len; i++) {
			seed = seed * 1103515245u + 12345u;
			text[i] = alphabet[(seed >> 16) % (sizeof(alphabet) - 1)];
		}
		(void)open_tight(text, len);
	}
}

static void reading(void **state)
{
	wa_sv_t rest, key;
	wa_ben_t d, v;
	int n = 0;

	(void)state;
	assert_int_equal(
			wa_ben_open(WA_SV("d1:ai-5e1:bl1:x2:yye1:cd1:k1:vee"), &d), 0);
	assert_int_equal(d.type, WA_BEN_DICT);
	assert_int_equal(wa_ben_get(&d, WA_SV("a"), WA_BEN_INT, &v), 0);
	assert_int_equal(v.num, -5);
	assert_int_equal(wa_ben_get(&d, WA_SV("a"), WA_BEN_STR, &v), WA_ETYPE);
	assert_int_equal(wa_ben_get(&d, WA_SV("z"), WA_BEN_STR, &v), WA_ENOENT);
	assert_int_equal(wa_ben_get(&d, WA_SV("b"), WA_BEN_LIST, &v), 0);
	assert_true(wa_ben_has(&v, WA_SV("yy")));
	assert_false(wa_ben_has(&v, WA_SV("y")));
	assert_int_equal(wa_ben_get(&v, WA_SV("k"), WA_BEN_STR, &v), WA_ETYPE);
	assert_int_equal(wa_ben_get(&d, WA_SV("c"), WA_BEN_DICT, &v), 0);
	assert_false(wa_ben_has(&v, WA_SV("k")));
	assert_int_equal(wa_ben_get(&v, WA_SV("k"), WA_BEN_STR, &v), 0);
	assert_true(wa_sv_eq(v.body, WA_SV("v")));
	assert_true(wa_sv_eq(v.raw, WA_SV("1:v")));
	for(rest = d.body; wa_ben_pair(&rest, &key, &v);)
		n++;
	assert_int_equal(n, 3);
}

static void what_is_written_is_read(void **state)
{
	char mem[128];
	wa_buf_t b = wa_buf_on(mem, sizeof(mem));
	wa_ben_t d, v;

	(void)state;
	wa_ben_put_dict(&b);
	wa_ben_put_pair(&b, WA_SV("sdp"), WA_SV("v=0\r\n"));
	wa_ben_put_str(&b, WA_SV("list"));
	wa_ben_put_list(&b);
	wa_ben_put_int(&b, -3);
	wa_ben_put_end(&b);
	wa_ben_put_end(&b);
	assert_true(wa_sv_eq(wa_buf_sv(&b),
			WA_SV("d3:sdp5:v=0\r\n4:listli-3eee")));
	assert_int_equal(wa_ben_open(wa_buf_sv(&b), &d), 0);
	assert_int_equal(wa_ben_get(&d, WA_SV("sdp"), WA_BEN_STR, &v), 0);
	assert_true(wa_sv_eq(v.body, WA_SV("v=0\r\n")));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
			cmocka_unit_test(malformed),
			cmocka_unit_test(every_cut_of_a_reply_is_malformed),
			cmocka_unit_test(noise_is_survived),
			cmocka_unit_test(reading),
			cmocka_unit_test(what_is_written_is_read),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
