/* The RPCs of discovery. SPDX-License-Identifier: GPL-2.0-or-later */
#include "wa_settings_rpc.h"

#include <string.h>

#include "../ksr_rpc.h"
#include "../lib/wa_err.h"
#include "found.h"
#include "params.h"
#include "wake.h"

static wa_numbers_api_t wan;

void wst_found_rpc_bind(const wa_numbers_api_t *api)
{
	wan = *api;
}

static bool is_id(wa_sv_t v)
{
	for(size_t i = 0; i < v.len; i++)
		if(v.s[i] < '0' || v.s[i] > '9')
			return false;
	return v.len > 0 && v.len < WA_ID_SIZE;
}

static const char *rpc_discover_doc[] = {
		"Asks Meta which numbers a WABA has. Parameters: the WABA's id, and the app",
		"whose token is used (default: that of a number of this WABA, else the",
		"default app). Returns a ticket at once: see wa_settings.found.", 0};

static void rpc_discover(rpc_t *rpc, void *ctx)
{
	str waba, app = STR_STATIC_INIT("");
	unsigned ticket;
	void *h;

	if(!rpc_text(rpc, ctx, &waba) || !is_id(KSR_SV(&waba))) {
		rpc->fault(ctx, 400, "the id of a WABA: digits (in kamcmd: s:102290129340398)");
		return;
	}
	if(rpc_text(rpc, ctx, &app) && !is_id(KSR_SV(&app))) {
		rpc->fault(ctx, 400, "the id of an app: digits");
		return;
	}
	if(!wst_enabled()) {
		rpc->fault(ctx, 500, "nothing is asked of Meta: neither token_file nor apps_file is set");
		return;
	}
	ticket = wst_found_begin(KSR_SV(&waba));
	if(wst_wake_send(WST_ASK_DISCOVER, KSR_SV(&waba), KSR_SV(&app), ticket) < 0) {
		wst_found_end(ticket, "too many requests at once: try again later");
		rpc->fault(ctx, 500, "too many requests at once: try again later");
		return;
	}
	if(rpc->add(ctx, "{", &h) == 0)
		rpc->struct_add(h, "d", "ticket", (int)ticket);
}

/* What the directory has of it. */
static const char *known(const wa_listed_t *n)
{
	wa_number_t num;

	if(n->digits[0] == '\0')
		return "unusable";
	if(wan.get(wa_sv_from(n->digits), &num) < 0)
		return "no";
	return strcmp(num.phone_number_id, n->id) == 0 ? "yes" : "other id";
}

static int add_page(rpc_t *rpc, void *list, size_t first, wa_listed_t *v, size_t limit)
{
	size_t n = wst_found_copy(first, v, limit);
	void *s;

	for(size_t i = 0; i < n; i++)
		if(rpc->array_add(list, "{", &s) < 0
				|| rpc->struct_add(s, "ssss", "phone_number_id", v[i].id, "digits",
						   v[i].digits, "name", v[i].name, "known", known(&v[i]))
						   < 0)
			return WA_ENOMEM;
	return (int)n;
}

static const char *rpc_found_doc[] = {
		"What the last discovery has found, a page at a time. Parameters: cursor (0,",
		"or `next` of the page before), limit (default 100). `known`: yes, no, other",
		"id (here with another phone_number_id), unusable (no number).", 0};

static void add_head(rpc_t *rpc, void *h, const wst_found_t *f, size_t next)
{
	rpc->struct_add(h, "dsss", "ticket", (int)f->ticket, "state",
			f->running			  ? "running"
			: f->ticket == 0	  ? "none"
			: f->error[0] != '\0' ? "failed"
								  : "done",
			"waba_id", f->waba_id, "app_id", f->app_id);
	rpc->struct_add(h, "sddd", "error", f->error, "pages", (int)f->pages, "total",
			(int)f->numbers, "next", next < f->numbers ? (int)next : 0);
}

static void rpc_found(rpc_t *rpc, void *ctx)
{
	wa_listed_t *v;
	wst_found_t f;
	uint32_t cursor;
	size_t limit;
	void *h, *list;
	int n = WA_ENOMEM;

	if(!rpc_page(rpc, ctx, &cursor, &limit))
		return;
	v = pkg_malloc(limit * sizeof(*v));
	wst_found_get(&f);
	if(v != NULL && rpc->add(ctx, "{", &h) == 0
			&& rpc->struct_add(h, "[", "numbers", &list) == 0)
		n = add_page(rpc, list, cursor, v, limit);
	if(n < 0)
		rpc->fault(ctx, 500, "out of memory");
	else
		add_head(rpc, h, &f, cursor + (size_t)n);
	if(v != NULL)
		pkg_free(v);
}

rpc_export_t wst_found_rpcs[] = {
		{"wa_settings.discover", rpc_discover, rpc_discover_doc, 0},
		{"wa_settings.found", rpc_found, rpc_found_doc, 0}, {NULL, NULL, NULL, 0}};
