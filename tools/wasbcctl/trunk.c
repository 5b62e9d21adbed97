/* wasbcctl trunk ... SPDX-License-Identifier: GPL-2.0-or-later */
#include "rpc.h"

#include <stdio.h>
#include <string.h>

#include "table.h"

static enum ctl_exit trunk_set(const ctl_opts_t *o, int argc, char **argv)
{
	return ctl_call_job(
			o, "wa_numbers.trunk_set", ctl_params(argc - 1, argv + 1));
}

static json_object *find_row(json_object *rows, const char *name)
{
	size_t n = json_object_is_type(rows, json_type_array)
					   ? json_object_array_length(rows)
					   : 0;

	for(size_t i = 0; i < n; i++) {
		json_object *row = json_object_array_get_idx(rows, i);

		if(strcmp(ctl_member(row, "name"), name) == 0)
			return row;
	}
	return NULL;
}

/* How many of its gateways are in which state: what the table of wa_trunk has of
 * each trunk goes into the row of its record. */
static void add_states(const ctl_opts_t *o, json_object *list)
{
	static const char *const members[] = {"up", "down", "unknown", "unresolved"};
	json_object *states = NULL;
	char why[CTL_WHY_SIZE];

	if(ctl_try(o, "wa_trunk.list", NULL, &states, why) != CTL_DONE) {
		fprintf(stderr, "wasbcctl: states of gateways: %s\n", why);
		return;
	}
	for(size_t i = 0; i < json_object_array_length(list); i++) {
		json_object *row = json_object_array_get_idx(list, i), *value;
		json_object *state = find_row(states, ctl_member(row, "name"));

		for(size_t k = 0; state != NULL && k < 4; k++)
			if(json_object_object_get_ex(state, members[k], &value))
				json_object_object_add(row, members[k], json_object_get(value));
	}
	json_object_put(states);
}

static enum ctl_exit trunk_list(const ctl_opts_t *o, int argc, char **argv)
{
	static const char *const columns[] = {"name", "up", "down", "unknown",
			"unresolved", "gateways", "codecs", "tgrp", "context", "pstn", NULL};
	json_object *list;
	enum ctl_exit ret =
			ctl_call_list(o, "wa_numbers.trunk_list", "trunks", "name", &list);

	(void)argc;
	(void)argv;
	if(ret == CTL_DONE) {
		add_states(o, list);
		ctl_print_list(o, list, columns);
	}
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

const ctl_verb_t ctl_trunk_verbs[] = {
		{"set", "NAME [FIELD=VALUE ...]",
				"make or change a trunk; fields: gateways codecs tgrp context "
				"pstn; gateways=\"sip:10.0.0.1:5060;transport=tcp;;2 "
				"sip:10.0.0.2\"",
				1, 16, trunk_set},
		{"list", "", "all trunks, and how many of their gateways are up", 0, 0,
				trunk_list},
		{"show", "NAME", "the gateways of a trunk: up or down, since when", 1, 1,
				trunk_show},
		{"remove", "NAME", "remove a trunk", 1, 1, trunk_remove},
		{NULL, NULL, NULL, 0, 0, NULL}};
