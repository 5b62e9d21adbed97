/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "wa_settings_rpc.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

#include "../ksr_rpc.h"
#include "../lib/wa_err.h"
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
static int ask(rpc_t *rpc, void *ctx, wa_sv_t digits)
{
	unsigned ticket = 0;

	if(digits.len > 0 && wst_state_ask(digits, &ticket) < 0) {
		rpc->fault(ctx, 500, NOT_MET);
		return -2;
	}
	if(wst_wake_send(digits, WST_OPERATOR) < 0) {
		rpc->fault(ctx, 500, "too many requests at once: try again later");
		return -2;
	}
	return digits.len > 0 ? (int)ticket : -1;
}

static void rpc_sync(rpc_t *rpc, void *ctx)
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
	ticket = ask(rpc, ctx, digits);
	if(ticket == -2 || rpc->add(ctx, "{", &h) < 0)
		return;
	rpc->struct_add(h, "S", "queued", &s);
	if(ticket >= 0)
		rpc->struct_add(h, "d", "ticket", ticket);
}

typedef struct list
{
	rpc_t *rpc;
	void *array;
} list_t;

static int add_number(rpc_t *rpc, void *s, const wst_show_t *n)
{
	return rpc->struct_add(s, "sddddddddds", "digits", n->digits, "synced_age",
			seconds_since(n->synced), "tried_age", seconds_since(n->tried),
			"next_in", seconds_until(n->next), "took_ms", (int)n->took_ms,
			"http_status", (int)n->http_status, "code", (int)n->code, "failures",
			(int)n->failures, "reads", (int)n->reads, "answered",
			(int)n->answered, "error", n->error);
}

static int show_number(const wst_show_t *n, void *arg)
{
	list_t *l = arg;
	void *s;

	if(l->rpc->array_add(l->array, "{", &s) < 0)
		return WA_ENOMEM;
	return add_number(l->rpc, s, n);
}

static const char *rpc_list_doc[] = {
		"Lists how the sync of each number is doing, a page at a time, in no order.",
		"Parameters: cursor (0, or `next` of the page before), limit (default",
		"100). The last page has next 0. Ages in seconds, -1 = never.", 0};

static void rpc_list(rpc_t *rpc, void *ctx)
{
	list_t l = {rpc, NULL};
	uint32_t cursor;
	size_t limit;
	void *head;

	if(!rpc_page(rpc, ctx, &cursor, &limit))
		return;
	if(rpc->add(ctx, "{", &head) < 0
			|| rpc->struct_add(head, "[", "numbers", &l.array) < 0
			|| wst_state_page(&cursor, limit, show_number, &l) < 0) {
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
	rpc->struct_add(s, "dddddd", "interval", (int)(wst_params.interval_ms / 1000),
			"numbers", (int)st->numbers, "failing", (int)st->failing, "in_flight",
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
		{"wa_settings.show", rpc_show, rpc_show_doc, 0},
		{"wa_settings.apps", rpc_apps, rpc_apps_doc, 0},
		{"wa_settings.status", rpc_status, rpc_status_doc, 0},
		{NULL, NULL, NULL, 0}};
