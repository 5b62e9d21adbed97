/* What an operator types: sockets, filters of lists.
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "fuzz.h"

#include <string.h>

#include "wa_filter.h"
#include "wa_net.h"

void fuzz_operator(const uint8_t *data, size_t size)
{
	wa_sv_t text = fuzz_text(data, size);
	wa_filter_t filter = {0};
	wa_number_t number;
	char err[64] = "";

	if(wa_net_socket_check(text) == 0)
		FUZZ_CHECK(memchr(data, ':', size) != NULL);
	memset(&number, 0, sizeof(number));
	while(text.len > 0 && filter.n < WA_FILTER_MAX) {
		wa_sv_t word = wa_sv_cut(&text, '\n');

		if(wa_filter_add(&filter, word, err, sizeof(err)) < 0)
			FUZZ_CHECK(memchr(err, '\0', sizeof(err)) != NULL);
	}
	FUZZ_CHECK(filter.n <= WA_FILTER_MAX);
	(void)wa_filter_matches(&filter, &number);
}
