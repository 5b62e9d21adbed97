/* wasbcctl knob ...: what changes at run time (cfg/knobs.md).
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "rpc.h"
#include "table.h"

/* Groups of ours; Kamailio's own are kamcmd's business. */
static bool is_ours(const char *group)
{
	return strncmp(group, "wasbc", 5) == 0 || strncmp(group, "wa_", 3) == 0;
}

static json_object *pair(const char *group, const char *name)
{
	json_object *a = json_object_new_array();

	json_object_array_add(a, json_object_new_string(group));
	json_object_array_add(a, json_object_new_string(name));
	return a;
}

/* "wasbc: ring_timeout" */
static bool split(const char *text, char *group, size_t size, const char **name)
{
	const char *colon = strchr(text, ':');
	size_t len = colon != NULL ? (size_t)(colon - text) : size;

	if(len >= size)
		return false;
	memcpy(group, text, len);
	group[len] = '\0';
	*name = colon + 1 + strspn(colon + 1, " ");
	return true;
}

/* A text may be one that Kamailio does not show. */
static void add_knob(
		const ctl_opts_t *o, const char *group, const char *name, json_object *out)
{
	json_object *value = NULL, *row = json_object_new_object();
	char full[160], why[CTL_WHY_SIZE];

	(void)ctl_try(o, "cfg.get", pair(group, name), &value, why);
	(void)!snprintf(full, sizeof(full), "%s.%s", group, name);
	json_object_object_add(row, "knob", json_object_new_string(full));
	json_object_object_add(
			row, "value", value != NULL ? value : json_object_new_string(""));
	json_object_array_add(out, row);
}

static enum ctl_exit list(const ctl_opts_t *o, int argc, char **argv)
{
	static const char *const columns[] = {"knob", "value", NULL};
	json_object *all, *out = json_object_new_array();
	enum ctl_exit ret = ctl_call(o, "cfg.list", NULL, &all);

	for(size_t i = 0; ret == CTL_DONE && i < json_object_array_length(all); i++) {
		const char *text = json_object_get_string(json_object_array_get_idx(all, i));
		const char *name;
		char group[64];

		if(split(text, group, sizeof(group), &name) && is_ours(group)
				&& (argc < 2 || strcmp(argv[1], group) == 0))
			add_knob(o, group, name, out);
	}
	if(ret == CTL_DONE && argc > 1 && json_object_array_length(out) == 0) {
		fprintf(stderr, "wasbcctl: %s has no knobs; see wasbcctl knob list\n", argv[1]);
		ret = CTL_FAILED;
	} else if(ret == CTL_DONE) {
		ctl_print_list(o, out, columns);
	}
	json_object_put(all);
	json_object_put(out);
	return ret;
}

/* cfg.get fails for a text that is empty, too. */
static bool is_listed(const ctl_opts_t *o, const char *group, const char *name)
{
	json_object *all = NULL;
	char why[CTL_WHY_SIZE], of[64];
	const char *other;
	bool found = false;

	if(ctl_try(o, "cfg.list", NULL, &all, why) == CTL_DONE)
		for(size_t i = 0; i < json_object_array_length(all) && !found; i++)
			found = split(json_object_get_string(json_object_array_get_idx(all, i)), of, sizeof(of), &other)
					&& strcmp(of, group) == 0 && strcmp(other, name) == 0;
	json_object_put(all);
	return found;
}

/* The value in the form that the knob has now. */
static bool add_value(json_object *params, json_object *now, const char *text)
{
	char *end;
	long n = strtol(text, &end, 10);

	if(!json_object_is_type(now, json_type_int)) {
		json_object_array_add(params, json_object_new_string(text));
		return true;
	}
	if(*text == '\0' || *end != '\0' || n < 0 || n > INT_MAX)
		return false;
	json_object_array_add(params, json_object_new_int((int)n));
	return true;
}

static enum ctl_exit put(
		const ctl_opts_t *o, const char *group, const char *name, const char *value)
{
	json_object *now = NULL, *r = NULL, *params = pair(group, name);
	char why[CTL_WHY_SIZE];
	enum ctl_exit ret;
	bool is_int;

	ret = ctl_try(o, "cfg.get", pair(group, name), &now, why);
	is_int = json_object_is_type(now, json_type_int);
	if(ret == CTL_UNREACHED || (ret == CTL_FAILED && !is_listed(o, group, name))) {
		json_object_put(params);
		if(ret == CTL_FAILED)
			(void)!snprintf(why, sizeof(why), "no such knob: %.60s.%.60s; see wasbcctl knob list",
					group, name);
	} else if(!add_value(params, now, value)) {
		json_object_put(params);
		(void)!snprintf(why, sizeof(why), "%.60s.%.60s is a number, 0 or more, not %.60s", group, name, value);
		ret = CTL_USAGE;
	} else {
		ret = ctl_try(o, is_int ? "cfg.set_now_int" : "cfg.set_now_string", params, &r, why);
		if(ret == CTL_FAILED)
			(void)!snprintf(why, sizeof(why),
					"%.60s.%.60s is not taken to be %.60s: cfg/knobs.md says what it may be", group, name, value);
	}
	if(ret != CTL_DONE)
		fprintf(stderr, "wasbcctl: %s\n", why);
	json_object_put(now);
	json_object_put(r);
	return ret;
}

static enum ctl_exit set(const ctl_opts_t *o, int argc, char **argv)
{
	const char *dot = strchr(argv[1], '.');
	char group[64];
	size_t len = dot != NULL ? (size_t)(dot - argv[1]) : sizeof(group);

	(void)argc;
	if(len >= sizeof(group)) {
		fprintf(stderr, "wasbcctl: knob set GROUP.NAME VALUE; see wasbcctl knob list\n");
		return CTL_USAGE;
	}
	memcpy(group, argv[1], len);
	group[len] = '\0';
	if(is_ours(group))
		return put(o, group, dot + 1, argv[2]);
	fprintf(stderr, "wasbcctl: %s is no knob of ours; see wasbcctl knob list\n", argv[1]);
	return CTL_USAGE;
}

const ctl_verb_t ctl_knob_verbs[] = {
		{"list", "[GROUP]", "what changes at run time: knobs and their values; their meaning: cfg/knobs.md",
				0, 1, list},
		{"set", "GROUP.NAME VALUE",
				"another value from now on, on this node, until it is restarted", 2, 2, set},
		{NULL, NULL, NULL, 0, 0, NULL}};
