/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "task.h"

#include <poll.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "rpc.h"
#include "table.h"

#define QUIET_FACTOR 12 /* times the time-out: then nobody waits any longer */

const char *ctl_who(void)
{
	static char who[64];
	const char *sudo = getenv("SUDO_USER");
	const struct passwd *pw = getpwuid(getuid());
	char host[32] = "";
	int n;

	if(gethostname(host, sizeof(host) - 1) < 0)
		host[0] = '\0';
	if(sudo == NULL || *sudo == '\0')
		sudo = pw != NULL ? pw->pw_name : "unknown";
	n = snprintf(who, sizeof(who), "%.24s@%.31s", sudo, host);
	for(char *p = who; n > 0 && *p != '\0'; p++)
		if(*p <= ' ' || *p > '~' || *p == '"')
			*p = '_';
	return who;
}

enum ctl_exit ctl_task_start(const ctl_opts_t *o, const char *method, const char *what,
		ctl_task_t *t)
{
	json_object *params = json_object_new_array(), *r;
	enum ctl_exit ret;

	memset(t, 0, sizeof(*t));
	json_object_array_add(params, json_object_new_string(what));
	json_object_array_add(params, json_object_new_string(ctl_who()));
	ret = ctl_call(o, method, params, &r);
	if(ret == CTL_DONE)
		snprintf(t->id, sizeof(t->id), "%s", ctl_member(r, "task"));
	json_object_put(r);
	return ret;
}

enum ctl_exit ctl_task_look(
		const ctl_opts_t *o, ctl_task_t *t, json_object **r, bool *ended)
{
	char *words[] = {t->id}, said[sizeof(t->last)];
	enum ctl_exit ret = ctl_call(o, "wa_settings.task", ctl_params(1, words), r);

	*ended = true;
	if(ret != CTL_DONE || strcmp(ctl_member(*r, "state"), "running") != 0)
		return ret;
	snprintf(said, sizeof(said), "%s %s %s", ctl_member(*r, "step"),
			ctl_member(*r, "writes"), ctl_member(*r, "error"));
	t->quiet_ms = strcmp(said, t->last) == 0 ? t->quiet_ms + CTL_TASK_POLL_MS : 0;
	memcpy(t->last, said, sizeof(said));
	*ended = t->quiet_ms > (long)o->timeout_ms * QUIET_FACTOR;
	return ret;
}

enum ctl_exit ctl_task_words(json_object *r)
{
	const char *state = ctl_member(r, "state"), *error = ctl_member(r, "error");

	if(strcmp(state, "done") == 0)
		return CTL_DONE;
	if(strcmp(state, "running") == 0)
		fprintf(stderr, "wasbcctl: %s: task %s goes on (%s%s%s); see wasbcctl tasks\n",
				ctl_member(r, "number"), ctl_member(r, "task"), ctl_member(r, "step"),
				*error != '\0' ? ": " : "", error);
	else
		fprintf(stderr, "wasbcctl: %s: %s\n", ctl_member(r, "number"), error);
	return CTL_FAILED;
}

enum ctl_exit ctl_task_run(const ctl_opts_t *o, const char *method, const char *what)
{
	json_object *r = NULL;
	bool ended = false;
	ctl_task_t t;
	enum ctl_exit ret = ctl_task_start(o, method, what, &t);

	while(ret == CTL_DONE && !ended) {
		json_object_put(r);
		ret = ctl_task_look(o, &t, &r, &ended);
		if(ret == CTL_DONE && !ended)
			poll(NULL, 0, CTL_TASK_POLL_MS);
	}
	if(ret == CTL_DONE) {
		json_object_object_del(r, "fields");
		ctl_print_object(o, r);
		ret = ctl_task_words(r);
	}
	json_object_put(r);
	return ret;
}
