/* The dictionary of reasons: every row of Meta's table, and what is not in it.
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "wa_reason.h"

static const struct
{
	unsigned status;
	const char *phrase, *warning, *code;
} meta[] = {
		{400, "Asset not found", "", "number_not_registered"},
		{400, "invalid business phone number", "", "number_not_registered"},
		{403, "SIP server x from INVITE does not match any SIP server "
			  "configured for phone number id 1",
				"", "hostname_mismatch"},
		{403, "Forbidden",
				"399 wa.meta.vc \"SIP server x does not match any SIP server "
				"configured\"",
				"hostname_mismatch"},
		{403, "No Approved Call Permission Found", "", "permission_missing"},
		{403, "no approved call permission found", "", "permission_missing"},
		{403, "The app 1 configured for SIP server x is not authorized", "",
				"app_not_authorized"},
		{403, "Business Initiated Connected Call Per Day Limit Hit", "",
				"limit_pair_day"},
		{403, "Duplicate call", "", "duplicate_call"},
		{403, "Invalid digest response", "", "meta_auth"},
		{403, "Proxy auth uri does not match SIP \"to\" uri", "",
				"meta_auth_uri"},
		{403, "Payment issue", "", "payment"},
		{403, "SDP validation error", "", "meta_sdp"},
		{403, "Concurrent call limit hit", "", "limit_number"},
		{403, "Forbidden", "", "meta_forbidden"}, {403, "", "", "meta_forbidden"},
		{404, "Not Found", "", "meta_not_found"},
		{407, "Proxy Authentication Required", "", "meta_auth"},
		{408, "RTP Timeout", "", "meta_no_media"},
		{480, "Temporarily Unavailable", "", "unreachable"},
		{486, "Busy Here", "", "declined"}, {603, "Decline", "", "declined"},
		{487, "Request Terminated", "", "cancelled"},
		{500, "Internal Server Error", "", "meta_error"},
		{503, "Service Unavailable", "", "meta_busy"},
		{504, "Server Time-out", "", "meta_error"},
		{402, "Payment Required", "", "meta_refused"},
		{0, "", "", "meta_refused"}};

static void rows_of_meta(void **state)
{
	(void)state;
	for(size_t i = 0; i < sizeof(meta) / sizeof(meta[0]); i++) {
		const wa_reason_t *r = wa_reason_of_meta(meta[i].status,
				wa_sv_from(meta[i].phrase), wa_sv_from(meta[i].warning));

		assert_string_equal(r->code, meta[i].code);
	}
}

static void refusals_of_the_pbx(void **state)
{
	static const struct
	{
		unsigned status;
		const char *code;
	} pbx[] = {{404, "pbx_not_found"}, {480, "pbx_no_answer"},
			{486, "pbx_busy"}, {603, "pbx_declined"}, {488, "media_refused"},
			{500, "pbx_error"}, {503, "pbx_error"}, {403, "pbx_refused"},
			{302, "pbx_refused"}, {487, "cancelled"}};

	(void)state;
	for(size_t i = 0; i < sizeof(pbx) / sizeof(pbx[0]); i++)
		assert_string_equal(wa_reason_of_pbx(pbx[i].status)->code, pbx[i].code);
}

static void each_code_stands_once_and_is_found(void **state)
{
	const wa_reason_t *r;

	(void)state;
	for(size_t i = 0; (r = wa_reason_row(i)) != NULL; i++) {
		assert_int_equal(wa_reason_index(wa_sv_from(r->code)), i);
		assert_ptr_equal(wa_reason_find(wa_sv_from(r->code)), r);
		assert_true(strlen(r->code) < WA_REASON_CODE_SIZE);
		assert_true(r->text[0] != '\0');
		assert_true(r->sip == 0 || (r->sip >= 400 && r->sip < 700));
		/* what goes wrong has a remedy, but for what others decide */
		assert_true(r->remedy[0] != '\0' || r->class == WA_REASON_NORMAL
					|| r->class == WA_REASON_PBX);
	}
	assert_int_equal(wa_reason_count(), wa_reason_index(WA_SV("unknown")) + 1);
	assert_null(wa_reason_find(WA_SV("no such code")));
	assert_null(wa_reason_find(WA_SV("")));
	assert_int_equal(
			wa_reason_index(WA_SV("no such code")), wa_reason_count() - 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
			cmocka_unit_test(rows_of_meta),
			cmocka_unit_test(refusals_of_the_pbx),
			cmocka_unit_test(each_code_stands_once_and_is_found)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
