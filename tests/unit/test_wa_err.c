/* Every error has a text of its own.
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "wa_err.h"

static void each_error_has_its_own_text(void **state)
{
	(void)state;
	for(int a = WA_OK; a >= WA_ENOTREADY; a--) {
		assert_string_not_equal(wa_strerror(a), "");
		assert_string_not_equal(wa_strerror(a), wa_strerror(1));
		for(int b = a - 1; b >= WA_ENOTREADY; b--)
			assert_string_not_equal(wa_strerror(a), wa_strerror(b));
	}
}

static void unknown_numbers_have_a_text_too(void **state)
{
	(void)state;
	assert_string_equal(wa_strerror(1), "unknown error");
	assert_string_equal(wa_strerror(WA_ENOTREADY - 1), "unknown error");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
			cmocka_unit_test(each_error_has_its_own_text),
			cmocka_unit_test(unknown_numbers_have_a_text_too),
	};

	return cmocka_run_group_tests_name("wa_err", tests, NULL, NULL);
}
