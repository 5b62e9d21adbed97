/* wasbcctl number sync, number health: what Meta has to say of a number.
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "rpc.h"
#include "table.h"

#define POLL_MS 50

/* Asks, and waits until member `answered` of the number's state has reached the
 * ticket. `*state` is the caller's to put. */
static enum ctl_exit ask_and_wait(const ctl_opts_t *o, const char *method,
		char *digits, const char *answered, json_object **state)
{
	json_object *r;
	enum ctl_exit ret = ctl_call(o, method, ctl_params(1, &digits), &r);
	long ticket = ret == CTL_DONE ? strtol(ctl_member(r, "ticket"), NULL, 10) : 0;

	json_object_put(r);
	*state = NULL;
	for(int ms = 0; ret == CTL_DONE && ms <= o->timeout_ms; ms += POLL_MS) {
		json_object_put(*state);
		ret = ctl_call(o, "wa_settings.show", ctl_params(1, &digits), state);
		if(ret != CTL_DONE
				|| strtol(ctl_member(*state, answered), NULL, 10) >= ticket)
			return ret;
		poll(NULL, 0, POLL_MS);
	}
	if(ret == CTL_DONE)
		fprintf(stderr,
				"wasbcctl: no answer yet: Meta is slow, or wants to be left alone "
				"(see wasbcctl app list)\n");
	return CTL_FAILED;
}

static enum ctl_exit one(const ctl_opts_t *o, const char *method, char *digits,
		const char *answered, const char *error)
{
	json_object *state;
	enum ctl_exit ret = ask_and_wait(o, method, digits, answered, &state);

	if(ret == CTL_DONE) {
		ctl_print_object(o, state);
		if(*ctl_member(state, error) != '\0') {
			fprintf(stderr, "wasbcctl: %s: %s\n", digits, ctl_member(state, error));
			ret = CTL_FAILED;
		}
	}
	json_object_put(state);
	return ret;
}

enum ctl_exit ctl_number_sync(const ctl_opts_t *o, int argc, char **argv)
{
	json_object *r;
	enum ctl_exit ret;

	if(argc > 1)
		return one(o, "wa_settings.sync", argv[1], "answered", "error");
	ret = ctl_call(o, "wa_settings.sync", NULL, &r);
	if(ret == CTL_DONE)
		ctl_print_object(o, r);
	json_object_put(r);
	return ret;
}

/* Of all, what is known; the exit status says whether one is blocked. */
static enum ctl_exit health_of_all(const ctl_opts_t *o)
{
	static const char *const columns[] = {"digits", "can_receive_call_sip",
			"health_age", "health_entity", "health_code", "can_send_message",
			"restricted", "restricted_for", "health_text", "health_error", NULL};
	json_object *list;
	enum ctl_exit ret =
			ctl_call_list(o, "wa_settings.list", "numbers", "digits", &list);

	if(ret != CTL_DONE)
		return ret;
	ctl_print_list(o, list, columns);
	for(size_t i = 0; i < json_object_array_length(list); i++)
		if(strcmp(ctl_member(json_object_array_get_idx(list, i), columns[1]),
				   "BLOCKED")
				== 0)
			ret = CTL_FAILED;
	json_object_put(list);
	return ret;
}

enum ctl_exit ctl_number_health(const ctl_opts_t *o, int argc, char **argv)
{
	json_object *state;
	enum ctl_exit ret;

	if(argc == 1)
		return health_of_all(o);
	ret = ask_and_wait(o, "wa_settings.health", argv[1], "health_answered", &state);
	if(ret == CTL_DONE) {
		ctl_print_object(o, state);
		if(*ctl_member(state, "health_error") != '\0'
				|| strcmp(ctl_member(state, "can_receive_call_sip"), "BLOCKED") == 0)
			ret = CTL_FAILED;
	}
	json_object_put(state);
	return ret;
}
