/* What looks like SIP, before anything is parsed.
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "wa_shape.h"

static const wa_shape_limits_t limits = {.head = 120, .lines = 4, .line = 60};

static enum wa_shape of(const char *text)
{
	return wa_shape_of(wa_sv_from(text), &limits);
}

static void good(void **state)
{
	(void)state;
	assert_int_equal(of("OPTIONS sip:a SIP/2.0\r\nA: b\r\n\r\n"), WA_SHAPE_REQUEST);
	assert_int_equal(of("\r\n\r\nOPTIONS sip:a sip/2.0\r\n\r\n"), WA_SHAPE_REQUEST);
	/* RFC 4475: spaces in the first line, odd methods, bare LF, UTF-8 */
	assert_int_equal(of("INVITE  sip:a  SIP/2.0 \r\n\r\n"), WA_SHAPE_REQUEST);
	assert_int_equal(of("!interesting-Method0123456789_*+`.%indeed'~ sip:a SIP/2.0\n\n"),
			WA_SHAPE_REQUEST);
	assert_int_equal(of("SIP/2.0 200 = 2**3 * \xd0\xbd\r\nA:\tb\r\n c\r\n\r\n"),
			WA_SHAPE_REPLY);
	assert_int_equal(of("SIP/2.0 100 \r\n\r\nbody \x01\x02"), WA_SHAPE_REPLY);
	assert_int_equal(of("\r\n\r\n"), WA_SHAPE_PING);
	assert_int_equal(wa_shape_of((wa_sv_t){"\0\0\0\0", 4}, &limits), WA_SHAPE_PING);
	assert_int_equal(of(""), WA_SHAPE_PING);
}

static void bad(void **state)
{
	static const char nul[] = "OPTIONS sip:a SIP/2.0\r\nA: b\0c\r\n\r\n";

	(void)state;
	assert_int_equal(of("GET / HTTP/1.1\r\n\r\n"), WA_SHAPE_NO_SIP);
	assert_int_equal(of("OPTIONS SIP/2.0\r\n\r\n"), WA_SHAPE_NO_SIP);
	assert_int_equal(of("OPT(IONS sip:a SIP/2.0\r\n\r\n"), WA_SHAPE_NO_SIP);
	assert_int_equal(of("OPTIONS sip:a SIP/7.0\r\n\r\n"), WA_SHAPE_NO_SIP);
	assert_int_equal(of("\x16\x03\x01\x02\r\n"), WA_SHAPE_NO_SIP);
	assert_int_equal(of("OPTIONS sip:a SIP/2.0"), WA_SHAPE_NO_SIP);
	assert_int_equal(of("x"), WA_SHAPE_NO_SIP);
	assert_int_equal(of("OPTIONS sip:a SIP/2.0\r\nA: b\r\n"), WA_SHAPE_UNENDED);
	assert_int_equal(of("OPTIONS sip:a SIP/2.0\r\nA: \x1b[2J\r\n\r\n"), WA_SHAPE_CONTROL);
	assert_int_equal(of("OPTIONS sip:a SIP/2.0\r\nA: b\rC: d\r\n\r\n"), WA_SHAPE_CONTROL);
	assert_int_equal(wa_shape_of((wa_sv_t){nul, sizeof(nul) - 1}, &limits),
			WA_SHAPE_CONTROL);
}

static void too_much(void **state)
{
	(void)state;
	assert_int_equal(of("OPTIONS sip:a SIP/2.0\r\nA:\r\nB:\r\nC:\r\nD:\r\n\r\n"),
			WA_SHAPE_REQUEST);
	assert_int_equal(of("OPTIONS sip:a SIP/2.0\r\nA:\r\nB:\r\nC:\r\nD:\r\nE:\r\n\r\n"),
			WA_SHAPE_TOO_MANY);
	assert_int_equal(of("OPTIONS sip:a SIP/2.0\r\nA: 0123456789012345678901234567890"
						"123456789012345678901234567890\r\n\r\n"),
			WA_SHAPE_TOO_LONG);
	assert_int_equal(of("OPTIONS sip:a SIP/2.0\r\nA: 012345678901234567890123456789012345"
						"678901234567890\r\nA: 0123456789012345678901234567890123456\r\n\r\n"),
			WA_SHAPE_TOO_LONG);
}

static void names(void **state)
{
	(void)state;
	assert_string_equal(wa_shape_name(WA_SHAPE_TOO_LONG), "oversized");
	assert_string_equal(wa_shape_name((enum wa_shape)99), "unknown");
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(good),
			cmocka_unit_test(bad), cmocka_unit_test(too_much),
			cmocka_unit_test(names)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
