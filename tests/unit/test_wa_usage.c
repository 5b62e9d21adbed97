/* How many calls of a key: two tables that tell each other, whatever gets lost.
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
#include "wa_usage.h"

#define A 3 /* as the other one knows it */
#define LEASE 15000
#define REFRESH (LEASE / 3)

static wa_usage_t *make(unsigned here, unsigned there)
{
	void *block = malloc(wa_usage_size(here, there));

	assert_non_null(block);
	return wa_usage_init(block, here, there, LEASE);
}

static uint32_t begun_sum;

static void count_begun(uint64_t key, uint32_t n, void *arg)
{
	assert_ptr_equal(arg, &begun_sum);
	assert_true(key != 0);
	begun_sum += n;
}

static int hear(wa_usage_t *u, const char *text, int64_t now)
{
	return wa_usage_read(u, A, wa_sv_from(text), now, count_begun, &begun_sum);
}

/* All that `from` has to tell now; returns how many messages. */
static unsigned pass(wa_usage_t *from, wa_usage_t *to, int64_t now)
{
	char text[WA_USAGE_TEXT_MAX + 1];
	unsigned n = 0;
	size_t len;

	while((len = wa_usage_write(from, now, text, sizeof(text))) > 0) {
		assert_true(len < sizeof(text));
		text[len] = '\0';
		if(to != NULL)
			assert_int_equal(hear(to, text, now), 0);
		n++;
	}
	return n;
}

static void keys(void **state)
{
	(void)state;
	/* other nodes, other versions: it must never change */
	assert_int_equal(wa_usage_key(WA_SV("number"), WA_SV("15550001111"), WA_SV("")), 0x55f3111499f2de01);
	assert_true(wa_usage_key(WA_SV("pair"), WA_SV("1"), WA_SV("23"))
				!= wa_usage_key(WA_SV("pair"), WA_SV("12"), WA_SV("3")));
	assert_true(wa_usage_key(WA_SV("number"), WA_SV("1"), WA_SV(""))
				!= wa_usage_key(WA_SV("trunk"), WA_SV("1"), WA_SV("")));
}

static void alone(void **state)
{
	wa_usage_t *u = make(4, 0);

	(void)state;
	wa_usage_add(u, 7, true);
	wa_usage_add(u, 7, true);
	wa_usage_add(u, 8, true);
	assert_int_equal(wa_usage_all(u, 7), 2);
	assert_int_equal(pass(u, NULL, 0), 0); /* nobody is told */
	wa_usage_drop(u, 7);
	wa_usage_drop(u, 7);
	wa_usage_drop(u, 7); /* once too often */
	assert_int_equal(wa_usage_here(u, 7), 0);
	/* what is at 0 has given its place back */
	for(uint64_t k = 100; k < 1000; k++) {
		wa_usage_add(u, k, true);
		assert_int_equal(wa_usage_here(u, k), 1);
		wa_usage_drop(u, k);
	}
	assert_int_equal(wa_usage_here(u, 8), 1);
	free(u);
}

static void told(void **state)
{
	wa_usage_t *a = make(10, 10), *b = make(10, 10);

	(void)state;
	begun_sum = 0;
	wa_usage_add(a, 7, true);
	wa_usage_add(a, 7, true);
	wa_usage_add(a, 9, false); /* one that the journal knew */
	wa_usage_add(b, 7, true);
	assert_int_equal(pass(a, b, 0), 1);
	assert_int_equal(wa_usage_all(b, 7), 3);
	assert_int_equal(wa_usage_here(b, 7), 1);
	assert_int_equal(wa_usage_all(b, 9), 1);
	assert_int_equal(begun_sum, 2);
	/* nothing has changed: nothing is told, and nothing counted twice */
	assert_int_equal(pass(a, b, 1), 0);
	wa_usage_drop(a, 7);
	wa_usage_drop(a, 9);
	assert_int_equal(pass(a, b, 2), 1);
	assert_int_equal(wa_usage_all(b, 7), 2);
	assert_int_equal(wa_usage_all(b, 9), 0);
	assert_int_equal(begun_sum, 2);
	free(a);
	free(b);
}

/* What got lost is made good by what is told again. */
static void lost_and_told_again(void **state)
{
	wa_usage_t *a = make(10, 10), *b = make(10, 10);

	(void)state;
	wa_usage_add(a, 7, true);
	assert_int_equal(pass(a, NULL, 0), 1);
	assert_int_equal(pass(a, b, REFRESH - 1), 0);
	assert_int_equal(wa_usage_all(b, 7), 0);
	assert_int_equal(pass(a, b, REFRESH), 1);
	assert_int_equal(wa_usage_all(b, 7), 1);
	/* Redis is back: at once */
	wa_usage_retell(a);
	assert_int_equal(pass(a, b, REFRESH + 1), 1);
	assert_int_equal(pass(a, b, REFRESH + 2), 0);
	free(a);
	free(b);
}

