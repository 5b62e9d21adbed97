/* Usage headers of Graph API answers.
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "fuzz.h"

#include "wa_graph_usage.h"

void fuzz_graph_usage(const uint8_t *data, size_t size)
{
	wa_graph_usage_t u;
	int err = wa_graph_usage_parse(&u, fuzz_text(data, size));

	FUZZ_CHECK(err == 0 || (u.percent == 0 && u.regain_minutes == 0));
	FUZZ_CHECK(u.percent <= 1000 && u.regain_minutes <= 24 * 60);
}
