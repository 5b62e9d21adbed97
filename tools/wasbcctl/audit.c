/* wasbcctl audit, tasks, drift. SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "rpc.h"
#include "table.h"

#define LINES_DEFAULT 100
#define LINES_MAX 100000

/* One page: the module has it read from Redis, then hands it over. `before` is
 * replaced by where the next one begins, "" after the last. */
static enum ctl_exit add_page(
		const ctl_opts_t *o, char *digits, char before[64], json_object *all)
{
	char *words[] = {digits, before};
	json_object *r, *entries;
	enum ctl_exit ret = ctl_call_page(o, "wa_numbers.audit",
			ctl_params(*before != '\0' ? 2 : 1, words), "wa_numbers.audit_page", &r);

	if(ret != CTL_DONE)
		return ret;
	if(json_object_object_get_ex(r, "entries", &entries))
		for(size_t i = 0; i < json_object_array_length(entries); i++)
			json_object_array_add(
					all, json_object_get(json_object_array_get_idx(entries, i)));
	snprintf(before, 64, "%s", ctl_member(r, "next"));
	json_object_put(r);
	return ret;
}

static bool take_lines(const char *text, unsigned long *lines)
{
	char *end;

	*lines = strtoul(text, &end, 10);
	return *text != '\0' && *end == '\0' && *lines >= 1 && *lines <= LINES_MAX;
}

static bool take_words(int argc, char **argv, char **digits, unsigned long *lines)
{
	bool named = false;

	for(int i = 1; i < argc; i++) {
		if(strcmp(argv[i], "--lines") == 0 && i + 1 < argc
				&& take_lines(argv[i + 1], lines)) {
			i++;
		} else if(argv[i][0] != '-' && !named) {
			*digits = argv[i];
			named = true;
		} else {
			fprintf(stderr, "wasbcctl: audit: %s; [DIGITS] [--lines 1 to %d]\n", argv[i],
					LINES_MAX);
			return false;
		}
	}
	return true;
}

static enum ctl_exit audit(const ctl_opts_t *o, int argc, char **argv)
{
	static const char *const columns[] = {"at", "by", "kind", "number", "event", "field",
			"old", "new", NULL};
	json_object *all = json_object_new_array();
	char everybody[] = "-", before[64] = "", *digits = everybody;
	unsigned long lines = LINES_DEFAULT;
	enum ctl_exit ret;

	if(!take_words(argc, argv, &digits, &lines)) {
		json_object_put(all);
		return CTL_USAGE;
	}
	do
		ret = add_page(o, digits, before, all);
	while(ret == CTL_DONE && *before != '\0' && json_object_array_length(all) < lines);
	if(json_object_array_length(all) > lines)
		json_object_array_del_idx(all, lines, json_object_array_length(all) - lines);
	if(ret == CTL_DONE)
		ctl_print_list(o, all, columns);
	json_object_put(all);
	return ret;
}

static enum ctl_exit tasks(const ctl_opts_t *o, int argc, char **argv)
{
	static const char *const columns[] = {"task", "kind", "number", "by", "seconds",
			"step", "writes", "error", NULL};
	json_object *r, *list;
	enum ctl_exit ret = ctl_call(o, "wa_settings.tasks", NULL, &r);

	(void)argc;
	(void)argv;
	if(ret == CTL_DONE && json_object_object_get_ex(r, "tasks", &list))
		ctl_print_list(o, list, columns);
	json_object_put(r);
	return ret;
}

static enum ctl_exit drift(const ctl_opts_t *o, int argc, char **argv)
{
	static const char *const columns[] = {"digits", "drift", "drift_age", NULL};
	json_object *list;
	enum ctl_exit ret =
			ctl_call_filtered(o, "wa_settings.list", "drift", "numbers", "digits", &list);

	(void)argc;
	(void)argv;
	if(ret == CTL_DONE) {
		ctl_print_list(o, list, columns);
		if(json_object_array_length(list) > 0)
			ret = CTL_DIFFERS;
	}
	json_object_put(list);
	return ret;
}

const ctl_verb_t ctl_audit_verbs[] = {
		{"", "[DIGITS] [--lines N]",
				"who changed what at Meta, newest first; of a number, or of all", 0, 3,
				audit},
		{NULL, NULL, NULL, 0, 0, NULL}};

const ctl_verb_t ctl_tasks_verbs[] = {
		{"", "", "plans, applications, repairs and rotations that are running", 0, 0,
				tasks},
		{NULL, NULL, NULL, 0, 0, NULL}};

const ctl_verb_t ctl_drift_verbs[] = {
		{"", "", "numbers for which Meta has something else than is wanted; exit 4: some",
				0, 0, drift},
		{NULL, NULL, NULL, 0, 0, NULL}};
