/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "wa_calls_rpc.h"

#include <string.h>

#include "../ksr_rpc.h"
#include "../lib/wa_clock.h"
#include "../lib/wa_err.h"
#include "../lib/wa_mask.h"
#include "../lib/wa_reason.h"
#include "nodes.h"
#include "patterns.h"
#include "recent.h"
#include "shared.h"
#include "tally.h"

/* --- calls ------------------------------------------------------------------- */

static void add_call(rpc_t *rpc, void *h, const wa_call_t *c, int64_t now)
{
	char peer[32];

	wa_mask(wa_sv_from(c->peer), peer, sizeof(peer));
	rpc->struct_add(h, "sssssssdss", "id", c->id, "state",
			wa_call_state_name(c->state), "dir", c->dir, "number", c->number,
			"peer", peer, "trunk", c->trunk, "gateway", c->gateway, "age",
			(int)((now - c->offered) / 1000), "call", c->call, "meta_call",
			c->meta_call);
}

/* The calls from place `*at` on, a page of them, without the lock in between. */
static bool next_call(unsigned *at, wa_call_t *out)
{
	wa_call_t *c = wa_calls_next(shared_lock(), at);

	if(c != NULL)
		*out = *c;
	shared_unlock();
	return c != NULL;
}

static const char *list_doc[] = {
		"Calls that are there now. Parameters: cursor (0 = from the start), "
		"limit.",
		0};

static void rpc_list(rpc_t *rpc, void *ctx)
{
	int64_t now = shared_now();
	void *h, *calls, *row;
	uint32_t cursor;
	unsigned at;
	size_t limit;
	wa_call_t c;
	bool more = true;

	if(!rpc_page(rpc, ctx, &cursor, &limit))
		return;
	if(limit > 100)
		limit = 100; /* these rows are long */
	at = cursor;
	if(rpc->add(ctx, "{", &h) < 0
			|| rpc->struct_add(h, "[", "calls", &calls) < 0) {
		rpc->fault(ctx, 500, "Out of memory");
		return;
	}
	while(limit > 0 && (more = next_call(&at, &c))) {
		if(rpc->array_add(calls, "{", &row) < 0)
			break;
		add_call(rpc, row, &c, now);
		limit--;
	}
	rpc->struct_add(h, "d", "next", more ? (int)at : 0);
}

static bool find_call(str *name, wa_call_t *out)
{
	wa_calls_t *t = shared_lock();
	wa_call_t *c = wa_calls_find_id(t, KSR_SV(name));

	if(c == NULL)
		c = wa_calls_find(t, KSR_SV(name), (wa_sv_t){NULL, 0});
	if(c != NULL)
		*out = *c;
	shared_unlock();
	return c != NULL;
}

/* The parameter: id or Call-ID. False: a fault has been sent. */
static bool named_call(rpc_t *rpc, void *ctx, wa_call_t *c)
{
	str name;

	if(!rpc_text(rpc, ctx, &name)) {
		rpc->fault(ctx, 400, "id or Call-ID of a call");
		return false;
	}
	if(find_call(&name, c))
		return true;
	rpc->fault(ctx, 404, "No such call");
	return false;
}

static const char *show_doc[] = {
		"One call. Parameter: its id or Call-ID. The peer is masked.", 0};

static void rpc_show(rpc_t *rpc, void *ctx)
{
	wa_call_t c;
	void *h;

	if(!named_call(rpc, ctx, &c))
		return;
	if(rpc->add(ctx, "{", &h) < 0) {
		rpc->fault(ctx, 500, "Out of memory");
		return;
	}
	add_call(rpc, h, &c, shared_now());
	rpc->struct_add(h, "ssssssd", "wacid", c.wacid, "src", c.src, "keys",
			c.keys, "codec_meta", c.codec_meta, "codec_pbx", c.codec_pbx,
			"media_node", c.media_node, "first_ms", (int)c.first_ms);
	rpc->struct_add(h, "dddd", "ringing_after",
			c.ringing > 0 ? (int)(c.ringing - c.offered) : -1,
			"answered_after",
			c.answered > 0 ? (int)(c.answered - c.offered) : -1, "talking",
			c.answered > 0 ? (int)((shared_now() - c.answered) / 1000) : 0,
			"restarted", (int)c.restarted);
	rpc->struct_add(h, "ssd", "meta_call_id",
			wa_leg_get(&c.meta, WA_LEG_CALL_ID).s, "pbx_call_id",
			wa_leg_get(&c.pbx, WA_LEG_CALL_ID).s, "can_hang_up",
			c.state == WA_CALL_ANSWERED && wa_leg_is_set(&c.meta));
}

