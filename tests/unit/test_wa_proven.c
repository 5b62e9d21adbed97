/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "wa_proven.h"

static wa_proven_table_t *make(unsigned numbers)
{
	void *block = malloc(wa_proven_size(numbers));

	assert_non_null(block);
	return wa_proven_init(block, numbers);
}

static void test_remembers_each_proof(void **state)
{
	wa_proven_table_t *t = make(8);
	wa_proven_t p;

	(void)state;
	wa_proven_put(t, WA_SV("15550001111"), WA_PROVEN_OURS, true, 100);
	wa_proven_put(t, WA_SV("15550001111"), WA_PROVEN_METAS, false, 101);
	wa_proven_put(t, WA_SV("15550002222"), WA_PROVEN_OURS, false, 102);
	wa_proven_get(t, WA_SV("15550001111"), &p);
	assert_int_equal(p.right[WA_PROVEN_OURS], 100);
	assert_int_equal(p.wrong[WA_PROVEN_OURS], 0);
	assert_int_equal(p.right[WA_PROVEN_METAS], 0);
	assert_int_equal(p.wrong[WA_PROVEN_METAS], 101);
	wa_proven_get(t, WA_SV("15550009999"), &p);
	assert_int_equal(p.right[WA_PROVEN_OURS], 0);
	free(t);
}

static void test_forgets_the_oldest(void **state)
{
	wa_proven_table_t *t = make(1);
	char number[32];
	wa_proven_t p;

	(void)state;
	for(int i = 0; i < 5; i++) {
		snprintf(number, sizeof(number), "1555000%04d", i);
		wa_proven_put(t, wa_sv_from(number), WA_PROVEN_OURS, true, 100 + i);
	}
	wa_proven_get(t, WA_SV("15550000000"), &p);
	assert_int_equal(p.right[WA_PROVEN_OURS], 0);
	wa_proven_get(t, WA_SV("15550000001"), &p);
	assert_int_equal(p.right[WA_PROVEN_OURS], 101);
	wa_proven_get(t, WA_SV("15550000004"), &p);
	assert_int_equal(p.right[WA_PROVEN_OURS], 104);
	free(t);
}

static void test_takes_no_odd_number(void **state)
{
	wa_proven_table_t *t = make(4);
	wa_proven_t p;

	(void)state;
	wa_proven_put(t, WA_SV(""), WA_PROVEN_OURS, true, 1);
	wa_proven_put(t, WA_SV("1234567890123456789012345678901234567890"),
			WA_PROVEN_OURS, true, 1);
	wa_proven_get(t, WA_SV(""), &p);
	assert_int_equal(p.right[WA_PROVEN_OURS], 0);
	assert_int_equal(wa_proven_size(0), 0);
	assert_int_equal(wa_proven_size(1048577), 0);
	free(t);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
			cmocka_unit_test(test_remembers_each_proof),
			cmocka_unit_test(test_forgets_the_oldest),
			cmocka_unit_test(test_takes_no_odd_number),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
