/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "events.h"

#include <limits.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <kamailio/modules/tm/tm_load.h>

#include "../lib/wa_clock.h"
#include "../lib/wa_codec_name.h"
#include "../lib/wa_err.h"
#include "../lib/wa_leg.h"
#include "../lib/wa_milli.h"
#include "elsewhere.h"
#include "leg.h"
#include "nodes.h"
#include "patterns.h"
#include "recent.h"
#include "shared.h"
#include "tally.h"

#define FIELDS_MAX 48

/* Where the script keeps what we ask for. */
static struct field
{
	char name[24];
	str pv_name;
	pv_spec_t *pv;
} fields[FIELDS_MAX];
static int n_fields;

/* What a message says: the call itself, and what only this moment needs. */
typedef struct seen
{
	wa_call_t call;
	wa_calls_limits_t limits;
	wa_pattern_limits_t patterns;
	uint32_t short_ms; /* a shorter call is a short one */
	uint32_t rounds;   /* challenges that were answered */
	wa_sv_t sdp_out; /* to the side that called */
	wa_sv_t contact; /* a URI, of "moved" only */
} seen_t;

static struct tm_binds tm;

const struct tm_binds *events_tm(void)
{
	return &tm;
}

int events_add_field(modparam_t type KSR_UNUSED, void *val)
{
	wa_sv_t rest = wa_sv_from(val), name = wa_sv_trim(wa_sv_cut(&rest, '='));
	struct field *f = &fields[n_fields];

	rest = wa_sv_trim(rest);
	if(n_fields == FIELDS_MAX || rest.len == 0
			|| wa_sv_copy(f->name, sizeof(f->name), name) < 0) {
		LM_ERR("field: \"%s\" is not name=$variable\n", (char *)val);
		return -1;
	}
	f->pv_name = KSR_STR(rest);
	n_fields++;
	return 0;
}

/* Fields that are numbers, and where they go. */
static const struct figure
{
	const char *name;
	size_t at;
} figures[] = {
#define FIGURE(n, f) {n, offsetof(seen_t, f)}
		FIGURE("code", call.code), FIGURE("meta_duration", call.meta_duration),
		FIGURE("number_calls", limits.number_calls),
		FIGURE("trunk_calls", limits.trunk_calls),
		FIGURE("number_cps", limits.number_cps),
		FIGURE("trunk_cps", limits.trunk_cps),
		FIGURE("one_per_pair", limits.one_per_pair),
		FIGURE("pattern_window", patterns.window),
		FIGURE("pattern_new_users", patterns.most[WA_PATTERN_NEW_USERS]),
		FIGURE("pattern_short_calls", patterns.most[WA_PATTERN_SHORT_CALLS]),
		FIGURE("pattern_refusals", patterns.most[WA_PATTERN_REFUSALS]),
		FIGURE("pattern_auth_failures",
				patterns.most[WA_PATTERN_AUTH_FAILURES]),
		FIGURE("pattern_off_hours", patterns.most[WA_PATTERN_OFF_HOURS]),
		FIGURE("pattern_open", patterns.open),
		FIGURE("pattern_close", patterns.close),
		FIGURE("pattern_block", patterns.block),
		FIGURE("pattern_short_ms", short_ms), FIGURE("rounds", rounds),
#undef FIGURE
};

static const struct figure *figure_of(const char *name)
{
	for(size_t i = 0; i < sizeof(figures) / sizeof(figures[0]); i++)
		if(strcmp(figures[i].name, name) == 0)
			return &figures[i];
	return NULL;
}

int events_init(void)
{
	wa_call_t none;

	wa_call_init(&none);
	for(int i = 0; i < n_fields; i++) {
		fields[i].pv = pv_cache_get(&fields[i].pv_name);
		if(fields[i].pv == NULL) {
			LM_ERR("field %s: not a variable: %.*s\n", fields[i].name,
					fields[i].pv_name.len, fields[i].pv_name.s);
			return -1;
		}
		if(figure_of(fields[i].name) == NULL
				&& strcmp(fields[i].name, "sdp_out") != 0
				&& wa_call_set(&none, fields[i].name, WA_SV("")) < 0) {
			LM_ERR("field: no such field: %s\n", fields[i].name);
			return -1;
		}
	}
	if(load_tm_api(&tm) < 0) {
		LM_ERR("load tm.so before this module\n");
		return -1;
	}
	return 0;
}

/* --- reading ---------------------------------------------------------------- */