static void gone_with_its_node(void **state)
{
	wa_usage_t *a = make(10, 10), *b = make(10, 10);

	(void)state;
	wa_usage_add(a, 7, true);
	wa_usage_add(b, 7, true);
	pass(a, b, 0);
	wa_usage_expire(b, LEASE);
	assert_int_equal(wa_usage_all(b, 7), 2);
	wa_usage_expire(b, LEASE + 1);
	assert_int_equal(wa_usage_all(b, 7), 1); /* its own does not run out */
	pass(a, b, LEASE + 2);
	assert_int_equal(wa_usage_all(b, 7), 2);
	wa_usage_forget(b, A + 1);
	assert_int_equal(wa_usage_all(b, 7), 2);
	wa_usage_forget(b, A);
	assert_int_equal(wa_usage_all(b, 7), 1);
	free(a);
	free(b);
}

/* More than one message holds, in whatever order calls come and go. */
static void many(void **state)
{
	wa_usage_t *a = make(2000, 10), *b = make(10, 2000);
	static unsigned calls[500];

	(void)state;
	srand(5);
	for(int i = 0; i < 20000; i++) {
		unsigned k = (unsigned)rand() % 500;

		if(calls[k] > 0 && rand() % 2) {
			calls[k]--;
			wa_usage_drop(a, k + 1);
		} else {
			calls[k]++;
			wa_usage_add(a, k + 1, true);
		}
		if(i % 1000 == 0)
			pass(a, b, i / 1000);
	}
	assert_true(pass(a, b, 30) > 1);
	for(unsigned k = 0; k < 500; k++) {
		assert_int_equal(wa_usage_all(b, k + 1), calls[k]);
		assert_int_equal(wa_usage_here(a, k + 1), calls[k]);
	}
	/* a refresh takes several turns, and comes to all */
	wa_usage_forget(b, A);
	for(int i = 0; i < 10; i++)
		pass(a, b, 30 + REFRESH);
	for(unsigned k = 0; k < 500; k++)
		assert_int_equal(wa_usage_all(b, k + 1), calls[k]);
	free(a);
	free(b);
}

/* Redis is away for long, and nobody takes what has changed. */
static void nobody_listens(void **state)
{
	wa_usage_t *a = make(8, 8), *b = make(8, 8);

	(void)state;
	wa_usage_add(a, 1, true);
	for(uint64_t k = 2; k < 1000; k++) {
		wa_usage_add(a, k, true);
		assert_int_equal(wa_usage_here(a, k), 1);
		wa_usage_drop(a, k);
	}
	assert_int_equal(wa_usage_here(a, 1), 1);
	pass(a, b, 0);
	assert_int_equal(wa_usage_all(b, 1), 1);
	free(a);
	free(b);
}

/* Others' keys have room of their own: they push nothing out, and are counted. */
static void full(void **state)
{
	wa_usage_t *u = make(2, 2);

	(void)state;
	assert_int_equal(hear(u, "0000000000000001:1:0 0000000000000002:1:0 "
							 "0000000000000003:1:0 ",
							 0),
			0);
	assert_int_equal(wa_usage_full(u), 1);
	wa_usage_add(u, 10, true);
	wa_usage_add(u, 11, true);
	assert_int_equal(wa_usage_here(u, 11), 1);
	assert_int_equal(wa_usage_all(u, 2), 1);
	assert_int_equal(wa_usage_all(u, 3), 0);
	free(u);
}

static void what_is_no_message(void **state)
{
	static const char *const bad[] = {" ", "x", "0000000000000001", "0000000000000001:1",
			"0000000000000001:1:", "0000000000000001::0 ", "000000000000001:1:0 ",
			"00000000000000001:1:0 ", "0000000000000000:1:0 ", "0000000000000001:-1:0 ",
			"000000000000000G:1:0 ", "0000000000000001:1:0:0 ", "0000000000000001:fffffff:0 ",
			"0000000000000001:1:fffffff ", "0000000000000001:100000001:0 ", "0000000000000001:1:0  "};
	wa_usage_t *u = make(4, 4);

	(void)state;
	for(size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++)
		assert_int_equal(hear(u, bad[i], 0), WA_EPARSE);
	assert_int_equal(hear(u, "0000000000000005:2:0 nonsense", 0), WA_EPARSE);
	assert_int_equal(wa_usage_all(u, 5), 2);
	assert_int_equal(wa_usage_read(u, WA_USAGE_NODES, WA_SV(""), 0, count_begun, NULL), WA_ERANGE);
	free(u);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(keys), cmocka_unit_test(alone),
			cmocka_unit_test(told), cmocka_unit_test(lost_and_told_again),
			cmocka_unit_test(gone_with_its_node), cmocka_unit_test(many),
			cmocka_unit_test(nobody_listens), cmocka_unit_test(full),
			cmocka_unit_test(what_is_no_message)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
