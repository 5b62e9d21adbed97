/* Counters of wa_door. SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef WA_DOOR_COUNTERS_H
#define WA_DOOR_COUNTERS_H

enum door_count
{
	COUNT_STRANGERS,
	COUNT_BANNED_DROPPED,
	COUNT_FLOOD_DROPPED,
	COUNT_MALFORMED,
	COUNT_STRIKES,
	COUNT_BANS,
	COUNT_CONNECTIONS_CLOSED,
	COUNT_LISTS_REFUSED,
	COUNT_ALL
};

/** Registers all. In mod_init. Returns 0 or -1. */
int door_counters_init(void);

/** From now on they count. In child_init. */
void door_counters_start(void);

/** Counts one; nothing before door_counters_start(). */
void door_count(enum door_count which);

#endif