static const char *hangup_doc[] = {
		"Ends an answered call: BYE to both sides. Parameter: its id or "
		"Call-ID.",
		0};

static void rpc_hangup(rpc_t *rpc, void *ctx)
{
	wa_call_t c;
	void *h;

	if(!named_call(rpc, ctx, &c))
		return;
	if(c.state != WA_CALL_ANSWERED) {
		rpc->fault(ctx, 400,
				"The call is not answered yet: whoever calls can cancel it");
		return;
	}
	if(!wa_leg_is_set(&c.meta)) {
		rpc->fault(ctx, 500, "The call's addresses are not known");
		return;
	}
	if(shared_push(JOB_HANG_UP, &c) < 0) {
		rpc->fault(ctx, 500, "Queue full, try again");
		return;
	}
	if(rpc->add(ctx, "{", &h) == 0)
		rpc->struct_add(h, "ss", "id", c.id, "state", "ending");
}

/* --- draining ---------------------------------------------------------------- */

static void say_drain(rpc_t *rpc, void *ctx)
{
	static const char *const names[] = {"off", "on", "exit"};
	unsigned n = wa_calls_count(shared_lock());
	void *h;

	shared_unlock();
	if(rpc->add(ctx, "{", &h) == 0)
		rpc->struct_add(h, "sd", "drain", names[shared_drain()], "calls",
				(int)n);
}

static const char *drain_doc[] = {
		"No new calls from now on; running ones go on. Parameter: exit = and "
		"Kamailio ends with the last one.",
		0};

static void rpc_drain(rpc_t *rpc, void *ctx)
{
	enum drain how = DRAIN_ON;
	str s;

	if(rpc_text(rpc, ctx, &s)) {
		if(!wa_sv_eq(KSR_SV(&s), WA_SV("exit"))) {
			rpc->fault(ctx, 400, "The only parameter is exit");
			return;
		}
		how = DRAIN_EXIT;
	}
	shared_set_drain(how);
	LM_NOTICE("draining: no new calls%s\n",
			how == DRAIN_EXIT ? ", and the end with the last one" : "");
	say_drain(rpc, ctx);
}

static const char *undrain_doc[] = {"New calls are taken again.", 0};

static void rpc_undrain(rpc_t *rpc, void *ctx)
{
	shared_set_drain(DRAIN_OFF);
	LM_NOTICE("new calls are taken again\n");
	say_drain(rpc, ctx);
}

static const char *status_doc[] = {"Is this node draining, and how many calls?", 0};

/* --- figures ----------------------------------------------------------------- */

static const char *stats_doc[] = {
		"Counters of calls and of their records.", 0};

static void rpc_stats(rpc_t *rpc, void *ctx)
{
	calls_stats_t *st = shared_stats();
	unsigned n = wa_calls_count(shared_lock());
	void *h;

	shared_unlock();
	if(rpc->add(ctx, "{", &h) < 0) {
		rpc->fault(ctx, 500, "Out of memory");
		return;
	}
	rpc->struct_add(h, "uuuuuu", "calls", n, "attempts_in",
			(unsigned)st->attempts[0], "attempts_out",
			(unsigned)st->attempts[1], "hung_up", (unsigned)st->hung_up,
			"recovered", (unsigned)st->recovered, "no_legs",
			(unsigned)st->no_legs);
	rpc->struct_add(h, "uuuuuuuu", "cdr_written", (unsigned)st->cdr_written,
			"cdr_pending", (unsigned)st->cdr_pending, "cdr_lost",
			(unsigned)st->cdr_lost, "cdr_errors", (unsigned)st->cdr_errors,
			"cdr_redis", (unsigned)st->cdr_redis, "redis_pending",
			(unsigned)st->redis_pending, "journal_errors",
			(unsigned)st->journal_errors, "queue_drops",
			(unsigned)st->queue_drops);
}

static const char *nodes_doc[] = {
		"Whose calls limits count, and which other nodes are heard. Parameter: a",
		"number or a trunk: how many calls it has here, and on all nodes.", 0};

/* What limits know of a name, be it a number's or a trunk's. */
static void add_usage(rpc_t *rpc, void *h, wa_sv_t name)
{
	static const char *const kinds[] = {"number", "trunk"};
	unsigned here = 0, all = 0;
	const wa_usage_t *u = wa_calls_usage(shared_lock());

	for(int i = 0; i < 2; i++) {
		uint64_t key = wa_usage_key(wa_sv_from(kinds[i]), name, WA_SV(""));

		here += wa_usage_here(u, key);
		all += wa_usage_all(u, key);
	}
	shared_unlock();
	rpc->struct_add(h, "uu", "calls_here", here, "calls_all", all);
}

