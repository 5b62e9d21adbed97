/* Knobs of wa_door, changeable at run time (cfg.set_now_int wa_door NAME VALUE).
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef WA_DOOR_CONF_H
#define WA_DOOR_CONF_H

#include "../ksr_compat.h"

#include <kamailio/core/cfg/cfg.h>

struct cfg_group_wa_door
{
	int ban_time;
	int ban_score;
	int ban_window;
	int rate;
	int trusted_rate;
	int trust_time;
	int source_connections;
	int meta_source_connections;
	int pbx_connections;
	int error_lines;
	int head_bytes;
	int head_lines;
};

extern struct cfg_group_wa_door door_conf_default;
extern void *door_conf_group;

/** The value of a knob in this process. */
#define door_conf(name) \
	((unsigned)cfg_get(wa_door, door_conf_group, name))

/** Makes the knobs known. In mod_init. Returns 0 or -1. */
int door_conf_init(void);

#endif
