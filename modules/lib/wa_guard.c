/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "wa_guard.h"

#include <stdlib.h>
#include <string.h>

#include "wa_err.h"
#include "wa_guard_plan.h"
#include "wa_guard_table.h"
#include "wa_ng.h"
#include "wa_relay_msg.h"
#include "wa_sdp.h"

#define TRIES 4			 /* the same command is sent so often */
#define PATIENT_TRIES 100 /* half a minute */
#define DELETE_PAUSE_MS 1000
#define KEYS_EAGER_MS 1000
#define KEYS_PATIENT_MS 10000
#define FIRST_PATIENT_MS 30000 /* after keys: a relay that sends nothing */
#define MSG_SIZE 65000
/* rtpengine nominates 100 ms after its first check was answered (daemon/ice.c), and
 * is through with the answer to that: twice to Meta and back, and the machine's own
 * delay. Too late costs what it is too late; too soon costs DTLS's first
 * repetition, a second. */
#define NOMINATION_MS 100
#define ICE_SLACK_MS 50
#define RTT_UNKNOWN_MS 100

const int32_t wa_guard_bucket_ms[WA_GUARD_BUCKETS] = {
		10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 20000};

struct wa_guard
{
	wa_guard_cfg_t cfg;
	wa_guard_io_t io;
	wa_guard_stats_t *st;
	struct guard_table table;
	uint32_t nonce;
	char msg[MSG_SIZE];
	char keyless[WA_SDP_MAX];
};

const char *wa_guard_state_name(enum wa_guard_state s)
{
	static const char *const names[] = {
			"ask", "hold", "ice", "begin", "begin", "keys", "first", "run", "gone", "close"};

	return (size_t)s < sizeof(names) / sizeof(names[0]) ? names[s] : "?";
}

wa_guard_t *wa_guard_new(const wa_guard_cfg_t *cfg, const wa_guard_io_t *io,
		wa_guard_stats_t *stats, uint32_t nonce)
{
	wa_guard_t *g = calloc(1, sizeof(*g));

	if(g == NULL)
		return NULL;
	if(guard_table_init(&g->table, cfg->max_calls) < 0) {
		free(g);
		return NULL;
	}
	g->cfg = *cfg;
	g->io = *io;
	g->st = stats;
	g->nonce = nonce;
	return g;
}

void wa_guard_free(wa_guard_t *g)
{
	if(g == NULL)
		return;
	guard_table_free(&g->table);
	free(g);
}

static void warn(wa_guard_t *g, const struct guard_call *c, const char *what,
		wa_sv_t detail)
{
	if(g->io.warn)
		g->io.warn(g->io.arg, c->job.callid, what, detail);
}

static void show(wa_guard_t *g, const struct guard_call *c, bool used)
{
	wa_guard_view_t v = {.used = used, .state = c->state, .sdes = c->job.sdes,
			.hold = c->job.hold, .at = c->job.at, .first_ms = c->first_ms};
	wa_sv_t id = c->job.callid, url = c->job.url;

	if(g->io.show == NULL)
		return;
	if(id.len >= sizeof(v.callid))
		id.len = sizeof(v.callid) - 1;
	if(url.len >= sizeof(v.url))
		url.len = sizeof(v.url) - 1;
	if(wa_sv_copy(v.callid, sizeof(v.callid), id) == 0
			&& wa_sv_copy(v.url, sizeof(v.url), url) == 0)
		g->io.show(g->io.arg, guard_slot(&g->table, c), &v);
}

static void drop(wa_guard_t *g, struct guard_call *c)
{
	show(g, c, false);
	guard_del(&g->table, c);
	g->st->active = g->table.used;
}

/* --- commands -------------------------------------------------------- */

/* An offer or answer of before, once more; both tags say that the dialogue is
 * meant that exists, and no new one. */
