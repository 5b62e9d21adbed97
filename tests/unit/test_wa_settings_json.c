/* Meta's settings answer: leniency where answers are known to differ, a name
 * for the member that is wrong, and a result untouched by any failure.
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

#include "wa_err.h"
#include "wa_settings_json.h"

#define APP "670843887433847"
#define HOST "sbc.wasbc.test"

/* An entry around its other members. */
#define SERVER(more) "{\"hostname\":\"" HOST "\"" more "}"
#define SIP(servers) \
	"{\"calling\":{\"status\":\"ENABLED\",\"sip\":{\"status\":\"ENABLED\"," \
	"\"servers\":[" servers "]}}}"

static char why[WA_ERROR_SIZE];

/* Parses a copy that ends where its block ends, for the address sanitizer. */
static int parse_len(wa_settings_t *s, const char *json, size_t len)
{
	char *copy = malloc(len ? len : 1);
	int err;

	assert_non_null(copy);
	memcpy(copy, json, len);
	why[0] = '\0';
	err = wa_settings_parse(s, (wa_sv_t){copy, len}, WA_SV(APP), WA_SV(HOST), why,
			sizeof(why));
	free(copy);
	return err;
}

static int parse(wa_settings_t *s, const char *json)
{
	return parse_len(s, json, strlen(json));
}

static void the_documented_answer(void **state)
{
	wa_settings_t s;

	(void)state;
	assert_int_equal(parse(&s,
							 "{\"calling\":{\"status\":\"ENABLED\","
							 "\"call_icon_visibility\":\"DEFAULT\","
							 "\"sip\":{\"status\":\"ENABLED\",\"servers\":[{"
							 "\"hostname\":\"" HOST "\",\"port\":15061,"
							 "\"request_uri_user_params\":{\"tgrp\":\"wacall\","
							 "\"trunk-context\":\"byoc.example.com\"},"
							 "\"app_id\":" APP ","
							 "\"sip_user_password\":\"made\\/up+1=\"}]},"
							 "\"srtp_key_exchange_protocol\":\"SDES\","
							 "\"audio\":{\"additional_codecs\":[\"PCMA\",\"PCMU\"]}}}"),
			0);
	assert_true(s.calling_enabled);
	assert_true(s.sip_enabled);
	assert_true(s.found);
	assert_int_equal(s.n_servers, 1);
	assert_string_equal(s.hostname, HOST);
	assert_int_equal(s.port, 15061);
	assert_string_equal(s.tgrp, "wacall");
	assert_string_equal(s.context, "byoc.example.com");
	assert_int_equal(s.srtp, WA_SRTP_SDES);
	assert_int_equal(s.codecs, WA_CODEC_OPUS | WA_CODEC_PCMA | WA_CODEC_PCMU);
	assert_int_equal(s.password.len, 10);
	assert_memory_equal(s.password.s, "made/up+1=", 10);
}

static void a_number_that_nobody_has_set_up(void **state)
{
	wa_settings_t s;

	(void)state;
	assert_int_equal(parse(&s, "{\"calling\":{}}"), 0);
	assert_false(s.calling_enabled);
	assert_false(s.sip_enabled);
	assert_false(s.found);
	assert_int_equal(s.n_servers, 0);
	assert_int_equal(s.srtp, WA_SRTP_DTLS);
	assert_int_equal(s.codecs, WA_CODEC_OPUS);
	assert_int_equal(s.port, WA_SETTINGS_PORT);
	assert_int_equal(s.password.len, 0);
}

static void missing_srtp_means_dtls_and_an_unknown_one_is_an_error(void **state)
{
	wa_settings_t s;

	(void)state;
	assert_int_equal(parse(&s, SIP(SERVER(""))), 0);
	assert_int_equal(s.srtp, WA_SRTP_DTLS);
	assert_int_equal(
			parse(&s, "{\"calling\":{\"srtp_key_exchange_protocol\":null}}"), 0);
	assert_int_equal(s.srtp, WA_SRTP_DTLS);
	assert_int_equal(
			parse(&s, "{\"calling\":{\"srtp_key_exchange_protocol\":\"ZRTP\"}}"),
			WA_EUNSUP);
	assert_non_null(strstr(why, "srtp_key_exchange_protocol"));
}

