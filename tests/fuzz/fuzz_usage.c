/* What another node tells of its calls.
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Input: messages, a line each, of one node.
 */
#include "fuzz.h"

#include <stdlib.h>

#include "wa_usage.h"

#define KEYS 8 /* so few that they run out */
#define LEASE 1000

static void begun(uint64_t key, uint32_t n, void *arg)
{
	FUZZ_CHECK(key != 0 && n > 0 && arg == NULL);
}

void fuzz_usage(const uint8_t *data, size_t size)
{
	wa_sv_t text = fuzz_text(data, size);
	void *block = malloc(wa_usage_size(KEYS, KEYS));
	char out[WA_USAGE_TEXT_MAX];
	wa_usage_t *u;

	if(block == NULL)
		return;
	u = wa_usage_init(block, KEYS, KEYS, LEASE);
	wa_usage_add(u, 1, true);
	for(int64_t now = 0; text.len > 0; now++)
		wa_usage_read(u, (unsigned)(now % 3), wa_sv_cut(&text, '\n'), now, begun, NULL);
	/* whatever others say, it is not this node's */
	FUZZ_CHECK(wa_usage_here(u, 1) == 1 && wa_usage_all(u, 1) >= 1);
	FUZZ_CHECK(wa_usage_write(u, 0, out, sizeof(out)) > 0);
	for(unsigned i = 0; i < 3; i++)
		wa_usage_forget(u, i);
	FUZZ_CHECK(wa_usage_all(u, 1) == 1);
	wa_usage_drop(u, 1);
	FUZZ_CHECK(wa_usage_here(u, 1) == 0);
	free(block);
}
