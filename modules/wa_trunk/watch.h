/* The two processes that keep gateways.h up to date.
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef WA_TRUNK_WATCH_H
#define WA_TRUNK_WATCH_H

#include "../ksr_compat.h"

/* Knobs that change at run time: kamcmd cfg.list wa_trunk */
typedef struct cfg_group_wa_trunk
{
	int ping_interval; /* seconds; 0: nobody is asked */
	int down_after;	   /* questions in a row without an answer */
} watch_knobs_t;

extern watch_knobs_t watch_defaults;

typedef struct watch_conf
{
	str udp, tcp, tls; /* ADDRESS:PORT that gateways are asked from */
	char *nameserver;
} watch_conf_t;

extern watch_conf_t watch_conf;

/** mod_init: binds tm and wa_numbers, declares the knobs. Returns 0 or -1. */
int watch_init(void);

/** child_init(PROC_MAIN): forks. Returns 0 or -1. */
int watch_start(void);

#endif
