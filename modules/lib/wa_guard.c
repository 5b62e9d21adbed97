/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "wa_guard.h"

#include <stdlib.h>
#include <string.h>

#include "wa_err.h"
#include "wa_guard_table.h"
#include "wa_ng.h"

#define TRIES 4			 /* the same command is sent so often */
#define DELETE_TRIES 100 /* a session left behind costs ports: be patient */
#define TALK_MS 50		 /* a packet not older than this: the PBX talks */
#define KEYS_EAGER_MS 1000
#define KEYS_PATIENT_MS 10000
#define PLAY_EAGER_MS 3000
#define PLAY_MARGIN_MS 2000
#define MSG_SIZE 65000

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
};

const char *wa_guard_state_name(enum wa_guard_state s)
{
	static const char *const names[] = {"hold", "begin", "begin", "keys",
			"first", "play", "stop", "run", "gone"};

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
			.hold = c->job.hold, .at = c->job.at, .first_ms = c->first_ms,
			.plays = c->plays};
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

/* An offer or answer of before, once more. Meta offered; both tags say that the
 * dialogue is meant that exists, and no new one. */
static void put_again(
		wa_buf_t *b, const wa_guard_job_t *j, wa_sv_t sdp, wa_sv_t flags)
{
	wa_ben_put_pair(b, WA_SV("from-tag"), j->meta_tag);
	wa_ben_put_pair(b, WA_SV("to-tag"), j->pbx_tag);
	wa_ben_put_pair(b, WA_SV("sdp"), sdp);
	wa_ng_flags(b, flags);
}

static void build(wa_guard_t *g, const struct guard_call *c, wa_buf_t *b)
{
	static const wa_sv_t names[] = {{"query", 5}, {"offer", 5}, {"answer", 6},
			{"play media", 10}, {"stop media", 10}, {"delete", 6}};
	char mem[32];
	wa_buf_t cookie = wa_buf_on(mem, sizeof(mem));

	wa_buf_hex(&cookie, g->nonce, 8);
	wa_buf_hex(&cookie, guard_slot(&g->table, c), 6);
	wa_buf_hex(&cookie, c->seq, 8);
	wa_ng_begin(b, wa_buf_sv(&cookie), names[c->pending - 1], c->job.callid);
	switch(c->pending) {
		case GUARD_OFFER:
			put_again(b, &c->job, c->job.offer, c->job.offer_flags);
			break;
		case GUARD_ANSWER:
			put_again(b, &c->job, c->job.answer, c->job.answer_flags);
			break;
		case GUARD_PLAY:
			wa_ben_put_pair(b, WA_SV("from-tag"), c->job.meta_tag);
			wa_ben_put_pair(b, WA_SV("file"), g->cfg.file);
			break;
		case GUARD_STOP:
			wa_ben_put_pair(b, WA_SV("from-tag"), c->job.meta_tag);
			break;
		default:
			break;
	}
	wa_ben_put_end(b);
}

