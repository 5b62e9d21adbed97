/* The wanted file: what is refused, and where; defaults; the same wish, the same text.
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "wa_err.h"
#include "wa_wanted.h"

#define N(more) "{\"number\":\"+15550001111\"" more "}"
#define FILE_OF(entries) "{\"numbers\":[" entries "]}"

static char why[WA_WANTED_WHY_SIZE];

static int parse(wa_wanted_t *w, const char *json)
{
	why[0] = '\0';
	return wa_wanted_parse(w, wa_sv_from(json), why, sizeof(why));
}

static void refused(const char *json, int err, const char *words)
{
	wa_wanted_t w;

	memset(&w, 'x', sizeof(w));
	assert_int_equal(parse(&w, json), err);
	if(strstr(why, words) == NULL)
		fail_msg("\"%s\" does not say \"%s\"", why, words);
	assert_int_equal(w.digits[0], 'x');
}

static void all_of_an_entry(void **state)
{
	wa_wanted_t w;

	(void)state;
	assert_int_equal(
			parse(&w, N(",\"phone_number_id\":\"106\",\"trunk\":\"pbx\",\"calling\":\"ENABLED\","
						"\"sip\":\"DISABLED\",\"hostname\":\"sbc.example.com\",\"port\":5071,"
						"\"request_uri_user_params\":{\"tgrp\":\"a\",\"trunk-context\":\"b\"},"
						"\"srtp\":\"SDES\",\"additional_codecs\":[\"PCMU\"],"
						"\"call_icon_visibility\":\"DISABLE_ALL\","
						"\"callback_permission\":\"ENABLED\",\"webhook_delivery\":\"ENABLED\","
						"\"call_hours\":{\"status\":\"ENABLED\"},"
						"\"policy\":{\"drift\":\"repair\",\"rotate_days\":30}")),
			0);
	assert_string_equal(w.digits, "15550001111");
	assert_string_equal(w.phone_number_id, "106");
	assert_string_equal(w.trunk, "pbx");
	assert_true(w.calling && !w.sip && w.icon_hidden && w.callback && w.webhook);
	assert_true(w.hours.enabled && w.repair);
	assert_int_equal(w.port, 5071);
	assert_int_equal(w.srtp, WA_SRTP_SDES);
	assert_int_equal(w.codecs, WA_CODEC_OPUS | WA_CODEC_PCMU);
	assert_int_equal(w.rotate_days, 30);
	assert_int_equal(w.said, 0x1ffff & ~(WA_SAYS_WABA_ID | WA_SAYS_APP_ID));
}

static void what_is_not_said_is_not_wanted(void **state)
{
	wa_wanted_t w;

	(void)state;
	assert_int_equal(parse(&w, N("")), 0);
	assert_int_equal(w.said, 0);
	assert_int_equal(parse(&w, N(",\"sip\":null")), 0);
	assert_int_equal(w.said, 0);
}

static void unknown_fields_are_named_with_their_path(void **state)
{
	(void)state;
	refused(N(",\"hostnaem\":\"x\""), WA_ENOENT, "hostnaem: no such field");
	refused(N(",\"policy\":{\"dirft\":\"repair\"}"), WA_ENOENT, "policy.dirft: no such field");
	refused(N(",\"request_uri_user_params\":{\"trunk\":\"x\"}"), WA_ENOENT,
			"request_uri_user_params.trunk: no such field");
	refused(N(",\"call_hours\":{\"weekly_operating_hours\":[{\"day\":\"MONDAY\"}]}"), WA_ENOENT,
			"call_hours.weekly_operating_hours[0].day: no such field");
	refused(N(",\"password\":\"x\""), WA_ENOENT, "password: no such field");
}

static void wrong_types_are_named_with_their_path(void **state)
{
	(void)state;
	refused("[]", WA_ETYPE, "object expected");
	refused("{\"number\":15550001111}", WA_ETYPE, "number: string expected, int found");
	refused(N(",\"port\":\"5061\""), WA_ETYPE, "port: int expected, string found");
	refused(N(",\"sip\":true"), WA_ETYPE, "sip: string expected, boolean found");
	refused(N(",\"additional_codecs\":\"PCMA\""), WA_ETYPE, "additional_codecs: array expected");
	refused(N(",\"policy\":{\"rotate_days\":\"9\"}"), WA_ETYPE, "policy.rotate_days: int expected");
}

static void values_that_cannot_be_are_named(void **state)
{
	(void)state;
	refused("{}", WA_EPARSE, "number: missing");
	refused("{\"number\":\"0555\"}", WA_EPARSE, "number: 5 to 15 digits");
	refused(N(",\"sip\":\"on\""), WA_EPARSE, "sip: one of ENABLED|DISABLED");
	refused(N(",\"srtp\":\"sdes\""), WA_EPARSE, "srtp: one of DTLS|SDES");
	refused(N(",\"port\":0"), WA_ERANGE, "port: 1 to 65535");
	refused(N(",\"port\":65536"), WA_ERANGE, "port: 1 to 65535");
	refused(N(",\"hostname\":\"192.0.2.1\""), WA_EPARSE, "no address");
	refused(N(",\"hostname\":\"localhost\""), WA_EPARSE, "no address");
	refused(N(",\"hostname\":\"a b.example\""), WA_EPARSE, "hostname: a host name");
	refused(N(",\"hostname\":\"a..b.example\""), WA_EPARSE, "a full host name");
	refused(N(",\"hostname\":\"\""), WA_EPARSE, "hostname: empty");
	refused(N(",\"phone_number_id\":\"12x\""), WA_EPARSE, "phone_number_id: digits");
	refused(N(",\"additional_codecs\":[\"PCMA\",\"G722\"]"), WA_EPARSE, "additional_codecs[1]");
	refused(N(",\"policy\":{\"rotate_days\":3651}"), WA_ERANGE, "rotate_days: 0 to 3650");
	refused(N(",\"service\":\"out\",\"sip\":\"ENABLED\""), WA_EPARSE, "sip: cannot stand beside");
	refused("{\"number\":\"155500", WA_EPARSE, "no JSON");
}

static void hours_that_meta_would_refuse(void **state)
{
#define SLOT(day, from, to) 	"{\"day_of_week\":\"" day "\",\"open_time\":\"" from "\",\"close_time\":\"" to "\"}"
#define WEEK(slots) N(",\"call_hours\":{\"weekly_operating_hours\":[" slots "]}")
	(void)state;
	refused(WEEK(SLOT("MONDAY", "1000", "0900")), WA_ERANGE, "[0]: ends before it begins");
	refused(WEEK(SLOT("MONDAY", "0900", "2460")), WA_EPARSE, "close_time: a time such as");
	refused(WEEK(SLOT("MONDAY", "0900", "1200") "," SLOT("MONDAY", "1100", "1300")), WA_ERANGE,
			"overlap on MONDAY");
	refused(WEEK(SLOT("MONDAY", "0100", "0200") "," SLOT("MONDAY", "0300", "0400") ","
					SLOT("MONDAY", "0500", "0600")),
			WA_ERANGE, "more than 2 slots on MONDAY");
	refused(WEEK("{\"open_time\":\"0100\",\"close_time\":\"0200\"}"), WA_EPARSE,
			"day_of_week: missing");
	refused(N(",\"call_hours\":{\"holiday_schedule\":[{\"date\":\"2026-13-01\","
			  "\"start_time\":\"0000\",\"end_time\":\"2359\"}]}"),
			WA_EPARSE, "holiday_schedule[0].date: a date such as");
	refused(N(",\"call_hours\":{\"timezone_id\":\"a b\"}"), WA_EPARSE, "timezone_id: Area/City");
}

static void the_same_wish_is_the_same_text(void **state)
{
	char a[WA_WANTED_TEXT_SIZE], b[WA_WANTED_TEXT_SIZE];
	wa_wanted_t w;

	(void)state;
	assert_int_equal(parse(&w, N(",\"sip\":\"ENABLED\",\"additional_codecs\":[\"PCMU\",\"PCMA\"]")), 0);
	assert_int_equal(wa_wanted_text(&w, a, sizeof(a)), 0);
	assert_int_equal(parse(&w, "{\"additional_codecs\":[\"PCMA\",\"PCMU\"],\"sip\":\"ENABLED\","
							   "\"number\":\"15550001111\"}"),
			0);
	assert_int_equal(wa_wanted_text(&w, b, sizeof(b)), 0);
	assert_string_equal(a, b);
	assert_int_equal(wa_wanted_text(&w, a, 10), WA_ETOOLONG);
}

static void out_of_service(void **state)
{
	char text[WA_WANTED_TEXT_SIZE];
	wa_wanted_t w;

	(void)state;
	/* null is no wish, so it does not contradict */
	assert_int_equal(parse(&w, N(",\"service\":\"out\",\"sip\":null,\"port\":null")), 0);
	assert_int_equal(parse(&w, N(",\"service\":\"out\"")), 0);
	assert_true(w.out && !w.calling && !w.sip && w.hostname[0] == '\0');
	assert_int_equal(w.said, WA_SAYS_CALLING | WA_SAYS_SIP | WA_SAYS_HOSTNAME);
	assert_int_equal(wa_wanted_text(&w, text, sizeof(text)), 0);
	assert_string_equal(text, "{\"number\":\"15550001111\",\"service\":\"out\"}");
}

