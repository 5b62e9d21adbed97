/* wasbcctl trunk ... SPDX-License-Identifier: GPL-2.0-or-later */
#include "rpc.h"
#include "table.h"

static enum ctl_exit trunk_set(const ctl_opts_t *o, int argc, char **argv)
{
	return ctl_call_job(
			o, "wa_numbers.trunk_set", ctl_params(argc - 1, argv + 1));
}

static enum ctl_exit trunk_list(const ctl_opts_t *o, int argc, char **argv)
{
	static const char *const columns[] = {
			"name", "gateways", "codecs", "tgrp", "context", "pstn", NULL};
	json_object *list;
	enum ctl_exit ret =
			ctl_call_list(o, "wa_numbers.trunk_list", "trunks", "name", &list);

	(void)argc;
	(void)argv;
	if(ret == CTL_DONE)
		ctl_print_list(o, list, columns);
	json_object_put(list);
	return ret;
}

static enum ctl_exit trunk_remove(const ctl_opts_t *o, int argc, char **argv)
{
	return ctl_call_job(
			o, "wa_numbers.trunk_remove", ctl_params(argc - 1, argv + 1));
}

static enum ctl_exit trunk_show(const ctl_opts_t *o, int argc, char **argv)
{
	static const char *const columns[] = {"uri", "weight", "priority", "state",
			"since", "code", "addresses", "error", NULL};
	json_object *answer = NULL, *gateways = NULL;
	enum ctl_exit ret = ctl_call(
			o, "wa_trunk.show", ctl_params(argc - 1, argv + 1), &answer);

	if(ret == CTL_DONE
			&& json_object_object_get_ex(answer, "gateways", &gateways))
		ctl_print_list(o, gateways, columns);
	json_object_put(answer);
	return ret;
}

static enum ctl_exit trunk_state(const ctl_opts_t *o, int argc, char **argv)
{
	static const char *const columns[] = {
			"name", "gateways", "up", "down", "unknown", "unresolved", NULL};
	json_object *answer = NULL;
	enum ctl_exit ret = ctl_call(
			o, "wa_trunk.list", ctl_params(argc - 1, argv + 1), &answer);

	if(ret == CTL_DONE)
		ctl_print_list(o, answer, columns);
	json_object_put(answer);
	return ret;
}

const ctl_verb_t ctl_trunk_verbs[] = {
		{"set", "NAME [FIELD=VALUE ...]",
				"make or change a trunk; fields: gateways codecs tgrp context "
				"pstn; gateways=\"sip:10.0.0.1:5060;transport=tcp;;2 "
				"sip:10.0.0.2\"",
				1, 16, trunk_set},
		{"list", "", "all trunks", 0, 0, trunk_list},
		{"show", "NAME", "the gateways of a trunk: up or down, since when", 1, 1,
				trunk_show},
		{"state", "", "how many gateways of each trunk are up", 0, 0,
				trunk_state},
		{"remove", "NAME", "remove a trunk", 1, 1, trunk_remove},
		{NULL, NULL, NULL, 0, 0, NULL}};
