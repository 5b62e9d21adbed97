/* The walk over headers, and the Via that is cut out of a message.
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "fuzz.h"

#include <string.h>

#include "wa_headers.h"
#include "wa_via.h"

void fuzz_headers(const uint8_t *data, size_t size)
{
	wa_sv_t msg = fuzz_text(data, size), name, value;
	char *copy = malloc(size + 1);
	wa_headers_t walk;
	size_t n = 0, len;

	wa_headers_begin(&walk, msg);
	while(wa_headers_next(&walk, &name, &value)) {
		FUZZ_CHECK(fuzz_inside(name, msg) && fuzz_inside(value, msg));
		FUZZ_CHECK(++n <= size);
	}
	FUZZ_CHECK(fuzz_inside(wa_headers_find(msg, WA_SV("CSeq")), msg));
	FUZZ_CHECK(copy != NULL);
	if(size > 0)
		memcpy(copy, data, size);
	len = wa_via_cut(copy, size);
	FUZZ_CHECK(len <= size);
	FUZZ_CHECK(len < size || size == 0 || memcmp(copy, data, size) == 0);
	free(copy);
}
