/* What of a number may be seen.
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "wa_err.h"
#include "wa_mask.h"

static void numbers(void **state)
{
	char out[16];

	(void)state;
	assert_int_equal(wa_mask(WA_SV("15550001111"), out, sizeof(out)), 0);
	assert_string_equal(out, "1555***11");
	assert_int_equal(wa_mask(WA_SV("1555000"), out, sizeof(out)), 0);
	assert_string_equal(out, "1555***00");
	assert_int_equal(wa_mask(WA_SV("155500"), out, sizeof(out)), 0);
	assert_string_equal(out, "-");
	assert_int_equal(wa_mask(WA_SV(""), out, 2), 0);
	assert_int_equal(wa_mask(WA_SV("15550001111"), out, 9), WA_ETOOLONG);
	assert_string_equal(out, "");
	assert_int_equal(wa_mask(WA_SV("1"), out, 0), WA_ETOOLONG);
}

static void texts(void **state)
{
	char out[64];

	(void)state;
	wa_mask_text(WA_SV("number +16315551111, id 123456\r\nX: y"), out, sizeof(out));
	assert_string_equal(out, "number +1631***11, id 123456  X: y");
	wa_mask_text(WA_SV("7654321"), out, sizeof(out));
	assert_string_equal(out, "7654***21");
	wa_mask_text(WA_SV("abcdef"), out, 4);
	assert_string_equal(out, "abc");
	wa_mask_text(WA_SV(""), out, sizeof(out));
	assert_string_equal(out, "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
			cmocka_unit_test(numbers), cmocka_unit_test(texts)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
