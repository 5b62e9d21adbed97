/* Counters of wa_door, declared once.
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "../ksr_compat.h"

#include "counters.h"

#include <stdbool.h>

#include <kamailio/core/counters.h>

static const struct
{
	const char *name;
	const char *doc;
} table[COUNT_ALL] = {
		[COUNT_STRANGERS] = {"strangers",
				"requests of sources in no network of their side"},
		[COUNT_BANNED_DROPPED] = {"banned_dropped",
				"requests of banned sources that the kernel let through"},
		[COUNT_FLOOD_DROPPED] = {"flood_dropped",
				"requests beyond the rate of their source"},
		[COUNT_MALFORMED] = {"malformed",
				"messages dropped before they were parsed: no SIP, control "
				"bytes, too long"},
		[COUNT_STRIKES] = {"strikes", "things done that count toward a ban"},
		[COUNT_BANS] = {"bans", "bans begun"},
		[COUNT_CONNECTIONS_CLOSED] = {"connections_closed",
				"connections closed because their source had too many"},
		[COUNT_LISTS_REFUSED] = {"lists_refused",
				"lists of networks that were not put in use"},
};

static counter_handle_t handles[COUNT_ALL];

int door_counters_init(void)
{
	for(int i = 0; i < COUNT_ALL; i++)
		if(counter_register(&handles[i], MOD_NAME, table[i].name, 0, NULL, NULL,
				   table[i].doc, 0)
				< 0) {
			LM_ERR("cannot register the counter %s\n", table[i].name);
			return -1;
		}
	return 0;
}

/* Kamailio has no memory for counters before it forks. */
static bool ready;

void door_counters_start(void)
{
	ready = true;
}

void door_count(enum door_count which)
{
	if(ready)
		counter_inc(handles[which]);
}
