/* Where a side's networks come from: configuration, a file, an operator.
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef WA_DOOR_LISTS_H
#define WA_DOOR_LISTS_H

#include "../lib/wa_sv.h"
#include "door.h"

#define LISTS_ERROR 160

typedef struct lists_params
{
	char *list[DOOR_SIDES];
	char *file[DOOR_SIDES]; /* "" = none; wins over the list */
} lists_params_t;

extern lists_params_t lists_params;

/** Is it a list of networks? Returns 0, or a WA_E and why in `error`. */
int lists_check(const char *text, char error[LISTS_ERROR]);

/** Puts in use what the configuration says; a file that cannot be read or holds
 * nonsense leaves the configured list. Returns 0; -1: that list is no list. */
int lists_init(void);
void lists_destroy(void);

/** Reads a side's file and puts it in use. `force`: without the check against
 * absurd lists (only Meta's is checked). Returns 0 or a WA_E, with the reason
 * in `error`; the set in use then stays. */
int lists_read_file(
		enum door_side side, bool force, char error[LISTS_ERROR]);

/** The same with a list given by an operator. */
int lists_set(enum door_side side, wa_sv_t text, bool force,
		char error[LISTS_ERROR]);

/** Reads files again that have changed. In the keeper, now and then. */
void lists_watch(void);

#endif