static void put_again(wa_guard_t *g, const struct guard_call *c, wa_sv_t sdp,
		wa_sv_t flags, wa_buf_t *b)
{
	const wa_guard_job_t *j = &c->job;
	wa_buf_t keyless = wa_buf_on(g->keyless, sizeof(g->keyless));

	if(c->ice && wa_sdp_keyless(sdp, &keyless) == 0)
		sdp = wa_buf_sv(&keyless);
	wa_ben_put_pair(b, WA_SV("from-tag"), j->hold ? j->meta_tag : j->pbx_tag);
	wa_ben_put_pair(b, WA_SV("to-tag"), j->hold ? j->pbx_tag : j->meta_tag);
	wa_ben_put_pair(b, WA_SV("sdp"), sdp);
	wa_ng_flags(b, flags);
}

static void build_relay(const struct guard_call *c, wa_sv_t cookie, wa_buf_t *b)
{
	enum wa_relay_command command = c->pending == GUARD_RELAY_START ? WA_RELAY_START
									: c->pending == GUARD_RELAY_QUERY
											? WA_RELAY_QUERY
											: WA_RELAY_CLOSE;
	wa_relay_msg_t m = wa_relay_msg(command, c->job.callid);

	m.cookie = cookie;
	wa_relay_msg_write(&m, b);
}

static void build_ng(wa_guard_t *g, const struct guard_call *c, wa_sv_t cookie,
		wa_buf_t *b)
{
	static const wa_sv_t names[] = {
			{"query", 5}, {"offer", 5}, {"answer", 6}, {"delete", 6}};

	wa_ng_begin(b, cookie, names[c->pending - 1], c->job.callid);
	if(c->pending == GUARD_OFFER)
		put_again(g, c, c->job.offer, c->job.offer_flags, b);
	else if(c->pending == GUARD_ANSWER)
		put_again(g, c, c->job.answer, c->job.answer_flags, b);
	wa_ben_put_end(b);
}

static bool to_relay(enum guard_command cmd)
{
	return cmd == GUARD_RELAY_START || cmd == GUARD_RELAY_QUERY
		   || cmd == GUARD_RELAY_CLOSE;
}

static void send_pending(wa_guard_t *g, struct guard_call *c, int64_t now)
{
	wa_buf_t b = wa_buf_on(g->msg, sizeof(g->msg));
	bool relay = to_relay(c->pending);
	char mem[32];
	wa_buf_t cookie = wa_buf_on(mem, sizeof(mem));

	/* a relay that says twice that it does not know the call counts once */
	c->seq += relay;
	c->strange = 0;
	wa_buf_hex(&cookie, g->nonce, 8);
	wa_buf_hex(&cookie, guard_slot(&g->table, c), 6);
	wa_buf_hex(&cookie, c->seq, 8);
	if(relay)
		build_relay(c, wa_buf_sv(&cookie), &b);
	else
		build_ng(g, c, wa_buf_sv(&cookie), &b);
	c->tries++;
	if(wa_buf_check(&b) < 0
			|| g->io.send(g->io.arg, relay ? c->job.relay : c->job.url,
					   wa_buf_sv(&b)) < 0)
		g->st->errors++;
	guard_schedule(&g->table, c, now + g->cfg.ng_ms);
}

static void command(wa_guard_t *g, struct guard_call *c,
		enum guard_command cmd, int64_t now)
{
	c->pending = cmd;
	c->seq++;
	c->tries = 0;
	send_pending(g, c, now);
}

static void enter(wa_guard_t *g, struct guard_call *c, enum wa_guard_state s,
		int64_t due)
{
	c->state = s;
	guard_schedule(&g->table, c, due);
	show(g, c, true);
}

/* --- beginning ---------------------------------------------------------- */

/* Not waited for: whether it has come is seen by the packets (see seen_first). */
static void start_relay(wa_guard_t *g, struct guard_call *c, int64_t now)
{
	c->told = now;
	if(c->job.relay.len == 0)
		return;
	c->pending = GUARD_RELAY_START;
	send_pending(g, c, now);
	c->pending = GUARD_NONE;
}

/* All is told. The relay sends from now on: sooner, rtpengine has no use for it. */
static void await_keys(wa_guard_t *g, struct guard_call *c, int64_t now)
{
	start_relay(g, c, now);
	c->since = now;
	enter(g, c, WA_GUARD_KEYS, now + g->cfg.poll_ms / 2);
}