static void set_figure(seen_t *s, const struct figure *f, wa_sv_t text)
{
	unsigned long n;
	uint32_t n32;

	if(wa_sv_ulong(text, INT32_MAX, &n) < 0)
		return;
	n32 = (uint32_t)n;
	memcpy((char *)s + f->at, &n32, sizeof(n32));
}

static void read_fields(sip_msg_t *msg, seen_t *s)
{
	memset(&s->limits, 0, sizeof(s->limits));
	memset(&s->patterns, 0, sizeof(s->patterns));
	s->short_ms = s->rounds = 0;
	s->sdp_out = s->contact = (wa_sv_t){NULL, 0};
	wa_call_init(&s->call);
	wa_call_set(&s->call, "node", wa_sv_from(calls_node));
	for(int i = 0; i < n_fields; i++) {
		pv_value_t val;
		wa_sv_t text;

		memset(&val, 0, sizeof(val));
		if(pv_get_spec_value(msg, fields[i].pv, &val) < 0
				|| (val.flags & PV_VAL_NULL) || !(val.flags & PV_VAL_STR))
			continue;
		text = KSR_SV(&val.rs);
		/* "-" is the script's way to say that there is none */
		if(wa_sv_eq(text, WA_SV("-")) || wa_sv_eq(text, WA_SV("0.0")))
			continue;
		if(figure_of(fields[i].name) != NULL)
			set_figure(s, figure_of(fields[i].name), text);
		else if(strcmp(fields[i].name, "sdp_out") == 0)
			s->sdp_out = text;
		else
			wa_call_set(&s->call, fields[i].name, text);
	}
}

static wa_sv_t body_of(sip_msg_t *msg)
{
	char *body = get_body(msg);

	return body == NULL ? (wa_sv_t){NULL, 0}
						: (wa_sv_t){body, (size_t)(msg->buf + msg->len - body)};
}

static bool is_in(const wa_call_t *c)
{
	return strcmp(c->dir, "in") == 0;
}

/* What stands in the answer: codecs, and the legs. */
static void read_answer(sip_msg_t *msg, seen_t *s)
{
	wa_sv_t called = wa_codec_name(body_of(msg));
	wa_sv_t caller = wa_codec_name(s->sdp_out);
	bool in = is_in(&s->call);

	wa_call_set(&s->call, "codec_meta", in ? caller : called);
	wa_call_set(&s->call, "codec_pbx", in ? called : caller);
	if(legs_of_answer(&tm, msg, &s->call) == 0)
		return;
	if(atomic_fetch_add(&shared_stats()->no_legs, 1) == 0)
		LM_WARN("a call's addresses cannot be read: it cannot be ended from "
				"here\n");
}

/* --- counting --------------------------------------------------------------- */

/* As rtpengine tells it: a share in percent, jitter in ms; where there is no MOS,
 * no report of the far side came. */
static void count_quality(const wa_call_t *c, int out)
{
	calls_stats_t *st = shared_stats();
	int64_t mos, loss, jitter;

	if(wa_milli(wa_sv_from(c->mos), &mos) < 0)
		return;
	if(wa_milli(wa_sv_from(c->loss), &loss) < 0)
		loss = 0;
	if(wa_milli(wa_sv_from(c->jitter), &jitter) < 0)
		jitter = 0;
	wa_histogram_put(&st->mos[out], wa_histogram_mos, mos);
	wa_histogram_put(&st->loss[out], wa_histogram_share, loss / 100);
	wa_histogram_put(&st->jitter[out], wa_histogram_jitter, jitter / 1000);
}

static void count_end(const wa_call_t *c)
{
	calls_stats_t *st = shared_stats();
	size_t reason = wa_reason_index(wa_sv_from(c->cause));
	int out = !is_in(c);

	if(reason >= REASONS_MAX)
		reason = REASONS_MAX - 1;
	atomic_fetch_add(&st->calls[out][c->result][reason], 1);
	if(c->answered > 0)
		wa_histogram_add(&st->duration[out], c->ended - c->answered);
	count_quality(c, out);
}

void events_close(wa_calls_t *table, wa_call_t *c, enum wa_call_result result,
		wa_call_t *out)
{
	const char *by = wa_call_ended_by(c);
	const wa_reason_t *r = wa_reason_find(wa_sv_from(c->cause));

	if(c->ended == 0)
		wa_call_end(c, shared_now(), wa_clock_ms());
	c->result = (int32_t)result;
	if(c->offered == 0)
		c->offered = c->ended;
	if(c->code == 0 && r != NULL && c->answered == 0)
		c->code = (int32_t)r->sip;
	wa_call_set(c, "ended_by", wa_sv_from(by));
	count_end(c);
	recent_add(c);
	if(result <= WA_CALL_FAILED)
		tally_count(c, WA_TALLY_FAILED);
	*out = *c;
	if(table != NULL)
		wa_calls_remove(table, c);
}

