/* The file of apps.
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "fuzz.h"

#include <string.h>

#include "wa_apps.h"
#include "wa_number.h"

void fuzz_apps(const uint8_t *data, size_t size)
{
	wa_sv_t text = fuzz_text(data, size);
	wa_app_line_t v[WA_APPS_MAX];
	char why[WA_ERROR_SIZE] = "";
	int n = wa_apps_parse(v, text, why, sizeof(why));

	FUZZ_CHECK(n <= WA_APPS_MAX);
	FUZZ_CHECK(n >= 0 || (why[0] != '\0' && memchr(why, '\0', sizeof(why)) != NULL));
	for(int i = 0; i < n; i++) {
		FUZZ_CHECK(v[i].id.len > 0 && v[i].id.len < WA_ID_SIZE);
		FUZZ_CHECK(v[i].token_file.len > 1 && v[i].token_file.s[0] == '/');
		FUZZ_CHECK(fuzz_inside(v[i].id, text) && fuzz_inside(v[i].token_file, text)
				   && fuzz_inside(v[i].secret_file, text));
	}
}
