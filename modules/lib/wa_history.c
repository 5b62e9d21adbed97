/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "wa_history.h"

#include <string.h>

/* Its place, emptied if another day's minute is there. */
static wa_minute_t *minute_of(wa_history_t *h, int64_t ms)
{
	int64_t minute = ms / 60000;
	wa_minute_t *m = &h->minutes[minute % WA_HISTORY_MINUTES];

	if(m->minute != minute) {
		memset(m, 0, sizeof(*m));
		m->minute = minute;
	}
	return m;
}

void wa_history_count(wa_history_t *h, int64_t ms, enum wa_history_count what)
{
	if(ms >= 0)
		minute_of(h, ms)->count[what]++;
}

void wa_history_calls(wa_history_t *h, int64_t ms, uint32_t calls)
{
	wa_minute_t *m;

	if(ms < 0)
		return;
	m = minute_of(h, ms);
	if(calls > m->calls)
		m->calls = calls;
}

void wa_history_mos(wa_history_t *h, int64_t ms, int64_t mos)
{
	wa_minute_t *m;

	if(ms < 0 || mos <= 0)
		return;
	m = minute_of(h, ms);
	m->mos_n++;
	m->mos_sum += (uint64_t)mos;
}

wa_minute_t wa_history_get(const wa_history_t *h, int64_t minute)
{
	wa_minute_t none = {.minute = minute};
	const wa_minute_t *m;

	if(minute < 0)
		return none;
	m = &h->minutes[minute % WA_HISTORY_MINUTES];
	return m->minute == minute ? *m : none;
}
