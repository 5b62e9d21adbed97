/* The guardian's table: found by Call-ID, in the order of times, bounded.
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "wa_err.h"
#include "wa_guard_table.h"

#define MAX 64

static struct guard_call *add(struct guard_table *t, unsigned n, int64_t at)
{
	char id[16];
	wa_guard_job_t j = {.at = at, .url = WA_SV("u")};
	struct guard_call *c;

	assert_true(snprintf(id, sizeof(id), "call-%u", n) > 0);
	j.callid = wa_sv_from(id);
	assert_int_equal(guard_add(t, &j, &c), 0);
	return c;
}

static void earliest_first_whatever_happens(void **state)
{
	struct guard_table t;
	unsigned seed = 3;

	(void)state;
	assert_int_equal(guard_table_init(&t, MAX), 0);
	for(unsigned i = 0; i < MAX; i++)
		add(&t, i, (int64_t)((seed = seed * 1103515245u + 12345u) >> 20));
	for(unsigned i = 0; i < MAX; i++) {
		seed = seed * 1103515245u + 12345u;
		guard_schedule(&t, &t.calls[(seed >> 16) % MAX], seed >> 20);
	}
	for(int64_t last = -1; t.used > 0;) {
		struct guard_call *c = guard_first(&t);

		assert_true(c->due >= last);
		last = c->due;
		guard_del(&t, c);
	}
	assert_null(guard_first(&t));
	guard_table_free(&t);
}

static void found_by_callid_until_removed(void **state)
{
	struct guard_table t;

	(void)state;
	assert_int_equal(guard_table_init(&t, MAX), 0);
	for(unsigned i = 0; i < MAX; i++)
		add(&t, i, i);
	guard_del(&t, guard_find(&t, WA_SV("call-7")));
	guard_del(&t, guard_find(&t, WA_SV("call-63")));
	assert_null(guard_find(&t, WA_SV("call-7")));
	assert_null(guard_find(&t, WA_SV("call-64")));
	assert_null(guard_find(&t, WA_SV("")));
	for(unsigned i = 8; i < 63; i++) {
		char id[16];

		assert_true(snprintf(id, sizeof(id), "call-%u", i) > 0);
		assert_non_null(guard_find(&t, wa_sv_from(id)));
	}
	guard_table_free(&t);
}

static void texts_are_its_own(void **state)
{
	char id[] = "abc", sdp[] = "v=0";
	wa_guard_job_t j = {.url = WA_SV("u"), .callid = {id, 3},
			.answer = {sdp, 3}};
	struct guard_table t;
	struct guard_call *c;

	(void)state;
	assert_int_equal(wa_guard_job_size(&j), 7);
	assert_int_equal(guard_table_init(&t, 1), 0);
	assert_int_equal(guard_add(&t, &j, &c), 0);
	memset(id, 'x', 3);
	memset(sdp, 'x', 3);
	assert_true(wa_sv_eq(c->job.callid, WA_SV("abc")));
	assert_true(wa_sv_eq(c->job.answer, WA_SV("v=0")));
	assert_int_equal(c->job.offer.len, 0);
	assert_int_equal(guard_add(&t, &j, &c), WA_EBUSY);
	guard_table_free(&t);
}

static void a_cookie_fits_one_command_only(void **state)
{
	struct guard_table t;
	struct guard_call *c;

	(void)state;
	assert_int_equal(guard_table_init(&t, 2), 0);
	c = add(&t, 1, 0);
	c->seq = 0x1a;
	assert_null(guard_by_cookie(&t, WA_SV("0000000f0000000000001a"), 15));
	c->pending = GUARD_QUERY;
	assert_ptr_equal(
			guard_by_cookie(&t, WA_SV("0000000f0000000000001a"), 15), c);
	assert_null(guard_by_cookie(&t, WA_SV("0000000f0000000000001b"), 15));
	assert_null(guard_by_cookie(&t, WA_SV("0000000e0000000000001a"), 15));
	assert_null(guard_by_cookie(&t, WA_SV("0000000f0000010000001a"), 15));
	assert_null(guard_by_cookie(&t, WA_SV("0000000f0000020000001a"), 15));
	assert_null(guard_by_cookie(&t, WA_SV("0000000f000000000000001a"), 15));
	guard_del(&t, c);
	assert_null(guard_by_cookie(&t, WA_SV("0000000f0000000000001a"), 15));
	c = add(&t, 2, 0);
	assert_int_equal(c->seq, 0x1a); /* goes on in the slot */
	guard_table_free(&t);
}

static void no_table_of_nothing(void **state)
{
	struct guard_table t;

	(void)state;
	assert_int_equal(guard_table_init(&t, 0), WA_ENOMEM);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
			cmocka_unit_test(earliest_first_whatever_happens),
			cmocka_unit_test(found_by_callid_until_removed),
			cmocka_unit_test(texts_are_its_own),
			cmocka_unit_test(a_cookie_fits_one_command_only),
			cmocka_unit_test(no_table_of_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
