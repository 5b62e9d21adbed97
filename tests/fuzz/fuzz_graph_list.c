/* A page of a WABA's numbers.
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "fuzz.h"

#include <string.h>

#include "wa_err.h"
#include "wa_graph_list.h"

static int check(const wa_listed_t *n, void *arg)
{
	size_t len = strnlen(n->digits, sizeof(n->digits));

	(void)arg;
	FUZZ_CHECK(len == 0 || (len >= 5 && len <= 15));
	FUZZ_CHECK(strspn(n->digits, "0123456789") == len);
	FUZZ_CHECK(n->id[0] != '\0' && strspn(n->id, "0123456789") == strlen(n->id));
	FUZZ_CHECK(memchr(n->name, '\0', sizeof(n->name)) != NULL);
	for(const char *p = n->name; *p; p++)
		FUZZ_CHECK(*p >= ' ' && *p <= '~');
	return 0;
}

void fuzz_graph_list(const uint8_t *data, size_t size)
{
	char after[WA_CURSOR_SIZE], why[WA_ERROR_SIZE] = "";
	int err = wa_graph_list_parse(
			fuzz_text(data, size), check, NULL, after, why, sizeof(why));

	FUZZ_CHECK(memchr(after, '\0', sizeof(after)) != NULL);
	FUZZ_CHECK(err == 0 || (why[0] != '\0' && after[0] == '\0'));
	FUZZ_CHECK(memchr(why, '\0', sizeof(why)) != NULL);
}
