/* Legs out of header fields.
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "wa_err.h"
#include "wa_leg.h"

static void is(wa_sv_t got, const char *want)
{
	assert_int_equal(got.len, strlen(want));
	assert_memory_equal(got.s != NULL ? got.s : "", want, got.len);
}

static void uris(void **state)
{
	(void)state;
	is(wa_leg_uri(WA_SV("\"a <b>\" <sip:c@d;ob>;expires=1")), "sip:c@d;ob");
	is(wa_leg_uri(WA_SV("sip:c@d;tag=1")), "sip:c@d");
	is(wa_leg_uri(WA_SV("<sip:c@d")), "");
	is(wa_leg_uri(WA_SV("")), "");
	is(wa_leg_uri(WA_SV("\"never ends <sip:a@b>")), "\"never ends <sip:a@b>");
}

static void names_and_tags(void **state)
{
	static const struct
	{
		const char *in, *addr, *tag;
	} rows[] = {{"\"x;tag=no\" <sip:a@b;tag=no>;x=1;TAG = yes ;y",
						"\"x;tag=no\" <sip:a@b;tag=no>", "yes"},
			{"sip:a@b;tag=t", "sip:a@b", "t"}, {"<sip:a@b>", "<sip:a@b>", ""},
			{"\"a\\\"<\" <sip:a@b>;tag=t", "\"a\\\"<\" <sip:a@b>", "t"},
			{"", "", ""}};

	(void)state;
	for(size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		wa_sv_t addr, tag;

		wa_leg_name_addr(wa_sv_from(rows[i].in), &addr, &tag);
		is(addr, rows[i].addr);
		is(tag, rows[i].tag);
	}
}

static wa_leg_msg_t message(void)
{
	return (wa_leg_msg_t){.from = WA_SV("<sip:f@x>;tag=ft"),
			.to = WA_SV("<sip:t@y>;tag=tt"), .call_id = WA_SV(" id@x "),
			.cseq = WA_SV("41 INVITE"), .contact = WA_SV("<sip:c@z;ob>"),
			.socket = WA_SV("tls:192.0.2.1:5061"),
			.record_routes = {WA_SV("<sip:a;lr>, <sip:b;lr>"),
					WA_SV("<sip:us;wa=token>,<sip:not-this>"), WA_SV("<sip:nor>")},
			.n = 3};
}

static void of_a_reply(void **state)
{
	wa_leg_msg_t m = message();
	wa_leg_t leg;

	(void)state;
	assert_int_equal(wa_leg_of_reply(&leg, &m), 0);
	assert_int_equal(leg.cseq, 42);
	is(wa_leg_get(&leg, WA_LEG_CALL_ID), "id@x");
	is(wa_leg_get(&leg, WA_LEG_LOCAL), "<sip:f@x>");
	is(wa_leg_get(&leg, WA_LEG_LOCAL_TAG), "ft");
	is(wa_leg_get(&leg, WA_LEG_REMOTE), "<sip:t@y>");
	is(wa_leg_get(&leg, WA_LEG_REMOTE_TAG), "tt");
	is(wa_leg_get(&leg, WA_LEG_TARGET), "sip:c@z;ob");
	is(wa_leg_get(&leg, WA_LEG_ROUTES), "<sip:b;lr>, <sip:a;lr>");
	is(wa_leg_get(&leg, WA_LEG_SOCKET), "tls:192.0.2.1:5061");
}

static void of_a_request(void **state)
{
	wa_leg_msg_t m = message();
	wa_leg_t leg;

	(void)state;
	m.to = WA_SV("<sip:t@y>");
	m.record_routes[1] = WA_SV("<sip:c;lr>");
	m.n = 2;
	assert_int_equal(wa_leg_of_request(&leg, &m, WA_SV("new")), 0);
	assert_int_equal(leg.cseq, 1);
	is(wa_leg_get(&leg, WA_LEG_LOCAL), "<sip:t@y>");
	is(wa_leg_get(&leg, WA_LEG_LOCAL_TAG), "new");
	is(wa_leg_get(&leg, WA_LEG_REMOTE_TAG), "ft");
	is(wa_leg_get(&leg, WA_LEG_ROUTES), "<sip:a;lr>, <sip:b;lr>, <sip:c;lr>");
}

static void what_cannot_be_a_leg(void **state)
{
	wa_leg_msg_t m = message();
	char many[600] = "";
	wa_leg_t leg;

	(void)state;
	m.contact = WA_SV("");
	assert_int_equal(wa_leg_of_reply(&leg, &m), WA_EPARSE);
	assert_false(wa_leg_is_set(&leg));
	m = message();
	m.to = WA_SV("<sip:t@y>");
	assert_int_equal(wa_leg_of_reply(&leg, &m), WA_EPARSE);
	m = message();
	m.cseq = WA_SV("x INVITE");
	assert_int_equal(wa_leg_of_reply(&leg, &m), WA_EPARSE);
	m = message();
	m.cseq = WA_SV("4294967295 INVITE");
	assert_int_equal(wa_leg_of_reply(&leg, &m), WA_EPARSE);
	m = message();
	for(int i = 0; i < 20; i++)
		memcpy(many + i * 10, "<sip:a;b>,", 10);
	m.record_routes[0] = (wa_sv_t){many, 200};
	assert_int_equal(wa_leg_of_reply(&leg, &m), WA_ETOOLONG);
	assert_false(wa_leg_is_set(&leg));
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(uris),
			cmocka_unit_test(names_and_tags), cmocka_unit_test(of_a_reply),
			cmocka_unit_test(of_a_request),
			cmocka_unit_test(what_cannot_be_a_leg)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
