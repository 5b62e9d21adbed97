/* The plan: only what the file says, in the order that keeps SDES.
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
#include "wa_plan.h"

#define N(more) "{\"number\":\"15550001111\"" more "}"
#define OURS 	"{\"hostname\":\"sbc.example.com\",\"port\":5061,\"request_uri_user_params\":" 	"{\"tgrp\":\"x\",\"foo\":\"bar\"},\"app_id\":1,\"sip_user_password\":\"secret\"}"
#define META(servers, more) 	"{\"calling\":{\"status\":\"ENABLED\",\"sip\":{\"status\":\"ENABLED\",\"servers\":[" 	servers "]}" more "}}"

static char why[WA_WANTED_WHY_SIZE];

static void read_both(const char *wanted, wa_wanted_t *w, const char *meta, wa_calling_t *c)
{
	if(wa_wanted_parse(w, wa_sv_from(wanted), why, sizeof(why)) != 0)
		fail_msg("%s", why);
	if(wa_calling_parse(c, wa_sv_from(meta), WA_SV("1"), WA_SV(""), why, sizeof(why)) != 0)
		fail_msg("%s", why);
}

/* The drift, the writes, and the body of each in order; "" = none. */
static void expect(const char *wanted, const char *meta, const char *drift,
		const char *general, const char *sip, const char *srtp)
{
	const char *bodies[] = {general, sip, srtp};
	char body[WA_PLAN_BODY_SIZE], names[256];
	wa_wanted_t w;
	wa_calling_t c;

	read_both(wanted, &w, meta, &c);
	wa_plan_drift(&w, &c, names, sizeof(names));
	assert_string_equal(names, drift);
	wa_plan_keep(&w, &c);
	for(unsigned i = 0; i < 3; i++) {
		body[0] = '\0';
		if(wa_plan_writes(&w, &c) & 1U << i)
			assert_int_equal(
					wa_plan_body(1U << i, &w, &c, body, sizeof(body), why, sizeof(why)), 0);
		assert_string_equal(body, bodies[i]);
	}
}

#define SDES_BODY "{\"calling\":{\"srtp_key_exchange_protocol\":\"SDES\"}}"
#define IS_SDES ",\"srtp_key_exchange_protocol\":\"SDES\""

static void nothing_wanted_is_nothing_written(void **state)
{
	(void)state;
	expect(N(""), META(OURS, IS_SDES), "", "", "", "");
	expect(N(""), META("", ""), "", "", "", "");
}

static void what_is_there_is_not_written(void **state)
{
	(void)state;
	expect(N(",\"calling\":\"ENABLED\",\"sip\":\"ENABLED\",\"hostname\":\"SBC.example.com\","
			 "\"port\":5061,\"srtp\":\"DTLS\",\"additional_codecs\":[],"
			 "\"call_icon_visibility\":\"DEFAULT\",\"callback_permission\":\"DISABLED\","
			 "\"webhook_delivery\":\"DISABLED\",\"call_hours\":{\"status\":\"DISABLED\","
			 "\"holiday_schedule\":[]}"),
			META(OURS, ""), "", "", "", "");
}

static void a_server_entry_is_written_whole_and_keeps_what_nobody_mentions(void **state)
{
	(void)state;
	expect(N(",\"port\":5071"), META(OURS, ""), "port", "",
			"{\"calling\":{\"sip\":{\"servers\":[{\"hostname\":\"sbc.example.com\",\"port\":5071,"
			"\"request_uri_user_params\":{\"tgrp\":\"x\",\"foo\":\"bar\"}}]}}}",
			"");
	expect(N(",\"request_uri_user_params\":{\"context\":\"c\"}"), META(OURS, ""),
			"request_uri_user_params", "",
			"{\"calling\":{\"sip\":{\"servers\":[{\"hostname\":\"sbc.example.com\",\"port\":5061,"
			"\"request_uri_user_params\":{\"context\":\"c\"}}]}}}",
			"");
	expect(N(",\"request_uri_user_params\":{}"), META(OURS, ""), "request_uri_user_params", "",
			"{\"calling\":{\"sip\":{\"servers\":[{\"hostname\":\"sbc.example.com\",\"port\":5061}]}}}",
			"");
}

