/* The table of calls: look-up, limits, what is forgotten and what is not.
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

#include "wa_calls_table.h"
#include "wa_err.h"

static const wa_calls_limits_t none;

static wa_calls_t *make(unsigned max)
{
	const wa_calls_room_t room = {.max = max, .others = 10, .lease = 1000};
	void *block = malloc(wa_calls_size(&room));

	assert_non_null(block);
	return wa_calls_init(block, &room, 12345);
}

static wa_call_t call(const char *id, const char *number, const char *peer,
		const char *trunk)
{
	wa_call_t c;

	wa_call_init(&c);
	wa_call_set(&c, "id", wa_sv_from(id));
	wa_call_set(&c, "call", wa_sv_from(id));
	wa_call_set(&c, "dir", WA_SV("in"));
	wa_call_set(&c, "number", wa_sv_from(number));
	wa_call_set(&c, "peer", wa_sv_from(peer));
	wa_call_set(&c, "trunk", wa_sv_from(trunk));
	return c;
}

static const char *admit(wa_calls_t *t, const wa_call_t *c,
		const wa_calls_limits_t *l, int64_t now)
{
	const char *cause;

	return wa_calls_admit(t, c, l, now, &cause) == 0 ? "" : cause;
}

static void sizes(void **state)
{
	(void)state;
	assert_int_equal(wa_calls_size(&(wa_calls_room_t){.max = 0}), 0);
	assert_int_equal(wa_calls_size(&(wa_calls_room_t){.max = 65537}), 0);
	assert_true(wa_calls_size(&(wa_calls_room_t){.max = 1}) > sizeof(wa_call_t));
}

static void look_up_and_removal(void **state)
{
	wa_calls_t *t = make(3);
	wa_call_t a = call("a", "1", "2", "t"), out = a, *c;

	(void)state;
	wa_call_set(&out, "dir", WA_SV("out"));
	wa_call_set(&out, "id", WA_SV("a2"));
	assert_string_equal(admit(t, &a, &none, 0), "");
	assert_string_equal(admit(t, &out, &none, 0), "call_id_in_use");
	assert_string_equal(admit(t, &a, &none, 0), "call_id_in_use");
	assert_int_equal(wa_calls_put(t, &out), 0);
	assert_int_equal(wa_calls_count(t), 2);
	c = wa_calls_find(t, WA_SV("a"), WA_SV("out"));
	assert_non_null(c);
	assert_string_equal(c->id, "a2");
	assert_string_equal(
			wa_calls_find(t, WA_SV("a"), WA_SV(""))->dir, "in");
	assert_null(wa_calls_find(t, WA_SV("b"), WA_SV("in")));
	assert_non_null(wa_calls_find_id(t, WA_SV("a2")));
	assert_false(wa_calls_was_here(t, WA_SV("a"), WA_SV("out")));
	wa_calls_remove(t, c);
	assert_true(wa_calls_was_here(t, WA_SV("a"), WA_SV("out")));
	assert_false(wa_calls_was_here(t, WA_SV("a"), WA_SV("in")));
	assert_null(wa_calls_find(t, WA_SV("a"), WA_SV("out")));
	assert_null(wa_calls_find_id(t, WA_SV("a2")));
	assert_int_equal(wa_calls_count(t), 1);
	free(t);
}

static void a_full_table_and_its_slots(void **state)
{
	wa_calls_t *t = make(2);
	wa_call_t a = call("a", "1", "2", "t"), b = call("b", "1", "3", "t"),
			  c = call("c", "1", "4", "t");
	unsigned at = 0, n = 0;

	(void)state;
	assert_string_equal(admit(t, &a, &none, 0), "");
	assert_string_equal(admit(t, &b, &none, 0), "");
	assert_string_equal(admit(t, &c, &none, 0), "limit_node");
	assert_int_equal(wa_calls_put(t, &c), WA_EBUSY);
	wa_calls_remove(t, wa_calls_find(t, WA_SV("a"), WA_SV("in")));
	assert_string_equal(admit(t, &c, &none, 0), "");
	while(wa_calls_next(t, &at) != NULL)
		n++;
	assert_int_equal(n, 2);
	assert_non_null(wa_calls_find(t, WA_SV("b"), WA_SV("in")));
	assert_non_null(wa_calls_find(t, WA_SV("c"), WA_SV("in")));
	free(t);
}

static void limits_of_numbers_trunks_and_pairs(void **state)
{
	wa_calls_t *t = make(16);
	wa_calls_limits_t l = {.number_calls = 2, .trunk_calls = 3,
			.one_per_pair = 1};
	wa_call_t a = call("a", "1", "10", "t"), same = call("s", "1", "10", "t"),
			  b = call("b", "1", "11", "t"), c = call("c", "1", "12", "u"),
			  d = call("d", "2", "10", "t"), e = call("e", "3", "10", "t");

	(void)state;
	assert_string_equal(admit(t, &a, &l, 0), "");
	assert_string_equal(admit(t, &same, &l, 0), "limit_pair");
	assert_string_equal(admit(t, &b, &l, 0), "");
	assert_string_equal(admit(t, &c, &l, 0), "limit_number");
	assert_string_equal(admit(t, &d, &l, 0), "");
	assert_string_equal(admit(t, &e, &l, 0), "limit_trunk");
	assert_int_equal(wa_calls_of_number(t, WA_SV("1")), 2);
	assert_int_equal(wa_calls_of_trunk(t, WA_SV("t")), 3);
	wa_calls_remove(t, wa_calls_find(t, WA_SV("a"), WA_SV("in")));
	assert_string_equal(admit(t, &same, &l, 0), "");
	l.one_per_pair = 0;
	l.number_calls = l.trunk_calls = 0;
	assert_string_equal(admit(t, &a, &l, 0), "");
	free(t);
}

static void rates(void **state)
{
	wa_calls_t *t = make(64);
	wa_calls_limits_t l = {.number_cps = 2, .trunk_cps = 3};
	char id[16], number[16];

	(void)state;
	for(int i = 0; i < 3; i++) {
		wa_call_t c;

		snprintf(id, sizeof(id), "n%d", i);
		c = call(id, "1", id, "t");
		assert_string_equal(
				admit(t, &c, &l, 1500), i < 2 ? "" : "limit_rate_number");
		assert_string_equal(i < 2 ? "" : admit(t, &c, &l, 2000), "");
	}
	for(int i = 0; i < 4; i++) {
		wa_call_t c;

		snprintf(id, sizeof(id), "t%d", i);
		snprintf(number, sizeof(number), "%d", 100 + i);
		c = call(id, number, id, "t2");
		assert_string_equal(
				admit(t, &c, &l, 5000), i < 3 ? "" : "limit_rate_trunk");
	}
	free(t);
}

static void many_calls_come_and_go(void **state)
{
	wa_calls_t *t = make(100);
	char id[16];

	(void)state;
	for(int i = 0; i < 1000; i++) {
		wa_call_t c;

		snprintf(id, sizeof(id), "c%d", i);
		c = call(id, "1", id, "t");
		assert_string_equal(admit(t, &c, &none, i), "");
		if(i >= 90) {
			snprintf(id, sizeof(id), "c%d", i - 90);
			wa_calls_remove(t, wa_calls_find(t, wa_sv_from(id), WA_SV("in")));
		}
	}
	assert_int_equal(wa_calls_count(t), 90);
	assert_int_equal(wa_calls_of_number(t, WA_SV("1")), 90);
	free(t);
}

static void ignore(uint64_t key, uint32_t n, void *arg)
{
	(void)key;
	(void)n;
	(void)arg;
}

/* Another node says that it has one call of this key. */
static void hear(wa_calls_t *t, uint64_t key)
{
	char text[64];

	assert_true(snprintf(text, sizeof(text), "%016llx:1:0 ", (unsigned long long)key) > 0);
	assert_int_equal(
			wa_usage_read(wa_calls_usage(t), 0, wa_sv_from(text), 0, ignore, NULL), 0);
}