static void send_pending(wa_guard_t *g, struct guard_call *c, int64_t now)
{
	wa_buf_t b = wa_buf_on(g->msg, sizeof(g->msg));

	build(g, c, &b);
	c->tries++;
	if(wa_buf_check(&b) < 0
			|| g->io.send(g->io.arg, c->job.url, wa_buf_sv(&b)) < 0)
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

/* Does the PBX talk, or may it be just about to? Two speakers in a row are two
 * SSRCs for Meta, so it gets a moment; what it sent before the keys came was
 * dropped by rtpengine, but then its next packet is at most 20 ms away. */
static bool talks(const wa_guard_t *g, const struct guard_call *c, int64_t now)
{
	if(c->sent == 0)
		return now - c->job.at < g->cfg.grace_ms;
	return now - c->grew < TALK_MS;
}

static void seen_keys(wa_guard_t *g, struct guard_call *c,
		const wa_ng_call_t *q, int64_t now)
{
	if(!q->keys || !q->filled) {
		guard_schedule(&g->table, c, now + keys_pause(g, c, now));
		return;
	}
	enter(g, c, WA_GUARD_FIRST, now + g->cfg.poll_ms);
	if(!talks(g, c, now))
		command(g, c, GUARD_PLAY, now);
}

static void seen_first(wa_guard_t *g, struct guard_call *c, bool grew,
		int64_t now)
{
	if(grew) {
		first_packet(g, c, now);
		enter(g, c, WA_GUARD_RUN, now + g->cfg.slow_ms);
	} else if(talks(g, c, now)) {
		guard_schedule(&g->table, c, now + g->cfg.poll_ms);
	} else {
		command(g, c, GUARD_PLAY, now);
	}
}

static void seen_play(wa_guard_t *g, struct guard_call *c, bool grew,
		int64_t now)
{
	if(grew) {
		c->state = WA_GUARD_STOP;
		command(g, c, GUARD_STOP, now);
	} else if(now >= c->play_until) {
		g->st->replays++;
		command(g, c, GUARD_PLAY, now);
	} else {
		guard_schedule(&g->table, c,
				now + g->cfg.poll_ms * (now - c->since < PLAY_EAGER_MS ? 1 : 5));
	}
}

static void seen_run(wa_guard_t *g, struct guard_call *c, int64_t now)
{
	if(now - c->grew < g->cfg.gap_ms) {
		guard_schedule(&g->table, c, now + g->cfg.slow_ms);
		return;
	}
	g->st->gaps++;
	c->state = WA_GUARD_FIRST;
	command(g, c, GUARD_PLAY, now);
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
	if(grew)
		c->grew = now;
	c->sent = q.sent;
	switch(c->state) {
		case WA_GUARD_KEYS:
			seen_keys(g, c, &q, now);
			break;
		case WA_GUARD_FIRST:
			seen_first(g, c, grew, now);
			break;
		case WA_GUARD_PLAY:
			seen_play(g, c, grew, now);
			break;
		default:
			seen_run(g, c, now);
			break;
	}
}

static void on_play(wa_guard_t *g, struct guard_call *c, const wa_ben_t *dict,
		int64_t now)
{
	int64_t ms = g->cfg.file_ms;
	wa_ben_t v;

	/* for some containers rtpengine's figure is nonsense, never too small */
	if(wa_ben_get(dict, WA_SV("duration"), WA_BEN_INT, &v) == 0 && v.num > 0
			&& v.num < ms)
		ms = v.num;
	c->play_until = now + (ms > 2 * PLAY_MARGIN_MS ? ms - PLAY_MARGIN_MS : ms / 2);
	first_packet(g, c, now);
	if(c->state == WA_GUARD_FIRST) {
		g->st->plays++;
		c->plays++;
		c->since = now;
	}
	enter(g, c, WA_GUARD_PLAY, now + g->cfg.poll_ms);
}

/* "Not found" is a mere warning: rtpengine may not have come to the offer yet
 * that a worker gave up on. */
static void on_deleted(wa_guard_t *g, struct guard_call *c,
		const wa_ben_t *dict, int64_t now)
{
	wa_ben_t v;

	if(wa_ben_get(dict, WA_SV("warning"), WA_BEN_STR, &v) == 0
			&& ++c->rounds < TRIES) {
		guard_schedule(&g->table, c, now + g->cfg.slow_ms);
		return;
	}
	g->st->deleted++;
	drop(g, c);
}

static void on_ok(wa_guard_t *g, struct guard_call *c, enum guard_command cmd,
		const wa_ben_t *dict, int64_t now)
{
	switch(cmd) {
		case GUARD_QUERY:
			on_query(g, c, dict, now);
			break;
		case GUARD_OFFER:
			c->state = WA_GUARD_BEGIN_ANSWER;
			command(g, c, GUARD_ANSWER, now);
			break;
		case GUARD_ANSWER:
			c->since = now;
			enter(g, c, WA_GUARD_KEYS, now + g->cfg.poll_ms / 2);
			break;
		case GUARD_PLAY:
			on_play(g, c, dict, now);
			break;
		case GUARD_STOP:
			g->st->stops++;
			enter(g, c, WA_GUARD_RUN, now + g->cfg.slow_ms);
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
	switch(cmd) {
		case GUARD_OFFER: /* the answer alone may still do */
			c->state = WA_GUARD_BEGIN_ANSWER;
			command(g, c, GUARD_ANSWER, now);
			break;
		case GUARD_ANSWER:
			c->since = now;
			enter(g, c, WA_GUARD_KEYS, now + g->cfg.poll_ms);
			break;
		case GUARD_STOP: /* look again: it is stopped, or will be */
			enter(g, c, WA_GUARD_PLAY, now + g->cfg.slow_ms);
			break;
		case GUARD_DELETE:
			drop(g, c);
			break;
		default:
			guard_schedule(&g->table, c, now + g->cfg.slow_ms);
			break;
	}
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
	c->pending = GUARD_NONE;
	if(err == 0)
		err = wa_ng_result(&dict, &why);
	else
		why = WA_SV("malformed reply");
	if(err == 0) {
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

static void begin(wa_guard_t *g, struct guard_call *c, int64_t now)
{
	bool offer = c->job.offer.len > 0;

	c->state = offer ? WA_GUARD_BEGIN_OFFER : WA_GUARD_BEGIN_ANSWER;
	command(g, c, offer ? GUARD_OFFER : GUARD_ANSWER, now);
	show(g, c, true);
}

static void due(wa_guard_t *g, struct guard_call *c, int64_t now)
{
	enum guard_command cmd = c->pending;

	if(cmd != GUARD_NONE) {
		g->st->timeouts++;
		if(c->tries < (cmd == GUARD_DELETE ? DELETE_TRIES : TRIES)) {
			send_pending(g, c, now);
			return;
		}
		c->pending = GUARD_NONE;
		on_failure(g, c, cmd, "rtpengine does not answer", WA_SV(""), now);
	} else if(c->state == WA_GUARD_HOLD) {
		g->st->held_timeout++;
		begin(g, c, now);
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

static int watch(wa_guard_t *g, const wa_guard_job_t *job, int64_t now)
{
	struct guard_call *c = guard_find(&g->table, job->callid);
	int err;

	if(c != NULL) /* a repeated 200 OK */
		return 0;
	err = guard_add(&g->table, job, &c);
	if(err < 0) {
		g->st->refused++;
		return err;
	}
	g->st->watched++;
	g->st->active = g->table.used;
	c->first_ms = -1;
	c->since = now;
	if(!job->hold)
		enter(g, c, WA_GUARD_KEYS, now + g->cfg.poll_ms / 2);
	else
		enter(g, c, WA_GUARD_HOLD,
				now + (job->sdes ? g->cfg.ack_sdes_ms : g->cfg.ack_ms));
	return 0;
}

/* Our offer may reach rtpengine after the delete of the worker that ends the
 * call, and makes a new session then, of which nobody knows. */
static bool may_revive(const struct guard_call *c)
{
	return c->job.offer.len > 0
		   && (c->state == WA_GUARD_BEGIN_OFFER
				   || c->state == WA_GUARD_BEGIN_ANSWER);
}

static int end(wa_guard_t *g, const wa_guard_job_t *job, int64_t now)
{
	struct guard_call *c = guard_find(&g->table, job->callid);
	int err;

	if(job->kind == WA_GUARD_END) {
		if(c == NULL)
			return WA_ENOENT;
		if(c->state == WA_GUARD_GONE) /* let it be deleted first */
			return 0;
		if(!may_revive(c)) {
			drop(g, c);
			return 0;
		}
	}
	if(c == NULL && (err = guard_add(&g->table, job, &c)) < 0) {
		g->st->refused++;
		return err;
	}
	g->st->active = g->table.used;
	c->first_ms = -1;
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
				return WA_ENOENT;
			if(c->state == WA_GUARD_HOLD)
				begin(g, c, now);
			return 0;
		default:
			return end(g, job, now);
	}
}