static void rpc_nodes(rpc_t *rpc, void *ctx)
{
	calls_stats_t *st = shared_stats();
	nodes_view_t v;
	void *h, *list, *row;
	str name;

	nodes_view(&v);
	if(rpc->add(ctx, "{", &h) < 0) {
		rpc->fault(ctx, 500, "Out of memory");
		return;
	}
	rpc->struct_add(h, "sdduuuu", "limits", nodes_state_name(v.state), "others",
			(int)wa_peers_count(&v.peers), "lag_ms", v.lag_ms, "told", (unsigned)v.told,
			"untold", (unsigned)v.untold, "unclear", (unsigned)v.unclear, "full",
			(unsigned)v.full);
	rpc->struct_add(h, "uuu", "asked", (unsigned)st->asked, "settled",
			(unsigned)st->settled, "unsettled", (unsigned)st->unsettled);
	if(rpc_text(rpc, ctx, &name))
		add_usage(rpc, h, KSR_SV(&name));
	if(rpc->struct_add(h, "[", "nodes", &list) < 0)
		return;
	for(int i = 0; i < WA_PEERS_MAX; i++)
		if(v.peers.v[i].name[0] != '\0' && rpc->array_add(list, "{", &row) == 0)
			rpc->struct_add(row, "sd", "node", v.peers.v[i].name, "heard_ms",
					(int)(v.now - v.peers.v[i].heard));
}

/* --- what was ------------------------------------------------------------------ */

#define RECENT_MAX 100 /* these rows are long, and the reply has to fit one datagram */

/* "wa_calls.show" has the rest of a call that is there. */
static int add_recent(rpc_t *rpc, void *row, const wa_call_t *c)
{
	const wa_reason_t *r = wa_reason_find(wa_sv_from(c->cause));
	char peer[32], phrase[160], ended[40];

	wa_mask(wa_sv_from(c->peer), peer, sizeof(peer));
	wa_mask_text(wa_sv_from(c->phrase), phrase, sizeof(phrase));
	shared_show_time(c->ended, ended, sizeof(ended));
	if(rpc->struct_add(row, "sssssssss", "id", c->id, "ended", ended, "result",
			   wa_call_result_name(c->result), "dir", c->dir, "number",
			   c->number, "peer", peer, "trunk", c->trunk, "gateway",
			   c->gateway, "cause", c->cause)
			< 0)
		return -1;
	if(rpc->struct_add(row, "dsssss", "code", (int)c->code, "by", c->ended_by,
			   "why", r != NULL ? r->text : "", "remedy",
			   r != NULL ? r->remedy : "", "class",
			   r != NULL ? wa_reason_class_name(r->class) : "", "phrase",
			   phrase)
			< 0)
		return -1;
	if(rpc->struct_add(row, "dddd", "age",
			   (int)((shared_now() - c->ended) / 1000), "ringing_after",
			   c->ringing > 0 ? (int)(c->ringing - c->offered) : -1,
			   "answered_after",
			   c->answered > 0 ? (int)(c->answered - c->offered) : -1,
			   "duration_ms",
			   c->answered > 0 ? (int)(c->ended - c->answered) : 0)
			< 0)
		return -1;
	return rpc->struct_add(row, "sssssssdsss", "keys", c->keys, "codec_meta",
			c->codec_meta, "codec_pbx", c->codec_pbx, "media_node",
			c->media_node, "mos", c->mos, "loss", c->loss, "jitter",
			c->jitter, "first_ms", (int)c->first_ms, "wacid", c->wacid, "call",
			c->call, "meta_call", c->meta_call);
}

static const char *recent_doc[] = {
		"Calls that are over, the last first; users are masked. Parameters:",
		"all or failed (that did not come about, other than by the caller's own",
		"doing), how many (50, at most 100), a business number or a trunk.", 0};

/* The optional parameters; false: a fault has been sent. */
static bool scan_recent(
		rpc_t *rpc, void *ctx, bool *failed, unsigned *limit, wa_sv_t *of)
{
	unsigned long n = 50;
	str s;

	*failed = false;
	*of = (wa_sv_t){NULL, 0};
	if(rpc_text(rpc, ctx, &s)) {
		*failed = wa_sv_eq(KSR_SV(&s), WA_SV("failed"));
		if(!*failed && !wa_sv_eq(KSR_SV(&s), WA_SV("all"))) {
			rpc->fault(ctx, 400, "which: all or failed");
			return false;
		}
	}
	if(rpc_text(rpc, ctx, &s)
			&& (wa_sv_ulong(KSR_SV(&s), RECENT_MAX, &n) < 0 || n == 0)) {
		rpc->fault(ctx, 400, "how many: 1 to %d", RECENT_MAX);
		return false;
	}
	if(rpc_text(rpc, ctx, &s))
		*of = KSR_SV(&s);
	*limit = (unsigned)n;
	return true;
}

