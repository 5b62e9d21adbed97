/* $wa_ruri(...) and $wa_trunk(...).
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "../ksr_compat.h"

#include "wa_trunk.h"

#include <string.h>

#include "../lib/wa_sv.h"

enum ruri_item
{
	RURI_NUMBER = 1,
	RURI_TGRP,
	RURI_CONTEXT,
	RURI_GROUP
};

enum trunk_item
{
	TRUNK_NAME = 1,
	TRUNK_GATEWAY,
	TRUNK_GATEWAYS,
	TRUNK_COUNT,
	TRUNK_CODECS,
	TRUNK_PSTN,
	TRUNK_BY,
	TRUNK_TARGETS,
	TRUNK_IDENTITY,
	TRUNK_PARAMS,
	TRUNK_HEADERS,
	TRUNK_FORMAT,
	TRUNK_CHALLENGE
};

typedef struct item_name
{
	const char *name;
	int item;
} item_name_t;

static const item_name_t ruri_items[] = {{"number", RURI_NUMBER},
		{"tgrp", RURI_TGRP}, {"context", RURI_CONTEXT},
		{"group", RURI_GROUP}, {NULL, 0}};

static const item_name_t trunk_items[] = {{"name", TRUNK_NAME},
		{"gateway", TRUNK_GATEWAY}, {"gateways", TRUNK_GATEWAYS},
		{"count", TRUNK_COUNT}, {"codecs", TRUNK_CODECS}, {"pstn", TRUNK_PSTN},
		{"by", TRUNK_BY}, {"targets", TRUNK_TARGETS},
		{"identity", TRUNK_IDENTITY}, {"params", TRUNK_PARAMS},
		{"headers", TRUNK_HEADERS}, {"format", TRUNK_FORMAT},
		{"challenge", TRUNK_CHALLENGE}, {NULL, 0}};

static int parse_name(pv_spec_t *sp, str *in, const item_name_t *names)
{
	for(; names->name != NULL; names++) {
		if(!wa_sv_eq(KSR_SV(in), wa_sv_from(names->name)))
			continue;
		sp->pvp.pvn.type = PV_NAME_INTSTR;
		sp->pvp.pvn.u.isname.type = 0;
		sp->pvp.pvn.u.isname.name.n = names->item;
		return 0;
	}
	LM_ERR("unknown name \"%.*s\"\n", in->len, in->s);
	return -1;
}

static int parse_ruri(pv_spec_t *sp, str *in)
{
	return parse_name(sp, in, ruri_items);
}

static int parse_trunk(pv_spec_t *sp, str *in)
{
	return parse_name(sp, in, trunk_items);
}

static int get_text(
		sip_msg_t *msg, pv_param_t *param, pv_value_t *res, const char *text)
{
	str s = {(char *)(uintptr_t)text, (int)strlen(text)};

	if(text[0] == '\0')
		return pv_get_null(msg, param, res);
	return pv_get_strval(msg, param, res, &s);
}

/* ";tgrp=...;trunk-context=..." as it goes out again */
static const char *group_text(const wa_uri_user_t *user)
{
	static char text[2 * 3 * WA_PARAM_SIZE + sizeof(";tgrp=;trunk-context=")];

	return wa_uri_write_group(user, text, sizeof(text)) < 0 ? "" : text;
}

static int get_ruri(sip_msg_t *msg, pv_param_t *param, pv_value_t *res)
{
	trunk_current_t *cur = trunk_current(msg);

	switch(param->pvn.u.isname.name.n) {
		case RURI_NUMBER:
			return get_text(msg, param, res, cur->number);
		case RURI_TGRP:
			return get_text(msg, param, res, cur->user.tgrp);
		case RURI_GROUP:
			return get_text(msg, param, res, group_text(&cur->user));
		default:
			return get_text(msg, param, res, cur->user.context);
	}
}

