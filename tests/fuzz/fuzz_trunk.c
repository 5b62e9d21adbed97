/* What a trunk makes of numbers, groups and header names: lines with the number,
 * country, prefix, parameters behind a host, a list of headers, and a name.
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "fuzz.h"

#include <string.h>

#include "wa_err.h"
#include "wa_uri.h"

#define GROUP_SIZE (2 * 3 * WA_PARAM_SIZE + 32)

static bool is_number(const char *digits)
{
	size_t n = strlen(digits);

	return n >= 7 && n <= 15 && strspn(digits, "0123456789") == n
		   && digits[0] != '0';
}

static void check_format(wa_sv_t text, enum wa_number_format format,
		wa_sv_t country, wa_sv_t prefix)
{
	char digits[WA_DIGITS_SIZE], out[2 * WA_DIGITS_SIZE], again[WA_DIGITS_SIZE];

	if(wa_uri_from_pbx(text, format, country, prefix, digits) < 0) {
		FUZZ_CHECK(digits[0] == '\0');
		return;
	}
	FUZZ_CHECK(is_number(digits));
	if(wa_uri_format(wa_sv_from(digits), format, country, prefix, out,
			   sizeof(out))
			< 0)
		return;
	FUZZ_CHECK(memchr(out, '\0', sizeof(out)) != NULL);
	/* a national number may look like another one: that is the plan's fault */
	if(format == WA_FORMAT_NATIONAL)
		return;
	FUZZ_CHECK(wa_uri_from_pbx(
					   wa_sv_from(out), format, country, prefix, again)
			   == 0);
	FUZZ_CHECK(strcmp(digits, again) == 0);
}

/* What is written out is read again as the same. */
static void check_group(wa_sv_t params)
{
	wa_uri_user_t u = {.user = {NULL, 0}}, again = {.user = {NULL, 0}};
	char out[GROUP_SIZE];
	int len;

	if(wa_uri_params_parse(params, &u) < 0) {
		FUZZ_CHECK(u.tgrp[0] == '\0' && u.context[0] == '\0');
		return;
	}
	len = wa_uri_write_group(&u, out, sizeof(out));
	FUZZ_CHECK(len >= 0 && (size_t)len == strlen(out));
	FUZZ_CHECK(strpbrk(out, "<>@\"\r\n ") == NULL);
	FUZZ_CHECK(wa_uri_params_parse(wa_sv_from(out), &again) == 0);
	FUZZ_CHECK(strcmp(u.tgrp, again.tgrp) == 0);
	FUZZ_CHECK(strcmp(u.context, again.context) == 0);
}

static void check_listed(wa_sv_t list, wa_sv_t name)
{
	bool listed = wa_uri_header_listed(list, name);

	FUZZ_CHECK(wa_uri_header_listed(WA_SV("*"), name));
	FUZZ_CHECK(!wa_uri_header_listed(WA_SV(""), name));
	/* a star lists everything */
	if(wa_sv_eq(wa_sv_trim(list), WA_SV("*")))
		FUZZ_CHECK(listed);
}

void fuzz_trunk(const uint8_t *data, size_t size)
{
	wa_sv_t rest = fuzz_text(data, size);
	wa_sv_t text = wa_sv_cut(&rest, '\n'), country = wa_sv_cut(&rest, '\n');
	wa_sv_t prefix = wa_sv_cut(&rest, '\n'), params = wa_sv_cut(&rest, '\n');
	wa_sv_t list = wa_sv_cut(&rest, '\n');

	for(int f = WA_FORMAT_E164; f <= WA_FORMAT_NATIONAL; f++)
		check_format(text, (enum wa_number_format)f, country, prefix);
	check_group(params);
	check_listed(list, rest);
}