static bool is_of(const wa_call_t *c, wa_sv_t of)
{
	return of.len == 0 || wa_sv_eq(wa_sv_from(c->number), of)
		   || wa_sv_eq(wa_sv_from(c->trunk), of);
}

static void rpc_recent(rpc_t *rpc, void *ctx)
{
	void *h, *list, *row;
	unsigned limit;
	bool failed;
	wa_call_t c;
	wa_sv_t of;

	if(!scan_recent(rpc, ctx, &failed, &limit, &of))
		return;
	if(rpc->add(ctx, "{", &h) < 0
			|| rpc->struct_add(h, "[", "calls", &list) < 0) {
		rpc->fault(ctx, 500, "Out of memory");
		return;
	}
	for(unsigned i = 0; limit > 0 && recent_get(failed, i, &c); i++) {
		if(!is_of(&c, of))
			continue;
		if(rpc->array_add(list, "{", &row) < 0 || add_recent(rpc, row, &c) < 0)
			return;
		limit--;
	}
}

static const char *history_doc[] = {
		"Minute by minute, the present one last: calls at once (the most),",
		"attempts, answered, failed, ended, MOS of those that ended (in",
		"hundredths, 0: none). Parameter: how many minutes (60, at most 1440).",
		0};

static int of_minute(const wa_minute_t *m, int what)
{
	switch(what) {
		case WA_HISTORY_COUNTS:
			return (int)m->calls;
		case WA_HISTORY_COUNTS + 1:
			return m->mos_n > 0 ? (int)(m->mos_sum / m->mos_n / 10) : 0;
		default:
			return (int)m->count[what];
	}
}

static void rpc_history(rpc_t *rpc, void *ctx)
{
	static const char *const names[] = {"attempts", "answered", "failed",
			"ended", "calls", "mos"};
	int64_t now = shared_now() / 60000;
	unsigned long n = 60;
	void *h, *list;
	str s;

	if(rpc_text(rpc, ctx, &s)
			&& (wa_sv_ulong(KSR_SV(&s), WA_HISTORY_MINUTES, &n) < 0 || n == 0)) {
		rpc->fault(ctx, 400, "minutes: 1 to %d", WA_HISTORY_MINUTES);
		return;
	}
	if(rpc->add(ctx, "{", &h) < 0
			|| rpc->struct_add(h, "dd", "minutes", (int)n, "now", (int)now)
					   < 0) {
		rpc->fault(ctx, 500, "Out of memory");
		return;
	}
	for(int what = 0; what < WA_HISTORY_COUNTS + 2; what++) {
		if(rpc->struct_add(h, "[", names[what], &list) < 0)
			return;
		for(int64_t i = now - (int64_t)n + 1; i <= now; i++) {
			wa_minute_t m = recent_minute(i);

			rpc->array_add(list, "d", of_minute(&m, what));
		}
	}
}

static const char *top_doc[] = {
		"Calls of each business number and each trunk: now, and since the start",
		"(2048 of them are remembered); cause and age of the last failure. "
		"Parameters:",
		"cursor (0 = from the start), limit.", 0};

static unsigned calls_now(const wa_tally_key_t *k)
{
	wa_calls_t *t = shared_lock();
	unsigned n = k->trunk ? wa_calls_of_trunk(t, wa_sv_from(k->name))
						  : wa_calls_of_number(t, wa_sv_from(k->name));

	shared_unlock();
	return n;
}

static int add_tally(rpc_t *rpc, void *list, const wa_tally_key_t *k)
{
	void *row;

	if(rpc->array_add(list, "{", &row) < 0)
		return -1;
	return rpc->struct_add(row, "ssuuuusd", "of", k->trunk ? "trunk" : "number",
			"name", k->name, "calls", calls_now(k), "attempts",
			k->n[WA_TALLY_ATTEMPTS], "answered", k->n[WA_TALLY_ANSWERED],
			"failed", k->n[WA_TALLY_FAILED], "cause", k->cause, "failed_age",
			k->failed_at > 0 ? (int)(shared_now() / 1000 - k->failed_at) : -1);
}

