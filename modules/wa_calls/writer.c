/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "writer.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../wa_media/api.h"
#include "elsewhere.h"
#include "events.h"
#include "nodes.h"
#include "recent.h"
#include "shared.h"

#include "../lib/wa_clock.h"

#define JOBS_AT_ONCE 256
#define IDLE_MS 1000
#define RETRY_MS 200
#define GONE_DELAY_MS 1500 /* a call that is being ended leaves the table first */
#define GONE_MAX 1024
#define FORGOTTEN_S 900
#define BYE_MS 5000 /* an answer to a BYE, or fr_timer, comes in that time */

static const writer_conf_t *conf;
static wa_media_api_t media;
static bool has_media;

/* Calls without media, until it is clear that nobody is ending them. */
static struct gone
{
	char call[sizeof(((wa_call_t *)0)->call)];
	int64_t due;
} gone[GONE_MAX];
static unsigned n_gone;

void writer_bind(void)
{
	has_media = wa_media_load(&media);
}

static wa_media_call_t media_call(const wa_call_t *c)
{
	return (wa_media_call_t){.callid = wa_sv_from(c->call),
			.meta_tag = wa_leg_get(&c->meta, WA_LEG_REMOTE_TAG),
			.pbx_tag = wa_leg_get(&c->pbx, WA_LEG_REMOTE_TAG),
			.instance = wa_sv_from(c->media_node),
			.sdes = strcmp(c->keys, "sdes") == 0};
}

/* --- ending ------------------------------------------------------------------ */

/* Takes the call out of the table, then tells everybody. */
static void end_call(wa_sv_t call, wa_sv_t id, const char *cause)
{
	wa_calls_t *t = shared_lock();
	wa_call_t *c = id.len > 0 ? wa_calls_find_id(t, id)
							  : wa_calls_find(t, call, (wa_sv_t){NULL, 0});
	wa_call_t out;
	bool found = c != NULL && c->state == WA_CALL_ANSWERED;

	if(found) {
		if(c->restarted && strcmp(cause, "media_timeout") == 0)
			cause = "node_restarted";
		wa_call_set(c, "cause", wa_sv_from(cause));
		out = *c;
		events_close(t, c, WA_CALL_ENDED, &out);
	}
	shared_unlock();
	if(!found)
		return;
	nodes_wake();
	atomic_fetch_add(&shared_stats()->hung_up, 1);
	LM_NOTICE("call %s is ended from here: %s\n", out.call, cause);
	hangup_both(&conf->hangup, &out);
	if(has_media) {
		wa_media_call_t m = media_call(&out);

		media.end(&m);
	}
	record_close(&out);
}

static void note_gone(const wa_call_t *c)
{
	if(n_gone == GONE_MAX) {
		LM_WARN("more than %d calls have lost their media at once\n", GONE_MAX);
		return;
	}
	wa_sv_copy(gone[n_gone].call, sizeof(gone[0].call), wa_sv_from(c->call));
	gone[n_gone++].due = wa_clock_ms() + GONE_DELAY_MS;
}

static void end_gone(void)
{
	int64_t now = wa_clock_ms();

	for(unsigned i = 0; i < n_gone;) {
		struct gone g = gone[i];

		if(g.due > now) {
			i++;
			continue;
		}
		gone[i] = gone[--n_gone];
		end_call(wa_sv_from(g.call), (wa_sv_t){NULL, 0}, "media_timeout");
	}
}

/* --- jobs --------------------------------------------------------------------- */

static void ask_elsewhere(const job_t *j)
{
	wa_call_t c;

	wa_call_init(&c);
	memcpy(&c, &j->call, offsetof(wa_call_t, meta)); /* a job has no more */
	elsewhere_ask(&c);
}

static void take_job(const job_t *j)
{
	switch(j->kind) {
		case JOB_OPEN:
			record_open(&j->call);
			break;
		case JOB_CLOSE:
			record_close(&j->call);
			break;
		case JOB_HANG_UP:
			end_call((wa_sv_t){NULL, 0}, wa_sv_from(j->call.id), "operator");
			break;
		case JOB_GONE:
			note_gone(&j->call);
			break;
		case JOB_ELSEWHERE:
			ask_elsewhere(j);
			break;
		case JOB_TAKEN:
			elsewhere_answer(wa_sv_from(j->call.id));
			break;
		case JOB_SETTLED:
			elsewhere_settle(wa_sv_from(j->call.id));
			break;
		case JOB_REOPEN:
			record_reopen();
			break;
	}
}

/* Returns true when there may be more. */
static bool take_jobs(void)
{
	for(int i = 0; i < JOBS_AT_ONCE; i++) {
		job_t *j = shared_take();

		if(j == NULL)
			return false;
		take_job(j);
		shm_free(j);
	}
	return true;
}

