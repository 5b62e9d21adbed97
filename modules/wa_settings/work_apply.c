/* Comparing with what is wanted, and writing it.
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "work_step.h"

#include "../lib/wa_err.h"
#include "state.h"

static wst_step_h read_meta, write_next, send_write, finish;

/* --- plan --- */

static int add_row(const wa_plan_row_t *row, void *arg)
{
	const wst_work_t *w = arg;

	wst_task_add_row(w->task, row);
	return 0;
}

static void show_rows(wst_work_t *w)
{
	wa_number_t n;
	bool known = wst_wan.get(wa_sv_from(w->wanted.digits), &n) == 0;

	if(!known) {
		/* what is not there differs from everything */
		memset(&n, 0, sizeof(n));
		n.codecs = WA_CODEC_OPUS;
	}
	wa_plan_rows(&w->wanted, &n, &w->meta, add_row, w);
}

static bool understand(wst_work_t *w, const wst_answer_t *a)
{
	char why[WA_ERROR_SIZE];

	if(wa_calling_parse(&w->meta, a->body, wa_sv_from(w->app_id),
			   wa_sv_from(w->hostname), why, sizeof(why))
			== 0)
		return true;
	wst_fail(w, why);
	return false;
}

static void ask_plan(wst_work_t *w);

static void plan_asked(wst_work_t *w, const wst_answer_t *a)
{
	if(wst_again(w, a)) {
		wst_say(w, "reading", a->why);
		wst_pause(w, wst_retry_ms(w, a), ask_plan);
	} else if(a->why[0] != '\0') {
		wst_fail(w, a->why);
	} else if(understand(w, a)) {
		show_rows(w);
		wst_finish(w);
	}
}

static void ask_plan(wst_work_t *w)
{
	wst_ask(w, NULL, false, plan_asked);
}

void wst_plan_begin(wst_work_t *w)
{
	wst_say(w, "reading", "");
	ask_plan(w);
}

/* --- apply and repair --- */

static int audit_stored(const wa_plan_row_t *row, void *arg)
{
	const wst_work_t *w = arg;

	if(row->write == 0 && row->stored_differs)
		wst_order_audit(w, row->field, row->stored, row->wanted, "store");
	return 0;
}

/* What the operator's side of the directory is to have. */
static uint32_t order_identity(const wst_work_t *w)
{
	const wa_wanted_t *x = &w->wanted;
	wa_pair_t pairs[4];
	size_t n = 0;
	wa_number_t known;

	if(wst_wan.get(wa_sv_from(x->digits), &known) < 0)
		memset(&known, 0, sizeof(known));
	wa_plan_rows(x, &known, NULL, audit_stored, (void *)w);
	if(x->said & WA_SAYS_PHONE_NUMBER_ID)
		pairs[n++] = (wa_pair_t){
				WA_SV("phone_number_id"), wa_sv_from(x->phone_number_id)};
	if(x->said & WA_SAYS_WABA_ID)
		pairs[n++] = (wa_pair_t){WA_SV("waba_id"), wa_sv_from(x->waba_id)};
	if(x->said & WA_SAYS_APP_ID)
		pairs[n++] = (wa_pair_t){WA_SV("app_id"), wa_sv_from(x->app_id)};
	if(x->said & WA_SAYS_TRUNK)
		pairs[n++] = (wa_pair_t){WA_SV("trunk"), wa_sv_from(x->trunk)};
	return wst_wan.queue(WA_ORDER_NUMBER, wa_sv_from(x->digits), pairs, n);
}

/* The wish stands in Redis before Meta hears of it. */
static void store(wst_work_t *w)
{
	char doc[WA_WANTED_TEXT_SIZE], at[24];
	wa_pair_t pairs[3];

	wst_say(w, "storing", "");
	if(wa_wanted_text(&w->wanted, doc, sizeof(doc)) < 0
			|| snprintf(at, sizeof(at), "%lld", (long long)time(NULL)) < 0) {
		wst_fail(w, "out of memory");
		return;
	}
	pairs[0] = (wa_pair_t){WA_SV("doc"), wa_sv_from(doc)};
	pairs[1] = (wa_pair_t){WA_SV("by"), wa_sv_from(w->by)};
	pairs[2] = (wa_pair_t){WA_SV("at"), wa_sv_from(at)};
	if(order_identity(w) == 0
			|| wst_wan.queue(WA_ORDER_WANTED, wa_sv_from(w->wanted.digits), pairs, 3) == 0)
		wst_await(w, 0, NULL);
	else
		wst_await(w, wst_order_job(w, true, 0), read_meta);
}

