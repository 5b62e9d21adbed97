/* wasbcctl status, wasbcctl reload. SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "rpc.h"
#include "table.h"

/* One answer; NULL: it failed, and that is said where it is shown. */
static json_object *ask(const ctl_opts_t *o, const char *method, const char *param)
{
	char *word = param != NULL ? strdup(param) : NULL, why[CTL_WHY_SIZE];
	json_object *r = NULL;

	(void)ctl_try(o, method, word != NULL ? ctl_params(1, &word) : NULL, &r, why);
	free(word);
	return r;
}

static void add_text(json_object *out, const char *name, const char *text)
{
	json_object_object_add(out, name, json_object_new_string(text));
}

/* Member `from` of an answer, as `name`. */
static void add(json_object *out, const char *name, json_object *r, const char *from)
{
	json_object *m = NULL;

	if(r != NULL && json_object_object_get_ex(r, from, &m) && m != NULL)
		json_object_object_add(out, name, json_object_get(m));
	else
		add_text(out, name, "?");
}

static size_t count(json_object *list)
{
	return list != NULL && json_object_is_type(list, json_type_array)
				   ? json_object_array_length(list)
				   : 0;
}

/* "1 of 2 up" */
static void add_up(json_object *out, const char *name, json_object *list,
		bool (*is_up)(const ctl_opts_t *o, json_object *row), const ctl_opts_t *o)
{
	size_t up = 0;
	char text[48];

	for(size_t i = 0; i < count(list); i++)
		up += is_up(o, json_object_array_get_idx(list, i));
	if(snprintf(text, sizeof(text), "%zu of %zu up", up, count(list)) > 0)
		add_text(out, name, text);
}

static bool engine_up(const ctl_opts_t *o, json_object *row)
{
	json_object *r = ask(o, "rtpengine.ping", ctl_member(row, "url"));
	bool up = r != NULL && strcmp(ctl_member(r, "status"), "success") == 0;

	json_object_put(r);
	return up;
}

static bool relay_up(const ctl_opts_t *o, json_object *row)
{
	(void)o;
	return strcmp(ctl_member(row, "state"), "up") == 0;
}

static bool trunk_up(const ctl_opts_t *o, json_object *row)
{
	(void)o;
	return strcmp(ctl_member(row, "down"), "0") == 0
		   && strcmp(ctl_member(row, "unresolved"), "0") == 0;
}

/* How long a change in Redis took until calls saw it. */
static void add_lag(json_object *out, json_object *directory)
{
	json_object *ms;
	double n, sum;

	if(directory == NULL || !json_object_object_get_ex(directory, "visible_ms", &ms))
		return;
	n = strtod(ctl_member(ms, "count"), NULL);
	sum = strtod(ctl_member(ms, "sum"), NULL);
	json_object_object_add(
			out, "redis_lag_ms", json_object_new_int(n > 0 ? (int)(sum / n) : 0));
}

static void add_node(const ctl_opts_t *o, json_object *out)
{
	json_object *site = ask(o, "wa_calls.site", NULL);
	json_object *up = ask(o, "core.uptime", NULL);
	json_object *drain = ask(o, "wa_calls.drain_status", NULL);
	json_object *stats = ask(o, "wa_calls.stats", NULL);
	json_object *nodes = ask(o, "wa_calls.nodes", NULL);

	add(out, "node", site, "node");
	add(out, "uptime", up, "uptime");
	add(out, "drain", drain, "drain");
	add(out, "calls", drain, "calls");
	add(out, "attempts_in", stats, "attempts_in");
	add(out, "attempts_out", stats, "attempts_out");
	add(out, "limits_count", nodes, "limits");
	add(out, "other_nodes", nodes, "others");
	json_object_put(site);
	json_object_put(up);
	json_object_put(drain);
	json_object_put(stats);
	json_object_put(nodes);
}

static void add_directory(json_object *out, json_object *directory)
{
	static const char *const members[] = {"redis", "connected", "ready", "numbers",
			"trunks", "snapshot_error", "last_error", "last_error_at"};

	add_lag(out, directory);
	for(size_t i = 0; i < sizeof(members) / sizeof(members[0]); i++)
		add(out, members[i], directory, members[i]);
}

static void add_around(const ctl_opts_t *o, json_object *out)
{
	json_object *engines = ask(o, "rtpengine.show", "all");
	json_object *relays = ask(o, "wa_media.relays", NULL);
	json_object *trunks = ask(o, "wa_trunk.list", NULL);
	json_object *tls = ask(o, "wa_tls.status", NULL);
	json_object *graph = ask(o, "wa_settings.status", NULL);
	json_object *door = ask(o, "wa_door.status", NULL);

	add_up(out, "rtpengine", engines, engine_up, o);
	add_up(out, "relay", relays, relay_up, o);
	add_up(out, "trunks_up", trunks, trunk_up, o);
	add(out, "certificate_days", tls, "days");
	add(out, "failing", graph, "failing");
	add(out, "blocked", graph, "blocked");
	add(out, "drifting", graph, "drifting");
	add(out, "banned", door, "banned");
	json_object_put(engines);
	json_object_put(relays);
	json_object_put(trunks);
	json_object_put(tls);
	json_object_put(graph);
	json_object_put(door);
}

/* Done only when the directory is loaded and follows Redis: for scripts. */
static enum ctl_exit status(const ctl_opts_t *o, int argc, char **argv)
{
	json_object *directory, *out = json_object_new_object();
	enum ctl_exit ret = ctl_call(o, "wa_numbers.status", NULL, &directory);

	(void)argc;
	(void)argv;
	if(ret == CTL_DONE) {
		add_node(o, out);
		add_directory(out, directory);
		add_around(o, out);
		ctl_print_object(o, out);
		if(strcmp(ctl_member(directory, "ready"), "1") != 0
				|| strcmp(ctl_member(directory, "connected"), "1") != 0)
			ret = CTL_FAILED;
	}
	json_object_put(directory);
	json_object_put(out);
	return ret;
}

static enum ctl_exit reload(const ctl_opts_t *o, int argc, char **argv)
{
	char force[] = "force", *words[] = {force};

	if(argc > 1 && strcmp(argv[1], "--force") != 0) {
		fprintf(stderr, "wasbcctl: reload: the only option is --force\n");
		return CTL_USAGE;
	}
	return ctl_call_job(
			o, "wa_numbers.reload", argc > 1 ? ctl_params(1, words) : NULL);
}

const ctl_verb_t ctl_status_verbs[] = {
		{"", "",
				"this node at a glance: draining, calls, Redis, rtpengine, relay, "
				"certificate, what is wrong with numbers; exit 1: Redis is not followed",
				0, 0, status},
		{NULL, NULL, NULL, 0, 0, NULL}};

const ctl_verb_t ctl_reload_verbs[] = {
		{"", "[--force]",
				"load all records from Redis anew; --force: even if Redis "
				"holds no number any more",
				0, 1, reload},
		{NULL, NULL, NULL, 0, 0, NULL}};
