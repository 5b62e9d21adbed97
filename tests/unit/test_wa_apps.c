/* The file of apps: what is read, and which line is named when it cannot be.
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "wa_apps.h"
#include "wa_err.h"

static void two_apps_and_a_comment(void **state)
{
	wa_app_line_t v[WA_APPS_MAX];
	char why[160];

	(void)state;
	assert_int_equal(wa_apps_parse(v, WA_SV("# acme\n\n670843887433847 /run/a.token\t/run/a.secret\r\n"
											"  770000000000001   /run/b.token  \n"),
							 why, sizeof(why)),
			2);
	assert_true(wa_sv_eq(v[0].id, WA_SV("670843887433847")));
	assert_true(wa_sv_eq(v[0].token_file, WA_SV("/run/a.token")));
	assert_true(wa_sv_eq(v[0].secret_file, WA_SV("/run/a.secret")));
	assert_true(wa_sv_eq(v[1].token_file, WA_SV("/run/b.token")));
	assert_int_equal(v[1].secret_file.len, 0);
	assert_int_equal(wa_apps_parse(v, WA_SV(""), why, sizeof(why)), 0);
}

static void mistakes_are_named(void **state)
{
	static const struct
	{
		const char *text, *why;
	} bad[] = {
			{"1 /a\nacme /b", "line 2: an app id is expected first, digits"},
			{"1", "line 1: the absolute name of the token's file is expected second"},
			{"1 a.token", "line 1: the absolute name of the token's file is expected second"},
			{"1 /a b", "line 1: the absolute name of the secret's file is expected third"},
			{"1 /a /b /c", "line 1: more than three words"},
			{"1 /a\n#\n1 /b", "line 3: this app has a line already"},
			{"1 /a\x01", "line 1: the absolute name of the token's file is expected second"},
	};
	wa_app_line_t v[WA_APPS_MAX];
	char why[160];

	(void)state;
	for(size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		assert_int_equal(
				wa_apps_parse(v, wa_sv_from(bad[i].text), why, sizeof(why)), WA_EPARSE);
		assert_string_equal(why, bad[i].why);
	}
}

static void not_more_than_fit(void **state)
{
	static char text[4096];
	wa_app_line_t v[WA_APPS_MAX];
	char why[160];
	size_t n = 0;

	(void)state;
	for(int i = 1; i <= WA_APPS_MAX + 1; i++)
		n += (size_t)snprintf(text + n, sizeof(text) - n, "%d /t%d\n", i, i);
	assert_int_equal(wa_apps_parse(v, wa_sv_from(text), why, sizeof(why)), WA_ERANGE);
	assert_string_equal(why, "line 65: more than 64 apps");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
			cmocka_unit_test(two_apps_and_a_comment),
			cmocka_unit_test(mistakes_are_named),
			cmocka_unit_test(not_more_than_fit),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
