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
	RURI_CONTEXT
};

enum trunk_item
{
	TRUNK_NAME = 1,
	TRUNK_GATEWAY,
	TRUNK_GATEWAYS,
	TRUNK_COUNT,
	TRUNK_CODECS,
	TRUNK_PSTN,
	TRUNK_BY
};

typedef struct item_name
{
	const char *name;
	int item;
} item_name_t;

static const item_name_t ruri_items[] = {{"number", RURI_NUMBER},
		{"tgrp", RURI_TGRP}, {"context", RURI_CONTEXT}, {NULL, 0}};

static const item_name_t trunk_items[] = {{"name", TRUNK_NAME},
		{"gateway", TRUNK_GATEWAY}, {"gateways", TRUNK_GATEWAYS},
		{"count", TRUNK_COUNT}, {"codecs", TRUNK_CODECS}, {"pstn", TRUNK_PSTN},
		{"by", TRUNK_BY}, {NULL, 0}};

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

static int get_ruri(sip_msg_t *msg, pv_param_t *param, pv_value_t *res)
{
	trunk_current_t *cur = trunk_current(msg);

	switch(param->pvn.u.isname.name.n) {
		case RURI_NUMBER:
			return get_text(msg, param, res, cur->number);
		case RURI_TGRP:
			return get_text(msg, param, res, cur->user.tgrp);
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

/* All gateways in the order drawn, a space between. */
static const char *gateway_list(const trunk_current_t *cur)
{
	static char text[WA_GATEWAYS_MAX * sizeof(cur->trunk.gateways[0].uri)];
	size_t n = 0;

	for(unsigned i = 0; i < cur->trunk.n_gateways; i++) {
		const char *uri = cur->trunk.gateways[cur->order[i]].uri;
		size_t len = strlen(uri);

		if(n > 0)
			text[n++] = ' ';
		memcpy(text + n, uri, len);
		n += len;
	}
	text[n] = '\0';
	return text;
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
					cur->trunk.n_gateways > 0
							? cur->trunk.gateways[cur->order[0]].uri
							: "");
		case TRUNK_GATEWAYS:
			return get_text(msg, param, res, gateway_list(cur));
		case TRUNK_COUNT:
			return pv_get_sintval(
					msg, param, res, (int)cur->trunk.n_gateways);
		case TRUNK_CODECS:
			return get_text(msg, param, res, codec_names(cur->trunk.codecs));
		case TRUNK_PSTN:
			return pv_get_sintval(msg, param, res, cur->trunk.pstn);
		default:
			return get_text(msg, param, res, route_by_name(cur->by));
	}
}

#define PV(name_, get_, parse_) \
	{{name_, sizeof(name_) - 1}, PVT_OTHER, get_, 0, parse_, 0, 0, 0}

pv_export_t trunk_pvs[] = {PV("wa_ruri", get_ruri, parse_ruri),
		PV("wa_trunk", get_trunk, parse_trunk),
		{{0, 0}, 0, 0, 0, 0, 0, 0, 0}};
