/* Meta's settings of a number, as JSON.
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Input: a line with our app id, a line with our host name, then the JSON.
 */
#include "fuzz.h"

#include <string.h>

#include "wa_settings_json.h"

#define ENDS(field) (memchr((field), '\0', sizeof(field)) != NULL)

void fuzz_settings(const uint8_t *data, size_t size)
{
	wa_sv_t rest = fuzz_text(data, size);
	wa_sv_t app = wa_sv_cut(&rest, '\n'), host = wa_sv_cut(&rest, '\n');
	wa_settings_t s;
	char why[WA_ERROR_SIZE] = "";

	memset(&s, 'x', sizeof(s));
	if(wa_settings_parse(&s, rest, app, host, why, sizeof(why)) < 0) {
		FUZZ_CHECK(ENDS(why) && why[0] != '\0');
		FUZZ_CHECK(s.hostname[0] == 'x' && s.password.s[0] == 'x');
		return;
	}
	FUZZ_CHECK(s.codecs & WA_CODEC_OPUS);
	FUZZ_CHECK(s.srtp == WA_SRTP_DTLS || s.srtp == WA_SRTP_SDES);
	FUZZ_CHECK(!s.found || s.n_servers > 0);
	if(s.found) {
		FUZZ_CHECK(ENDS(s.hostname) && ENDS(s.tgrp) && ENDS(s.context));
		FUZZ_CHECK(s.port > 0 && s.password.len < WA_PASSWORD_SIZE);
	}
}