static void port_as_integer_string_or_absent(void **state)
{
	static const struct
	{
		const char *json;
		int err;
		unsigned port;
	} v[] = {
			{SIP(SERVER("")), 0, 5061},
			{SIP(SERVER(",\"port\":null")), 0, 5061},
			{SIP(SERVER(",\"port\":5071")), 0, 5071},
			{SIP(SERVER(",\"port\":\"5071\"")), 0, 5071},
			{SIP(SERVER(",\"port\":65535")), 0, 65535},
			{SIP(SERVER(",\"port\":65536")), WA_ERANGE, 0},
			{SIP(SERVER(",\"port\":0")), WA_ERANGE, 0},
			{SIP(SERVER(",\"port\":-1")), WA_ERANGE, 0},
			{SIP(SERVER(",\"port\":\"5061x\"")), WA_ERANGE, 0},
			{SIP(SERVER(",\"port\":\"\"")), WA_ERANGE, 0},
			{SIP(SERVER(",\"port\":9223372036854775807")), WA_ERANGE, 0},
			{SIP(SERVER(",\"port\":true")), WA_ETYPE, 0},
			{SIP(SERVER(",\"port\":[5061]")), WA_ETYPE, 0},
			{SIP(SERVER(",\"port\":5061.5")), WA_ETYPE, 0},
	};

	(void)state;
	for(size_t i = 0; i < sizeof(v) / sizeof(v[0]); i++) {
		wa_settings_t s;

		assert_int_equal(parse(&s, v[i].json), v[i].err);
		if(v[i].err)
			assert_non_null(strstr(why, "calling.sip.servers[0].port"));
		else
			assert_int_equal(s.port, v[i].port);
	}
}

static void our_entry_among_several(void **state)
{
	static const struct
	{
		const char *json;
		bool found;
		const char *password;
	} v[] = {
			/* by app id, wherever it stands, integer or string */
			{SIP("{\"hostname\":\"a.example.com\",\"app_id\":1,\"sip_user_password\":\"one\"},"
				 "{\"hostname\":\"b.example.com\",\"app_id\":" APP
				 ",\"sip_user_password\":\"two\"}"),
					true, "two"},
			{SIP("{\"hostname\":\"b.example.com\",\"app_id\":\"" APP
				 "\",\"sip_user_password\":\"two\"},"
				 "{\"hostname\":\"a.example.com\",\"app_id\":\"1\",\"sip_user_password\":\"one\"}"),
					true, "two"},
			/* the app id counts for more than the hostname */
			{SIP("{\"hostname\":\"" HOST "\",\"app_id\":1,\"sip_user_password\":\"one\"},"
				 "{\"hostname\":\"b.example.com\",\"app_id\":" APP
				 ",\"sip_user_password\":\"two\"}"),
					true, "two"},
			/* our hostname, but written by another app: another password */
			{SIP("{\"hostname\":\"" HOST "\",\"app_id\":1,\"sip_user_password\":\"one\"}"),
					false, ""},
			/* by hostname, without case, when no entry names its app */
			{SIP("{\"hostname\":\"a.example.com\",\"sip_user_password\":\"one\"},"
				 "{\"hostname\":\"SBC.wasbc.TEST\",\"sip_user_password\":\"two\"}"),
					true, "two"},
			/* the only one, and nothing says that it is another's */
			{SIP("{\"hostname\":\"b.example.com\",\"sip_user_password\":\"two\"}"), true,
					"two"},
			/* the only one, but another app's */
			{SIP("{\"hostname\":\"b.example.com\",\"app_id\":1,\"sip_user_password\":\"one\"}"),
					false, ""},
			{SIP("{\"hostname\":\"a.example.com\"},{\"hostname\":\"b.example.com\"}"), false,
					""},
			/* a third-party spelling; the official one comes first */
			{SIP(SERVER(",\"password\":\"two\"")), true, "two"},
			{SIP(SERVER(",\"password\":\"one\",\"sip_user_password\":\"two\"")), true, "two"},
			{SIP(SERVER("")), true, ""},
	};

	(void)state;
	for(size_t i = 0; i < sizeof(v) / sizeof(v[0]); i++) {
		wa_settings_t s;

		assert_int_equal(parse(&s, v[i].json), 0);
		assert_int_equal(s.found, v[i].found);
		assert_int_equal(s.password.len, strlen(v[i].password));
		assert_memory_equal(s.password.s, v[i].password, s.password.len);
	}
}

