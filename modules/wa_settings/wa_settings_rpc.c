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
		"Parameter: digits (optional). Returns at once: see wa_settings.list.", 0};

static void rpc_sync(rpc_t *rpc, void *ctx)
{
	wa_sv_t digits = {"", 0};
	str s = STR_STATIC_INIT("all");
	void *h;

	if(wst_params.token_file == NULL) {
		rpc->fault(ctx, 500, "nothing is read from Meta: token_file is not set");
		return;
	}
	if(rpc_text(rpc, ctx, &s)) {
		digits = KSR_SV(&s);
		if(!check_number(rpc, ctx, &digits))
			return;
	}
	if(wst_wake_send(digits, WST_OPERATOR) < 0) {
		rpc->fault(ctx, 500, "too many requests at once: try again later");
		return;
	}
	if(rpc->add(ctx, "{", &h) == 0)
		rpc->struct_add(h, "S", "queued", &s);
}

typedef struct list
{
	rpc_t *rpc;
	void *array;
} list_t;

static int show_number(const wst_show_t *n, void *arg)
{
	list_t *l = arg;
	void *s;

	if(l->rpc->array_add(l->array, "{", &s) < 0)
		return WA_ENOMEM;
	return l->rpc->struct_add(s, "sddddddds", "digits", n->digits, "synced_age",
			seconds_since(n->synced), "tried_age", seconds_since(n->tried),
			"next_in", seconds_until(n->next), "took_ms", (int)n->took_ms,
			"http_status", (int)n->http_status, "code", (int)n->code, "failures",
			(int)n->failures, "error", n->error);
}

static const char *rpc_list_doc[] = {
		"Lists how the sync of each number is doing, a page at a time, in no order.",
		"Parameters: cursor (0, or `next` of the page before), limit (default",
		"100). The last page has next 0. Ages in seconds, -1 = never.", 0};

static void rpc_list(rpc_t *rpc, void *ctx)
{
	list_t l = {rpc, NULL};
	wst_status_t st;
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
	wst_status_get(&st);
	rpc->struct_add(head, "dd", "total", (int)st.numbers, "next", (int)cursor);
}

static const char *rpc_status_doc[] = {
		"How the sync as a whole is doing: where it reads, the token's state (never",
		"the token), numbers, how many fail, whether Meta has asked for a pause.", 0};

static void rpc_status(rpc_t *rpc, void *ctx)
{
	wst_status_t st;
	char url[160], version[32];
	const char *token;
	void *s;

	wst_status_get(&st);
	if(snprintf(url, sizeof(url), "%.*s", WA_SV_ARG(wst_params.graph_url)) < 0
			|| snprintf(version, sizeof(version), "%.*s",
					   WA_SV_ARG(wst_params.version))
					   < 0
			|| rpc->add(ctx, "{", &s) < 0)
		return;
	token = wst_params.token_file == NULL ? "token_file is not set" : st.token_error;
	rpc->struct_add(s, "dsss", "enabled", wst_params.token_file != NULL, "url", url,
			"version", version, "token", st.token_ok ? "in use" : token);
	rpc->struct_add(s, "dddddd", "interval", (int)(wst_params.interval_ms / 1000),
			"numbers", (int)st.numbers, "failing", (int)st.failing, "in_flight",
			(int)st.in_flight, "parallel", (int)wst_params.parallel, "paused_for",
			seconds_until(st.paused_until));
}

rpc_export_t wst_rpcs[] = {{"wa_settings.sync", rpc_sync, rpc_sync_doc, 0},
		{"wa_settings.list", rpc_list, rpc_list_doc, 0},
		{"wa_settings.status", rpc_status, rpc_status_doc, 0},
		{NULL, NULL, NULL, 0}};
