/* wa_trunk.resolve, .show, .list: which way would a call go, and is it open?
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "../ksr_compat.h"

#include "wa_trunk.h"

#include <string.h>
#include <time.h>

#include <kamailio/core/parser/parse_uri.h>

#include "../ksr_rpc.h"
#include "../lib/wa_err.h"

static const char *const resolve_doc[2] = {
		"The trunk that a Request-URI of Meta, or the user part of one, selects",
		0};

static void show_time(time_t t, char out[32])
{
	struct tm tm;

	out[0] = '\0';
	if(t > 0 && gmtime_r(&t, &tm) != NULL
			&& strftime(out, 32, "%Y-%m-%dT%H:%M:%SZ", &tm) == 0)
		out[0] = '\0';
}

/* What is known of one gateway. */
static void add_state(rpc_t *rpc, void *s, const char *uri)
{
	char since[32], at[32], text[GW_ADDRESSES_MAX * GW_TARGET_SIZE] = "";
	size_t len = 0;
	gateway_t g;

	if(!gateways_get(uri, &g))
		memset(&g, 0, sizeof(g));
	show_time(g.since, since);
	show_time(g.last_at, at);
	for(unsigned i = 0; i < g.n_addresses; i++) {
		char target[GW_TARGET_SIZE];

		gateways_target(&g.addresses[i], target);
		if(len > 0)
			text[len++] = ' ';
		memcpy(text + len, target, strlen(target) + 1);
		len += strlen(target);
	}
	rpc->struct_add(s, "ssdsdss", "state", gateways_state_name(g.state),
			"since", since, "code", g.last_code, "at", at, "failures",
			(int)g.failures, "addresses", text, "error", g.error);
}

static void add_gateways(rpc_t *rpc, void *ctx, void *top, const wa_trunk_t *t)
{
	void *list, *gw;

	if(rpc->struct_add(top, "[", "gateways", &list) < 0) {
		rpc->fault(ctx, 500, "Out of memory");
		return;
	}
	for(unsigned i = 0; i < t->n_gateways; i++) {
		if(rpc->array_add(list, "{", &gw) < 0
				|| rpc->struct_add(gw, "sdd", "uri", t->gateways[i].uri,
						   "weight", (int)t->gateways[i].weight, "priority",
						   (int)t->gateways[i].priority)
						   < 0) {
			rpc->fault(ctx, 500, "Out of memory");
			return;
		}
		add_state(rpc, gw, t->gateways[i].uri);
	}
}

/* In the order in which one call would try them: drawn anew each time. */
static void add_attempts(rpc_t *rpc, void *ctx, void *top, const wa_trunk_t *t)
{
	route_attempt_t a[ROUTE_ATTEMPTS_MAX];
	unsigned n = route_attempts(t, a);
	void *list;

	if(rpc->struct_add(top, "[", "attempts", &list) < 0) {
		rpc->fault(ctx, 500, "Out of memory");
		return;
	}
	for(unsigned i = 0; i < n; i++)
		if(rpc->array_add(list, "s", t->gateways[a[i].gateway].uri) < 0) {
			rpc->fault(ctx, 500, "Out of memory");
			return;
		}
}

/* The part before the "@" of a sip: URI, or all of a text that is none. */
static int user_part(str *arg, wa_sv_t *user)
{
	struct sip_uri uri;

	if(arg->len < 4 || strncasecmp(arg->s, "sip:", 4) != 0) {
		*user = KSR_SV(arg);
		return 0;
	}
	if(parse_uri(arg->s, arg->len, &uri) < 0)
		return WA_EPARSE;
	*user = KSR_SV(&uri.user);
	return 0;
}