static void without_an_app_id_of_ours_the_only_entry_counts(void **state)
{
	wa_settings_t s;

	(void)state;
	assert_int_equal(
			wa_settings_parse(&s,
					WA_SV(SIP("{\"hostname\":\"b.example.com\",\"app_id\":1}")),
					WA_SV(""), WA_SV(""), why, sizeof(why)),
			0);
	assert_true(s.found);
	assert_string_equal(s.hostname, "b.example.com");
}

static void the_mistake_in_anothers_entry_is_not_ours(void **state)
{
	wa_settings_t s;

	(void)state;
	assert_int_equal(
			parse(&s, SIP("{\"hostname\":\"a.example.com\",\"app_id\":1,\"port\":true},"
						  "{\"hostname\":\"" HOST "\",\"app_id\":" APP "}")),
			0);
	assert_true(s.found);
	assert_string_equal(s.hostname, HOST);
}

static void user_params(void **state)
{
	char json[1024], value[WA_PARAM_SIZE + 1];
	wa_settings_t s;

	(void)state;
#define PARAMS(p) SIP(SERVER(",\"request_uri_user_params\":" p))
	assert_int_equal(parse(&s, PARAMS("{\"TGRP\":\"x\",\"context\":\"y\"}")), 0);
	assert_string_equal(s.tgrp, "x");
	assert_string_equal(s.context, "y");
	assert_int_equal(
			parse(&s, PARAMS("{\"context\":\"y\",\"trunk-context\":\"z\",\"other\":1}")), 0);
	assert_string_equal(s.context, "z");
	assert_int_equal(parse(&s, PARAMS("null")), 0);
	assert_int_equal(parse(&s, PARAMS("[]")), WA_ETYPE);
	assert_int_equal(parse(&s, PARAMS("{\"tgrp\":7}")), WA_ETYPE);
	assert_non_null(strstr(why, "request_uri_user_params.tgrp"));
	assert_int_equal(parse(&s, PARAMS("{\"tgrp\":\"a\\r\\nb\"}")), WA_EPARSE);
	assert_int_equal(parse(&s, PARAMS("{\"tgrp\":\"a\\u0000b\"}")), WA_EPARSE);

	memset(value, 'v', sizeof(value));
	for(size_t len = WA_PARAM_SIZE - 1; len <= WA_PARAM_SIZE; len++) {
		assert_true(snprintf(json, sizeof(json), PARAMS("{\"tgrp\":\"%.*s\"}"), (int)len,
							value)
					> 0);
		assert_int_equal(parse(&s, json), len < WA_PARAM_SIZE ? 0 : WA_ETOOLONG);
	}
}

