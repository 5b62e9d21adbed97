/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "script_guard.h"

#include <kamailio/core/parser/parse_from.h>
#include <kamailio/core/parser/parse_to.h>

#include "../lib/wa_clock.h"
#include "../lib/wa_err.h"
#include "../lib/wa_guard_plan.h"
#include "../lib/wa_relay_msg.h"
#include "guardian.h"
#include "relay_client.h"

str guard_instance_pv = STR_NULL;
str guard_ng_socket = STR_NULL;
str guard_rtt_pv = STR_NULL;

static pv_spec_t *instance_pv, *rtt_pv;

/* An empty name leaves NULL. */
static int find_pv(const char *param, str *name, pv_spec_t **out)
{
	if(name->len <= 0)
		return 0;
	*out = pv_cache_get(name);
	if(*out != NULL)
		return 0;
	LM_ERR("%s: not a variable: %.*s\n", param, name->len, name->s);
	return -1;
}

int script_guard_init(void)
{
	return find_pv("instance_pv", &guard_instance_pv, &instance_pv) < 0
						   || find_pv("rtt_pv", &guard_rtt_pv, &rtt_pv) < 0
				   ? -1
				   : 0;
}

static wa_sv_t instance(sip_msg_t *msg)
{
	pv_value_t val;

	if(instance_pv && pv_get_spec_value(msg, instance_pv, &val) == 0
			&& (val.flags & PV_VAL_STR) && !(val.flags & PV_VAL_NULL)
			&& val.rs.len > 0)
		return KSR_SV(&val.rs);
	return KSR_SV(&guard_ng_socket);
}

static int32_t rtt(sip_msg_t *msg)
{
	pv_value_t val;

	if(rtt_pv && pv_get_spec_value(msg, rtt_pv, &val) == 0
			&& (val.flags & PV_VAL_INT) && val.ri > 0 && val.ri < INT32_MAX)
		return (int32_t)val.ri;
	return 0;
}

int script_callid(sip_msg_t *msg, wa_sv_t *out)
{
	if(parse_headers(msg, HDR_CALLID_F, 0) < 0 || msg->callid == NULL)
		return -1;
	*out = wa_sv_trim(KSR_SV(&msg->callid->body));
	return 0;
}

static int get_tags(sip_msg_t *msg, wa_sv_t *from, wa_sv_t *to)
{
	if(parse_from_header(msg) < 0 || parse_to_header(msg) < 0)
		return -1;
	*from = KSR_SV(&get_from(msg)->tag_value);
	*to = KSR_SV(&get_to(msg)->tag_value);
	return from->len > 0 && to->len > 0 ? 0 : -1;
}

static int hand_over(const wa_guard_job_t *job)
{
	int err = guardian_push(job);

	if(err < 0)
		LM_DBG("not handed to the guardian: %s\n", wa_strerror(err));
	return err < 0 ? -1 : 1;
}

/* The relay outlives Kamailio: what may have to be repeated stays there. Without it
 * a call goes on as it is. */
static void keep_plan(const wa_guard_job_t *job)
{
	wa_relay_msg_t m = wa_relay_msg(WA_RELAY_KEEP, job->callid);
	char mem[WA_RELAY_PLAN_MAX];
	wa_buf_t plan = wa_buf_on(mem, sizeof(mem));
	wa_ben_t reply;
	int err = wa_guard_plan_write(job, &plan);

	m.plan = wa_buf_sv(&plan);
	if(err == 0)
		err = relay_ask(&m, &reply);
	if(err < 0)
		LM_INFO("wa_media_watch: not kept for after a restart: %s\n",
				wa_strerror(err));
}

