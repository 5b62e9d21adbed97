/* $wa_auth(...): what the last function said of the message in work.
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "../ksr_compat.h"

#include "wa_auth.h"

#include <kamailio/core/route.h>

enum item
{
	ITEM_REASON = 1,
	ITEM_OFFSET,
	ITEM_ALGORITHM,
	ITEM_NUMBER,
	ITEM_TRIES_LEFT
};

static const struct
{
	const char *name;
	int item;
} items[] = {{"reason", ITEM_REASON}, {"offset", ITEM_OFFSET},
		{"algorithm", ITEM_ALGORITHM}, {"number", ITEM_NUMBER},
		{"tries_left", ITEM_TRIES_LEFT}};

static int parse_name(pv_spec_t *sp, str *in)
{
	for(size_t i = 0; i < sizeof(items) / sizeof(items[0]); i++) {
		if(!wa_sv_eq(KSR_SV(in), wa_sv_from(items[i].name)))
			continue;
		sp->pvp.pvn.type = PV_NAME_INTSTR;
		sp->pvp.pvn.u.isname.type = 0;
		sp->pvp.pvn.u.isname.name.n = items[i].item;
		return 0;
	}
	LM_ERR("unknown name \"%.*s\"\n", in->len, in->s);
	return -1;
}

static int get_text(
		sip_msg_t *msg, pv_param_t *param, pv_value_t *res, const char *text)
{
	str s = {(char *)(uintptr_t)text, (int)strlen(text)};

	if(text[0] == '\0')
		return pv_get_null(msg, param, res);
	return pv_get_strval(msg, param, res, &s);
}

/* Where wa_auth_answer() has not just set it, the offset is what the request
 * was raised by on its way through: seen from a reply, or from a refusal. */
static long offset_of(sip_msg_t *msg, const auth_current_t *cur)
{
	unsigned long received, raised;
	tm_cell_t *t;
	int branch, err = -1;

	if(cur->has_offset)
		return cur->offset;
	t = auth_transaction();
	if(t == NULL || cseq_received(t, &received) < 0)
		return 0;
	if(msg->first_line.type == SIP_REPLY) {
		err = cseq_of(msg, &raised);
	} else if(is_route_type(FAILURE_ROUTE)) {
		branch = auth_tmb.t_get_picked_branch();
		err = branch < 0 ? -1 : cseq_sent(t, branch, &raised);
	}
	return err < 0 ? 0 : (long)raised - (long)received;
}

static int get_auth(sip_msg_t *msg, pv_param_t *param, pv_value_t *res)
{
	const auth_current_t *cur = auth_current(msg);

	switch(param->pvn.u.isname.name.n) {
		case ITEM_REASON:
			return get_text(msg, param, res, cur->reason);
		case ITEM_OFFSET:
			return pv_get_sintval(msg, param, res, offset_of(msg, cur));
		case ITEM_ALGORITHM:
			return get_text(msg, param, res,
					cur->alg == WA_ALG_UNKNOWN ? "" : wa_alg_name(cur->alg));
		case ITEM_NUMBER:
			return get_text(msg, param, res, cur->number);
		default:
			if(cur->tries_left < 0)
				return pv_get_null(msg, param, res);
			return pv_get_sintval(msg, param, res, cur->tries_left);
	}
}

pv_export_t auth_pvs[] = {{{"wa_auth", sizeof("wa_auth") - 1}, PVT_OTHER,
								  get_auth, 0, parse_name, 0, 0, 0},
		{{0, 0}, 0, 0, 0, 0, 0, 0, 0}};
