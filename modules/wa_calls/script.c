/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "../ksr_compat.h"

#include "script.h"

#include <stdint.h>
#include <string.h>

#include <kamailio/core/lvalue.h>

#include "../lib/wa_err.h"
#include "../lib/wa_reason.h"
#include "api.h"
#include "cancel.h"
#include "events.h"
#include "shared.h"

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

/* 1 = the call may go on and is in the table; -1 = not, `dst` says why */
static int admit(sip_msg_t *msg, pv_spec_t *dst)
{
	const char *cause = "unknown";

	if(events_admit(msg, &cause) == 0)
		return 1;
	set_pv(msg, dst, cause);
	return -1;
}

static int ki_admit(sip_msg_t *msg, str *dst)
{
	pv_spec_t *spec = pv_cache_get(dst);

	return spec == NULL || spec->setf == NULL ? -1 : admit(msg, spec);
}

static int w_admit(sip_msg_t *msg, char *dst, char *p2 KSR_UNUSED)
{
	return admit(msg, (pv_spec_t *)dst);
}

static int ki_event(sip_msg_t *msg, str *name)
{
	return events_take(msg, KSR_SV(name)) < 0 ? -1 : 1;
}

static int w_event(sip_msg_t *msg, char *name, char *p2 KSR_UNUSED)
{
	str s;

	return fixup_get_svalue(msg, (gparam_t *)name, &s) < 0 ? -1
														   : ki_event(msg, &s);
}

static int ki_cancel(sip_msg_t *msg)
{
	return cancel_relay(msg);
}

static int w_cancel(sip_msg_t *msg, char *p1 KSR_UNUSED, char *p2 KSR_UNUSED)
{
	return ki_cancel(msg);
}

/* The status that goes with a cause. */
static int ki_status(sip_msg_t *msg KSR_UNUSED, str *cause)
{
	const wa_reason_t *r = wa_reason_find(KSR_SV(cause));

	return r != NULL && r->sip > 0 ? (int)r->sip : 500;
}

static int w_status(sip_msg_t *msg, char *cause, char *p2 KSR_UNUSED)
{
	str s;

	return fixup_get_svalue(msg, (gparam_t *)cause, &s) < 0
				   ? -1
				   : ki_status(msg, &s);
}

static int ki_draining(sip_msg_t *msg KSR_UNUSED)
{
	return shared_drain() != DRAIN_OFF ? 1 : -1;
}

static int w_draining(
		sip_msg_t *msg, char *p1 KSR_UNUSED, char *p2 KSR_UNUSED)
{
	return ki_draining(msg);
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

/* --- for wa_media ------------------------------------------------------------ */

static void media_first(wa_sv_t callid, int ms)
{
	wa_call_t *c = wa_calls_find(shared_lock(), callid, (wa_sv_t){NULL, 0});

	if(c != NULL && c->first_ms < 0) {
		c->first_ms = ms;
		wa_histogram_add(
				&shared_stats()->first[strcmp(c->dir, "in") != 0], ms);
	}
	shared_unlock();
}

static void media_gone(wa_sv_t callid)
{
	wa_call_t c;

	wa_call_init(&c);
	wa_call_set(&c, "call", callid);
	shared_push(JOB_GONE, &c);
}

static int fix_pvar(void **param, int no KSR_UNUSED)
{
	return fix_reason(param, 3);
}

static int bind_api(wa_calls_api_t *api)
{
	*api = (wa_calls_api_t){media_first, media_gone};
	return 0;
}

cmd_export_t script_cmds[] = {
		{"wa_calls_admit", w_admit, 1, fix_pvar, 0, ANY_ROUTE},
		{"wa_calls_event", w_event, 1, fixup_spve_null, 0, ANY_ROUTE},
		{"wa_calls_cancel", w_cancel, 0, 0, 0, REQUEST_ROUTE},
		{"wa_calls_status", w_status, 1, fixup_spve_null, 0, ANY_ROUTE},
		{"wa_calls_draining", w_draining, 0, 0, 0, ANY_ROUTE},
		{"bind_wa_calls", KSR_CMD(bind_api), 0, 0, 0, 0},
		{"wa_calls_reason", KSR_CMD(w_reason), 3, fix_reason, 0, ANY_ROUTE},
		{0, 0, 0, 0, 0, 0}};

#define KEMI(name_, ...)                                                      \
	{str_init("wa_calls"), str_init(#name_), SR_KEMIP_INT, ki_##name_,        \
			{__VA_ARGS__}}

sr_kemi_t script_kemi[] = {
		KEMI(admit, SR_KEMIP_STR, 0, 0, 0, 0, 0),
		KEMI(event, SR_KEMIP_STR, 0, 0, 0, 0, 0),
		KEMI(cancel, 0, 0, 0, 0, 0, 0),
		KEMI(status, SR_KEMIP_STR, 0, 0, 0, 0, 0),
		KEMI(draining, 0, 0, 0, 0, 0, 0),
		KEMI(reason, SR_KEMIP_STR, SR_KEMIP_INT, SR_KEMIP_STR, 0, 0, 0),
		{{0, 0}, {0, 0}, 0, NULL, {0, 0, 0, 0, 0, 0}}};
