/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "wa_settings_rpc.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

#include "../ksr_rpc.h"
#include "../lib/wa_err.h"
#include "../lib/wa_settings_json.h"
#include "params.h"
#include "state.h"
#include "wake.h"

#define DISABLED "nothing is read from Meta: neither token_file nor apps_file is set"

#define NOT_MET "the number is new: try again in a moment"

static wa_numbers_api_t wan;

void wst_rpc_bind(const wa_numbers_api_t *api)
{
	wan = *api;
}

static int seconds_since(time_t t)
{
	time_t now = time(NULL);

	if(t == 0)
		return -1;
	return t <= now ? (int)(now - t) : 0;
}

static int seconds_until(time_t t)
{
	time_t now = time(NULL);

	return t > now ? (int)(t - now) : 0;
}

/* Digits with or without "+", of a number that is in the directory. */
static bool check_number(rpc_t *rpc, void *ctx, wa_sv_t *digits)
{
	wa_number_t n;
	int err;

	if(digits->len > 0 && digits->s[0] == '+')
		*digits = (wa_sv_t){digits->s + 1, digits->len - 1};
	err = wan.get(*digits, &n);
	if(err == 0)
		return true;
	if(err == WA_ENOENT)
		rpc->fault(ctx, 404, "no such number (in kamcmd: s:15550001111)");
	else
		rpc->fault(ctx, 500, "%s", wa_strerror(err));
	return false;
}

static const char *rpc_sync_doc[] = {
		"Reads a number's settings and password from Meta now, or those of all.",
		"Parameter: digits (optional). Returns at once; with digits a ticket: the",
		"read is over when `answered` of wa_settings.show has reached it.", 0};

/* -1: all of them. -2: a fault has been sent. */
static int ask(rpc_t *rpc, void *ctx, enum wst_ask what, wa_sv_t digits)
{
	unsigned ticket = 0;

	if(digits.len > 0 && wst_state_ask(digits, &ticket) < 0) {
		rpc->fault(ctx, 500, NOT_MET);
		return -2;
	}
	if(wst_wake_send(what, digits, WA_SV(""), 0) < 0) {
		rpc->fault(ctx, 500, "too many requests at once: try again later");
		return -2;
	}
	return digits.len > 0 ? (int)ticket : -1;
}

/* sync and health: of one number or all. */
static void ask_meta(rpc_t *rpc, void *ctx, enum wst_ask what)
{
	wa_sv_t digits = {"", 0};
	str s = STR_STATIC_INIT("all");
	int ticket;
	void *h;

	if(!wst_enabled()) {
		rpc->fault(ctx, 500, DISABLED);
		return;
	}
	if(rpc_text(rpc, ctx, &s)) {
		digits = KSR_SV(&s);
		if(!check_number(rpc, ctx, &digits))
			return;
	}
	ticket = ask(rpc, ctx, what, digits);
	if(ticket == -2 || rpc->add(ctx, "{", &h) < 0)
		return;
	rpc->struct_add(h, "S", "queued", &s);
	if(ticket >= 0)
		rpc->struct_add(h, "d", "ticket", ticket);
}

static void rpc_sync(rpc_t *rpc, void *ctx)
{
	ask_meta(rpc, ctx, WST_ASK_READ);
}

static const char *rpc_health_doc[] = {
		"Asks Meta now whether a number gets its calls, or of all numbers.",
		"Parameter: digits (optional). Returns at once; with digits a ticket: it is",
		"known when `health_answered` of wa_settings.show has reached it.", 0};

static void rpc_health(rpc_t *rpc, void *ctx)
{
	ask_meta(rpc, ctx, WST_ASK_HEALTH);
}

typedef struct list
{
	rpc_t *rpc;
	void *array;
} list_t;

static const char *restricted(unsigned bits)
{
	static const char *const names[] = {
			"", "business", "user", "business,user", "other"};

	return names[bits > WA_RESTRICTED_OTHER ? WA_RESTRICTED_OTHER : bits];
}

