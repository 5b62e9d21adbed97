/* wasbcctl number ... SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "rpc.h"
#include "table.h"
#include "task.h"

#define PASSWORD_FILE "password_file="

/* The file is read by Kamailio, whose working directory is another one. */
static bool add_field(json_object *params, const char *word)
{
	size_t skip = strlen(PASSWORD_FILE);
	char path[PATH_MAX], text[PATH_MAX + sizeof(PASSWORD_FILE)];

	if(strncmp(word, PASSWORD_FILE, skip) != 0 || word[skip] == '\0') {
		json_object_array_add(params, json_object_new_string(word));
		return true;
	}
	if(realpath(word + skip, path) == NULL) {
		fprintf(stderr, "wasbcctl: %s: %s\n", word + skip, strerror(errno));
		return false;
	}
	snprintf(text, sizeof(text), PASSWORD_FILE "%s", path);
	json_object_array_add(params, json_object_new_string(text));
	return true;
}

static enum ctl_exit number_set(const ctl_opts_t *o, int argc, char **argv)
{
	json_object *params = ctl_params(1, argv + 1);

	for(int i = 2; i < argc; i++) {
		if(!add_field(params, argv[i])) {
			json_object_put(params);
			return CTL_FAILED;
		}
	}
	return ctl_call_job(o, "wa_numbers.set", params);
}

static enum ctl_exit list_all(const ctl_opts_t *o)
{
	static const char *const columns[] = {"digits", "phone_number_id", "trunk",
			"hostname", "port", "srtp", "codecs", "calling", "sip",
			"has_password", "synced", "sync_error", NULL};
	json_object *list;
	enum ctl_exit ret =
			ctl_call_list(o, "wa_numbers.list", "numbers", "digits", &list);

	if(ret == CTL_DONE)
		ctl_print_list(o, list, columns);
	json_object_put(list);
	return ret;
}

/* Those of which something is to be said, and what. */
static enum ctl_exit list_some(const ctl_opts_t *o, const char *filter)
{
	static const char *const columns[] = {"digits", "synced_age", "next_in",
			"failures", "http_status", "code", "can_receive_call_sip",
			"restricted", "error", NULL};
	json_object *list;
	enum ctl_exit ret = ctl_call_filtered(
			o, "wa_settings.list", filter, "numbers", "digits", &list);

	if(ret == CTL_DONE)
		ctl_print_list(o, list, columns);
	json_object_put(list);
	return ret;
}

static enum ctl_exit number_list(const ctl_opts_t *o, int argc, char **argv)
{
	static const char *const filters[] = {"--error", "--stale", "--blocked", "--restricted"};

	if(argc == 1)
		return list_all(o);
	for(size_t i = 0; i < sizeof(filters) / sizeof(filters[0]); i++)
		if(strcmp(argv[1], filters[i]) == 0)
			return list_some(o, argv[1] + 2);
	fprintf(stderr, "wasbcctl: number list: no such option: %s; [--error | --stale | --blocked | --restricted]\n",
			argv[1]);
	return CTL_USAGE;
}

static enum ctl_exit print_call(const ctl_opts_t *o, const char *method,
		json_object *params)
{
	json_object *r;
	enum ctl_exit ret = ctl_call(o, method, params, &r);

	if(ret == CTL_DONE)
		ctl_print_object(o, r);
	json_object_put(r);
	return ret;
}

static enum ctl_exit number_show(const ctl_opts_t *o, int argc, char **argv)
{
	return print_call(o, "wa_numbers.show", ctl_params(argc - 1, argv + 1));
}

static enum ctl_exit number_remove(const ctl_opts_t *o, int argc, char **argv)
{
	return ctl_call_job(
			o, "wa_numbers.remove", ctl_params(argc - 1, argv + 1));
}

static enum ctl_exit number_rotate(const ctl_opts_t *o, int argc, char **argv)
{
	(void)argc;
	return ctl_task_run(o, "wa_settings.rotate", argv[1]);
}

static enum ctl_exit number_forget(const ctl_opts_t *o, int argc, char **argv)
{
	json_object *params = ctl_params(argc - 1, argv + 1);

	json_object_array_add(params, json_object_new_string(ctl_who()));
	return ctl_call_job(o, "wa_settings.forget", params);
}

const ctl_verb_t ctl_number_verbs[] = {
		{"set", "DIGITS [FIELD=VALUE ...]",
				"make or change a number; fields: phone_number_id waba_id "
				"app_id trunk password_file, and hostname port srtp codecs "
				"tgrp context calling sip; an empty value removes one",
				1, 32, number_set},
		{"list", "[--error | --stale | --blocked | --restricted]",
				"all numbers, or those with an error of the sync, not read for two "
				"intervals, of which Meta says that they get no calls, or whose "
				"calling Meta has restricted",
				0, 1, number_list},
		{"show", "DIGITS", "all that is known of a number", 1, 1, number_show},
		{"remove", "DIGITS", "remove a number", 1, 1, number_remove},
		{"sync", "[DIGITS]",
				"read Meta's settings now: of one number, and wait for it, or of all",
				0, 1, ctl_number_sync},
		{"health", "[DIGITS]",
				"ask Meta now whether the number gets its calls; without DIGITS: what "
				"is known of all",
				0, 1, ctl_number_health},
		{"discover", "WABA [--app APP_ID] [--adopt]",
				"which numbers Meta has in a WhatsApp Business Account, and which of "
				"them are known here; --adopt: make those that are not",
				1, 4, ctl_number_discover},
		{"rotate", "DIGITS",
				"have Meta make a new SIP password; the number is off for a moment", 1, 1,
				number_rotate},
		{"forget", "DIGITS",
				"nothing is wanted of the number any more; what Meta has stays", 1, 1,
				number_forget},
		{NULL, NULL, NULL, 0, 0, NULL}};
