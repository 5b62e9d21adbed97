/* Deadlines: always the earliest first, whatever is set, moved or taken out.
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "wa_due.h"
#include "wa_err.h"

#define COUNT 500

static void earliest_first(void **state)
{
	static wa_due_t d[COUNT];
	wa_due_heap_t h = {NULL, 0, 0};
	uint64_t last = 0;
	unsigned n = 0;

	(void)state;
	srand(7);
	assert_null(wa_due_first(&h));
	for(unsigned i = 0; i < COUNT; i++)
		assert_int_equal(wa_due_set(&h, &d[i], (uint64_t)(rand() % 1000)), 0);
	for(unsigned i = 0; i < COUNT; i += 3) /* moved, both ways */
		assert_int_equal(wa_due_set(&h, &d[i], (uint64_t)(rand() % 1000)), 0);
	for(unsigned i = 0; i < COUNT; i += 5) {
		wa_due_drop(&h, &d[i]);
		wa_due_drop(&h, &d[i]); /* of one that is out nothing comes */
		assert_int_equal(d[i].pos, 0);
	}
	for(wa_due_t *first; (first = wa_due_first(&h)) != NULL; n++) {
		assert_true(first->at >= last);
		last = first->at;
		wa_due_drop(&h, first);
	}
	assert_int_equal(n, COUNT - COUNT / 5);
	wa_due_free(&h);
}

static void the_last_one_dropped_is_the_last_of_the_array(void **state)
{
	wa_due_heap_t h = {NULL, 0, 0};
	wa_due_t a = {0, 0}, b = {0, 0};

	(void)state;
	assert_int_equal(wa_due_set(&h, &a, 1), 0);
	assert_int_equal(wa_due_set(&h, &b, 2), 0);
	wa_due_drop(&h, &b);
	assert_ptr_equal(wa_due_first(&h), &a);
	wa_due_free(&h);
	assert_int_equal(a.pos, 0);
	assert_null(wa_due_first(&h));
}

static void stands_in_its_owner(void **state)
{
	struct owner
	{
		int x;
		wa_due_t due;
	} o = {0};

	(void)state;
	assert_ptr_equal(WA_DUE_OF(&o.due, struct owner, due), &o);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
			cmocka_unit_test(earliest_first),
			cmocka_unit_test(the_last_one_dropped_is_the_last_of_the_array),
			cmocka_unit_test(stands_in_its_owner),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