static void await_ice(wa_guard_t *g, struct guard_call *c, int64_t now)
{
	int32_t rtt = c->job.rtt > 0 ? c->job.rtt : RTT_UNKNOWN_MS;
	int32_t ms = rtt < g->cfg.ice_ms ? NOMINATION_MS + ICE_SLACK_MS + 2 * rtt
									 : g->cfg.ice_ms;

	enter(g, c, WA_GUARD_ICE, now + (ms < g->cfg.ice_ms ? ms : g->cfg.ice_ms));
}

/* Of a call of the business the answer will do: that offer was Meta's to take. */
static bool has_offer(const struct guard_call *c)
{
	return c->job.hold && c->job.offer.len > 0;
}

static void repeat(wa_guard_t *g, struct guard_call *c, int64_t now)
{
	c->state = has_offer(c) ? WA_GUARD_BEGIN_OFFER : WA_GUARD_BEGIN_ANSWER;
	command(g, c, has_offer(c) ? GUARD_OFFER : GUARD_ANSWER, now);
	show(g, c, true);
}

static void repeated(wa_guard_t *g, struct guard_call *c, int64_t now)
{
	if(c->ice)
		await_ice(g, c, now);
	else
		await_keys(g, c, now);
}

/* Is it rtpengine that begins DTLS, and has to wait with it? */
static bool has_ice_first(wa_guard_t *g, const struct guard_call *c)
{
	wa_buf_t keyless = wa_buf_on(g->keyless, sizeof(g->keyless));
	wa_sv_t sdp = c->job.hold ? c->job.offer : c->job.answer;

	return sdp.len > 0 && wa_sdp_keyless(sdp, &keyless) == 0;
}

static void begin(wa_guard_t *g, struct guard_call *c, int64_t now)
{
	c->ice = has_ice_first(g, c);
	if(c->job.answer.len > 0)
		repeat(g, c, now);
	else
		await_keys(g, c, now);
}

/* It has not begun; where Meta rang us, it may not before the ACK. */
static void held(wa_guard_t *g, struct guard_call *c, int64_t now)
{
	c->unsure = false;
	if(!c->job.hold)
		repeat(g, c, now); /* rtpengine has had the answer: ICE is through */
	else if(c->acked)
		begin(g, c, now);
	else
		enter(g, c, WA_GUARD_HOLD,
				now + (c->job.sdes ? g->cfg.ack_sdes_ms : g->cfg.ack_ms));
}

/* What the relay has kept, or nothing. Who says START knows of the call that there
 * is one, and no more. */
static void take_plan(wa_guard_t *g, struct guard_call *c, const wa_ben_t *dict,
		int64_t now)
{
	wa_guard_job_t job;
	wa_ben_t plan;
	bool has = dict != NULL
			   && wa_ben_get(dict, WA_SV("plan"), WA_BEN_STR, &plan) == 0
			   && wa_guard_plan_read(plan.body, &job) == 0
			   && guard_replace(c, &job) == 0;

	if(!has && c->job.kind == WA_GUARD_START) {
		drop(g, c);
		return;
	}
	g->st->watched++;
	c->unsure = has && !c->job.sdes;
	c->since = now;
	enter(g, c, WA_GUARD_KEYS, now + g->cfg.poll_ms / 2);
}

/* --- what replies mean ------------------------------------------------ */

static void first_packet(wa_guard_t *g, struct guard_call *c, int64_t now)
{
	int64_t ms = now - c->job.at;
	unsigned i = 0;

	if(c->first_ms >= 0)
		return;
	if(ms < 0)
		ms = 0;
	c->first_ms = ms > INT32_MAX ? INT32_MAX : (int32_t)ms;
	while(i < WA_GUARD_BUCKETS && ms > wa_guard_bucket_ms[i])
		i++;
	g->st->first[i]++;
	g->st->first_sum_ms += (uint64_t)ms;
	g->st->first_count++;
	if(g->io.first != NULL)
		g->io.first(g->io.arg, c->job.callid, c->first_ms);
}

/* How long until the next look at keys: eagerly at first; a peer that never
 * finishes must not keep rtpengine busy. */