/* "OPUS,PCMA", as in the record. */
static const char *codec_names(unsigned codecs)
{
	static const char *const names[] = {"OPUS", "PCMU", "PCMA", "G722"};
	static char text[sizeof("OPUS,PCMU,PCMA,G722")];
	size_t n = 0;

	if(codecs == 0)
		codecs = WA_CODEC_PCMU | WA_CODEC_PCMA;
	for(unsigned i = 0; i < 4; i++) {
		if((codecs & 1U << i) == 0)
			continue;
		if(n > 0)
			text[n++] = ',';
		memcpy(text + n, names[i], 4);
		n += 4;
	}
	text[n] = '\0';
	return text;
}

/* Of each attempt the gateway's URI or its address, a space between. */
static const char *attempt_list(const trunk_current_t *cur, bool targets)
{
	static char text[ROUTE_ATTEMPTS_MAX * sizeof(cur->trunk.gateways[0].uri)];
	size_t n = 0;

	for(unsigned i = 0; i < cur->n_attempts; i++) {
		const route_attempt_t *a = &cur->attempts[i];
		const char *uri =
				targets ? a->target : cur->trunk.gateways[a->gateway].uri;
		size_t len = strlen(uri);

		if(n > 0)
			text[n++] = ' ';
		memcpy(text + n, uri, len);
		n += len;
	}
	text[n] = '\0';
	return text;
}

static int get_policy(
		sip_msg_t *msg, pv_param_t *param, pv_value_t *res, const wa_trunk_t *t)
{
	static const char *const identities[] = {"none", "pai", "rpid"};
	static const char *const places[] = {"none", "user", "uri"};
	static const char *const formats[] = {"e164", "digits", "national"};

	switch(param->pvn.u.isname.name.n) {
		case TRUNK_IDENTITY:
			return get_text(msg, param, res, identities[t->identity]);
		case TRUNK_PARAMS:
			return get_text(msg, param, res, places[t->params]);
		case TRUNK_FORMAT:
			return get_text(msg, param, res, formats[t->format]);
		case TRUNK_CHALLENGE:
			return pv_get_sintval(msg, param, res, t->challenge);
		default:
			return get_text(msg, param, res, t->headers);
	}
}

static int get_trunk(sip_msg_t *msg, pv_param_t *param, pv_value_t *res)
{
	trunk_current_t *cur = trunk_current(msg);

	if(!cur->selected)
		return pv_get_null(msg, param, res);
	switch(param->pvn.u.isname.name.n) {
		case TRUNK_NAME:
			return get_text(msg, param, res, cur->trunk.name);
		case TRUNK_GATEWAY:
			return get_text(msg, param, res,
					cur->n_attempts > 0
							? cur->trunk.gateways[cur->attempts[0].gateway].uri
							: "");
		case TRUNK_GATEWAYS:
			return get_text(msg, param, res, attempt_list(cur, false));
		case TRUNK_TARGETS:
			return get_text(msg, param, res, attempt_list(cur, true));
		case TRUNK_COUNT:
			return pv_get_sintval(msg, param, res, (int)cur->n_attempts);
		case TRUNK_CODECS:
			return get_text(msg, param, res, codec_names(cur->trunk.codecs));
		case TRUNK_PSTN:
			return pv_get_sintval(msg, param, res, cur->trunk.pstn);
		case TRUNK_BY:
			return get_text(msg, param, res, route_by_name(cur->by));
		default:
			return get_policy(msg, param, res, &cur->trunk);
	}
}

#define PV(name_, get_, parse_) \
	{{name_, sizeof(name_) - 1}, PVT_OTHER, get_, 0, parse_, 0, 0, 0}

pv_export_t trunk_pvs[] = {PV("wa_ruri", get_ruri, parse_ruri),
		PV("wa_trunk", get_trunk, parse_trunk),
		{{0, 0}, 0, 0, 0, 0, 0, 0, 0}};
