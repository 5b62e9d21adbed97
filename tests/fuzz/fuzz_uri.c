/* The user part of a Request-URI.
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "fuzz.h"

#include <string.h>

#include "wa_uri.h"

void fuzz_uri(const uint8_t *data, size_t size)
{
	wa_sv_t text = fuzz_text(data, size);
	char digits[WA_DIGITS_SIZE], id[WA_BSUID_SIZE];
	enum wa_identity kind;
	wa_uri_user_t u;

	if(wa_uri_user_parse(text, &u) == 0) {
		FUZZ_CHECK(u.user.len > 0 && fuzz_inside(u.user, text));
		FUZZ_CHECK(memchr(u.tgrp, '\0', sizeof(u.tgrp)) != NULL);
		FUZZ_CHECK(memchr(u.context, '\0', sizeof(u.context)) != NULL);
		text = u.user;
	} else {
		FUZZ_CHECK(u.user.len == 0 && u.tgrp[0] == '\0' && u.context[0] == '\0');
	}
	kind = wa_uri_identity(text, id);
	FUZZ_CHECK(memchr(id, '\0', sizeof(id)) != NULL);
	FUZZ_CHECK((kind == WA_IDENTITY_NONE) == (id[0] == '\0'));
	if(wa_uri_e164(text, digits) == 0) {
		FUZZ_CHECK(strlen(digits) >= 7 && strlen(digits) <= 15);
		FUZZ_CHECK(strspn(digits, "0123456789") == strlen(digits));
		FUZZ_CHECK(digits[0] != '0' && kind == WA_IDENTITY_E164);
	}
}
