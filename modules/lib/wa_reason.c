/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "wa_reason.h"

#include <string.h>

static const wa_reason_t rows[] = {
#define ROW(code_, sip_, class_, text_, remedy_)                               \
	{code_, sip_, WA_REASON_##class_, text_, remedy_},
#include "wa_reason_rows.h"
#undef ROW
};
#define N_ROWS (sizeof(rows) / sizeof(rows[0]))

const wa_reason_t *wa_reason_row(size_t i)
{
	return i < N_ROWS ? &rows[i] : NULL;
}

size_t wa_reason_count(void)
{
	return N_ROWS;
}

size_t wa_reason_index(wa_sv_t code)
{
	for(size_t i = 0; i < N_ROWS; i++)
		if(wa_sv_eq(code, wa_sv_from(rows[i].code)))
			return i;
	return N_ROWS - 1; /* "unknown" is the last row */
}

const wa_reason_t *wa_reason_find(wa_sv_t code)
{
	size_t i = wa_reason_index(code);

	return wa_sv_eq(code, wa_sv_from(rows[i].code)) ? &rows[i] : NULL;
}

static const wa_reason_t *must(const char *code)
{
	return &rows[wa_reason_index(wa_sv_from(code))];
}

static bool contains(wa_sv_t text, const char *part)
{
	size_t len = strlen(part);

	for(size_t i = 0; i + len <= text.len; i++)
		if(wa_sv_ieq((wa_sv_t){text.s + i, len}, (wa_sv_t){part, len}))
			return true;
	return false;
}

/* The phrase is all that tells one 403 from another. The first that fits; the
 * wording of those that are only described in the facts is a guess. */
static const struct
{
	const char *part, *code;
} phrases[] = {{"does not match any SIP server", "hostname_mismatch"},
		{"Call Permission", "permission_missing"},
		{"not authorized", "app_not_authorized"},
		{"Per Day Limit", "limit_pair_day"},
		{"Duplicate", "duplicate_call"},
		{"auth uri", "meta_auth_uri"},
		{"Payment", "payment"},
		{"SDP", "meta_sdp"},
		{"digest", "meta_auth"},
		{"credential", "meta_auth"},
		{"proxy auth", "meta_auth"},
		{"concurrent", "limit_number"},
		{"disabled", "sip_disabled_at_meta"},
		{"not enabled", "sip_disabled_at_meta"}};

static const wa_reason_t *forbidden(wa_sv_t phrase, wa_sv_t warning)
{
	for(size_t i = 0; i < sizeof(phrases) / sizeof(phrases[0]); i++)
		if(contains(phrase, phrases[i].part)
				|| contains(warning, phrases[i].part))
			return must(phrases[i].code);
	return must("meta_forbidden");
}

const wa_reason_t *wa_reason_of_meta(
		unsigned status, wa_sv_t phrase, wa_sv_t warning)
{
	switch(status) {
		case 400:
			return must("number_not_registered");
		case 401:
		case 407:
			return must("meta_auth");
		case 403:
			return forbidden(phrase, warning);
		case 404:
			return must("meta_not_found");
		case 408:
			return must("meta_no_media");
		case 480:
			return must("unreachable");
		case 486:
		case 600:
		case 603:
			return must("declined");
		case 487:
			return must("cancelled");
		case 488:
			return must("meta_sdp");
		case 503:
			return must("meta_busy");
		default:
			return must(status >= 500 && status < 600 ? "meta_error"
													   : "meta_refused");
	}
}

const wa_reason_t *wa_reason_of_pbx(unsigned status)
{
	switch(status) {
		case 404:
		case 410:
		case 484:
			return must("pbx_not_found");
		case 408:
		case 480:
			return must("pbx_no_answer");
		case 486:
		case 600:
			return must("pbx_busy");
		case 603:
			return must("pbx_declined");
		case 487:
			return must("cancelled");
		case 488:
		case 606:
			return must("media_refused");
		default:
			return must(status >= 500 && status < 600 ? "pbx_error"
													   : "pbx_refused");
	}
}

const char *wa_reason_class_name(enum wa_reason_class class)
{
	switch(class) {
		case WA_REASON_NORMAL:
			return "normal";
		case WA_REASON_USER:
			return "user";
		case WA_REASON_SETTINGS:
			return "settings";
		case WA_REASON_LIMIT:
			return "limit";
		case WA_REASON_META:
			return "meta";
		case WA_REASON_PBX:
			return "pbx";
		case WA_REASON_SBC:
			break;
	}
	return "sbc";
}