/* Every field at its longest fits what is stored of it. */
static void the_longest_entry_fits(void **state)
{
	static const char *const days[] = {"MONDAY", "TUESDAY", "WEDNESDAY", "THURSDAY",
			"FRIDAY", "SATURDAY", "SUNDAY"};
	char json[16384], long_one[129], text[WA_WANTED_TEXT_SIZE];
	wa_wanted_t w;
	int n;

	(void)state;
	memset(long_one, 'x', sizeof(long_one) - 1);
	long_one[128] = '\0';
	n = snprintf(json, sizeof(json),
			"{\"number\":\"155500011112222\",\"phone_number_id\":\"%.31s\",\"waba_id\":\"%.31s\","
			"\"app_id\":\"%.31s\",\"trunk\":\"%.63s\",\"calling\":\"DISABLED\",\"sip\":\"DISABLED\","
			"\"hostname\":\"%s%.121s.com\",\"port\":65535,\"request_uri_user_params\":{\"tgrp\":"
			"\"%s\",\"trunk-context\":\"%s\",\"context\":\"%s\"},\"srtp\":\"SDES\","
			"\"additional_codecs\":[\"PCMA\",\"PCMU\"],\"call_icon_visibility\":\"DISABLE_ALL\","
			"\"callback_permission\":\"DISABLED\",\"webhook_delivery\":\"DISABLED\","
			"\"policy\":{\"drift\":\"repair\",\"rotate_days\":3650},\"call_hours\":{\"status\":"
			"\"DISABLED\",\"timezone_id\":\"%.63s\",\"weekly_operating_hours\":[",
			"1111111111111111111111111111111", "2222222222222222222222222222222",
			"3333333333333333333333333333333", long_one, long_one, long_one, long_one, long_one,
			long_one, long_one);
	for(int i = 0; i < 14; i++)
		n += snprintf(json + n, sizeof(json) - (size_t)n,
				"%s{\"day_of_week\":\"%s\",\"open_time\":\"%s\",\"close_time\":\"%s\"}",
				i > 0 ? "," : "", days[i / 2], i % 2 ? "1300" : "0900", i % 2 ? "1700" : "1200");
	n += snprintf(json + n, sizeof(json) - (size_t)n, "],\"holiday_schedule\":[");
	for(int i = 0; i < 20; i++)
		n += snprintf(json + n, sizeof(json) - (size_t)n,
				"%s{\"date\":\"2026-12-%02d\",\"start_time\":\"0000\",\"end_time\":\"2359\"}",
				i > 0 ? "," : "", i + 1);
	snprintf(json + n, sizeof(json) - (size_t)n, "]}}");
	if(parse(&w, json) != 0)
		fail_msg("%s", why);
	assert_int_equal(wa_wanted_text(&w, text, sizeof(text)), 0);
	assert_int_equal(wa_hours_text(&w.hours, json, WA_HOURS_TEXT_SIZE), 0);
}

