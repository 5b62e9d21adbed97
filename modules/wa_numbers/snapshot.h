/* The directory's snapshot on disk. The directory process only.
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef WA_NUMBERS_SNAPSHOT_H
#define WA_NUMBERS_SNAPSHOT_H

#include <stdbool.h>

/** Fills the directory from the snapshot, once, when Redis is away and there is
 * nothing yet; says in the log what came of it. */
void wan_snapshot_restore(void);

/** Writes a part of the snapshot when one is due. Returns after how many
 * milliseconds it wants to be called again. */
int wan_snapshot_step(void);

/** Writes what has changed since the last one, all at once: at the end. */
void wan_snapshot_last(void);

#endif