static void wrong_types_name_the_member(void **state)
{
	static const struct
	{
		const char *json, *names;
		int err;
	} v[] = {
			{"[]", "object expected", WA_ETYPE},
			{"\"x\"", "object expected", WA_ETYPE},
			{"{}", "calling: missing", WA_EPARSE},
			{"{\"calling\":null}", "calling: missing", WA_EPARSE},
			{"{\"calling\":[]}", "calling: object expected, array found", WA_ETYPE},
			{"{\"calling\":{\"status\":1}}", "calling.status", WA_ETYPE},
			{"{\"calling\":{\"sip\":\"x\"}}", "calling.sip", WA_ETYPE},
			{"{\"calling\":{\"sip\":{\"status\":true}}}", "calling.sip.status", WA_ETYPE},
			{"{\"calling\":{\"sip\":{\"servers\":{}}}}", "calling.sip.servers", WA_ETYPE},
			{"{\"calling\":{\"srtp_key_exchange_protocol\":1}}",
					"calling.srtp_key_exchange_protocol", WA_ETYPE},
			{"{\"calling\":{\"audio\":[]}}", "calling.audio", WA_ETYPE},
			{"{\"calling\":{\"audio\":{\"additional_codecs\":\"PCMA\"}}}",
					"calling.audio.additional_codecs", WA_ETYPE},
			{"{\"calling\":{\"audio\":{\"additional_codecs\":[1]}}}",
					"calling.audio.additional_codecs[0]", WA_ETYPE},
			{SIP("7"), "calling.sip.servers[0]", WA_ETYPE},
			{SIP(SERVER(",\"app_id\":true")), "calling.sip.servers[0].app_id", WA_ETYPE},
			{SIP(SERVER(",\"app_id\":\"0123456789012345678901234567890123\"")),
					"calling.sip.servers[0].app_id", WA_ETOOLONG},
			{SIP("{\"hostname\":7}"), "calling.sip.servers[0].hostname", WA_ETYPE},
			{SIP("{\"port\":1}"), "calling.sip.servers[0].hostname", WA_EPARSE},
			{SIP("{\"hostname\":\"a b\"}"), "calling.sip.servers[0].hostname", WA_EPARSE},
			{SIP("{\"hostname\":\"a\\u0000\"}"), "calling.sip.servers[0].hostname",
					WA_EPARSE},
			{SIP(SERVER(",\"sip_user_password\":12")),
					"calling.sip.servers[0].sip_user_password", WA_ETYPE},
			{SIP(SERVER(",\"sip_user_password\":\"a\\u0000b\"")),
					"calling.sip.servers[0].sip_user_password", WA_EPARSE},
	};

	(void)state;
	for(size_t i = 0; i < sizeof(v) / sizeof(v[0]); i++) {
		wa_settings_t s, before;

		memset(&s, 0x5a, sizeof(s));
		memcpy(&before, &s, sizeof(s));
		assert_int_equal(parse(&s, v[i].json), v[i].err);
		assert_non_null(strstr(why, v[i].names));
		assert_memory_equal(&s, &before, sizeof(s));
	}
}

static void unknown_members_and_codecs_change_nothing(void **state)
{
	wa_settings_t s;

	(void)state;
	assert_int_equal(
			parse(&s,
					"{\"storage\":{\"x\":[1,2]},\"calling\":{\"status\":\"ENABLED\","
					"\"video\":{\"status\":\"ENABLED\"},\"restrictions\":{},"
					"\"audio\":{\"additional_codecs\":[\"PCMU\",\"L16\"],\"new\":1},"
					"\"sip\":{\"status\":\"PAUSED\",\"webhook_delivery\":\"ENABLED\"}}}"),
			0);
	assert_true(s.calling_enabled);
	assert_false(s.sip_enabled);
	assert_int_equal(s.codecs, WA_CODEC_OPUS | WA_CODEC_PCMU);
}

static void restrictions(void **state)
{
	wa_settings_t s;
	const char *one = "{\"calling\":{\"restrictions\":{\"restrictions_list\":["
					  "{\"type\":\"RESTRICTED_BUSINESS_INITIATED_CALLING\","
					  "\"reason\":\"low\\nquality\",\"expiration\":1754072386},"
					  "{\"type\":\"RESTRICTED_USER_INITIATED_CALLING\",\"expiration\":9}]}}}";

	(void)state;
	assert_int_equal(parse_len(&s, one, strlen(one)), 0);
	assert_int_equal(s.restricted, WA_RESTRICTED_BUSINESS | WA_RESTRICTED_USER);
	assert_int_equal(s.restricted_until, 1754072386);
	assert_string_equal(s.restriction, "low quality");
	one = "{\"calling\":{\"restrictions\":{\"restrictions_list\":[{\"type\":\"NEW\"}]}}}";
	assert_int_equal(parse_len(&s, one, strlen(one)), 0);
	assert_int_equal(s.restricted, WA_RESTRICTED_OTHER);
	assert_int_equal(s.restricted_until, 0);
	one = "{\"calling\":{\"restrictions\":{\"restrictions_list\":[{\"expiration\":\"x\"}]}}}";
	assert_int_equal(parse_len(&s, one, strlen(one)), WA_ETYPE);
	assert_string_equal(why, "calling.restrictions.restrictions_list[0].expiration: int "
							 "expected, string found");
}

