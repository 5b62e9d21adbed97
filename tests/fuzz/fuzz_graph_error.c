/* Graph's error form: whatever comes, the line for the operator is printable.
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "fuzz.h"

#include <string.h>

#include "wa_graph_error.h"

static void check_printable(const char *text, size_t size)
{
	size_t len = strnlen(text, size);

	FUZZ_CHECK(len < size);
	for(size_t i = 0; i < len; i++)
		FUZZ_CHECK(text[i] >= ' ' && text[i] <= '~');
}

void fuzz_graph_error(const uint8_t *data, size_t size)
{
	wa_graph_error_t e;
	char line[WA_ERROR_SIZE];
	int err = wa_graph_error_parse(&e, fuzz_text(data, size));

	if(err == 0) {
		check_printable(e.message, sizeof(e.message));
		check_printable(e.details, sizeof(e.details));
	}
	wa_graph_error_text(line, sizeof(line), 400, err == 0 ? &e : NULL);
	check_printable(line, sizeof(line));
	(void)wa_graph_error_class(400, err == 0 ? &e : NULL);
}