static int64_t keys_pause(const wa_guard_t *g, const struct guard_call *c,
		int64_t now)
{
	int64_t age = now - c->since;

	if(age < KEYS_EAGER_MS)
		return g->cfg.poll_ms;
	return g->cfg.poll_ms * (age < KEYS_PATIENT_MS ? 5 : 20);
}

static void seen_keys(wa_guard_t *g, struct guard_call *c,
		const wa_ng_call_t *q, int64_t now)
{
	if(!q->keys && c->unsure) {
		held(g, c, now);
		return;
	}
	c->unsure = false;
	if(!q->keys || !q->filled) {
		guard_schedule(&g->table, c, now + keys_pause(g, c, now));
		return;
	}
	/* rtpengine 10.5 puts keys of DTLS into Redis with the next report that it encrypts */
	start_relay(g, c, now);
	c->since = now;
	enter(g, c, WA_GUARD_FIRST, now + g->cfg.poll_ms);
}

/* With keys, what rtpengine takes from the relay goes out. A relay that is silent
 * may not have heard that it is to begin. */
static void seen_first(wa_guard_t *g, struct guard_call *c, bool grew,
		int64_t now)
{
	if(grew)
		first_packet(g, c, now);
	if(grew || now - c->since > FIRST_PATIENT_MS) {
		enter(g, c, WA_GUARD_RUN, now + g->cfg.slow_ms);
		return;
	}
	if(now - c->told >= g->cfg.ng_ms)
		start_relay(g, c, now);
	guard_schedule(&g->table, c, now + g->cfg.poll_ms);
}

static void on_query(wa_guard_t *g, struct guard_call *c,
		const wa_ben_t *dict, int64_t now)
{
	wa_ng_call_t q;
	bool grew;

	if(wa_ng_query(dict, c->job.meta_tag, c->job.pbx_tag, &q) < 0) {
		guard_schedule(&g->table, c, now + keys_pause(g, c, now));
		return;
	}
	grew = q.sent > c->sent;
	c->sent = q.sent;
	switch(c->state) {
		case WA_GUARD_KEYS:
			seen_keys(g, c, &q, now);
			break;
		case WA_GUARD_FIRST:
			seen_first(g, c, grew, now);
			break;
		default:
			guard_schedule(&g->table, c, now + g->cfg.slow_ms);
			break;
	}
}

/* rtpengine has nothing more to do with the call; the relay may have. */
static void close_relay(wa_guard_t *g, struct guard_call *c, int64_t now)
{
	if(c->job.relay.len == 0) {
		drop(g, c);
		return;
	}
	c->state = WA_GUARD_CLOSE;
	command(g, c, GUARD_RELAY_CLOSE, now);
	show(g, c, true);
}

/* "Not found" is a mere warning: rtpengine may not have come to the offer yet
 * that a worker gave up on. */
static void on_deleted(wa_guard_t *g, struct guard_call *c,
		const wa_ben_t *dict, int64_t now)
{
	wa_ben_t v;

	if(wa_ben_get(dict, WA_SV("warning"), WA_BEN_STR, &v) == 0
			&& ++c->rounds < TRIES) {
		guard_schedule(&g->table, c, now + DELETE_PAUSE_MS);
		return;
	}
	g->st->deleted++;
	close_relay(g, c, now);
}

/* rtpengine takes commands in several threads: a delete may overtake our offer,
 * which then makes a session of which nobody knows. So it follows the reply. */
static bool over(wa_guard_t *g, struct guard_call *c, enum guard_command cmd,
		int64_t now)
{
	if(!c->over || (cmd != GUARD_OFFER && cmd != GUARD_ANSWER))
		return false;
	c->state = WA_GUARD_GONE;
	command(g, c, GUARD_DELETE, now);
	show(g, c, true);
	return true;
}

static void on_ok(wa_guard_t *g, struct guard_call *c, enum guard_command cmd,
		const wa_ben_t *dict, int64_t now)
{
	if(over(g, c, cmd, now)) {
		c->rounds = TRIES; /* nothing of ours is under way any more */
		return;
	}
	switch(cmd) {
		case GUARD_QUERY:
			on_query(g, c, dict, now);
			break;
		case GUARD_OFFER:
			c->state = WA_GUARD_BEGIN_ANSWER;
			command(g, c, GUARD_ANSWER, now);
			break;
		case GUARD_ANSWER:
			repeated(g, c, now);
			break;
		default:
			on_deleted(g, c, dict, now);
			break;
	}
}

