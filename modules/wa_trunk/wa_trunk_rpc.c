/* wa_trunk.resolve: which way would this call go?
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "../ksr_compat.h"

#include "wa_trunk.h"

#include <string.h>

#include <kamailio/core/parser/parse_uri.h>

#include "../lib/wa_err.h"

static const char *const resolve_doc[2] = {
		"The trunk that a Request-URI of Meta, or the user part of one, selects",
		0};

static void add_gateways(rpc_t *rpc, void *ctx, void *top, const wa_trunk_t *t)
{
	void *list, *gw;

	if(rpc->struct_add(top, "[", "gateways", &list) < 0) {
		rpc->fault(ctx, 500, "Out of memory");
		return;
	}
	for(unsigned i = 0; i < t->n_gateways; i++) {
		if(rpc->array_add(list, "{", &gw) < 0
				|| rpc->struct_add(gw, "sd", "uri", t->gateways[i].uri,
						   "weight", (int)t->gateways[i].weight)
						   < 0) {
			rpc->fault(ctx, 500, "Out of memory");
			return;
		}
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
}

rpc_export_t trunk_rpcs[] = {
		{"wa_trunk.resolve", rpc_resolve, (const char **)(uintptr_t)resolve_doc, 0},
		{0, 0, 0, 0}};
