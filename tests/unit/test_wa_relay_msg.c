/* Commands to the relay, addresses, and digits of an INFO.
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "wa_dtmf_info.h"
#include "wa_endpoint.h"
#include "wa_err.h"
#include "wa_relay_msg.h"

static wa_endpoint_t at(const char *text)
{
	wa_endpoint_t e;

	assert_int_equal(wa_endpoint_parse(wa_sv_from(text), &e), 0);
	return e;
}

static void endpoints(void **state)
{
	static const char *const good[] = {"192.0.2.1:5004", "[2001:db8::1]:65535", "0.0.0.0:0"};
	static const char *const bad[] = {"", ":", "1:2", "192.0.2.1", "192.0.2.1:", "192.0.2.1:70000",
			"2001:db8::1:5004", "[192.0.2.1]:5004", "[]:1", "pbx.example:5004", "192.0.2.1 :1"};
	struct sockaddr_storage ss;
	wa_endpoint_t e, again;
	char mem[WA_ENDPOINT_TEXT];

	(void)state;
	for(size_t i = 0; i < 3; i++) {
		wa_buf_t b = wa_buf_on(mem, sizeof(mem));

		e = at(good[i]);
		wa_endpoint_put(&e, &b);
		assert_true(wa_sv_eq(wa_buf_sv(&b), wa_sv_from(good[i])));
		assert_true(wa_endpoint_sockaddr(&e, &ss) > 0);
		wa_endpoint_from(&ss, &again);
		assert_true(wa_endpoint_eq(&e, &again));
		assert_int_equal(wa_endpoint_hash(&e), wa_endpoint_hash(&again));
		assert_int_equal(wa_endpoint_is_any(&e), i == 2);
	}
	for(size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		assert_int_equal(wa_endpoint_parse(wa_sv_from(bad[i]), &e), WA_EPARSE);
		assert_int_equal(e.family, 0);
	}
	e = at("[::ffff:192.0.2.1]:5004");
	wa_endpoint_sockaddr(&e, &ss);
	wa_endpoint_from(&ss, &again);
	e = at("192.0.2.1:5004");
	assert_true(wa_endpoint_eq(&e, &again));
}

static wa_relay_msg_t sent_and_read(const wa_relay_msg_t *m)
{
	static char mem[WA_RELAY_MSG_MAX];
	wa_buf_t b = wa_buf_on(mem, sizeof(mem));
	wa_relay_msg_t r;

	assert_int_equal(wa_relay_msg_write(m, &b), 0);
	assert_int_equal(wa_relay_msg_read(wa_buf_sv(&b), &r), 0);
	assert_true(wa_sv_eq(r.cookie, m->cookie));
	assert_int_equal(r.command, m->command);
	assert_true(wa_sv_eq(r.callid, m->callid));
	return r;
}

static void a_join_says_all(void **state)
{
	wa_relay_msg_t m = wa_relay_msg(WA_RELAY_JOIN, WA_SV("outgoing:wacid.x=")), r;

	(void)state;
	m.cookie = WA_SV("c1");
	m.engine = at("192.0.2.1:30000");
	m.pbx = at("[2001:db8::1]:4000");
	m.rtcp = at("192.0.2.9:9");
	m.has_up = m.has_down = m.has_format = m.has_direction = m.has_note = m.has_learn = true;
	wa_relay_map_add(&m.up, 0, 8, WA_RELAY_PCMA, WA_RELAY_PCMA);
	wa_relay_map_add(&m.up, 101, 96, WA_RELAY_EVENT, WA_RELAY_EVENT);
	wa_relay_map_add(&m.down, 8, 0, WA_RELAY_PCMA, WA_RELAY_OPUS);
	m.codec = WA_CODEC_G722;
	m.pt = 9;
	m.hears = true;
	m.renew = true;
	m.learn = 3000;
	m.start = 100;
	m.note = WA_SV("v=0\r\n");
	r = sent_and_read(&m);
	assert_true(wa_endpoint_eq(&r.engine, &m.engine));
	assert_true(wa_endpoint_eq(&r.pbx, &m.pbx));
	assert_true(wa_endpoint_eq(&r.rtcp, &m.rtcp));
	assert_memory_equal(&r.up, &m.up, sizeof(m.up));
	assert_memory_equal(&r.down, &m.down, sizeof(m.down));
	assert_int_equal(r.codec, WA_CODEC_G722);
	assert_int_equal(r.event, WA_RTP_NO_PT);
	assert_false(r.sends);
	assert_true(r.hears && r.renew && r.has_learn && r.has_direction);
	assert_int_equal(r.learn, 3000);
	assert_int_equal(r.start, 100);
	assert_true(wa_sv_eq(r.note, m.note));
	assert_int_equal(wa_relay_map_find(&r.up, 101), 1);
	assert_int_equal(wa_relay_map_find(&r.up, 8), -1);
}

static void what_is_absent_stays_as_it_is(void **state)
{
	wa_relay_msg_t m = wa_relay_msg(WA_RELAY_JOIN, WA_SV("c")), r;

	(void)state;
	m.cookie = WA_SV("1");
	r = sent_and_read(&m);
	assert_false(r.has_up || r.has_down || r.has_format || r.has_direction
				 || r.has_note || r.has_learn || r.renew);
	assert_int_equal(r.engine.family + r.pbx.family + r.rtcp.family, 0);
	assert_int_equal(r.start, -1);
}

static void the_other_commands(void **state)
{
	(void)state;
	for(int c = 0; c < WA_RELAY_COMMANDS; c++) {
		wa_relay_msg_t m = wa_relay_msg((enum wa_relay_command)c, WA_SV("call")), r;

		m.cookie = WA_SV("x");
		m.digit = '#';
		m.ms = 160;
		m.serial = 3;
		m.max = 7;
		m.on = true;
		r = sent_and_read(&m);
		if(c == WA_RELAY_PRESS)
			assert_true(r.digit == '#' && r.ms == 160 && r.serial == 3);
		if(c == WA_RELAY_LIST || c == WA_RELAY_EVENTS)
			assert_int_equal(r.max, 7);
		assert_int_equal(r.on, c == WA_RELAY_DRAIN);
	}
}

static void what_is_no_command(void **state)
{
	static const struct
	{
		const char *text;
		int err;
	} t[] = {{"", WA_EPARSE}, {"x", WA_EPARSE}, {" d7:command4:pinge", WA_EPARSE},
			{"x le", WA_EPARSE}, {"x de", WA_EPARSE}, {"x d7:command9:dance", WA_EPARSE},
			{"x d7:command5:draine", WA_EPARSE}, {"x d7:command5:drain2:oni2ee", WA_ERANGE},
			{"x d7:command5:dancee", WA_EUNSUP}, {"x d7:command4:opene", WA_ERANGE},
			{"x d7:command4:join7:call-id1:c3:pbx3:1:2e", WA_EPARSE},
			{"x d7:command4:join7:call-id1:c2:up5:0:0:xe", WA_EPARSE},
			{"x d7:command4:join7:call-id1:c2:up10:128:0:PCMUe", WA_EPARSE},
			{"x d7:command4:join7:call-id1:c5:codec5:evente", WA_EPARSE},
			{"x d7:command4:join7:call-id1:c5:codec4:PCMU2:pti128ee", WA_ERANGE},
			{"x d7:command4:join7:call-id1:c5:sendsi2ee", WA_ERANGE},
			{"x d7:command4:join7:call-id1:c5:learni-1ee", WA_ERANGE},
			{"x d7:command5:press7:call-id1:ce", WA_EPARSE},
			{"x d7:command5:press7:call-id1:c5:digit2:11e", WA_EPARSE},
			{"x d7:command4:list3:maxi-1ee", WA_ERANGE}};
	wa_relay_msg_t m;

	(void)state;
	for(size_t i = 0; i < sizeof(t) / sizeof(t[0]); i++)
		assert_int_equal(wa_relay_msg_read(wa_sv_from(t[i].text), &m), t[i].err);
}

static void a_map_is_bounded(void **state)
{
	wa_relay_map_t m = {.n = 0};

	(void)state;
	for(uint8_t i = 0; i < WA_RELAY_PAYLOADS; i++)
		assert_int_equal(wa_relay_map_add(&m, i, i, WA_RELAY_OPUS, WA_RELAY_OPUS), 0);
	assert_int_equal(wa_relay_map_add(&m, 99, 99, WA_RELAY_OPUS, WA_RELAY_OPUS), WA_EBUSY);
	assert_int_equal(wa_relay_map_read(
							 WA_SV("1:1:OPUS 2:2:OPUS 3:3:OPUS 4:4:OPUS 5:5:OPUS 6:6:OPUS "
								   "7:7:OPUS 8:8:OPUS 9:9:OPUS 1:1:OPUS 1:1:OPUS 1:1:OPUS "
								   "1:1:OPUS 1:1:OPUS 1:1:OPUS 1:1:OPUS 1:1:OPUS"), &m),
			WA_ERANGE);
}

static void digits_of_info(void **state)
{
	static const struct
	{
		const char *type, *body;
		int err;
		char digit;
		unsigned ms;
	} t[] = {{"application/dtmf-relay", "Signal=5\r\nDuration=250\r\n", 0, '5', 250},
			{"Application/DTMF-Relay;x=y", "signal= * \nduration = 60", 0, '*', 60},
			{"application/dtmf-relay", "Signal=10\r\n", 0, '*', 160},
			{"application/dtmf-relay", "Signal=11\r\nDuration=x\r\n", 0, '#', 160},
			{"application/dtmf", "a", 0, 'A', 160}, {"application/dtmf", " 7\r\n", 0, '7', 160},
			{"application/dtmf", "12", WA_EPARSE, 0, 0}, {"application/dtmf", "", WA_EPARSE, 0, 0},
			{"application/dtmf-relay", "Duration=250\r\n", WA_EPARSE, 0, 0},
			{"application/dtmf-relay", "Signal=x\r\n", WA_EPARSE, 0, 0},
			{"application/sdp", "v=0", WA_EUNSUP, 0, 0}, {"", "5", WA_EUNSUP, 0, 0}};

	(void)state;
	for(size_t i = 0; i < sizeof(t) / sizeof(t[0]); i++) {
		char digit = 0;
		unsigned ms;

		assert_int_equal(wa_dtmf_info(wa_sv_from(t[i].type), wa_sv_from(t[i].body), &digit, &ms), t[i].err);
		if(t[i].err == 0)
			assert_true(digit == t[i].digit && ms == t[i].ms);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
			cmocka_unit_test(endpoints), cmocka_unit_test(a_join_says_all),
			cmocka_unit_test(what_is_absent_stays_as_it_is),
			cmocka_unit_test(the_other_commands), cmocka_unit_test(what_is_no_command),
			cmocka_unit_test(a_map_is_bounded), cmocka_unit_test(digits_of_info),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