static int add_number(rpc_t *rpc, void *s, const wst_show_t *n)
{
	if(rpc->struct_add(s, "sddddddddds", "digits", n->digits, "synced_age",
			   seconds_since(n->synced), "tried_age", seconds_since(n->tried),
			   "next_in", seconds_until(n->next), "took_ms", (int)n->took_ms,
			   "http_status", (int)n->http_status, "code", (int)n->code, "failures",
			   (int)n->failures, "reads", (int)n->reads, "answered",
			   (int)n->answered, "error", n->error)
			< 0)
		return WA_ENOMEM;
	if(rpc->struct_add(s, "sdsssdsds", "can_receive_call_sip",
			   wa_health_name(n->health.sip), "health_age",
			   seconds_since(n->health_at), "can_send_message",
			   wa_health_name(n->health.message), "health_entity", n->health.entity,
			   "health_text", n->health.text, "health_code", (int)n->health.code,
			   "health_error", n->health_error, "health_answered",
			   (int)n->health_answered, "restricted", restricted(n->restricted))
			< 0)
		return WA_ENOMEM;
	return rpc->struct_add(s, "sdssd", "display", n->health.number, "restricted_for",
			seconds_until(n->restricted_until), "restriction", n->restriction, "drift",
			n->drift, "drift_age", seconds_since(n->drift_since));
}

static int show_number(const wst_show_t *n, void *arg)
{
	list_t *l = arg;
	void *s;

	if(l->rpc->array_add(l->array, "{", &s) < 0)
		return WA_ENOMEM;
	return add_number(l->rpc, s, n);
}

static bool is_error(const wst_show_t *n)
{
	return n->error[0] != '\0';
}

/* Not read for more than two intervals, the jitter included. */
static bool is_stale(const wst_show_t *n)
{
	return n->synced == 0
		   || time(NULL) - n->synced > (time_t)(wst_params.interval_ms * 22 / 10 / 1000);
}

static bool is_blocked(const wst_show_t *n)
{
	return n->health.sip == WA_HEALTH_BLOCKED;
}

static bool is_restricted(const wst_show_t *n)
{
	return n->restricted != 0;
}

static bool has_drift(const wst_show_t *n)
{
	return n->drift[0] != '\0';
}

static const struct
{
	const char *name;
	bool (*match)(const wst_show_t *n);
} filters[] = {{"error", is_error}, {"stale", is_stale}, {"blocked", is_blocked},
		{"restricted", is_restricted}, {"drift", has_drift}};

/* The optional parameter after the page. False: a fault has been sent. */
static bool read_filter(
		rpc_t *rpc, void *ctx, bool (**match)(const wst_show_t *n))
{
	str s;

	*match = NULL;
	if(!rpc_text(rpc, ctx, &s))
		return true;
	for(size_t i = 0; i < sizeof(filters) / sizeof(filters[0]); i++)
		if(wa_sv_eq(KSR_SV(&s), wa_sv_from(filters[i].name)))
			*match = filters[i].match;
	if(*match != NULL)
		return true;
	rpc->fault(ctx, 400, "filter: error, stale, blocked, restricted or drift");
	return false;
}

static const char *rpc_list_doc[] = {
		"Lists how the sync of each number is doing, a page at a time, in no order.",
		"Parameters: cursor (0, or `next` of the page before), limit (default",
		"100), filter (error, stale, blocked, restricted or drift; default all). The",
		"last page has next 0. Ages in seconds, -1 = never.", 0};

static void rpc_list(rpc_t *rpc, void *ctx)
{
	list_t l = {rpc, NULL};
	bool (*match)(const wst_show_t *n);
	uint32_t cursor;
	size_t limit;
	void *head;

	if(!rpc_page(rpc, ctx, &cursor, &limit) || !read_filter(rpc, ctx, &match))
		return;
	if(rpc->add(ctx, "{", &head) < 0
			|| rpc->struct_add(head, "[", "numbers", &l.array) < 0
			|| wst_state_page(&cursor, limit, match, show_number, &l) < 0) {
		rpc->fault(ctx, 500, "out of memory");
		return;
	}
	rpc->struct_add(head, "dd", "total", (int)wst_status_numbers(), "next", (int)cursor);
}

static const char *rpc_status_doc[] = {
		"How the sync as a whole is doing: where it reads, numbers, how many fail,",
		"apps and how many of them have no token that works. See wa_settings.apps.", 0};

static const char *token_state(const wst_app_show_t *app)
{
	return app->error[0] == '\0' ? "in use" : app->error;
}

/* Apps without a token, and the longest pause. */
static unsigned count_apps(const wst_status_t *st, unsigned *failing, int *paused)
{
	unsigned n = 0;

	*failing = 0;
	*paused = 0;
	for(unsigned i = 0; i < st->n_apps; i++) {
		const wst_app_show_t *app = &st->apps[i];

		if(app->gone)
			continue;
		n++;
		*failing += app->error[0] != '\0';
		if(seconds_until(app->paused_until) > *paused)
			*paused = seconds_until(app->paused_until);
	}
	return n;
}

