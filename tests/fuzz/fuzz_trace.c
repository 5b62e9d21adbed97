/* What is shown and what is handed on of any message.
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "fuzz.h"

#include <string.h>

#include "wa_glance.h"
#include "wa_redact.h"

void fuzz_trace(const uint8_t *data, size_t size)
{
	char *copy = malloc(size ? size : 1);
	wa_sv_t text = {copy, size};
	wa_glance_t g;

	FUZZ_CHECK(copy != NULL);
	if(size > 0)
		memcpy(copy, data, size);
	if(wa_glance(text, &g) == 0) {
		FUZZ_CHECK(fuzz_inside(g.call_id, text) && g.call_id.len > 0);
		for(const char *p = g.what; *p != '\0'; p++)
			FUZZ_CHECK((unsigned char)*p >= 0x20 && (unsigned char)*p < 0x7f);
	}
	wa_redact(copy, size);
	/* line ends and what is no letter of a secret stay where they are */
	for(size_t i = 0; i < size; i++)
		FUZZ_CHECK(copy[i] == (char)data[i] || copy[i] == 'x');
	free(copy);
}
