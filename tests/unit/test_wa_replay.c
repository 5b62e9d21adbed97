/* Nonce counts: order, window, expiry, and a table that is too small.
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "wa_err.h"
#include "wa_replay.h"

#define NOW ((time_t)1750000000)

static wa_replay_t *table(unsigned entries)
{
	void *block = malloc(wa_replay_size(entries));

	assert_non_null(block);
	return wa_replay_init(block, entries, 60);
}

static wa_nonce_id_t nonce(uint32_t issued, uint32_t random)
{
	wa_nonce_id_t id = {.issued = issued};

	memcpy(id.random, &random, sizeof(random));
	return id;
}

static void size_is_bounded(void **state)
{
	(void)state;
	assert_int_equal(wa_replay_size(0), 0);
	assert_int_equal(wa_replay_size(16777217), 0);
	assert_true(wa_replay_size(1) > 0);
	assert_true(wa_replay_size(4096) < 4096 * 32);
}

static void each_count_once(void **state)
{
	static const struct
	{
		uint32_t nc;
		int err;
	} v[] = {{1, 0}, {1, WA_EREPLAY}, {2, 0}, {1, WA_EREPLAY}, {2, WA_EREPLAY},
			{5, 0}, {3, 0}, {3, WA_EREPLAY}, {4, 0}, {4, WA_EREPLAY},
			{0, WA_EREPLAY}, {70, 0}, {6, 0}, {5, WA_EREPLAY}, {6, WA_EREPLAY},
			{134, 0}, {70, WA_EREPLAY}, {71, 0}, {69, WA_EREPLAY},
			{1000, 0}, {935, WA_EREPLAY}, {936, 0}, {134, WA_EREPLAY},
			{UINT32_MAX, 0}, {UINT32_MAX, WA_EREPLAY}, {UINT32_MAX - 64, 0},
			{UINT32_MAX - 65, WA_EREPLAY}};
	wa_replay_t *t = table(8);
	wa_nonce_id_t id = nonce(NOW, 7);

	(void)state;
	for(size_t i = 0; i < sizeof(v) / sizeof(v[0]); i++) {
		int err = wa_replay_use(t, &id, v[i].nc, NOW);

		if(err != v[i].err)
			fail_msg("step %zu, nc %u: %s", i, v[i].nc, wa_strerror(err));
	}
	free(t);
}

static void nonces_do_not_mix(void **state)
{
	wa_replay_t *t = table(8);
	wa_nonce_id_t a = nonce(NOW, 1), b = nonce(NOW, 2), c = nonce(NOW + 1, 1);

	(void)state;
	assert_int_equal(wa_replay_use(t, &a, 1, NOW), 0);
	assert_int_equal(wa_replay_use(t, &b, 1, NOW), 0);
	assert_int_equal(wa_replay_use(t, &c, 1, NOW + 1), 0);
	assert_int_equal(wa_replay_use(t, &a, 1, NOW), WA_EREPLAY);
	free(t);
}

static void expired_entries_make_room(void **state)
{
	wa_replay_t *t = table(8);
	wa_replay_stats_t s;

	(void)state;
	for(uint32_t i = 0; i < 100; i++) {
		wa_nonce_id_t id = nonce((uint32_t)NOW + i * 10, i);

		assert_int_equal(wa_replay_use(t, &id, 1, NOW + i * 10), 0);
	}
	wa_replay_stats(t, NOW + 990, &s);
	assert_int_equal(s.capacity, 8);
	assert_int_equal(s.used, 7);
	assert_int_equal(s.evicted, 0);
	free(t);
}

/* Ten nonces into a table of eight: two are forgotten, none is accepted twice. */
static void forgetting_never_lets_a_replay_through(void **state)
{
	wa_replay_t *t = table(8);
	wa_replay_stats_t s;

	(void)state;
	for(uint32_t i = 0; i < 10; i++) {
		wa_nonce_id_t id = nonce((uint32_t)NOW + i, i);

		assert_int_equal(wa_replay_use(t, &id, 1, NOW + 9), 0);
	}
	for(uint32_t i = 0; i < 10; i++) {
		wa_nonce_id_t id = nonce((uint32_t)NOW + i, i);

		assert_int_equal(wa_replay_use(t, &id, 1, NOW + 9),
				i < 2 ? WA_ESTALE : WA_EREPLAY);
	}
	wa_replay_stats(t, NOW + 9, &s);
	assert_int_equal(s.used, 8);
	assert_int_equal(s.evicted, 2);
	free(t);
}

static void a_full_large_table_holds_its_promise(void **state)
{
	enum
	{
		N = 3000
	};
	wa_replay_t *t = table(1024);
	uint32_t h = 1;

	(void)state;
	for(int round = 0; round < 2; round++) {
		h = 1;
		for(uint32_t i = 0; i < N; i++) {
			wa_nonce_id_t id;
			int err;

			h = h * 1664525u + 1013904223u;
			id = nonce((uint32_t)NOW + i / 100, h >> 8);
			err = wa_replay_use(t, &id, 1, NOW + 30);
			if(round == 1)
				assert_int_not_equal(err, 0);
		}
	}
	free(t);
}

/* The clock was an hour ahead while the table filled up, and was put right. */
static void a_clock_put_back_leaves_room(void **state)
{
	wa_replay_t *t = table(8);
	wa_replay_stats_t s;

	(void)state;
	for(uint32_t i = 0; i < 20; i++) {
		wa_nonce_id_t id = nonce((uint32_t)NOW + 3600 + i, i);

		assert_int_equal(wa_replay_use(t, &id, 1, NOW + 3600 + i), 0);
	}
	for(uint32_t i = 0; i < 100; i++) {
		wa_nonce_id_t id = nonce((uint32_t)NOW + i * 10, 100 + i);

		assert_int_equal(wa_replay_use(t, &id, 1, NOW + i * 10), 0);
		assert_int_equal(wa_replay_use(t, &id, 1, NOW + i * 10), WA_EREPLAY);
	}
	wa_replay_stats(t, NOW + 990, &s);
	assert_int_equal(s.used, 7);
	free(t);
}

/* Another node's clock may be ahead by as much as is allowed. */
static void the_allowed_skew_is_kept(void **state)
{
	wa_replay_t *t = table(8);

	(void)state;
	for(uint32_t i = 0; i < 8; i++) {
		wa_nonce_id_t id = nonce((uint32_t)NOW + WA_NONCE_SKEW, i);

		assert_int_equal(wa_replay_use(t, &id, 1, NOW), 0);
	}
	for(uint32_t i = 0; i < 8; i++) {
		wa_nonce_id_t id = nonce((uint32_t)NOW + WA_NONCE_SKEW, i);

		assert_int_equal(wa_replay_use(t, &id, 1, NOW), WA_EREPLAY);
	}
	free(t);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
			cmocka_unit_test(size_is_bounded),
			cmocka_unit_test(each_count_once),
			cmocka_unit_test(nonces_do_not_mix),
			cmocka_unit_test(expired_entries_make_room),
			cmocka_unit_test(forgetting_never_lets_a_replay_through),
			cmocka_unit_test(a_full_large_table_holds_its_promise),
			cmocka_unit_test(a_clock_put_back_leaves_room),
			cmocka_unit_test(the_allowed_skew_is_kept),
	};

	return cmocka_run_group_tests_name("wa_replay", tests, NULL, NULL);
}