/* --- what time brings --------------------------------------------------------- */

/* A call that was admitted, or rings, and of which the script never said a word
 * again. */
static bool is_forgotten(const wa_call_t *c, int64_t now)
{
	int s = c->state == WA_CALL_NEW ? conf->new_timeout : FORGOTTEN_S;

	return c->state != WA_CALL_ANSWERED && c->admitted_at < now - s * INT64_C(1000);
}

static void sweep(void)
{
	int64_t now = wa_clock_ms();
	wa_call_t out, *c;
	wa_calls_t *t;

	for(unsigned at = 0;;) {
		bool late = false;

		t = shared_lock();
		c = wa_calls_next(t, &at);
		if(c != NULL && is_forgotten(c, now)) {
			late = true;
			wa_call_set(c, "cause", WA_SV("unknown"));
			events_close(t, c, WA_CALL_FAILED, &out);
		}
		shared_unlock();
		if(c == NULL)
			return;
		if(late)
			record_close(&out);
	}
}

/* How many calls there are, for the history: a minute's highest is kept. */
static void count_now(void)
{
	unsigned n = wa_calls_count(shared_lock());

	shared_unlock();
	recent_calls(n);
}

/* A drained node ends with its last call, when all records are written and its
 * BYE has had time for an answer. */
static void end_if_drained(bool waiting)
{
	static int64_t empty_since;
	static bool told;
	unsigned n;

	if(shared_drain() != DRAIN_EXIT || told)
		return;
	n = wa_calls_count(shared_lock());
	shared_unlock();
	if(n > 0 || waiting)
		empty_since = 0;
	else if(empty_since == 0)
		empty_since = wa_clock_ms();
	if(empty_since == 0 || wa_clock_ms() - empty_since < BYE_MS)
		return;
	told = true;
	LM_NOTICE("drained: the last call is over, Kamailio ends\n");
	kill(pt[0].pid, SIGTERM);
}

/* --- after a restart ---------------------------------------------------------- */

/* A call that was up goes on, whether Kamailio was there or not: BYE ends it, or
 * the end of its media. One that rang is lost with its transactions. */
static void recover(wa_call_t *c)
{
	wa_media_call_t m;
	wa_calls_t *t;
	bool kept;

	c->restarted = 1;
	kept = c->state == WA_CALL_ANSWERED && wa_leg_is_set(&c->meta);
	t = shared_lock();
	kept = kept && wa_calls_put(t, c) == 0;
	if(!kept) {
		wa_call_t out = *c;

		wa_call_set(&out, "cause", WA_SV("node_restarted"));
		events_close(NULL, &out, out.answered > 0 ? WA_CALL_ENDED : WA_CALL_FAILED, c);
	}
	shared_unlock();
	if(!kept) {
		record_close(c);
		return;
	}
	atomic_fetch_add(&shared_stats()->recovered, 1);
	m = media_call(c);
	if(has_media)
		media.adopt(&m);
}

/* Its BYE may have been under way when Kamailio ended, and come once more. */
static void note_over(const wa_call_t *c)
{
	wa_calls_note_gone(shared_lock(), c);
	shared_unlock();
}

static volatile sig_atomic_t ending;

static void on_end(int sig KSR_UNUSED)
{
	ending = 1;
}

/* Kamailio ends: what was said until now is written. */
static void catch_end(void)
{
	struct sigaction sa;

	memset(&sa, 0, sizeof(sa));
	sa.sa_handler = on_end;
	sigaction(SIGTERM, &sa, NULL);
	sigaction(SIGINT, &sa, NULL);
}

void writer_loop(const writer_conf_t *c)
{
	struct pollfd fds[] = {{shared_queue_fd(), POLLIN, 0}, {nodes_fd(), POLLIN, 0}};
	bool more = false, waiting = false, asking = false;
	int64_t swept = 0;
	int nodes_ms = IDLE_MS;

	conf = c;
	record_init(&c->record);
	record_recover(recover, note_over);
	catch_end();
	for(;;) {
		int ms = more ? 0 : waiting || asking || n_gone > 0 ? RETRY_MS : IDLE_MS;

		if(poll(fds, 2, ms < nodes_ms ? ms : nodes_ms) < 0 && errno != EINTR)
			LM_ERR("poll: %s\n", strerror(errno));
		more = take_jobs();
		end_gone();
		asking = elsewhere_turn(false);
		nodes_ms = nodes_turn(IDLE_MS);
		if(wa_clock_ms() - swept > IDLE_MS) {
			swept = wa_clock_ms();
			sweep();
			count_now();
			cfg_update();
		}
		waiting = record_flush();
		if(ending) {
			while(take_jobs())
				record_flush();
			elsewhere_turn(true);
			record_flush();
			_exit(0);
		}
		end_if_drained(waiting || asking);
	}
}
