/* health_status of a number.
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "fuzz.h"

#include <string.h>

#include "wa_graph_health.h"

static void check_printable(const char *text, size_t size)
{
	size_t len = strnlen(text, size);

	FUZZ_CHECK(len < size);
	for(size_t i = 0; i < len; i++)
		FUZZ_CHECK(text[i] >= ' ' && text[i] <= '~');
}

void fuzz_graph_health(const uint8_t *data, size_t size)
{
	char why[WA_ERROR_SIZE] = "";
	wa_graph_health_t h;

	memset(&h, 'x', sizeof(h));
	if(wa_graph_health_parse(&h, fuzz_text(data, size), why, sizeof(why)) < 0) {
		FUZZ_CHECK(why[0] != '\0' && memchr(why, '\0', sizeof(why)) != NULL);
		FUZZ_CHECK(h.text[0] == 'x');
		return;
	}
	check_printable(h.entity, sizeof(h.entity));
	check_printable(h.text, sizeof(h.text));
	FUZZ_CHECK(h.sip <= WA_HEALTH_BLOCKED && wa_health_name(h.sip) != NULL);
	FUZZ_CHECK(wa_health_name(h.message) != NULL);
}
