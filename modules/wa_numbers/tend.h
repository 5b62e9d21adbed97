/* What the directory process does beside following Redis: the snapshot on disk,
 * sealing anew, an orderly end.
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef WA_NUMBERS_TEND_H
#define WA_NUMBERS_TEND_H

#include "job.h"
#include "redis_link.h"

/* It wants to be called as often as this at least: a signal that comes just
 * before the process goes to sleep is seen then. */
#define WAN_TEND_MS 1000

/** After the fork: the process ends by itself when Kamailio does. */
void wan_tend_init(void);

/** Carries out a job that is none for the writer. False: it is not one. */
bool wan_tend_job(const wan_job_view_t *job);

/** Does not return when Kamailio ends. */
void wan_tend_end(void);

/** One turn of the loop, some milliseconds at most; `l` is NULL while Redis is
 * away. Does not return when Kamailio ends. `*wait_ms` gets how long the loop may
 * sleep. Returns 0 or WA_EIO: `l` is of no more use. */
int wan_tend(wan_link_t *l, int *wait_ms);

#endif
