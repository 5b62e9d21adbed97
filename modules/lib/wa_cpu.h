/* How busy are the processors of this host?
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef WA_CPU_H
#define WA_CPU_H

#include <stdint.h>

#include "wa_sv.h"

/* Since the boot, of all processors, in ticks of the kernel. */
typedef struct wa_cpu
{
	uint64_t busy, total;
} wa_cpu_t;

/** Reads /proc/stat (proc(5)): user, nice and system are busy, idle is not, and no more
 * counts, as in rtpengine, which has to come to the same result. Returns 0 or WA_EPARSE. */
int wa_cpu_read(wa_sv_t text, wa_cpu_t *out);

/** Percent between two readings, 0 to 100; 0 where no time has passed. */
unsigned wa_cpu_percent(const wa_cpu_t *from, const wa_cpu_t *to);

#endif
