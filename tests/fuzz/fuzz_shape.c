/* What comes from the network before it is parsed, and what of it is logged.
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "fuzz.h"

#include <string.h>

#include "wa_logline.h"
#include "wa_shape.h"

void fuzz_shape(const uint8_t *data, size_t size)
{
	static const wa_shape_limits_t limits = {.head = 2000, .lines = 20, .line = 500};
	static char out[WA_LOGLINE_MAX + 8];
	wa_sv_t text = fuzz_text(data, size);
	enum wa_shape shape = wa_shape_of(text, &limits);
	size_t n;

	if(shape == WA_SHAPE_REQUEST || shape == WA_SHAPE_REPLY)
		FUZZ_CHECK(memchr(data, '\n', size) != NULL);
	FUZZ_CHECK(wa_shape_name(shape) != NULL);
	n = wa_logline_clean(out, text);
	FUZZ_CHECK(n == strlen(out) && n < sizeof(out));
	for(size_t i = 0; i < n; i++)
		FUZZ_CHECK((unsigned char)out[i] >= 0x20 && out[i] != 0x7f);
	(void)wa_logline_is_error(text);
}
