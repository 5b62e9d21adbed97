/* Strikes, bans, trust, and who is forgotten.
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "wa_strikes.h"

static wa_addr_t address(uint32_t v4)
{
	uint8_t b[4] = {(uint8_t)(v4 >> 24), (uint8_t)(v4 >> 16),
			(uint8_t)(v4 >> 8), (uint8_t)v4};

	return wa_addr_of(b, 4);
}

static wa_strikes_t *make(unsigned entries)
{
	void *block = malloc(wa_strikes_size(entries));

	assert_non_null(block);
	return wa_strikes_init(block, entries, 42);
}

static bool strike(wa_strikes_t *t, const wa_addr_t *a, int64_t now)
{
	return wa_strikes_add(t, a, now, 10, 60, 30, 300, "test");
}

static void bans(void **state)
{
	wa_strikes_t *t = make(64);
	wa_addr_t a = address(1), b = address(2);
	wa_source_t s[4];

	(void)state;
	assert_false(strike(t, &a, 100));
	assert_false(strike(t, &a, 159));
	assert_false(wa_strikes_is_banned(t, &a, 159));
	assert_true(strike(t, &a, 159));
	assert_true(wa_strikes_is_banned(t, &a, 458));
	assert_false(wa_strikes_is_banned(t, &a, 459));
	assert_false(wa_strikes_is_banned(t, &b, 200));
	assert_int_equal(wa_strikes_list(t, WA_STRIKES_BANNED, 200, s, 4), 1);
	assert_memory_equal(&s[0].addr, &a, sizeof(a));
	assert_string_equal(s[0].reason, "test");
	assert_true(wa_strikes_forget(t, &a));
	assert_false(wa_strikes_is_banned(t, &a, 200));
	assert_false(wa_strikes_forget(t, &a));
	free(t);
}

static void window(void **state)
{
	wa_strikes_t *t = make(64);
	wa_addr_t a = address(1);

	(void)state;
	assert_false(strike(t, &a, 100));
	assert_false(strike(t, &a, 110));
	/* it has begun anew */
	assert_false(strike(t, &a, 160));
	assert_false(strike(t, &a, 160));
	assert_true(strike(t, &a, 161));
	free(t);
}

static void trust(void **state)
{
	wa_strikes_t *t = make(64);
	wa_addr_t a = address(1);

	(void)state;
	wa_strikes_trust(t, &a, 100, 50);
	for(int i = 0; i < 10; i++)
		assert_false(strike(t, &a, 149));
	assert_true(wa_strikes_is_trusted(t, &a, 149));
	assert_true(strike(t, &a, 150));
	/* an operator may */
	wa_strikes_trust(t, &a, 500, 50);
	wa_strikes_ban(t, &a, 500, 10, "operator");
	assert_true(wa_strikes_is_banned(t, &a, 509));
	free(t);
}

static void requests(void **state)
{
	wa_strikes_t *t = make(64);
	wa_addr_t a = address(1), b = address(2);

	(void)state;
	for(unsigned i = 1; i <= 5; i++)
		assert_int_equal(wa_strikes_request(t, &a, 100), i);
	assert_int_equal(wa_strikes_request(t, &b, 100), 1);
	assert_int_equal(wa_strikes_request(t, &a, 101), 1);
	free(t);
}

/* A flood of new addresses pushes out strangers, not bans and not peers. */
static void full(void **state)
{
	wa_strikes_t *t = make(64);
	wa_addr_t peer = address(1), banned = address(2);

	(void)state;
	wa_strikes_trust(t, &peer, 100, 100000);
	wa_strikes_ban(t, &banned, 100, 100000, "test");
	for(uint32_t i = 10; i < 5000; i++) {
		wa_addr_t a = address(i);

		wa_strikes_request(t, &a, 200);
	}
	assert_true(wa_strikes_is_trusted(t, &peer, 300));
	assert_true(wa_strikes_is_banned(t, &banned, 300));
	free(t);
}

static void sizes(void **state)
{
	(void)state;
	assert_int_equal(wa_strikes_size(0), 0);
	assert_int_equal(wa_strikes_size(1048577), 0);
	assert_true(wa_strikes_size(1048576) > wa_strikes_size(1));
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(bans),
			cmocka_unit_test(window), cmocka_unit_test(trust),
			cmocka_unit_test(requests), cmocka_unit_test(full),
			cmocka_unit_test(sizes)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