/* The command was refused, or nobody answers: what now? */
static void on_failure(wa_guard_t *g, struct guard_call *c,
		enum guard_command cmd, const char *what, wa_sv_t why, int64_t now)
{
	if(cmd != GUARD_QUERY)
		warn(g, c, what, why);
	if(over(g, c, cmd, now))
		return;
	switch(cmd) {
		case GUARD_OFFER: /* the answer alone may still do */
			c->state = WA_GUARD_BEGIN_ANSWER;
			command(g, c, GUARD_ANSWER, now);
			break;
		case GUARD_ANSWER:
			repeated(g, c, now);
			break;
		case GUARD_DELETE:
			close_relay(g, c, now);
			break;
		case GUARD_RELAY_QUERY:
			take_plan(g, c, NULL, now);
			break;
		case GUARD_RELAY_CLOSE:
			drop(g, c);
			break;
		default:
			guard_schedule(&g->table, c, now + g->cfg.slow_ms);
			break;
	}
}

/* So many are asked at once. */
static unsigned relays(const struct guard_call *c)
{
	wa_sv_t rest = c->job.relay;
	unsigned n = 0;

	while(rest.len > 0)
		n += wa_sv_cut(&rest, ' ').len > 0;
	return n;
}

void wa_guard_reply(wa_guard_t *g, wa_sv_t datagram, int64_t now)
{
	enum guard_command cmd;
	struct guard_call *c;
	wa_sv_t cookie, why;
	wa_ben_t dict;
	int err = wa_ng_reply(datagram, &cookie, &dict);

	c = guard_by_cookie(&g->table, cookie, g->nonce);
	if(c == NULL)
		return;
	cmd = c->pending;
	if(err == 0)
		err = wa_ng_result(&dict, &why);
	else
		why = WA_SV("malformed reply");
	/* another relay may have it */
	if(to_relay(cmd) && err < 0 && ++c->strange < relays(c))
		return;
	c->pending = GUARD_NONE;
	if(cmd == GUARD_RELAY_CLOSE) { /* closed, or unknown to all: both will do */
		g->st->closed++;
		drop(g, c);
	} else if(cmd == GUARD_RELAY_QUERY) {
		take_plan(g, c, err == 0 ? &dict : NULL, now);
	} else if(err == 0) {
		on_ok(g, c, cmd, &dict, now);
	} else if(err == WA_ENOENT) {
		g->st->gone++;
		if(g->io.gone != NULL && c->state != WA_GUARD_GONE)
			g->io.gone(g->io.arg, c->job.callid);
		drop(g, c);
	} else {
		g->st->errors++;
		on_failure(g, c, cmd, "rtpengine refuses", why, now);
	}
}

/* --- time -------------------------------------------------------------- */

/* What is left behind costs ports. */
static bool is_patient(enum guard_command cmd)
{
	return cmd == GUARD_DELETE || cmd == GUARD_RELAY_CLOSE;
}

static void due(wa_guard_t *g, struct guard_call *c, int64_t now)
{
	enum guard_command cmd = c->pending;

	if(cmd != GUARD_NONE) {
		g->st->timeouts++;
		if(c->tries < (is_patient(cmd) ? PATIENT_TRIES : TRIES)) {
			send_pending(g, c, now);
			return;
		}
		c->pending = GUARD_NONE;
		on_failure(g, c, cmd,
				to_relay(cmd) ? "the relay does not answer"
							  : "rtpengine does not answer",
				WA_SV(""), now);
	} else if(c->state == WA_GUARD_HOLD) {
		g->st->held_timeout++;
		begin(g, c, now);
	} else if(c->state == WA_GUARD_ICE) {
		c->ice = false;
		repeat(g, c, now);
	} else if(c->state == WA_GUARD_GONE) {
		command(g, c, GUARD_DELETE, now);
	} else {
		command(g, c, GUARD_QUERY, now);
	}
}