/* What another node has counts like what is here, and is not told as ours. */
static void of_other_nodes(void **state)
{
	wa_calls_t *t = make(10);
	wa_call_t a = call("a", "1", "2", "t"), b = call("b", "1", "3", "t");
	wa_calls_limits_t l = {.number_calls = 2, .one_per_pair = 1};

	(void)state;
	hear(t, wa_usage_key(WA_SV("number"), WA_SV("1"), WA_SV("")));
	assert_string_equal(admit(t, &a, &l, 0), "");
	assert_string_equal(admit(t, &b, &l, 0), "limit_number");
	assert_int_equal(wa_calls_of_number(t, WA_SV("1")), 1);
	wa_usage_forget(wa_calls_usage(t), 0);
	assert_string_equal(admit(t, &b, &l, 0), "");
	wa_calls_remove(t, wa_calls_find(t, WA_SV("a"), WA_SV("in")));
	hear(t, wa_usage_key(WA_SV("pair"), WA_SV("1"), WA_SV("2")));
	assert_string_equal(admit(t, &a, &l, 0), "limit_pair");
	free(t);
}

/* Calls that begin elsewhere use up the second of this node in which that is heard. */
static void rates_of_other_nodes(void **state)
{
	wa_calls_t *t = make(10);
	wa_call_t a = call("a", "1", "2", "t");
	wa_calls_limits_t l = {.number_cps = 3};

	(void)state;
	wa_calls_begun(t, wa_usage_key(WA_SV("number"), WA_SV("1"), WA_SV("")), 3, 5999);
	assert_string_equal(admit(t, &a, &l, 5000), "limit_rate_number");
	assert_string_equal(admit(t, &a, &l, 6000), "");
	free(t);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(sizes),
			cmocka_unit_test(look_up_and_removal),
			cmocka_unit_test(a_full_table_and_its_slots),
			cmocka_unit_test(limits_of_numbers_trunks_and_pairs),
			cmocka_unit_test(rates), cmocka_unit_test(many_calls_come_and_go),
			cmocka_unit_test(of_other_nodes), cmocka_unit_test(rates_of_other_nodes)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