static int open_file(wa_wanted_file_t *f, const char *json)
{
	why[0] = '\0';
	return wa_wanted_open(f, wa_sv_from(json), why, sizeof(why));
}

static void defaults_fill_what_is_not_said(void **state)
{
	wa_wanted_file_t f;
	wa_wanted_t w;

	(void)state;
	assert_int_equal(open_file(&f, "{\"defaults\":{\"sip\":\"ENABLED\",\"srtp\":\"SDES\",\"port\":5071},"
								   "\"numbers\":[{\"number\":\"15550001111\",\"srtp\":\"DTLS\",\"port\":null},"
								   "{\"number\":\"15550002222\",\"service\":\"out\"}]}"),
			0);
	assert_int_equal(f.n, 2);
	wa_wanted_get(&f, 0, &w);
	assert_int_equal(w.said, WA_SAYS_SIP | WA_SAYS_SRTP);
	assert_true(w.sip);
	assert_int_equal(w.srtp, WA_SRTP_DTLS);
	wa_wanted_get(&f, 1, &w);
	assert_string_equal(w.digits, "15550002222");
	assert_true(w.out && !w.sip);
	assert_false(w.said & WA_SAYS_PORT);
	wa_wanted_close(&f);
}

static void a_file_is_taken_whole_or_not(void **state)
{
	static const struct
	{
		const char *json, *words;
	} bad[] = {
			{"{\"numbers\":{}}", "numbers: array expected, object found"},
			{"{}", "numbers: missing"},
			{"{\"number\":[]}", "number: no such field"},
			{"{\"defaults\":{\"number\":\"15550001111\"},\"numbers\":[]}", "defaults.number: no such"},
			{"{\"defaults\":{\"srtp\":\"x\"},\"numbers\":[]}", "defaults.srtp: one of"},
			{FILE_OF(N("") ",{\"number\":\"15550002222\",\"policy\":{\"x\":1}}"),
					"numbers[1].policy.x: no such field"},
			{FILE_OF(N("") ",7"), "numbers[1]: object expected"},
			{FILE_OF(N("") ",{\"number\":\"15550001111\"}"),
					"numbers[1].number: the same as numbers[0]'s"},
			{FILE_OF(N(",\"phone_number_id\":\"5\"")
							",{\"number\":\"15550002222\",\"phone_number_id\":\"5\"}"),
					"numbers[1].phone_number_id: the same as numbers[0]'s"},
			{"{\"numbers\":[]} x", "no JSON"},
	};
	wa_wanted_file_t f;

	(void)state;
	for(size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		assert_true(open_file(&f, bad[i].json) < 0);
		if(strstr(why, bad[i].words) == NULL)
			fail_msg("\"%s\" does not say \"%s\"", why, bad[i].words);
		assert_null(f.root);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
			cmocka_unit_test(all_of_an_entry),
			cmocka_unit_test(what_is_not_said_is_not_wanted),
			cmocka_unit_test(unknown_fields_are_named_with_their_path),
			cmocka_unit_test(wrong_types_are_named_with_their_path),
			cmocka_unit_test(values_that_cannot_be_are_named),
			cmocka_unit_test(hours_that_meta_would_refuse),
			cmocka_unit_test(the_same_wish_is_the_same_text),
			cmocka_unit_test(out_of_service),
			cmocka_unit_test(the_longest_entry_fits),
			cmocka_unit_test(defaults_fill_what_is_not_said),
			cmocka_unit_test(a_file_is_taken_whole_or_not),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
