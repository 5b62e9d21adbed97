/* Knobs of wa_door, changeable at run time.
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "conf.h"

struct cfg_group_wa_door door_conf_default = {.ban_time = 300,
		.ban_score = 100,
		.ban_window = 60,
		.rate = 100,
		.trusted_rate = 5000,
		.trust_time = 86400,
		.source_connections = 100,
		.meta_source_connections = 1000,
		.pbx_connections = 1000,
		.error_lines = 100,
		.head_bytes = 12288,
		.head_lines = 160};

void *door_conf_group = &door_conf_default;

#define WEEK 604800

static cfg_def_t defs[] = {
		{"ban_time", CFG_VAR_INT | CFG_ATOMIC, 1, WEEK, 0, 0,
				"seconds that a source stays banned"},
		{"ban_score", CFG_VAR_INT | CFG_ATOMIC, 1, 1000000, 0, 0,
				"strikes that ban a source"},
		{"ban_window", CFG_VAR_INT | CFG_ATOMIC, 1, 3600, 0, 0,
				"seconds within which strikes add up"},
		{"rate", CFG_VAR_INT | CFG_ATOMIC, 0, 1000000, 0, 0,
				"requests a second of a PBX's address that has shown nothing "
				"yet; 0: no limit"},
		{"trusted_rate", CFG_VAR_INT | CFG_ATOMIC, 0, 1000000, 0, 0,
				"requests a second of a PBX's address that had calls; 0: no "
				"limit"},
		{"trust_time", CFG_VAR_INT | CFG_ATOMIC, 1, WEEK, 0, 0,
				"seconds that a call keeps an address trusted"},
		{"source_connections", CFG_VAR_INT | CFG_ATOMIC, 1, 100000, 0, 0,
				"connections that one PBX's address may hold"},
		{"meta_source_connections", CFG_VAR_INT | CFG_ATOMIC, 1, 100000, 0, 0,
				"connections that one address of Meta may hold"},
		{"pbx_connections", CFG_VAR_INT | CFG_ATOMIC, 1, 100000, 0, 0,
				"connections of all PBXes; beyond it only trusted addresses "
				"get one"},
		{"error_lines", CFG_VAR_INT | CFG_ATOMIC, 0, 1000000, 0, 0,
				"lines of errors and warnings that a process may log a second; "
				"0: no limit"},
		{"head_bytes", CFG_VAR_INT | CFG_ATOMIC, 1024, 65535, 0, 0,
				"bytes that the first line and the headers may have"},
		{"head_lines", CFG_VAR_INT | CFG_ATOMIC, 20, 10000, 0, 0,
				"lines that the headers may have"},
		{0, 0, 0, 0, 0, 0, 0}};

int door_conf_init(void)
{
	if(cfg_declare("wa_door", defs, &door_conf_default, cfg_sizeof(wa_door),
			   &door_conf_group)
			!= 0) {
		LM_ERR("cannot declare the knobs\n");
		return -1;
	}
	return 0;
}
