/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "conf.h"

#include "hep.h"

static char none[] = "";

struct cfg_group_wa_trace trace_conf_default = {.hep = none};

void *trace_conf_group = &trace_conf_default;

/* What is no address is refused, and what was set stays. */
static int check(void *unused KSR_UNUSED, str *group KSR_UNUSED,
		str *name KSR_UNUSED, void **value)
{
	const char *text = *value != NULL ? *value : none;

	if(*text == '\0' || hep_is_target(text))
		return 0;
	LM_ERR("hep: \"%s\" is neither ADDRESS:PORT nor empty\n", text);
	return -1;
}

static cfg_def_t defs[] = {
		{"hep", CFG_VAR_STRING, 0, 0, check, 0,
				"ADDRESS:PORT that gets a copy of each message of a call by "
				"HEPv3, what opens something blanked; empty: nobody"},
		{0, 0, 0, 0, 0, 0, 0}};

int trace_conf_init(void)
{
	if(check(NULL, NULL, NULL, (void **)&trace_conf_default.hep) < 0)
		return -1;
	if(cfg_declare("wa_trace", defs, &trace_conf_default,
			   cfg_sizeof(wa_trace), &trace_conf_group)
			== 0)
		return 0;
	LM_ERR("cannot declare the knob hep\n");
	return -1;
}
