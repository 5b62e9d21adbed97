/* wasbcctl number discover. SPDX-License-Identifier: GPL-2.0-or-later */
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "rpc.h"
#include "table.h"

#define POLL_MS 50

typedef struct options
{
	char *waba;
	char *app; /* NULL: the SBC chooses */
	bool adopt;
} options_t;

static bool read_options(options_t *opt, int argc, char **argv)
{
	for(int i = 1; i < argc; i++) {
		if(strcmp(argv[i], "--adopt") == 0)
			opt->adopt = true;
		else if(strcmp(argv[i], "--app") == 0 && i + 1 < argc)
			opt->app = argv[++i];
		else if(opt->waba == NULL && argv[i][0] != '-')
			opt->waba = argv[i];
		else
			return false;
	}
	return opt->waba != NULL;
}

static enum ctl_exit begin(const ctl_opts_t *o, const options_t *opt, long *ticket)
{
	char *words[] = {opt->waba, opt->app};
	json_object *r;
	enum ctl_exit ret = ctl_call(o, "wa_settings.discover",
			ctl_params(opt->app != NULL ? 2 : 1, words), &r);

	if(ret == CTL_DONE)
		*ticket = strtol(ctl_member(r, "ticket"), NULL, 10);
	json_object_put(r);
	return ret;
}

/* As long as pages keep coming. `*head` is the caller's to put. */
static enum ctl_exit wait_for(const ctl_opts_t *o, long ticket, json_object **head)
{
	long pages = -1;

	*head = NULL;
	for(int ms = 0; ms <= o->timeout_ms; ms += POLL_MS) {
		enum ctl_exit ret;

		json_object_put(*head);
		ret = ctl_call(o, "wa_settings.found", NULL, head);
		if(ret != CTL_DONE)
			return ret;
		if(strtol(ctl_member(*head, "ticket"), NULL, 10) != ticket) {
			fprintf(stderr, "wasbcctl: another discovery has begun\n");
			return CTL_FAILED;
		}
		if(strcmp(ctl_member(*head, "state"), "running") != 0)
			return CTL_DONE;
		if(strtol(ctl_member(*head, "pages"), NULL, 10) != pages) {
			pages = strtol(ctl_member(*head, "pages"), NULL, 10);
			ms = 0;
		}
		poll(NULL, 0, POLL_MS);
	}
	fprintf(stderr, "wasbcctl: no answer yet: see wasbcctl app list\n");
	return CTL_FAILED;
}

static json_object *set_params(json_object *n, json_object *head)
{
	json_object *params = json_object_new_array();
	const char *from[] = {"phone_number_id", "waba_id", "app_id"};
	json_object *of[] = {n, head, head};
	char text[128];

	json_object_array_add(params, json_object_new_string(ctl_member(n, "digits")));
	for(int i = 0; i < 3; i++) {
		snprintf(text, sizeof(text), "%s=%s", from[i], ctl_member(of[i], from[i]));
		json_object_array_add(params, json_object_new_string(text));
	}
	return params;
}

/* Makes every number that is not known. */
static enum ctl_exit adopt(const ctl_opts_t *o, json_object *list, json_object *head)
{
	ctl_opts_t quiet = *o;
	enum ctl_exit ret = CTL_DONE;
	size_t n = 0;

	quiet.json = false;
	for(size_t i = 0; ret == CTL_DONE && i < json_object_array_length(list); i++) {
		json_object *number = json_object_array_get_idx(list, i);

		if(strcmp(ctl_member(number, "known"), "no") != 0)
			continue;
		ret = ctl_call_job(&quiet, "wa_numbers.set", set_params(number, head));
		if(ret != CTL_DONE)
			break;
		json_object_object_add(number, "known", json_object_new_string("adopted"));
		n++;
	}
	fprintf(stderr, "wasbcctl: %zu numbers adopted\n", n);
	return ret;
}

static enum ctl_exit show(const ctl_opts_t *o, const options_t *opt, json_object *head)
{
	static const char *const columns[] = {
			"digits", "phone_number_id", "known", "name", NULL};
	json_object *list;
	enum ctl_exit ret = ctl_call_list(o, "wa_settings.found", "numbers", "digits", &list);

	if(ret == CTL_DONE && opt->adopt)
		ret = adopt(o, list, head);
	if(list != NULL)
		ctl_print_list(o, list, columns);
	json_object_put(list);
	return ret;
}

enum ctl_exit ctl_number_discover(const ctl_opts_t *o, int argc, char **argv)
{
	options_t opt = {NULL, NULL, false};
	json_object *head = NULL;
	long ticket = 0;
	enum ctl_exit ret;

	if(!read_options(&opt, argc, argv)) {
		fprintf(stderr, "wasbcctl: number discover WABA [--app APP_ID] [--adopt]\n");
		return CTL_USAGE;
	}
	ret = begin(o, &opt, &ticket);
	if(ret == CTL_DONE)
		ret = wait_for(o, ticket, &head);
	if(ret == CTL_DONE && strcmp(ctl_member(head, "state"), "done") != 0) {
		fprintf(stderr, "wasbcctl: WABA %s: %s\n", opt.waba, ctl_member(head, "error"));
		ret = CTL_FAILED;
	}
	if(ret == CTL_DONE)
		ret = show(o, &opt, head);
	json_object_put(head);
	return ret;
}
