/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "../../tools/metasim/media_order.c"

static char token; /* what the packets point to */

static bool put(struct order *o, uint16_t seq)
{
	return order_put(o, &(struct order_packet){.seq = seq, .packet = &token});
}

/* What comes out, as "seq" or "-missed seq", separated by spaces. */
static const char *get(struct order *o)
{
	static char text[256];
	struct order_packet p;
	unsigned missed;
	size_t at = 0;

	text[0] = '\0';
	while(order_get(o, &p, &missed)) {
		if(missed)
			at += (size_t)snprintf(text + at, sizeof(text) - at, "-%u ", missed);
		at += (size_t)snprintf(text + at, sizeof(text) - at, "%u ", p.seq);
		assert_ptr_equal(p.packet, &token);
	}
	return text;
}

static void test_in_order_nothing_waits(void **state)
{
	struct order o = {0};

	(void)state;
	assert_true(put(&o, 65535));
	assert_string_equal(get(&o), "65535 ");
	assert_true(put(&o, 0));
	assert_string_equal(get(&o), "0 ");
}

static void test_who_was_overtaken_comes_first(void **state)
{
	struct order o = {0};

	(void)state;
	assert_true(put(&o, 10));
	assert_string_equal(get(&o), "10 ");
	assert_true(put(&o, 13));
	assert_true(put(&o, 12));
	assert_string_equal(get(&o), "");
	assert_true(put(&o, 11));
	assert_string_equal(get(&o), "11 12 13 ");
}

static void test_a_lost_one_is_given_up(void **state)
{
	struct order o = {0};

	(void)state;
	assert_true(put(&o, 1));
	assert_string_equal(get(&o), "1 ");
	for(uint16_t seq = 4; seq < 4 + ORDER_DEPTH - 1; seq++) {
		assert_true(put(&o, seq));
		assert_string_equal(get(&o), "");
	}
	assert_true(put(&o, 4 + ORDER_DEPTH - 1));
	assert_string_equal(get(&o), "-2 4 5 6 7 8 9 ");
	/* its turn is over */
	assert_false(put(&o, 3));
}

static void test_twice_is_once(void **state)
{
	struct order o = {0};

	(void)state;
	assert_true(put(&o, 1));
	assert_string_equal(get(&o), "1 ");
	assert_false(put(&o, 1));
	assert_true(put(&o, 3));
	assert_false(put(&o, 3));
	assert_string_equal(get(&o), "");
}

static void test_a_new_start_gives_back_what_waits(void **state)
{
	struct order o = {0};

	(void)state;
	assert_true(put(&o, 1));
	assert_string_equal(get(&o), "1 ");
	assert_true(put(&o, 3));
	assert_ptr_equal(order_restart(&o), &token);
	assert_null(order_restart(&o));
	assert_true(put(&o, 40000));
	assert_string_equal(get(&o), "40000 ");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
			cmocka_unit_test(test_in_order_nothing_waits),
			cmocka_unit_test(test_who_was_overtaken_comes_first),
			cmocka_unit_test(test_a_lost_one_is_given_up),
			cmocka_unit_test(test_twice_is_once),
			cmocka_unit_test(test_a_new_start_gives_back_what_waits),
	};

	return cmocka_run_group_tests_name("media_order", tests, NULL, NULL);
}
