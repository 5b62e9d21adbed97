/* A call as data: its record, its journal entry and back, whatever is in it.
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "wa_call.h"
#include "wa_err.h"
#include "wa_json.h"
#include "wa_leg.h"

static char line[WA_CALL_LINE_SIZE];

static void fill(wa_call_t *c)
{
	const wa_sv_t legs[WA_LEG_TEXTS] = {WA_SV("id@x"), WA_SV("\"a\" <sip:a@b>"),
			WA_SV("t1"), WA_SV("<sip:c@d>"), WA_SV("t2"), WA_SV("sip:c@1.2.3.4"),
			WA_SV("<sip:p;lr>, <sip:q;lr>"), WA_SV("tls:192.0.2.1:5061")};

	wa_call_init(c);
	wa_call_set(c, "id", WA_SV("one"));
	wa_call_set(c, "call", WA_SV("a:b=c@[::1]"));
	wa_call_set(c, "dir", WA_SV("out"));
	wa_call_set(c, "number", WA_SV("15550001111"));
	wa_call_set(c, "peer", WA_SV("US.1349100000000"));
	wa_call_set(c, "cause", WA_SV("bye_meta"));
	wa_call_set(c, "phrase", WA_SV("caller 16315551111 said\r\n\"no\""));
	wa_call_set(c, "mos", WA_SV("4.3"));
	wa_call_set(c, "loss", WA_SV("none"));
	c->offered = 1700000000123;
	c->answered = 1700000001000;
	c->ended = 1700000003500;
	c->state = WA_CALL_ANSWERED;
	c->result = WA_CALL_ENDED;
	c->code = 200;
	assert_int_equal(wa_leg_set(&c->meta, legs, 43), 0);
	assert_int_equal(wa_leg_set(&c->pbx, legs, 1), 0);
}

static const char *member(struct json_object *o, const char *name)
{
	struct json_object *m = NULL;

	assert_true(json_object_object_get_ex(o, name, &m));
	return m == NULL ? "null" : json_object_get_string(m);
}

static void the_record(void **state)
{
	wa_buf_t b = wa_buf_on(line, sizeof(line));
	struct json_object *o;
	wa_call_t c;

	(void)state;
	fill(&c);
	wa_call_cdr(&c, false, &b);
	assert_int_equal(wa_buf_check(&b), 0);
	assert_int_equal(wa_json_parse(&o, wa_buf_sv(&b)), 0);
	assert_string_equal(member(o, "peer"), "US.1349100000000");
	assert_string_equal(member(o, "phrase"), "caller 1631***11 said  \"no\"");
	assert_string_equal(member(o, "offered"), "2023-11-14T22:13:20.123Z");
	assert_string_equal(member(o, "ringing"), "null");
	assert_string_equal(member(o, "duration"), "2.500");
	assert_string_equal(member(o, "mos"), "4.3");
	assert_string_equal(member(o, "loss"), "null");
	assert_string_equal(member(o, "first_ms"), "null");
	assert_string_equal(member(o, "result"), "ended");
	json_object_put(o);
	b = wa_buf_on(line, sizeof(line));
	wa_call_cdr(&c, true, &b);
	assert_int_equal(wa_json_parse(&o, wa_buf_sv(&b)), 0);
	assert_string_equal(member(o, "number"), "1555***11");
	assert_string_equal(member(o, "peer"), "US.1***00");
	json_object_put(o);
}

static void the_line_of_the_log(void **state)
{
	wa_buf_t b = wa_buf_on(line, sizeof(line) - 1);
	wa_call_t c;

	(void)state;
	fill(&c);
	wa_call_set(&c, "trunk", WA_SV("a \"b\"\n"));
	wa_call_line(&c, &b);
	assert_int_equal(wa_buf_check(&b), 0);
	line[b.len] = '\0';
	assert_null(strchr(line, '\n'));
	assert_non_null(strstr(line, "result=ended id=one call=a:b=c@[::1] wacid=- "
								 "dir=out number=1555***11 peer=US.1***00 "
								 "trunk=\"a \\\"b\\\"\\u000a\" cause=bye_meta "
								 "code=200 "));
	assert_non_null(strstr(line, " duration_ms=2500 first_ms=- "));
	assert_non_null(strstr(line, " why=\"the WhatsApp user hung up\" remedy=- "));
	assert_null(strstr(line, "15550001111"));
	assert_null(strstr(line, "16315551111"));
}

static void there_and_back(void **state)
{
	wa_buf_t b = wa_buf_on(line, sizeof(line));
	wa_call_t c, d;

	(void)state;
	fill(&c);
	wa_call_journal(&c, &b);
	assert_int_equal(wa_buf_check(&b), 0);
	assert_null(memchr(line, '\n', b.len));
	assert_int_equal(wa_call_read(&d, wa_buf_sv(&b)), 0);
	assert_memory_equal(&c, &d, sizeof(c));
	assert_int_equal(d.meta.cseq, 43);
	assert_true(wa_sv_eq(wa_leg_get(&d.pbx, WA_LEG_ROUTES),
			WA_SV("<sip:p;lr>, <sip:q;lr>")));
}

static void what_is_no_call(void **state)
{
	static const char *const bad[] = {"", "[]", "{}", "{\"id\":1,\"call\":\"x\"}",
			"{\"id\":\"a\"}", "{\"id\":\"a\",\"call\":\"b\",\"code\":\"x\"}",
			"{\"id\":\"a\",\"call\":\"b\",\"code\":99999999999}",
			"{\"id\":\"a\",\"call\":\"b\",\"meta\":[]}",
			"{\"id\":\"a\",\"call\":\"b\",\"meta\":{\"cseq\":-1}}",
			"{\"id\":\"a\",\"call\":\"b\",\"meta\":{\"cseq\":1}}",
			"{\"id\":\"a\",\"call\":\"b\""};
	wa_call_t c;

	(void)state;
	for(size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_true(wa_call_read(&c, wa_sv_from(bad[i])) < 0);
	assert_int_equal(
			wa_call_read(&c, WA_SV("{\"id\":\"a\",\"call\":\"b\",\"new\":1}")), 0);
	assert_false(wa_leg_is_set(&c.meta));
}

static void texts_that_are_too_long_or_odd(void **state)
{
	char text[5000];
	wa_sv_t legs[WA_LEG_TEXTS];
	wa_buf_t b = wa_buf_on(line, sizeof(line));
	struct json_object *o;
	wa_call_t c;

	(void)state;
	memset(text, '\x01', sizeof(text));
	fill(&c);
	for(int i = 0; i < WA_LEG_TEXTS; i++)
		legs[i] = (wa_sv_t){text, 300};
	assert_int_equal(wa_leg_set(&c.meta, legs, 1), WA_ETOOLONG);
	assert_false(wa_leg_is_set(&c.meta));
	wa_call_set(&c, "peer", (wa_sv_t){text, sizeof(text)});
	wa_call_set(&c, "gateway", WA_SV("\xff\xc3\x28\xed\xa0\x80\xc3\xa4"));
	assert_int_equal(wa_call_set(&c, "nothing", WA_SV("x")), WA_ENOENT);
	wa_call_cdr(&c, false, &b);
	assert_int_equal(wa_buf_check(&b), 0);
	assert_int_equal(wa_json_parse(&o, wa_buf_sv(&b)), 0);
	assert_string_equal(member(o, "gateway"), "?" "?(??" "?\xc3\xa4");
	json_object_put(o);
}

static void merging(void **state)
{
	wa_call_t a, b;

	(void)state;
	fill(&a);
	wa_call_init(&b);
	wa_call_set(&a, "src", WA_SV("192.0.2.1"));
	wa_call_set(&b, "src", WA_SV("192.0.2.2"));
	wa_call_set(&b, "peer", WA_SV("1"));
	wa_call_set(&b, "trunk", WA_SV("t"));
	b.meta_duration = 0;
	b.code = 0;
	wa_call_merge(&a, &b, true);
	assert_string_equal(a.peer, "US.1349100000000");
	assert_string_equal(a.trunk, "t");
	assert_int_equal(a.meta_duration, 0);
	assert_int_equal(a.code, 200);
	wa_call_merge(&a, &b, false);
	assert_string_equal(a.peer, "1");
	assert_string_equal(a.src, "192.0.2.1");
	assert_int_equal(a.state, WA_CALL_ANSWERED);
}

static void whose_doing(void **state)
{
	static const struct
	{
		const char *cause, *dir, *by;
	} rows[] = {{"bye_meta", "in", "meta"}, {"bye_pbx", "in", "pbx"},
			{"cancelled", "in", "meta"}, {"cancelled", "out", "pbx"},
			{"declined", "out", "meta"}, {"pbx_busy", "in", "pbx"},
			{"operator", "in", "sbc"}, {"limit_pair", "out", "sbc"},
			{"what", "out", "sbc"}};
	wa_call_t c;

	(void)state;
	for(size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		wa_call_init(&c);
		wa_call_set(&c, "cause", wa_sv_from(rows[i].cause));
		wa_call_set(&c, "dir", wa_sv_from(rows[i].dir));
		assert_string_equal(wa_call_ended_by(&c), rows[i].by);
	}
	assert_string_equal(wa_call_state_name(-1), "unknown");
	assert_string_equal(wa_call_result_name(9), "unknown");
}

/* What a record says of whose it is; half a line says nothing. */
static void whose_record(void **state)
{
	wa_buf_t b = wa_buf_on(line, sizeof(line));
	wa_call_t c, back;

	(void)state;
	fill(&c);
	wa_call_cdr(&c, true, &b);
	assert_int_equal(wa_call_read_record(&back, wa_buf_sv(&b)), 0);
	assert_string_equal(back.call, c.call);
	assert_string_equal(back.dir, c.dir);
	assert_true(wa_call_read_record(&back, (wa_sv_t){line + 3, b.len - 3}) < 0);
	assert_true(wa_call_read_record(&back, WA_SV("[]")) < 0);
	assert_true(wa_call_read_record(&back, WA_SV("{\"call\":\"a\",\"dir\":1}")) < 0);
}

/* The host's clock was put back by an hour during the call. */
static void a_call_lasts_whatever_is_done_to_the_clock(void **state)
{
	wa_call_t c;

	(void)state;
	wa_call_init(&c);
	c.answered = 1700000000000;
	c.answered_at = 5000;
	wa_call_end(&c, c.answered - 3600000 + 2500, 7500);
	assert_int_equal(c.ended - c.answered, 2500);
	/* it was answered before a restart: the host may have had one, too */
	c.answered_at = 0;
	wa_call_end(&c, c.answered + 4000, 100);
	assert_int_equal(c.ended - c.answered, 4000);
	c.answered = 0;
	wa_call_end(&c, 1700000000001, 7500);
	assert_int_equal(c.ended, 1700000000001);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(the_record),
			cmocka_unit_test(the_line_of_the_log),
			cmocka_unit_test(there_and_back), cmocka_unit_test(what_is_no_call),
			cmocka_unit_test(texts_that_are_too_long_or_odd),
			cmocka_unit_test(merging), cmocka_unit_test(whose_doing), cmocka_unit_test(whose_record),
			cmocka_unit_test(a_call_lasts_whatever_is_done_to_the_clock)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
