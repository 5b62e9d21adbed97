/* Nonces given to us: counts, age, refusals in a row, and a table that is full.
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "wa_err.h"
#include "wa_given.h"

#define NOW ((time_t)1750000000)
#define A WA_SV("15550001111")
#define B WA_SV("15550002222")

static wa_given_t *table(unsigned numbers)
{
	const wa_given_times_t times = {.keep = 60, .pause = 600};
	void *block = malloc(wa_given_size(numbers));

	assert_non_null(block);
	return wa_given_init(block, numbers, &times);
}

static wa_challenge_t challenge(const char *text)
{
	wa_challenges_t list = {0};

	assert_int_equal(wa_challenges_parse(wa_sv_from(text), &list), 0);
	assert_int_equal(list.n, 1);
	return list.v[0];
}

static uint32_t put(wa_given_t *t, wa_sv_t number, const char *nonce, time_t now)
{
	char text[128];
	wa_challenge_t ch;

	snprintf(text, sizeof(text),
			"Digest realm=\"r\", nonce=\"%s\", opaque=\"o\", algorithm=SHA-256, "
			"qop=\"auth,auth-int\"",
			nonce);
	ch = challenge(text);
	return wa_given_put(t, number, &ch, true, now);
}

static void counts_go_up_and_all_values_come_back(void **state)
{
	wa_given_t *t = table(4);
	wa_given_nonce_t n;

	(void)state;
	assert_int_equal(wa_given_take(t, A, NOW, &n), WA_ENOENT);
	assert_int_equal(put(t, A, "n1", NOW), 1);
	for(uint32_t nc = 2; nc < 5; nc++) {
		assert_int_equal(wa_given_take(t, A, NOW, &n), 0);
		assert_int_equal(n.nc, nc);
	}
	assert_true(wa_sv_eq(n.ch.realm, WA_SV("r")));
	assert_true(wa_sv_eq(n.ch.nonce, WA_SV("n1")));
	assert_true(wa_sv_eq(n.ch.opaque, WA_SV("o")));
	assert_int_equal(n.ch.alg, WA_ALG_SHA256);
	assert_int_equal(n.ch.qop, WA_QOP_AUTH);
	assert_non_null(n.ch.algorithm.s);
	assert_true(n.proxy);
	/* the same nonce in a challenge counts on, another begins anew */
	assert_int_equal(put(t, A, "n1", NOW), 5);
	assert_int_equal(put(t, A, "n2", NOW), 1);
	assert_int_equal(wa_given_take(t, B, NOW, &n), WA_ENOENT);
	assert_int_equal(wa_given_take(t, WA_SV(""), NOW, &n), WA_ENOENT);
	free(t);
}

static void it_is_kept_for_its_time(void **state)
{
	wa_given_t *t = table(4);
	wa_given_nonce_t n;

	(void)state;
	put(t, A, "n1", NOW);
	assert_int_equal(wa_given_take(t, A, NOW + 60, &n), 0);
	assert_int_equal(wa_given_take(t, A, NOW + 61, &n), WA_ENOENT);
	free(t);
}

static void what_cannot_come_again_is_not_kept(void **state)
{
	static const char *const kinds[] = {"Digest realm=\"r\", nonce=\"n\"",
			"Digest realm=\"r\", nonce=\"n\", qop=\"auth-int\"",
			"Digest realm=\"r\", nonce=\"n\", qop=\"auth\", algorithm=MD5-sess"};
	char longer[1024];
	wa_given_nonce_t n;

	(void)state;
	for(size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		wa_given_t *t = table(4);
		wa_challenge_t ch = challenge(kinds[i]);

		assert_int_equal(wa_given_put(t, A, &ch, true, NOW), 1);
		assert_int_equal(wa_given_take(t, A, NOW, &n), WA_ENOENT);
		free(t);
	}
	memset(longer, 'n', sizeof(longer) - 1);
	longer[sizeof(longer) - 1] = '\0';
	wa_given_t *t = table(4);
	wa_challenge_t ch = challenge("Digest realm=\"r\", nonce=\"n\", qop=\"auth\"");

	ch.nonce = wa_sv_from(longer);
	assert_int_equal(wa_given_put(t, A, &ch, true, NOW), 1);
	assert_int_equal(wa_given_take(t, A, NOW, &n), WA_ENOENT);
	free(t);
}

static void three_refusals_in_a_row_end_it_for_a_while(void **state)
{
	wa_given_t *t = table(4);
	wa_given_nonce_t n;

	(void)state;
	for(int i = 0; i < WA_GIVEN_STREAK; i++) {
		put(t, A, "n1", NOW);
		assert_int_equal(wa_given_take(t, A, NOW, &n), 0);
		wa_given_refused(t, A, WA_SV("n1"), 2, NOW);
		assert_int_equal(wa_given_take(t, A, NOW, &n), WA_ENOENT);
	}
	put(t, A, "n2", NOW + 590);
	assert_int_equal(wa_given_take(t, A, NOW + 599, &n), WA_EBUSY);
	assert_int_equal(wa_given_take(t, A, NOW + 600, &n), 0);
	put(t, B, "n3", NOW);
	assert_int_equal(wa_given_take(t, B, NOW, &n), 0);
	free(t);
}

static void what_was_taken_once_breaks_the_row(void **state)
{
	wa_given_t *t = table(4);
	wa_given_nonce_t n;

	(void)state;
	for(int i = 0; i < 3 * WA_GIVEN_STREAK; i++) {
		put(t, A, "n1", NOW);
		assert_int_equal(wa_given_take(t, A, NOW, &n), 0);
		if(i % 2 == 0)
			wa_given_refused(t, A, WA_SV("n1"), 2, NOW);
		else
			wa_given_taken(t, A, WA_SV("n1"));
		/* a later use that is refused is a nonce that grew old */
		wa_given_refused(t, A, WA_SV("n1"), 3, NOW);
	}
	wa_given_refused(t, B, WA_SV("n1"), 2, NOW);
	wa_given_taken(t, B, WA_SV("n1"));
	put(t, A, "n2", NOW);
	assert_int_equal(wa_given_take(t, A, NOW, &n), 0);
	free(t);
}

static void the_longest_unused_is_forgotten(void **state)
{
	wa_given_t *t = table(4);
	wa_given_nonce_t n;
	char number[24];

	(void)state;
	for(int i = 0; i < 5; i++) {
		snprintf(number, sizeof(number), "1555000%04d", i);
		put(t, wa_sv_from(number), "n", NOW + i);
	}
	assert_int_equal(wa_given_take(t, WA_SV("15550000000"), NOW + 5, &n), WA_ENOENT);
	assert_int_equal(wa_given_take(t, WA_SV("15550000001"), NOW + 5, &n), 0);
	assert_int_equal(wa_given_take(t, WA_SV("15550000004"), NOW + 5, &n), 0);
	assert_int_equal(put(t, WA_SV("123456789012345678901234567890"), "n", NOW), 1);
	assert_int_equal(wa_given_size(0), 0);
	assert_int_equal(wa_given_size(1048577), 0);
	free(t);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
			cmocka_unit_test(counts_go_up_and_all_values_come_back),
			cmocka_unit_test(it_is_kept_for_its_time),
			cmocka_unit_test(what_cannot_come_again_is_not_kept),
			cmocka_unit_test(three_refusals_in_a_row_end_it_for_a_while),
			cmocka_unit_test(what_was_taken_once_breaks_the_row),
			cmocka_unit_test(the_longest_unused_is_forgotten),
	};

	return cmocka_run_group_tests_name("wa_given", tests, NULL, NULL);
}
