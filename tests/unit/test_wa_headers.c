/* The walk over headers: folding, missing ends, lines that are no headers.
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "wa_headers.h"

static void all_headers_in_order(void **state)
{
	static const struct
	{
		const char *name, *value;
	} want[] = {{"Via", "SIP/2.0/TLS [2001:db8::1]:5061"}, {"cseq", "7 INVITE"},
			{"Subject", "one\r\n\t two\r\n three"}, {"Empty", ""}, {"v", "x"}};
	wa_sv_t msg = WA_SV("SIP/2.0 407 No: header\r\n"
						"Via: SIP/2.0/TLS [2001:db8::1]:5061\r\n"
						"cseq :7 INVITE\r\n"
						"no colon here\r\n"
						"Subject: one\r\n\t two\r\n three\r\n"
						"Empty:\r\n"
						"v:x\n"
						"\r\n"
						"Body: no header\r\n");
	wa_headers_t walk;
	wa_sv_t name, value;
	size_t i = 0;

	(void)state;
	wa_headers_begin(&walk, msg);
	while(wa_headers_next(&walk, &name, &value)) {
		assert_true(i < sizeof(want) / sizeof(want[0]));
		assert_true(wa_sv_eq(name, wa_sv_from(want[i].name)));
		assert_true(wa_sv_eq(value, wa_sv_from(want[i].value)));
		i++;
	}
	assert_int_equal(i, sizeof(want) / sizeof(want[0]));
	assert_false(wa_headers_next(&walk, &name, &value));
	assert_true(wa_sv_eq(wa_headers_find(msg, WA_SV("CSeq")), WA_SV("7 INVITE")));
	assert_int_equal(wa_headers_find(msg, WA_SV("Body")).len, 0);
}

static void a_message_may_end_anywhere(void **state)
{
	static const char text[] = "BYE sip:a SIP/2.0\r\nTo: a\r\n b\r\nFrom: c\r\n\r\nx";

	(void)state;
	for(size_t n = 0; n < sizeof(text); n++) {
		char *cut = malloc(n ? n : 1);
		wa_headers_t walk;
		wa_sv_t name, value;
		unsigned i = 0;

		assert_non_null(cut);
		memcpy(cut, text, n);
		wa_headers_begin(&walk, (wa_sv_t){cut, n});
		while(wa_headers_next(&walk, &name, &value))
			i++;
		assert_true(i <= 2);
		free(cut);
	}
	assert_int_equal(wa_headers_find((wa_sv_t){NULL, 0}, WA_SV("To")).len, 0);
}

static void the_body_is_what_follows_the_empty_line(void **state)
{
	(void)state;
	assert_true(wa_sv_eq(wa_headers_body(WA_SV("A b C\r\nTo: a\r\n b\r\n\r\nv=0\r\n\r\nx")),
			WA_SV("v=0\r\n\r\nx")));
	assert_int_equal(wa_headers_body(WA_SV("A b C\r\nTo: a\r\n\r\n")).len, 0);
	assert_int_equal(wa_headers_body(WA_SV("A b C\r\nTo: a")).len, 0);
	assert_int_equal(wa_headers_body((wa_sv_t){NULL, 0}).len, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
			cmocka_unit_test(all_headers_in_order),
			cmocka_unit_test(a_message_may_end_anywhere),
			cmocka_unit_test(the_body_is_what_follows_the_empty_line),
	};

	return cmocka_run_group_tests_name("wa_headers", tests, NULL, NULL);
}