void wa_guard_run(wa_guard_t *g, int64_t now)
{
	struct guard_call *c;

	/* whatever is done moves the call's time into the future, or drops it */
	while((c = guard_first(&g->table)) != NULL && c->due <= now) {
		guard_schedule(&g->table, c, now + 1);
		due(g, c, now);
	}
}

int64_t wa_guard_due(const wa_guard_t *g)
{
	const struct guard_call *c = guard_first(&g->table);

	return c ? c->due : -1;
}

/* --- jobs -------------------------------------------------------------- */

static int ask(wa_guard_t *g, const wa_guard_job_t *job, int64_t now)
{
	struct guard_call *c;
	int err = guard_add(&g->table, job, &c);

	if(err < 0) {
		g->st->refused++;
		return err;
	}
	g->st->active = g->table.used;
	c->first_ms = -1;
	c->since = now;
	c->acked = job->kind == WA_GUARD_START;
	c->state = WA_GUARD_ASK;
	command(g, c, GUARD_RELAY_QUERY, now);
	show(g, c, true);
	return 0;
}

static int watch(wa_guard_t *g, const wa_guard_job_t *job, int64_t now)
{
	struct guard_call *c = guard_find(&g->table, job->callid);
	int err;

	if(c != NULL) /* a repeated 200 OK */
		return 0;
	if(job->ask && job->relay.len > 0)
		return ask(g, job, now);
	err = guard_add(&g->table, job, &c);
	if(err < 0) {
		g->st->refused++;
		return err;
	}
	g->st->watched++;
	g->st->active = g->table.used;
	c->first_ms = -1;
	c->since = now;
	c->ice = !job->hold && has_ice_first(g, c);
	if(job->hold)
		enter(g, c, WA_GUARD_HOLD,
				now + (job->sdes ? g->cfg.ack_sdes_ms : g->cfg.ack_ms));
	else /* rtpengine has had the answer */
		repeated(g, c, now);
	return 0;
}

/* Our offer may reach rtpengine after the delete of the worker that ends the
 * call, and makes a new session then. */
static bool may_revive(const struct guard_call *c)
{
	return has_offer(c)
		   && (c->state == WA_GUARD_BEGIN_OFFER
				   || c->state == WA_GUARD_BEGIN_ANSWER);
}

static int end(wa_guard_t *g, const wa_guard_job_t *job, int64_t now)
{
	struct guard_call *c = guard_find(&g->table, job->callid);
	int err;

	if(c == NULL && job->kind == WA_GUARD_END && job->relay.len == 0)
		return WA_ENOENT;
	/* it is being ended; but the worker may have failed at its part since */
	if(c != NULL && (c->state == WA_GUARD_GONE
			|| (c->state == WA_GUARD_CLOSE && job->kind == WA_GUARD_END)))
		return 0;
	/* it was asked for, and whoever ends it knows more */
	if(c != NULL && c->job.url.len == 0 && job->url.len > 0) {
		drop(g, c);
		c = NULL;
	}
	if(c == NULL && (err = guard_add(&g->table, job, &c)) < 0) {
		g->st->refused++;
		return err;
	}
	g->st->active = g->table.used;
	if(may_revive(c)) {
		c->over = true;
		return 0;
	}
	if(job->kind == WA_GUARD_END) {
		close_relay(g, c, now);
		return 0;
	}
	c->state = WA_GUARD_GONE;
	command(g, c, GUARD_DELETE, now);
	show(g, c, true);
	return 0;
}

int wa_guard_job(wa_guard_t *g, const wa_guard_job_t *job, int64_t now)
{
	struct guard_call *c;

	switch(job->kind) {
		case WA_GUARD_WATCH:
			return watch(g, job, now);
		case WA_GUARD_START:
			c = guard_find(&g->table, job->callid);
			if(c == NULL)
				return job->relay.len > 0 ? ask(g, job, now) : WA_ENOENT;
			c->acked = true;
			if(c->state == WA_GUARD_HOLD) {
				c->job.rtt = (int32_t)(job->at > c->job.at ? job->at - c->job.at : 1);
				begin(g, c, now);
			}
			return 0;
		default:
			return end(g, job, now);
	}
}
