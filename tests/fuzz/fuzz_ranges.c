/* Lists of networks: a registry's answer, a file, an operator's words.
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "fuzz.h"

#include <string.h>

#include "wa_ranges.h"
#include "wa_sockfilter.h"

#define MAX 256

static int before(const wa_addr_t *a, const wa_addr_t *b)
{
	return memcmp(a, b, sizeof(*a));
}

void fuzz_ranges(const uint8_t *data, size_t size)
{
	static wa_range_t r[MAX], again[MAX * 128];
	static wa_sockfilter_t filter;
	wa_sv_t text = fuzz_text(data, size), bad;
	const wa_range_t *at;
	const char *why;
	char network[WA_ADDR_TEXT];
	size_t n, m;

	if(wa_ranges_read(text, r, MAX, &n, &bad) < 0) {
		FUZZ_CHECK(fuzz_inside(bad, text));
		return;
	}
	FUZZ_CHECK(n > 0 && n <= MAX);
	for(size_t i = 0; i < n; i++) {
		FUZZ_CHECK(before(&r[i].lo, &r[i].hi) <= 0);
		FUZZ_CHECK(i == 0 || before(&r[i - 1].hi, &r[i].lo) < 0);
		FUZZ_CHECK(wa_ranges_has(r, n, &r[i].lo) && wa_ranges_has(r, n, &r[i].hi));
	}
	(void)wa_ranges_sane(r, n, &why, &at);
	FUZZ_CHECK(wa_sockfilter_make(&filter, r, n, &r[0].lo, 1, true) == 0);
	/* the first range, written and read again */
	char all[128 * WA_ADDR_TEXT] = "";
	size_t len = 0;
	wa_range_t left = r[0];
	while(wa_range_next(&left, network)) {
		size_t add = strlen(network);

		FUZZ_CHECK(len + add + 1 < sizeof(all));
		memcpy(all + len, network, add);
		all[len + add] = ' ';
		len += add + 1;
	}
	FUZZ_CHECK(wa_ranges_read((wa_sv_t){all, len}, again, MAX * 128, &m, &bad) == 0);
	FUZZ_CHECK(m == 1 && memcmp(&again[0], &r[0], sizeof(r[0])) == 0);
}