/* --- events ----------------------------------------------------------------- */

/* The request that was admitted last in this process: nobody but itself can refuse
 * its call before that is offered. */
static struct
{
	unsigned id;
	int pid;
} admitted;

static bool is_admitted(const sip_msg_t *msg)
{
	return msg->id == admitted.id && msg->pid == admitted.pid;
}

int events_admit(sip_msg_t *msg, const char **cause)
{
	seen_t s;
	int err;

	*cause = "draining";
	if(shared_drain() != DRAIN_OFF)
		return WA_EBUSY;
	read_fields(msg, &s);
	*cause = "pattern_blocked";
	if(!patterns_allow(&s.call))
		return WA_EBUSY;
	s.call.offered = shared_now();
	s.call.admitted_at = wa_clock_ms();
	s.call.state = WA_CALL_NEW;
	shared_new_id(s.call.id, sizeof(s.call.id));
	wa_call_set(&s.call, "wacid", header_value(msg, WA_SV("x-wa-meta-wacid")));
	err = wa_calls_admit(
			shared_lock(), &s.call, &s.limits, s.call.offered, cause);
	shared_unlock();
	if(err == 0) {
		admitted.id = msg->id;
		admitted.pid = msg->pid;
		nodes_wake();
		patterns_begin(&s.call, &s.patterns, s.short_ms);
	}
	return err;
}

static void take_offered(wa_call_t *c)
{
	c->state = WA_CALL_OFFERED;
	c->code = 0;
	atomic_fetch_add(&shared_stats()->attempts[!is_in(c)], 1);
	recent_count(WA_HISTORY_ATTEMPTS);
	tally_count(c, WA_TALLY_ATTEMPTS);
}

static void take_ringing(wa_call_t *c)
{
	if(c->ringing > 0 || c->state >= WA_CALL_ANSWERED)
		return;
	c->state = WA_CALL_RINGING;
	c->ringing = shared_now();
	wa_histogram_add(
			&shared_stats()->setup[!is_in(c)], c->ringing - c->offered);
}

static void count_rounds(const wa_call_t *c, uint32_t rounds)
{
	if(!is_in(c))
		atomic_fetch_add(&shared_stats()->rounds[rounds < ROUNDS_MAX ? rounds
																	 : ROUNDS_MAX],
				1);
}

static void take_answered(wa_call_t *c, const wa_call_t *s, uint32_t rounds)
{
	if(c->answered > 0)
		return;
	count_rounds(c, rounds);
	c->state = WA_CALL_ANSWERED;
	c->answered = shared_now();
	c->answered_at = wa_clock_ms();
	c->meta = s->meta;
	c->pbx = s->pbx;
	recent_count(WA_HISTORY_ANSWERED);
	tally_count(c, WA_TALLY_ANSWERED);
	wa_histogram_add(
			&shared_stats()->answer[!is_in(c)], c->answered - c->offered);
}

/* Its requests go elsewhere from now on; false: as before. */
static bool take_moved(wa_call_t *c, wa_sv_t target)
{
	wa_leg_t old = c->pbx;
	wa_sv_t text[WA_LEG_TEXTS];

	if(c->answered == 0 || target.len == 0 || !wa_leg_is_set(&old)
			|| wa_sv_eq(target, wa_leg_get(&old, WA_LEG_TARGET)))
		return false;
	for(int i = 0; i < WA_LEG_TEXTS; i++)
		text[i] = wa_leg_get(&old, (enum wa_leg_text)i);
	text[WA_LEG_TARGET] = target;
	if(wa_leg_set(&c->pbx, text, old.cseq) == 0)
		return true;
	c->pbx = old; /* too long to be kept */
	return false;
}

static enum wa_call_result result_of(const wa_call_t *c, wa_sv_t name)
{
	if(wa_sv_eq(name, WA_SV("ended")))
		return WA_CALL_ENDED;
	if(wa_sv_eq(name, WA_SV("cancelled")))
		return WA_CALL_CANCELLED;
	return c->state == WA_CALL_NEW ? WA_CALL_REFUSED : WA_CALL_FAILED;
}

/* The call is in the table, which is locked. Leaves in `out` what is to be
 * written; false: nothing. */
