/* Nobody outside writes lines into our log, or fills the disk with it.
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef WA_DOOR_LOG_GUARD_H
#define WA_DOOR_LOG_GUARD_H

/** Puts itself between Kamailio's log and where it goes, syslog or standard
 * error, in this process and all that it forks. In mod_init. Returns 0 or -1. */
int log_guard_init(void);

/** Steps out again: what Kamailio logs while it ends, its knobs and shared memory
 * being gone, goes straight on. In mod_destroy. */
void log_guard_end(void);

#endif