static void rpc_top(rpc_t *rpc, void *ctx)
{
	wa_tally_key_t k;
	uint32_t cursor;
	unsigned at;
	size_t limit;
	void *h, *list;
	bool more = true;

	if(!rpc_page(rpc, ctx, &cursor, &limit))
		return;
	at = cursor;
	if(rpc->add(ctx, "{", &h) < 0
			|| rpc->struct_add(h, "[", "top", &list) < 0) {
		rpc->fault(ctx, 500, "Out of memory");
		return;
	}
	for(; limit > 0 && (more = tally_next(&at, &k)); limit--)
		if(add_tally(rpc, list, &k) < 0)
			break;
	rpc->struct_add(h, "d", "next", more ? (int)at : 0);
}

/* --- patterns ---------------------------------------------------------------- */

static const char *blocked_doc[] = {
		"Numbers and trunks that are blocked for a suspicious pattern.", 0};

typedef struct answer
{
	rpc_t *rpc;
	void *ctx;
} answer_t;

static void add_blocked(void *arg, const wa_pattern_key_t *k)
{
	answer_t *a = arg;
	void *h;

	if(a->rpc->add(a->ctx, "{", &h) == 0)
		a->rpc->struct_add(h, "ssd", "of", k->trunk ? "trunk" : "number",
				"name", k->name, "seconds",
				(int)(k->blocked_until - wa_clock_ms() / 1000));
}

static void rpc_blocked(rpc_t *rpc, void *ctx)
{
	answer_t a = {rpc, ctx};

	patterns_blocked(add_blocked, &a);
}

static const char *unblock_doc[] = {
		"Ends the block of a number or a trunk. Parameter: its name.", 0};

static void rpc_unblock(rpc_t *rpc, void *ctx)
{
	str name;

	if(!rpc_text(rpc, ctx, &name))
		rpc->fault(ctx, 400, "The number or the trunk");
	else if(patterns_unblock(KSR_SV(&name)) < 0)
		rpc->fault(ctx, 404, "Nothing of that name is blocked");
}

static const char *site_doc[] = {
		"Who this node is toward Meta, and where it finds Meta.", 0};

static void rpc_site(rpc_t *rpc, void *ctx)
{
	void *h;

	if(rpc->add(ctx, "{", &h) == 0)
		rpc->struct_add(h, "ssdss", "node", calls_node, "hostname",
				calls_site.hostname, "port", calls_site.port, "meta_hop",
				calls_site.meta_hop, "meta_name", calls_site.meta_name);
}

static const char *reopen_doc[] = {
		"The file of call records is opened anew, after it was rotated.", 0};

static void rpc_reopen(rpc_t *rpc, void *ctx)
{
	wa_call_t none;

	wa_call_init(&none);
	if(shared_push(JOB_REOPEN, &none) < 0)
		rpc->fault(ctx, 500, "Queue full, try again");
}

static const char *reasons_doc[] = {
		"The dictionary of reasons: code, status, class, text, remedy.", 0};

static void rpc_reasons(rpc_t *rpc, void *ctx)
{
	const wa_reason_t *r;
	void *h;

	for(size_t i = 0; (r = wa_reason_row(i)) != NULL; i++) {
		if(rpc->add(ctx, "{", &h) < 0) {
			rpc->fault(ctx, 500, "Out of memory");
			return;
		}
		rpc->struct_add(h, "sdsss", "code", r->code, "status", (int)r->sip,
				"class", wa_reason_class_name(r->class), "text", r->text,
				"remedy", r->remedy);
	}
}

rpc_export_t calls_rpcs[] = {{"wa_calls.list", rpc_list, list_doc, 0},
		{"wa_calls.show", rpc_show, show_doc, 0},
		{"wa_calls.hangup", rpc_hangup, hangup_doc, 0},
		{"wa_calls.top", rpc_top, top_doc, 0},
		{"wa_calls.recent", rpc_recent, recent_doc, 0},
		{"wa_calls.history", rpc_history, history_doc, 0},
		{"wa_calls.stats", rpc_stats, stats_doc, 0},
		{"wa_calls.nodes", rpc_nodes, nodes_doc, 0},
		{"wa_calls.drain", rpc_drain, drain_doc, 0},
		{"wa_calls.undrain", rpc_undrain, undrain_doc, 0},
		{"wa_calls.drain_status", say_drain, status_doc, 0},
		{"wa_calls.blocked", rpc_blocked, blocked_doc, RPC_RET_ARRAY},
		{"wa_calls.unblock", rpc_unblock, unblock_doc, 0},
		{"wa_calls.site", rpc_site, site_doc, 0},
		{"wa_calls.reopen", rpc_reopen, reopen_doc, 0},
		{"wa_calls.reasons", rpc_reasons, reasons_doc, RPC_RET_ARRAY},
		{0, 0, 0, 0}};
