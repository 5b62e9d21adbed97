/* A rotation as it is kept: its steps in order, and nothing lost on the way.
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
#include "wa_job.h"

#define META(status, srtp) 	"{\"calling\":{\"status\":\"" status "\",\"sip\":{\"status\":\"ENABLED\",\"servers\":[" 	"{\"hostname\":\"sbc.example.com\",\"port\":\"5071\",\"request_uri_user_params\":{\"tgrp\":" 	"\"x\"},\"app_id\":1,\"sip_user_password\":\"never\"}]}" srtp "}}"

static void begin(wa_job_t *j, const char *meta)
{
	char why[160];
	wa_calling_t c;

	assert_int_equal(wa_calling_parse(&c, wa_sv_from(meta), WA_SV("1"), WA_SV(""), why, sizeof(why)), 0);
	assert_int_equal(wa_job_rotate(j, &c, "op@host", 1700000000), 0);
}

static void A07_steps_of_a_rotation(void **state)
{
	static const char *const writes[] = {
			"{\"calling\":{\"status\":\"DISABLED\",\"sip\":{\"status\":\"DISABLED\",\"servers\":[]}}}",
			"{\"calling\":{\"status\":\"ENABLED\",\"sip\":{\"status\":\"ENABLED\",\"servers\":"
			"[{\"hostname\":\"sbc.example.com\",\"port\":5071,\"request_uri_user_params\":"
			"{\"tgrp\":\"x\"}}]}}}",
			"{\"calling\":{\"srtp_key_exchange_protocol\":\"SDES\"}}"};
	char text[WA_JOB_TEXT_SIZE];
	wa_job_t j;

	(void)state;
	begin(&j, META("ENABLED", ",\"srtp_key_exchange_protocol\":\"SDES\""));
	for(unsigned i = 0; i < 3; i++) {
		assert_string_equal(wa_job_write(&j), writes[i]);
		/* as after a crash: from what is kept */
		assert_int_equal(wa_job_text(&j, text, sizeof(text)), 0);
		assert_null(strstr(text, "never"));
		memset(&j, 'x', sizeof(j));
		assert_int_equal(wa_job_parse(&j, wa_sv_from(text)), 0);
		assert_string_equal(wa_job_write(&j), writes[i]);
		assert_string_equal(j.by, "op@host");
		assert_int_equal(j.begun, 1700000000);
		j.step = wa_job_next(&j);
	}
	assert_int_equal(j.step, WA_STEP_READ);
	assert_null(wa_job_write(&j));
	assert_int_equal(wa_job_next(&j), WA_STEP_NONE);
}

static void dtls_needs_no_write_of_its_own(void **state)
{
	wa_job_t j;

	(void)state;
	begin(&j, META("DISABLED", ""));
	assert_non_null(strstr(j.body, "{\"calling\":{\"status\":\"DISABLED\""));
	j.step = WA_STEP_ENABLE;
	assert_int_equal(wa_job_next(&j), WA_STEP_READ);
}

static void without_an_entry_there_is_nothing_to_rotate(void **state)
{
	wa_calling_t c;
	wa_job_t j;

	(void)state;
	memset(&c, 0, sizeof(c));
	assert_int_equal(wa_job_rotate(&j, &c, "x", 1), WA_ENOENT);
}

static void what_is_no_job_is_refused(void **state)
{
	static const char *const bad[] = {"", "{}", "[]", "{\"kind\":\"rotate\"}",
			"{\"kind\":\"rotate\",\"step\":\"enable\"}",
			"{\"kind\":\"rotate\",\"step\":\"begin\",\"body\":{\"calling\":{}}}",
			"{\"kind\":\"drop\",\"step\":\"begin\"}", "{\"kind\":\"apply\",\"step\":7}"};
	wa_job_t j;

	(void)state;
	for(size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_true(wa_job_parse(&j, wa_sv_from(bad[i])) < 0);
	assert_int_equal(wa_job_parse(&j, WA_SV("{\"kind\":\"apply\",\"step\":\"begin\"}")), 0);
}

static void fingerprints_tell_apart_and_tell_nothing(void **state)
{
	wa_secret_t a = {.s = "one", .len = 3}, b = {.s = "two", .len = 3}, none = {.len = 0};
	char x[WA_FINGERPRINT_SIZE], y[WA_FINGERPRINT_SIZE];

	(void)state;
	wa_fingerprint(x, WA_SV("15550001111"), &a);
	wa_fingerprint(y, WA_SV("15550001111"), &b);
	assert_int_equal(strlen(x), 15);
	assert_string_not_equal(x, y);
	wa_fingerprint(y, WA_SV("15550001111"), &a);
	assert_string_equal(x, y);
	wa_fingerprint(y, WA_SV("15550002222"), &a);
	assert_string_not_equal(x, y);
	wa_fingerprint(y, WA_SV("15550002222"), &none);
	assert_string_equal(y, "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
			cmocka_unit_test(A07_steps_of_a_rotation),
			cmocka_unit_test(dtls_needs_no_write_of_its_own),
			cmocka_unit_test(without_an_entry_there_is_nothing_to_rotate),
			cmocka_unit_test(what_is_no_job_is_refused),
			cmocka_unit_test(fingerprints_tell_apart_and_tell_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