int ki_watch(sip_msg_t *msg, str *dir, str *keys, str *offer, str *oflags,
		str *answer, str *aflags)
{
	wa_guard_job_t job = {.kind = WA_GUARD_WATCH, .at = wa_clock_ms(),
			.hold = wa_sv_eq(KSR_SV(dir), WA_SV("in")),
			.sdes = wa_sv_eq(KSR_SV(keys), WA_SV("sdes")),
			.rtt = rtt(msg), .url = instance(msg),
			.relay = KSR_SV(&relay_socket)};
	wa_sv_t from, to;

	if(!job.hold && !wa_sv_eq(KSR_SV(dir), WA_SV("out"))) {
		LM_ERR("wa_media_watch: direction is \"in\" or \"out\"\n");
		return -1;
	}
	if(script_callid(msg, &job.callid) < 0 || get_tags(msg, &from, &to) < 0) {
		LM_INFO("wa_media_watch: no Call-ID, From or To tag\n");
		return -1;
	}
	job.meta_tag = job.hold ? from : to;
	job.pbx_tag = job.hold ? to : from;
	job.offer = KSR_SV(offer);
	job.offer_flags = KSR_SV(oflags);
	job.answer = KSR_SV(answer);
	job.answer_flags = KSR_SV(aflags);
	keep_plan(&job);
	/* DTLS is all for which something is repeated, Meta's offer and any answer */
	if(job.sdes || !job.hold)
		job.offer = job.offer_flags = (wa_sv_t){NULL, 0};
	if(job.sdes)
		job.answer = job.answer_flags = (wa_sv_t){NULL, 0};
	return hand_over(&job);
}

int w_watch(sip_msg_t *msg, char *dir, char *keys, char *offer, char *oflags,
		char *answer, char *aflags)
{
	char *params[6] = {dir, keys, offer, oflags, answer, aflags};
	str v[6];

	for(int i = 0; i < 6; i++)
		if(fixup_get_svalue(msg, (gparam_t *)params[i], &v[i]) < 0)
			return -1;
	return ki_watch(msg, &v[0], &v[1], &v[2], &v[3], &v[4], &v[5]);
}

int fixup_watch(void **param, int no KSR_UNUSED)
{
	return fixup_spve_null(param, 1);
}

static int tell(sip_msg_t *msg, enum wa_guard_kind kind)
{
	wa_guard_job_t job = {.kind = kind, .at = wa_clock_ms(),
			.relay = KSR_SV(&relay_socket)};

	if(script_callid(msg, &job.callid) < 0)
		return -1;
	if(kind != WA_GUARD_START)
		job.url = instance(msg);
	return hand_over(&job);
}

int ki_start(sip_msg_t *msg)
{
	return tell(msg, WA_GUARD_START);
}

/* One commander at a time: where the guardian is about to offer, it also deletes. */
int ki_end(sip_msg_t *msg)
{
	wa_sv_t callid;

	if(script_callid(msg, &callid) == 0 && !guardian_settled(callid)
			&& tell(msg, WA_GUARD_DELETE) > 0)
		return -1;
	tell(msg, WA_GUARD_END);
	return 1;
}

int ki_delete(sip_msg_t *msg)
{
	return tell(msg, WA_GUARD_DELETE);
}

int w_start(sip_msg_t *msg, char *u1 KSR_UNUSED, char *u2 KSR_UNUSED)
{
	return ki_start(msg);
}

int w_end(sip_msg_t *msg, char *u1 KSR_UNUSED, char *u2 KSR_UNUSED)
{
	return ki_end(msg);
}

int w_delete(sip_msg_t *msg, char *u1 KSR_UNUSED, char *u2 KSR_UNUSED)
{
	return ki_delete(msg);
}

/* --- for wa_calls -------------------------------------------------------- */

static wa_guard_job_t job_of(const wa_media_call_t *c, enum wa_guard_kind kind)
{
	return (wa_guard_job_t){.kind = kind, .at = wa_clock_ms(), .sdes = c->sdes,
			.url = c->instance.len > 0 ? c->instance : KSR_SV(&guard_ng_socket),
			.relay = KSR_SV(&relay_socket), .callid = c->callid,
			.meta_tag = c->meta_tag, .pbx_tag = c->pbx_tag};
}

static void adopt(const wa_media_call_t *c)
{
	wa_guard_job_t job = job_of(c, WA_GUARD_WATCH);

	job.ask = true;
	hand_over(&job);
}

static void end(const wa_media_call_t *c)
{
	wa_guard_job_t job = job_of(c, WA_GUARD_DELETE);

	hand_over(&job);
}

int bind_wa_media(wa_media_api_t *api)
{
	*api = (wa_media_api_t){adopt, end};
	return 0;
}
