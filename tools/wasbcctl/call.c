/* wasbcctl calls, call, drain, undrain. SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdio.h>
#include <string.h>

#include "rpc.h"
#include "table.h"

static enum ctl_exit print_call(
		const ctl_opts_t *o, const char *method, json_object *params)
{
	json_object *r;
	enum ctl_exit ret = ctl_call(o, method, params, &r);

	if(ret == CTL_DONE)
		ctl_print_object(o, r);
	json_object_put(r);
	return ret;
}

static enum ctl_exit calls(const ctl_opts_t *o, int argc, char **argv)
{
	static const char *const columns[] = {"id", "state", "dir", "number",
			"peer", "trunk", "gateway", "age", "call", NULL};
	json_object *list;
	enum ctl_exit ret =
			ctl_call_list(o, "wa_calls.list", "calls", "id", &list);

	(void)argc;
	(void)argv;
	if(ret == CTL_DONE)
		ctl_print_list(o, list, columns);
	json_object_put(list);
	return ret;
}

static enum ctl_exit call_show(const ctl_opts_t *o, int argc, char **argv)
{
	return print_call(o, "wa_calls.show", ctl_params(argc - 1, argv + 1));
}

static enum ctl_exit call_hangup(const ctl_opts_t *o, int argc, char **argv)
{
	return print_call(o, "wa_calls.hangup", ctl_params(argc - 1, argv + 1));
}

static enum ctl_exit drain(const ctl_opts_t *o, int argc, char **argv)
{
	char word[] = "exit", *words[] = {word};

	if(argc > 1 && strcmp(argv[1], "--exit") != 0) {
		fprintf(stderr, "wasbcctl: drain: the only option is --exit\n");
		return CTL_USAGE;
	}
	return print_call(
			o, "wa_calls.drain", argc > 1 ? ctl_params(1, words) : NULL);
}

static enum ctl_exit undrain(const ctl_opts_t *o, int argc, char **argv)
{
	(void)argc;
	(void)argv;
	return print_call(o, "wa_calls.undrain", NULL);
}

static enum ctl_exit blocked(const ctl_opts_t *o, int argc, char **argv)
{
	static const char *const columns[] = {"of", "name", "seconds", NULL};
	json_object *list;
	enum ctl_exit ret = ctl_call(o, "wa_calls.blocked", NULL, &list);

	(void)argc;
	(void)argv;
	if(ret == CTL_DONE)
		ctl_print_list(o, list, columns);
	json_object_put(list);
	return ret;
}

static enum ctl_exit unblock(const ctl_opts_t *o, int argc, char **argv)
{
	json_object *r;
	enum ctl_exit ret = ctl_call(
			o, "wa_calls.unblock", ctl_params(argc - 1, argv + 1), &r);

	json_object_put(r);
	return ret;
}

const ctl_verb_t ctl_blocked_verbs[] = {
		{"", "", "numbers and trunks blocked for a suspicious pattern", 0, 0,
				blocked},
		{NULL, NULL, NULL, 0, 0, NULL}};

const ctl_verb_t ctl_unblock_verbs[] = {
		{"", "NAME", "end the block of a number or a trunk", 1, 1, unblock},
		{NULL, NULL, NULL, 0, 0, NULL}};

const ctl_verb_t ctl_calls_verbs[] = {
		{"", "", "all calls of this node", 0, 0, calls},
		{NULL, NULL, NULL, 0, 0, NULL}};

const ctl_verb_t ctl_call_verbs[] = {
		{"show", "CALL", "one call, by its id or Call-ID", 1, 1, call_show},
		{"hangup", "CALL", "end an answered call: BYE to both sides", 1, 1,
				call_hangup},
		{NULL, NULL, NULL, 0, 0, NULL}};

const ctl_verb_t ctl_drain_verbs[] = {
		{"", "[--exit]",
				"no new calls, running ones go on; --exit: Kamailio ends with "
				"the last one",
				0, 1, drain},
		{NULL, NULL, NULL, 0, 0, NULL}};

const ctl_verb_t ctl_undrain_verbs[] = {
		{"", "", "take new calls again", 0, 0, undrain},
		{NULL, NULL, NULL, 0, 0, NULL}};
