/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "../ksr_compat.h"

#include "script.h"

#include <stdint.h>
#include <string.h>

#include <kamailio/core/lvalue.h>

#include "../lib/wa_reason.h"

static int set_pv(sip_msg_t *msg, pv_spec_t *dst, const char *text)
{
	pv_value_t val = {.flags = PV_VAL_STR};

	val.rs = (str){(char *)(uintptr_t)text, (int)strlen(text)};
	return dst->setf(msg, &dst->pvp, (int)EQ_T, &val) < 0 ? -1 : 1;
}

/* The reply's first Warning. */
static str warning_of(sip_msg_t *msg)
{
	hdr_field_t *h = NULL;

	if(parse_headers(msg, HDR_EOH_F, 0) == 0)
		for(h = msg->headers; h != NULL; h = h->next)
			if(wa_sv_ieq(KSR_SV(&h->name), WA_SV("Warning")))
				break;
	return h != NULL ? h->body : (str){NULL, 0};
}

/* Phrase and Warning count where the message is the reply itself. */
static int reason(sip_msg_t *msg, str *side, int status, pv_spec_t *dst)
{
	unsigned n = status > 0 ? (unsigned)status : 0;
	str phrase = {NULL, 0}, warning = {NULL, 0};
	const wa_reason_t *r;

	if(msg->first_line.type == SIP_REPLY) {
		phrase = msg->first_line.u.reply.reason;
		warning = warning_of(msg);
	}
	r = wa_sv_eq(KSR_SV(side), WA_SV("meta"))
				? wa_reason_of_meta(n, KSR_SV(&phrase), KSR_SV(&warning))
				: wa_reason_of_pbx(n);
	return set_pv(msg, dst, r->code);
}

static int ki_reason(sip_msg_t *msg, str *side, int status, str *dst)
{
	pv_spec_t *spec = pv_cache_get(dst);

	return spec == NULL || spec->setf == NULL
				   ? -1
				   : reason(msg, side, status, spec);
}

static int w_reason(sip_msg_t *msg, char *side, char *status, char *dst)
{
	str who;
	int n;

	return fixup_get_svalue(msg, (gparam_t *)side, &who) < 0
						   || fixup_get_ivalue(msg, (gparam_t *)status, &n) < 0
				   ? -1
				   : reason(msg, &who, n, (pv_spec_t *)dst);
}

static int fix_reason(void **param, int no)
{
	if(no == 1)
		return fixup_spve_null(param, 1);
	if(no == 2)
		return fixup_igp_null(param, 1);
	if(fixup_pvar_null(param, 1) != 0)
		return -1;
	if(((pv_spec_t *)*param)->setf == NULL) {
		LM_ERR("wa_calls_reason: the last parameter cannot be written\n");
		return -1;
	}
	return 0;
}

cmd_export_t script_cmds[] = {
		{"wa_calls_reason", KSR_CMD(w_reason), 3, fix_reason, 0, ANY_ROUTE},
		{0, 0, 0, 0, 0, 0}};

sr_kemi_t script_kemi[] = {
		{str_init("wa_calls"), str_init("reason"), SR_KEMIP_INT, ki_reason,
				{SR_KEMIP_STR, SR_KEMIP_INT, SR_KEMIP_STR, SR_KEMIP_NONE,
						SR_KEMIP_NONE, SR_KEMIP_NONE}},
		{{0, 0}, {0, 0}, 0, NULL, {0, 0, 0, 0, 0, 0}}};
