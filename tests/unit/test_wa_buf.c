/* Text in a fixed buffer: what does not fit leaves no half.
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "wa_buf.h"
#include "wa_err.h"

static void it_fills_to_the_last_octet(void **state)
{
	char mem[5];
	wa_buf_t b = wa_buf_on(mem, sizeof(mem));

	(void)state;
	wa_buf_put(&b, WA_SV("abc"));
	wa_buf_put(&b, WA_SV("de"));
	assert_int_equal(wa_buf_check(&b), 0);
	assert_true(wa_sv_eq(wa_buf_sv(&b), WA_SV("abcde")));
	wa_buf_put(&b, WA_SV(""));
	assert_int_equal(wa_buf_check(&b), 0);
	wa_buf_put(&b, WA_SV("f"));
	assert_int_equal(wa_buf_check(&b), WA_ETOOLONG);
}

static void what_follows_an_overflow_is_ignored(void **state)
{
	char mem[4];
	wa_buf_t b = wa_buf_on(mem, sizeof(mem));

	(void)state;
	wa_buf_put(&b, WA_SV("ab"));
	wa_buf_put(&b, WA_SV("cde"));
	wa_buf_put(&b, WA_SV("f"));
	assert_true(wa_sv_eq(wa_buf_sv(&b), WA_SV("ab")));
	assert_int_equal(wa_buf_check(&b), WA_ETOOLONG);
}

static void numbers(void **state)
{
	char mem[80];
	wa_buf_t b = wa_buf_on(mem, sizeof(mem));

	(void)state;
	wa_buf_num(&b, INT64_MIN);
	wa_buf_put(&b, WA_SV(" "));
	wa_buf_num(&b, 0);
	wa_buf_put(&b, WA_SV(" "));
	wa_buf_hex(&b, 0xdeadbeef, 8);
	wa_buf_put(&b, WA_SV(" "));
	wa_buf_hex(&b, 0x1f, 3);
	wa_buf_put(&b, WA_SV(" "));
	wa_buf_hex(&b, 0x12345, 2);
	wa_buf_put(&b, WA_SV(" "));
	wa_buf_hex(&b, 1, 18);
	assert_true(wa_sv_eq(wa_buf_sv(&b),
			WA_SV("-9223372036854775808 0 deadbeef 01f 45 "
				  "000000000000000001")));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
			cmocka_unit_test(it_fills_to_the_last_octet),
			cmocka_unit_test(what_follows_an_overflow_is_ignored),
			cmocka_unit_test(numbers),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
