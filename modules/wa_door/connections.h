/* How many connections each source holds, and the end of those too many.
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef WA_DOOR_CONNECTIONS_H
#define WA_DOOR_CONNECTIONS_H

#include "door.h"

/** What a look at Kamailio's table of connections has shown. */
typedef struct connections
{
	unsigned total[DOOR_SIDES];
	unsigned closed;
	size_t n_held; /* sources at their limit or above */
	wa_addr_t held[256];
} connections_t;

/** Counts all connections that others have opened to us and closes the newest of
 * a source that has too many. In the keeper: Kamailio's lock on the table is
 * held as long as a walk through it takes. */
void connections_look(connections_t *out);

/** Has the process that owns a connection close it. In the keeper and in
 * workers: they have a way to that process. */
void connections_close(int id);

#endif