static void add_status(rpc_t *rpc, void *s, const wst_status_t *st)
{
	char url[160], version[32];
	unsigned failing;
	int paused;
	unsigned n = count_apps(st, &failing, &paused);

	if(snprintf(url, sizeof(url), "%.*s", WA_SV_ARG(wst_params.graph_url)) < 0
			|| snprintf(version, sizeof(version), "%.*s",
					   WA_SV_ARG(wst_params.version))
					   < 0)
		return;
	rpc->struct_add(s, "dssdds", "enabled", wst_enabled(), "url", url, "version",
			version, "apps", (int)n, "apps_failing", (int)failing, "apps_file",
			st->apps_error);
	rpc->struct_add(s, "dd", "clock_off", (int)st->clock_off, "clock_age",
			seconds_since(st->clock_at));
	rpc->struct_add(s, "ddddddddd", "interval", (int)(wst_params.interval_ms / 1000),
			"numbers", (int)st->numbers, "failing", (int)st->failing, "blocked",
			(int)st->blocked, "restricted", (int)st->restricted, "drifting",
			(int)st->drifting, "in_flight",
			(int)st->in_flight, "parallel", (int)wst_params.parallel, "paused_for",
			paused);
}

/* A copy of the status: too large for the stack. NULL: a fault has been sent. */
static wst_status_t *status_copy(rpc_t *rpc, void *ctx)
{
	wst_status_t *st = pkg_malloc(sizeof(*st));

	if(st == NULL)
		rpc->fault(ctx, 500, "out of memory");
	else
		wst_status_get(st);
	return st;
}

static void rpc_status(rpc_t *rpc, void *ctx)
{
	wst_status_t *st = status_copy(rpc, ctx);
	void *s;

	if(st == NULL)
		return;
	if(rpc->add(ctx, "{", &s) == 0)
		add_status(rpc, s, st);
	pkg_free(st);
}

static const char *rpc_apps_doc[] = {
		"The apps: whether the token of each can be used (never the token), for how",
		"long Meta wants to be left alone, how much of its allowance is used.", 0};

static void add_app(rpc_t *rpc, void *list, const wst_app_show_t *app)
{
	void *s;

	if(app->gone || rpc->array_add(list, "{", &s) < 0)
		return;
	rpc->struct_add(s, "ssdddddd", "app_id", app->id, "token", token_state(app),
			"proof", app->secret, "tokens", (int)app->tokens, "usage",
			(int)app->usage, "in_flight", (int)app->in_flight, "queued",
			(int)app->queued, "paused_for", seconds_until(app->paused_until));
}

static void rpc_apps(rpc_t *rpc, void *ctx)
{
	wst_status_t *st = status_copy(rpc, ctx);
	void *head, *list;

	if(st == NULL)
		return;
	if(rpc->add(ctx, "{", &head) == 0
			&& rpc->struct_add(head, "[", "apps", &list) == 0) {
		for(unsigned i = 0; i < st->n_apps; i++)
			add_app(rpc, list, &st->apps[i]);
		rpc->struct_add(head, "s", "apps_file", st->apps_error);
	}
	pkg_free(st);
}

static const char *rpc_show_doc[] = {
		"How the sync of one number is doing. Parameter: digits.", 0};

static void rpc_show(rpc_t *rpc, void *ctx)
{
	wst_show_t n;
	wa_sv_t digits;
	str text;
	void *s;

	if(!rpc_text(rpc, ctx, &text)) {
		rpc->fault(ctx, 400, "digits: the number");
		return;
	}
	digits = KSR_SV(&text);
	if(!check_number(rpc, ctx, &digits))
		return;
	if(wst_state_get(digits, &n) < 0)
		rpc->fault(ctx, 500, NOT_MET);
	else if(rpc->add(ctx, "{", &s) == 0)
		add_number(rpc, s, &n);
}

rpc_export_t wst_rpcs[] = {{"wa_settings.sync", rpc_sync, rpc_sync_doc, 0},
		{"wa_settings.list", rpc_list, rpc_list_doc, 0},
		{"wa_settings.health", rpc_health, rpc_health_doc, 0},
		{"wa_settings.show", rpc_show, rpc_show_doc, 0},
		{"wa_settings.apps", rpc_apps, rpc_apps_doc, 0},
		{"wa_settings.status", rpc_status, rpc_status_doc, 0},
		{NULL, NULL, NULL, 0}};
