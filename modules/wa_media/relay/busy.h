/* Has this host the time for one more call?
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef BUSY_H
#define BUSY_H

#include <stdbool.h>

#include "../../lib/wa_cpu.h"

/* How often it is looked at: as rtpengine does for its max-cpu. */
#define BUSY_EVERY_MS 500

struct busy
{
	unsigned limit; /* percent of all processors; 0: it is not looked at */
	int timer;		/* readable when it is time for busy_look(); -1: never */
	bool now;		/* no new calls: another host may have the time */
	wa_cpu_t seen;
};

/** Begins to look. Returns 0, or WA_EIO (no timer, no /proc/stat), told on stderr. */
int busy_open(struct busy *b, unsigned limit);

/** What the last BUSY_EVERY_MS were like. */
void busy_look(struct busy *b);

#endif