static void A05_sdes_is_written_last_and_apart(void **state)
{
	(void)state;
	expect(N(",\"sip\":\"DISABLED\",\"srtp\":\"SDES\""), META(OURS, ""), "sip,srtp", "",
			"{\"calling\":{\"sip\":{\"status\":\"DISABLED\"}}}", SDES_BODY);
	/* a write of SIP may put it back, so it is written again */
	expect(N(",\"sip\":\"DISABLED\",\"srtp\":\"SDES\""), META(OURS, IS_SDES), "sip", "",
			"{\"calling\":{\"sip\":{\"status\":\"DISABLED\"}}}", SDES_BODY);
	/* also where the file does not speak of it */
	expect(N(",\"sip\":\"DISABLED\""), META(OURS, IS_SDES), "sip", "",
			"{\"calling\":{\"sip\":{\"status\":\"DISABLED\"}}}", SDES_BODY);
	expect(N(",\"srtp\":\"SDES\""), META(OURS, ""), "srtp", "", "", SDES_BODY);
	expect(N(",\"srtp\":\"DTLS\""), META(OURS, IS_SDES), "srtp", "", "",
			"{\"calling\":{\"srtp_key_exchange_protocol\":\"DTLS\"}}");
}

static void general_settings_go_first(void **state)
{
	(void)state;
	expect(N(",\"call_icon_visibility\":\"DISABLE_ALL\",\"callback_permission\":\"ENABLED\","
			 "\"additional_codecs\":[\"PCMU\",\"PCMA\"],\"webhook_delivery\":\"ENABLED\""),
			META(OURS, ",\"audio\":{\"additional_codecs\":[\"PCMA\"]}"),
			"webhook_delivery,additional_codecs,call_icon_visibility,callback_permission",
			"{\"calling\":{\"call_icon_visibility\":\"DISABLE_ALL\",\"callback_permission_status\":"
			"\"ENABLED\",\"audio\":{\"additional_codecs\":[\"PCMA\",\"PCMU\"]}}}",
			"{\"calling\":{\"sip\":{\"webhook_delivery\":\"ENABLED\"}}}", "");
}

static void hours_keep_the_holidays_that_nobody_mentions(void **state)
{
#define HOLIDAYS 	"\"holiday_schedule\":[{\"date\":\"2026-12-25\",\"start_time\":\"0000\"," 	"\"end_time\":\"2359\"}]"
#define HOURS ",\"call_hours\":{\"status\":\"ENABLED\"," HOLIDAYS "}"
	(void)state;
	expect(N(",\"call_hours\":{\"status\":\"DISABLED\"}"), META(OURS, HOURS), "call_hours",
			"{\"calling\":{\"call_hours\":{\"status\":\"DISABLED\"," HOLIDAYS "}}}", "", "");
	expect(N(",\"call_hours\":{\"holiday_schedule\":[]}"), META(OURS, HOURS), "call_hours",
			"{\"calling\":{\"call_hours\":{\"status\":\"ENABLED\",\"holiday_schedule\":[]}}}", "", "");
}

static void order_in_a_week_does_not_matter(void **state)
{
#define DAY(day) 	"{\"day_of_week\":\"" day "\",\"open_time\":\"0900\",\"close_time\":\"1200\"}"
#define HOURS_OF(days) ",\"call_hours\":{\"weekly_operating_hours\":[" days "]}"
	(void)state;
	expect(N(HOURS_OF(DAY("FRIDAY") "," DAY("MONDAY"))),
			META(OURS, HOURS_OF(DAY("MONDAY") "," DAY("FRIDAY"))), "", "", "", "");
}

static void out_of_service_clears_our_entry_only(void **state)
{
	(void)state;
	expect(N(",\"service\":\"out\""), META(OURS, ""), "calling,sip,hostname", "",
			"{\"calling\":{\"status\":\"DISABLED\",\"sip\":{\"status\":\"DISABLED\",\"servers\":[]}}}",
			"");
	expect(N(",\"service\":\"out\""), "{\"calling\":{\"status\":\"DISABLED\"}}", "", "", "", "");
}

static void into_service(void **state)
{
	(void)state;
	expect(N(",\"calling\":\"ENABLED\",\"sip\":\"ENABLED\",\"hostname\":\"sbc.example.com\""),
			"{\"calling\":{}}", "calling,sip,hostname", "",
			"{\"calling\":{\"status\":\"ENABLED\",\"sip\":{\"status\":\"ENABLED\",\"servers\":"
			"[{\"hostname\":\"sbc.example.com\"}]}}}",
			"");
}