static void every_truncation_is_an_error(void **state)
{
	static const char json[] = SIP(SERVER(",\"sip_user_password\":\"made-up\""));
	wa_settings_t s;

	(void)state;
	for(size_t len = 0; len < sizeof(json) - 1; len++)
		assert_int_equal(parse_len(&s, json, len), WA_EPARSE);
	assert_int_equal(parse_len(&s, json, sizeof(json) - 1), 0);
}

static void no_json_at_all(void **state)
{
	static const char *const v[] = {"<html>502</html>", "{\"calling\":{}} x",
			"{\"calling\":{},}", "\xff\xfe", "{\"calling\":{\"status\":"};
	wa_settings_t s;

	(void)state;
	for(size_t i = 0; i < sizeof(v) / sizeof(v[0]); i++)
		assert_int_equal(parse(&s, v[i]), WA_EPARSE);
}

static void deep_nesting_is_refused(void **state)
{
	char json[2048];
	wa_settings_t s;
	size_t n = 0;

	(void)state;
	memset(json, '[', 1000);
	n = 1000;
	memset(json + n, ']', 1000);
	assert_int_equal(parse_len(&s, json, 2000), WA_EPARSE);
}

static void one_mebibyte_and_no_more(void **state)
{
	size_t size = WA_SETTINGS_JSON_MAX + 1;
	char *json = malloc(size);
	wa_settings_t s;

	(void)state;
	assert_non_null(json);
	memset(json, ' ', size);
	memcpy(json, "{\"calling\":{}}", 14);
	assert_int_equal(parse_len(&s, json, size - 1), 0);
	assert_int_equal(parse_len(&s, json, size), WA_ETOOLONG);
	free(json);
}

static void a_password_of_any_length_up_to_what_is_stored(void **state)
{
	char json[1024], value[WA_PASSWORD_SIZE + 1];
	wa_settings_t s;

	(void)state;
	memset(value, 'p', sizeof(value));
	for(size_t len = WA_PASSWORD_SIZE - 1; len <= WA_PASSWORD_SIZE; len++) {
		assert_true(snprintf(json, sizeof(json),
							SIP(SERVER(",\"sip_user_password\":\"%.*s\"")), (int)len, value)
					> 0);
		assert_int_equal(parse(&s, json), len < WA_PASSWORD_SIZE ? 0 : WA_ETOOLONG);
		/* the text of an error never holds the value */
		assert_null(strstr(why, "ppp"));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
			cmocka_unit_test(the_documented_answer),
			cmocka_unit_test(a_number_that_nobody_has_set_up),
			cmocka_unit_test(missing_srtp_means_dtls_and_an_unknown_one_is_an_error),
			cmocka_unit_test(port_as_integer_string_or_absent),
			cmocka_unit_test(our_entry_among_several),
			cmocka_unit_test(without_an_app_id_of_ours_the_only_entry_counts),
			cmocka_unit_test(the_mistake_in_anothers_entry_is_not_ours),
			cmocka_unit_test(user_params),
			cmocka_unit_test(wrong_types_name_the_member),
			cmocka_unit_test(unknown_members_and_codecs_change_nothing),
			cmocka_unit_test(restrictions),
			cmocka_unit_test(every_truncation_is_an_error),
			cmocka_unit_test(no_json_at_all),
			cmocka_unit_test(deep_nesting_is_refused),
			cmocka_unit_test(one_mebibyte_and_no_more),
			cmocka_unit_test(a_password_of_any_length_up_to_what_is_stored),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
