/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "wa_cpu.h"

#include <limits.h>

#include "wa_err.h"

enum column
{
	USER,
	NICE,
	SYSTEM,
	IDLE,
	COLUMNS
};

int wa_cpu_read(wa_sv_t text, wa_cpu_t *out)
{
	wa_sv_t line = wa_sv_cut(&text, '\n');
	wa_cpu_t sum = {0, 0};
	unsigned n = 0;

	if(!wa_sv_eq(wa_sv_cut(&line, ' '), WA_SV("cpu")))
		return WA_EPARSE;
	while(line.len > 0 && n < COLUMNS) {
		wa_sv_t word = wa_sv_cut(&line, ' ');
		unsigned long ticks;

		if(word.len == 0)
			continue;
		if(wa_sv_ulong(word, ULONG_MAX, &ticks) < 0)
			return WA_EPARSE;
		sum.total += ticks;
		if(n != IDLE)
			sum.busy += ticks;
		n++;
	}
	if(n < COLUMNS)
		return WA_EPARSE;
	*out = sum;
	return 0;
}

unsigned wa_cpu_percent(const wa_cpu_t *from, const wa_cpu_t *to)
{
	uint64_t total = to->total - from->total, busy = to->busy - from->busy;

	/* idle may go back */
	if(to->total <= from->total || to->busy < from->busy)
		return 0;
	return busy >= total ? 100 : (unsigned)(busy * 100 / total);
}