static bool apply(wa_calls_t *t, wa_call_t *c, const seen_t *s, wa_sv_t name,
		enum job_kind *job, wa_call_t *out)
{
	*job = JOB_OPEN;
	if(wa_sv_eq(name, WA_SV("ringing"))) {
		take_ringing(c);
		return false;
	}
	if(wa_sv_eq(name, WA_SV("moved"))) {
		if(!take_moved(c, s->contact))
			return false;
		*out = *c;
		return true;
	}
	wa_call_merge(c, &s->call, wa_sv_eq(name, WA_SV("ended")));
	if(wa_sv_eq(name, WA_SV("offered"))) {
		take_offered(c);
	} else if(wa_sv_eq(name, WA_SV("answered"))) {
		take_answered(c, &s->call, s->rounds);
	} else {
		*job = JOB_CLOSE;
		wa_call_set(c, "cause", wa_sv_from(s->call.cause));
		events_close(t, c, result_of(c, name), out);
		return true;
	}
	*out = *c;
	return true;
}

/* A call that is not in the table: one that was refused before it got there, or
 * that another node has begun. `gone`: one of its name was here, which may have failed
 * here and been tried again there. */
static bool apply_alone(
		seen_t *s, wa_sv_t name, bool gone, enum job_kind *job, wa_call_t *out)
{
	bool ended = wa_sv_eq(name, WA_SV("ended"));

	if(!ended && !wa_sv_eq(name, WA_SV("refused")))
		return false;
	shared_new_id(s->call.id, sizeof(s->call.id));
	if(ended && elsewhere_is_anybody()) {
		s->call.ended = shared_now();
		*job = JOB_ELSEWHERE;
		*out = s->call;
		return true;
	}
	/* both sides may hang up at once: one record */
	if(ended && gone)
		return false;
	s->call.restarted = ended;
	events_close(NULL, &s->call, ended ? WA_CALL_ENDED : WA_CALL_REFUSED, out);
	return true;
}

static bool is_known(wa_sv_t name)
{
	static const char *const names[] = {"offered", "ringing", "answered",
			"refused", "failed", "cancelled", "ended", "moved"};

	for(size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if(wa_sv_eq(name, wa_sv_from(names[i])))
			return true;
	return false;
}

/* Of a request within a call only BYE and CANCEL say something of the call, and
 * one with another Contact. */
static bool concerns(sip_msg_t *msg, wa_sv_t name)
{
	if(msg->first_line.type != SIP_REQUEST
			|| msg->first_line.u.request.method_value == METHOD_INVITE)
		return true;
	return wa_sv_eq(name, WA_SV("ended")) || wa_sv_eq(name, WA_SV("cancelled"))
		   || wa_sv_eq(name, WA_SV("moved"));
}

int events_take(sip_msg_t *msg, wa_sv_t name)
{
	enum job_kind job = JOB_CLOSE;
	bool write = false, gone;
	wa_call_t out, *c;
	wa_calls_t *t;
	seen_t s;

	/* a word misspelt must not end a call */
	if(!is_known(name)) {
		LM_ERR("wa_calls_event: no such event: \"%.*s\"\n", WA_SV_ARG(name));
		return WA_EUNSUP;
	}
	if(!concerns(msg, name))
		return 0;
	read_fields(msg, &s);
	if(s.call.call[0] == '\0')
		return WA_ENOENT;
	wa_call_set(&s.call, "wacid", header_value(msg, WA_SV("x-wa-meta-wacid")));
	if(wa_sv_eq(name, WA_SV("answered")))
		read_answer(msg, &s);
	if(wa_sv_eq(name, WA_SV("moved")))
		s.contact = wa_leg_uri(header_value(msg, WA_SV("Contact")));
	t = shared_lock();
	c = wa_calls_find(t, wa_sv_from(s.call.call), wa_sv_from(s.call.dir));
	/* another INVITE under the Call-ID of a call that is there */
	if(c != NULL && wa_sv_eq(name, WA_SV("refused"))
			&& (c->state != WA_CALL_NEW || !is_admitted(msg)))
		c = NULL;
	gone = wa_calls_was_here(
			t, wa_sv_from(s.call.call), wa_sv_from(s.call.dir));
	if(c != NULL)
		write = apply(t, c, &s, name, &job, &out);
	shared_unlock();
	if(c == NULL)
		write = apply_alone(&s, name, gone, &job, &out);
	if(!write)
		return 0;
	shared_push(job, &out);
	if(job != JOB_CLOSE)
		return 0;
	nodes_wake();
	patterns_end(&out, &s.patterns, s.short_ms);
	return 0;
}