static void rpc_resolve(rpc_t *rpc, void *ctx)
{
	char digits[WA_DIGITS_SIZE];
	wa_uri_user_t user;
	wa_trunk_t trunk;
	enum route_by by;
	wa_sv_t part;
	void *top;
	str arg;
	int err;

	if(rpc->scan(ctx, "S", &arg) < 1) {
		rpc->fault(ctx, 400, "Usage: wa_trunk.resolve REQUEST-URI");
		return;
	}
	err = user_part(&arg, &part);
	if(err == 0)
		err = wa_uri_user_parse(part, &user);
	if(err < 0) {
		rpc->fault(ctx, 400, "Request-URI: %s", wa_strerror(err));
		return;
	}
	wa_uri_e164(user.user, digits);
	err = route_find(
			&user, wa_sv_from(digits), KSR_SV(&trunk_default), &trunk, &by);
	if(err < 0) {
		rpc->fault(ctx, err == WA_ENOENT ? 404 : 500, "Trunk: %s",
				wa_strerror(err));
		return;
	}
	if(rpc->add(ctx, "{", &top) < 0
			|| rpc->struct_add(top, "sssssd", "number", digits, "tgrp",
					   user.tgrp, "context", user.context, "trunk", trunk.name,
					   "by", route_by_name(by), "pstn", (int)trunk.pstn)
					   < 0) {
		rpc->fault(ctx, 500, "Out of memory");
		return;
	}
	add_gateways(rpc, ctx, top, &trunk);
	add_attempts(rpc, ctx, top, &trunk);
}

static const char *const show_doc[2] = {
		"A trunk and the state of each of its gateways. Parameter: name", 0};

static void rpc_show(rpc_t *rpc, void *ctx)
{
	wa_trunk_t trunk;
	void *top;
	str name;
	int err;

	if(!rpc_text(rpc, ctx, &name)) {
		rpc->fault(ctx, 400, "Usage: wa_trunk.show NAME");
		return;
	}
	err = route_numbers()->trunk(KSR_SV(&name), &trunk);
	if(err < 0) {
		rpc->fault(ctx, err == WA_ENOENT ? 404 : 500, "Trunk: %s",
				wa_strerror(err));
		return;
	}
	if(rpc->add(ctx, "{", &top) < 0
			|| rpc->struct_add(top, "s", "name", trunk.name) < 0) {
		rpc->fault(ctx, 500, "Out of memory");
		return;
	}
	add_gateways(rpc, ctx, top, &trunk);
}

typedef struct listing
{
	rpc_t *rpc;
	void *ctx;
} listing_t;

static int list_trunk(const wa_trunk_t *t, void *arg)
{
	const listing_t *l = arg;
	int count[3] = {0, 0, 0}, unresolved = 0;
	gateway_t g;
	void *row;

	for(unsigned i = 0; i < t->n_gateways; i++) {
		if(!gateways_get(t->gateways[i].uri, &g))
			continue;
		count[g.state]++;
		unresolved += g.n_addresses == 0;
	}
	if(l->rpc->add(l->ctx, "{", &row) < 0)
		return WA_ENOMEM;
	return l->rpc->struct_add(row, "sddddd", "name", t->name, "gateways",
				   (int)t->n_gateways, "up", count[GW_UP], "down",
				   count[GW_DOWN], "unknown", count[GW_UNKNOWN], "unresolved",
				   unresolved)
						   < 0
				   ? WA_ENOMEM
				   : 0;
}

static const char *const list_doc[2] = {
		"How many gateways of each trunk are up, down, not asked, without an "
		"address",
		0};

static void rpc_list(rpc_t *rpc, void *ctx)
{
	listing_t l = {rpc, ctx};
	int err = route_numbers()->each_trunk(list_trunk, &l);

	if(err < 0)
		rpc->fault(ctx, 500, "Trunks: %s", wa_strerror(err));
}

rpc_export_t trunk_rpcs[] = {
		{"wa_trunk.show", rpc_show, (const char **)(uintptr_t)show_doc, 0},
		{"wa_trunk.list", rpc_list, (const char **)(uintptr_t)list_doc,
				RPC_RET_ARRAY},
		{"wa_trunk.resolve", rpc_resolve, (const char **)(uintptr_t)resolve_doc, 0},
		{0, 0, 0, 0}};
