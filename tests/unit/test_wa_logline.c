/* Lines of a log that hold text from outside.
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "wa_logline.h"

static char out[WA_LOGLINE_MAX + 8];

static void clean(void **state)
{
	(void)state;
	assert_int_equal(wa_logline_clean(out, WA_SV("a line\n")), 6);
	assert_string_equal(out, "a line");
	wa_logline_clean(out, WA_SV("x\r\n 1(2) INFO: event=answered\t\x1b[2J\x7f\n"));
	assert_string_equal(
			out, "x\\x0d\\x0a 1(2) INFO: event=answered\\x09\\x1b[2J\\x7f");
	wa_logline_clean(out, WA_SV("\xd0\xbd"));
	assert_string_equal(out, "\xd0\xbd");
	assert_int_equal(wa_logline_clean(out, WA_SV("")), 0);
}

static void cut(void **state)
{
	char in[3 * WA_LOGLINE_MAX];
	size_t n;

	(void)state;
	for(int c = 0; c < 2; c++) {
		memset(in, c == 0 ? 'a' : '\r', sizeof(in));
		n = wa_logline_clean(out, (wa_sv_t){in, sizeof(in)});
		assert_true(n <= WA_LOGLINE_MAX + 3 && out[n] == '\0');
		assert_string_equal(out + n - 3, "...");
	}
}

static void budget(void **state)
{
	wa_logline_budget_t b = {0};
	unsigned before;

	(void)state;
	assert_true(wa_logline_take(&b, 7, 2, &before));
	assert_true(wa_logline_take(&b, 7, 2, &before));
	assert_false(wa_logline_take(&b, 7, 2, &before));
	assert_false(wa_logline_take(&b, 7, 2, &before));
	assert_int_equal(before, 0);
	assert_true(wa_logline_take(&b, 8, 2, &before));
	assert_int_equal(before, 2);
	assert_true(wa_logline_take(&b, 9, 2, &before));
	assert_int_equal(before, 0);
}

static void levels(void **state)
{
	(void)state;
	assert_true(wa_logline_is_error(WA_SV(" 8(30413) ERROR: <core> [x.c:1]: a\n")));
	assert_true(wa_logline_is_error(WA_SV("12(7) WARNING: {id} <script>: a\n")));
	assert_true(wa_logline_is_error(WA_SV("12(7) INFO: <core> [x.c:1]: a\n")));
	assert_false(wa_logline_is_error(WA_SV("12(7) INFO: {id} <script>: ERROR: a\n")));
	assert_false(wa_logline_is_error(WA_SV("ERROR: a\n")));
	assert_false(wa_logline_is_error(WA_SV("")));
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(clean),
			cmocka_unit_test(cut), cmocka_unit_test(budget),
			cmocka_unit_test(levels)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
