/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "metrics.h"

#include <time.h>

#include "../lib/wa_prom.h"
#include "state.h"

#define LOOK_S 30 /* a look at a million numbers takes a moment */

/* Of the last look; this process alone. */
static struct
{
	time_t at;
	time_t oldest;	/* of those that were ever read; 0: none was */
	int64_t unread; /* never read since the start */
} seen;

/* Looks at one number; none is copied. */
static bool look(const wst_show_t *n)
{
	if(n->synced == 0)
		seen.unread++;
	else if(seen.oldest == 0 || n->synced < seen.oldest)
		seen.oldest = n->synced;
	return false;
}

static void look_at_all(time_t now)
{
	unsigned cursor = 0;

	seen.at = now;
	seen.oldest = 0;
	seen.unread = 0;
	wst_state_page(&cursor, SIZE_MAX, look, NULL, NULL);
}

void wst_metrics_write(wa_buf_t *b)
{
	time_t now = time(NULL);

	if(now < seen.at || now - seen.at >= LOOK_S)
		look_at_all(now);
	wa_prom_family(b, "wasbc_settings_oldest_sync_seconds", "gauge",
			"since the number that was read longest ago was read from Meta");
	wa_prom_value(b, "wasbc_settings_oldest_sync_seconds", "",
			seen.oldest != 0 && now > seen.oldest ? now - seen.oldest : 0);
	wa_prom_family(b, "wasbc_settings_unread", "gauge",
			"numbers that have not been read from Meta since the start");
	wa_prom_value(b, "wasbc_settings_unread", "", seen.unread);
}