static void leased(wst_work_t *w)
{
	if(w->resumed) {
		if(w->job.srtp == WA_SRTP_SDES && !(w->wanted.said & WA_SAYS_SRTP)) {
			/* it was so before we began to write */
			w->wanted.srtp = WA_SRTP_SDES;
			w->wanted.said |= WA_SAYS_SRTP;
		}
		read_meta(w);
	} else if(w->kind == WST_TASK_APPLY) {
		store(w);
	} else {
		wst_await(w, wst_order_job(w, true, 0), read_meta);
	}
}

void wst_apply_begin(wst_work_t *w)
{
	wst_say(w, "lease", "");
	if(!w->resumed) {
		w->job.kind = w->kind == WST_TASK_REPAIR ? WA_JOB_REPAIR : WA_JOB_APPLY;
		w->job.begun = time(NULL);
		memcpy(w->job.by, w->by, sizeof(w->job.by));
	}
	wst_lease(w, leased);
}

static void compare(wst_work_t *w)
{
	char fields[WA_ERROR_SIZE], why[WA_WANTED_WHY_SIZE];

	if(w->rounds == 0)
		show_rows(w);
	wa_plan_keep(&w->wanted, &w->meta);
	wa_plan_drift(&w->wanted, &w->meta, fields, sizeof(fields));
	w->writes = fields[0] != '\0' ? wa_plan_writes(&w->wanted, &w->meta) : 0;
	if(w->writes == 0) {
		finish(w);
	} else if(w->rounds++ == WST_ROUNDS) {
		snprintf(why, sizeof(why), "Meta takes the write, but does not keep: %s", fields);
		wst_give_up(w, why);
	} else if(w->job.srtp != w->wanted.srtp && (w->writes & WA_WRITE_SIP)) {
		/* what a write may undo is known to whoever resumes this */
		w->job.srtp = w->wanted.srtp;
		wst_await(w, wst_order_job(w, true, 0), write_next);
	} else {
		write_next(w);
	}
}

static void meta_asked(wst_work_t *w, const wst_answer_t *a)
{
	if(wst_again(w, a)) {
		wst_say(w, "reading", a->why);
		wst_pause(w, wst_retry_ms(w, a), read_meta);
	} else if(a->why[0] != '\0') {
		wst_give_up(w, a->why);
	} else if(understand(w, a)) {
		w->tries = 0;
		compare(w);
	}
}

static void read_meta(wst_work_t *w)
{
	wst_say(w, w->rounds == 0 ? "reading" : "verifying", "");
	wst_ask(w, NULL, false, meta_asked);
}

typedef struct lines
{
	const wst_work_t *w;
	const char *event;
	uint32_t last;
	bool full;
} lines_t;

static int add_line(const wa_plan_row_t *row, void *arg)
{
	lines_t *l = arg;

	if(row->write != l->w->writing
			|| (!row->meta_differs && l->w->writing != WA_WRITE_SRTP))
		return 0;
	l->last = wst_order_audit(l->w, row->field, row->meta, row->wanted, l->event);
	l->full = l->full || l->last == 0;
	return 0;
}

/* A line for each field of the write. Returns the last order, 0 = not queued. */
static uint32_t audit(const wst_work_t *w, const char *event)
{
	lines_t l = {.w = w, .event = event};

	wa_plan_rows(&w->wanted, NULL, &w->meta, add_line, &l);
	return l.full ? 0 : l.last;
}

/* The next write, its audit lines first: no write without one. */
static void write_next(wst_work_t *w)
{
	char why[WA_WANTED_WHY_SIZE] = "out of memory";

	if(w->writes == 0) {
		read_meta(w);
		return;
	}
	w->writing = (enum wa_plan_write)(w->writes & -w->writes);
	if(wa_plan_body(w->writing, &w->wanted, &w->meta, w->body, sizeof(w->body), why,
			   sizeof(why))
			< 0) {
		wst_give_up(w, why);
		return;
	}
	wst_say(w, "writing", "");
	wst_await(w, audit(w, "write"), send_write);
}

static void written(wst_work_t *w, const wst_answer_t *a)
{
	if(a->why[0] == '\0') {
		w->tries = 0;
		w->writes &= ~(unsigned)w->writing;
		write_next(w);
	} else if(wst_again(w, a)) {
		wst_say(w, "writing", a->why);
		wst_pause(w, wst_retry_ms(w, a), send_write);
	} else {
		wst_order_audit(w, "", "", a->why, a->sent ? "refused" : "not sent");
		wst_give_up(w, a->why);
	}
}

static void send_write(wst_work_t *w)
{
	wst_ask(w, w->body, false, written);
}

static void finish(wst_work_t *w)
{
	if(w->rounds > 0)
		wst_order_audit(w, "", "", "", "verified");
	if(w->kind == WST_TASK_REPAIR)
		counter_inc(wst_cnt_repairs);
	wst_await(w, wst_order_job(w, false, 0), wst_settle);
}