static void nobody_guesses_our_name(void **state)
{
	char body[WA_PLAN_BODY_SIZE];
	wa_wanted_t w;
	wa_calling_t c;

	(void)state;
	read_both(N(",\"port\":5071"), &w, "{\"calling\":{}}", &c);
	assert_int_equal(
			wa_plan_body(WA_WRITE_SIP, &w, &c, body, sizeof(body), why, sizeof(why)), WA_EPARSE);
	assert_non_null(strstr(why, "hostname: Meta has no server entry"));
}

typedef struct seen
{
	const char *field;
	wa_plan_row_t row;
} seen_t;

static int find_row(const wa_plan_row_t *row, void *arg)
{
	seen_t *s = arg;

	if(strcmp(row->field, s->field) == 0)
		s->row = *row;
	return 0;
}

static void rows_show_all_three_sides(void **state)
{
	wa_number_t stored = {.hostname = "old.example.com", .port = 5061, .tgrp = "x",
			.context = "y", .trunk = "a"};
	seen_t s = {.field = "hostname"};
	wa_wanted_t w;
	wa_calling_t c;

	(void)state;
	read_both(N(",\"hostname\":\"new.example.com\",\"trunk\":\"pbx\""), &w, META(OURS, ""), &c);
	wa_plan_rows(&w, &stored, &c, find_row, &s);
	assert_string_equal(s.row.wanted, "new.example.com");
	assert_string_equal(s.row.stored, "old.example.com");
	assert_string_equal(s.row.meta, "sbc.example.com");
	assert_true(s.row.said && s.row.stored_differs && s.row.meta_differs);
	s.field = "request_uri_user_params";
	wa_plan_rows(&w, &stored, &c, find_row, &s);
	assert_string_equal(s.row.stored, "tgrp=x;trunk-context=y");
	assert_string_equal(s.row.meta, "foo=bar;tgrp=x");
	assert_true(!s.row.said && !s.row.stored_differs && !s.row.meta_differs);
	s.field = "trunk";
	wa_plan_rows(&w, &stored, &c, find_row, &s);
	assert_true(s.row.stored_differs && !s.row.meta_differs);
}

static void expect_stored(const char *wanted, const char *tgrp, const char *context,
		const char *text, bool differs)
{
	wa_number_t stored = {.port = 5061};
	seen_t s = {.field = "request_uri_user_params"};
	wa_wanted_t w;
	wa_calling_t c;

	wa_sv_copy(stored.tgrp, sizeof(stored.tgrp), wa_sv_from(tgrp));
	wa_sv_copy(stored.context, sizeof(stored.context), wa_sv_from(context));
	read_both(wanted, &w, META(OURS, ""), &c);
	wa_plan_rows(&w, &stored, &c, find_row, &s);
	assert_string_equal(s.row.stored, text);
	assert_int_equal(s.row.stored_differs, differs);
}

#define PARAMS(p) N(",\"request_uri_user_params\":{" p "}")

/* The directory keeps one context, whichever of the two Meta has. */
static void either_spelling_of_the_context_is_as_wanted(void **state)
{
	(void)state;
	expect_stored(PARAMS("\"context\":\"c\""), "", "c", "context=c", false);
	expect_stored(PARAMS("\"context\":\"c\",\"tgrp\":\"t\""), "t", "c",
			"context=c;tgrp=t", false);
	expect_stored(PARAMS("\"context\":\"c\",\"trunk-context\":\"y\""), "", "y",
			"context=c;trunk-context=y", false);
	expect_stored(PARAMS("\"context\":\"c\",\"trunk-context\":\"y\""), "", "c",
			"trunk-context=c", true);
	expect_stored(PARAMS("\"context\":\"c\""), "", "", "", true);
	expect_stored(PARAMS("\"trunk-context\":\"c\""), "t", "c", "tgrp=t;trunk-context=c", true);
	expect_stored(PARAMS(""), "", "c", "trunk-context=c", true);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
			cmocka_unit_test(nothing_wanted_is_nothing_written),
			cmocka_unit_test(what_is_there_is_not_written),
			cmocka_unit_test(a_server_entry_is_written_whole_and_keeps_what_nobody_mentions),
			cmocka_unit_test(A05_sdes_is_written_last_and_apart),
			cmocka_unit_test(general_settings_go_first),
			cmocka_unit_test(hours_keep_the_holidays_that_nobody_mentions),
			cmocka_unit_test(order_in_a_week_does_not_matter),
			cmocka_unit_test(out_of_service_clears_our_entry_only),
			cmocka_unit_test(into_service),
			cmocka_unit_test(nobody_guesses_our_name),
			cmocka_unit_test(rows_show_all_three_sides),
			cmocka_unit_test(either_spelling_of_the_context_is_as_wanted),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
