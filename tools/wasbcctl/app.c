/* wasbcctl app ... SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdio.h>
#include <string.h>

#include "rpc.h"
#include "table.h"

/* A token that cannot be used, or a file with a mistake, is a failure. */
static bool all_well(json_object *r, json_object *list)
{
	bool well = true;

	if(*ctl_member(r, "apps_file") != '\0') {
		fprintf(stderr, "wasbcctl: apps_file: %s\n", ctl_member(r, "apps_file"));
		well = false;
	}
	for(size_t i = 0; i < json_object_array_length(list); i++)
		if(strcmp(ctl_member(json_object_array_get_idx(list, i), "token"), "in use")
				!= 0)
			well = false;
	return well;
}

static enum ctl_exit app_list(const ctl_opts_t *o, int argc, char **argv)
{
	static const char *const columns[] = {"app_id", "token", "proof", "usage",
			"in_flight", "queued", "paused_for", NULL};
	json_object *r, *list;
	enum ctl_exit ret = ctl_call(o, "wa_settings.apps", NULL, &r);

	(void)argc;
	(void)argv;
	if(ret == CTL_DONE && json_object_object_get_ex(r, "apps", &list)) {
		ctl_print_list(o, list, columns);
		if(!all_well(r, list))
			ret = CTL_FAILED;
	}
	json_object_put(r);
	return ret;
}

const ctl_verb_t ctl_app_verbs[] = {
		{"list", "",
				"apps: whether the token of each can be used, and how long Meta wants "
				"to be left alone",
				0, 0, app_list},
		{NULL, NULL, NULL, 0, 0, NULL}};
