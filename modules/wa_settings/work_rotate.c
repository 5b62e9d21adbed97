/* A new SIP password: the number is off for the moment that Meta needs.
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Calls see that first: the number is marked in the directory, on all nodes,
 * before Meta is told anything, and the mark goes when the new password is there.
 */
#include <string.h>
#include <time.h>

#include "work_step.h"

#include <openssl/crypto.h>

#include "../lib/wa_err.h"
#include "../lib/wa_settings_json.h"
#include "read.h"
#include "state.h"

#define GRACE_MS 250 /* other nodes see the mark within that */

static wst_step_h read_before, run_step, send_step, read_after, next_step, unmark;

static void fingerprint(const wst_work_t *w, char out[WA_FINGERPRINT_SIZE])
{
	wa_sv_t digits = wa_sv_from(w->wanted.digits);
	wa_secret_t s;

	out[0] = '\0';
	if(wst_wan.password(digits, &s) == 0)
		wa_fingerprint(out, digits, &s);
	OPENSSL_cleanse(&s, sizeof(s));
}

/* Nothing has been written yet, so nothing has to be brought back. */
static void give_up(wst_work_t *w, const char *why)
{
	wst_order_rotating(w, false);
	wst_give_up(w, why);
}

static void before_asked(wst_work_t *w, const wst_answer_t *a)
{
	char why[WA_ERROR_SIZE];

	if(wst_again(w, a)) {
		wst_say(w, "reading", a->why);
		wst_pause(w, wst_retry_ms(w, a), read_before);
	} else if(a->why[0] != '\0') {
		wst_fail(w, a->why);
	} else if(wa_calling_parse(&w->meta, a->body, wa_sv_from(w->app_id),
					  wa_sv_from(w->hostname), why, sizeof(why))
			  < 0) {
		wst_fail(w, why);
	} else if(wa_job_rotate(&w->job, &w->meta, w->by, time(NULL)) < 0) {
		wst_fail(w, "Meta has no server entry of this app: there is no password to change");
	} else {
		w->tries = 0;
		fingerprint(w, w->job.old);
		wst_await(w, wst_order_job(w, true, 0), next_step);
	}
}

static void read_before(wst_work_t *w)
{
	wst_say(w, "reading", "");
	wst_ask(w, NULL, false, before_asked);
}

/* The job stands in Redis: now the mark, a moment for other nodes, the first step. */
static void marked(wst_work_t *w)
{
	wst_pause(w, w->job.step == WA_STEP_DISABLE ? GRACE_MS : 0, run_step);
}

static void next_step(wst_work_t *w)
{
	wst_await(w, wst_order_rotating(w, true), marked);
}

static void leased(wst_work_t *w)
{
	if(w->resumed) {
		LM_NOTICE("number %s: a rotation is gone on with, at \"%s\"\n",
				w->wanted.digits, wa_job_step_name(w->job.step));
		w->touched = true; /* nobody knows */
		next_step(w);
	} else {
		read_before(w);
	}
}

/* Redis may have lost the work and the mark, too. */
void wst_rotate_regained(wst_work_t *w)
{
	wst_await(w, wst_order_job(w, true, 0), next_step);
}

void wst_rotate_begin(wst_work_t *w)
{
	wst_say(w, "lease", "");
	wst_lease(w, leased);
}

static void run_step(wst_work_t *w)
{
	const char *step = wa_job_step_name(w->job.step);

	wst_say(w, step, "");
	if(wa_job_write(&w->job) == NULL)
		read_after(w);
	else
		wst_await(w, wst_order_audit(w, step, "", "", "write"), send_step);
}

/* Gone on with after a crash, and refused for good: nobody knows whether it was
 * done before. What Meta has says so, and what is missing is written again. */
static bool is_in_doubt(const wst_work_t *w, const wst_answer_t *a)
{
	return w->resumed && w->job.step == WA_STEP_DISABLE
		   && a->class >= WA_GRAPH_TOKEN;
}

static void stepped(wst_work_t *w, const wst_answer_t *a)
{
	const char *step = wa_job_step_name(w->job.step);

	w->touched = w->touched || a->why[0] == '\0'
				 || (a->sent && a->class == WA_GRAPH_TEMPORARY);
	if(a->why[0] == '\0') {
		w->tries = 0;
		w->job.step = wa_job_next(&w->job);
		wst_await(w, wst_order_job(w, true, 0), run_step);
		return;
	}
	w->tries++;
	if(!w->touched && a->class >= WA_GRAPH_TOKEN) {
		wst_order_audit(w, step, "", a->why, "refused");
		give_up(w, a->why);
		return;
	}
	/* the number is out of service: it is tried until it is back */
	if(w->tries == 1)
		wst_order_audit(w, step, "", a->why, "refused");
	wst_say(w, step, a->why);
	if(is_in_doubt(w, a)) {
		w->job.step = WA_STEP_READ;
		wst_await(w, wst_order_job(w, true, 0), run_step);
		return;
	}
	wst_pause(w, wst_retry_ms(w, a), send_step);
}

static void send_step(wst_work_t *w)
{
	wst_ask(w, wa_job_write(&w->job), false, stepped);
}

/* Back to a step, because Meta does not have what it should. */
static void again(wst_work_t *w, enum wa_job_step step, const char *why)
{
	w->tries++;
	wst_say(w, wa_job_step_name(step), why);
	w->job.step = step;
	if(w->tries > WST_ROUNDS) {
		wst_answer_t none = {.wait_ms = 0};

		wst_pause(w, wst_retry_ms(w, &none), run_step);
	} else {
		wst_await(w, wst_order_job(w, true, 0), run_step);
	}
}

/* The new password is in the directory; whoever calls takes it from now on. */
static void switch_over(wst_work_t *w, const wa_settings_t *s)
{
	wa_sv_t digits = wa_sv_from(w->wanted.digits);
	char new_[WA_FINGERPRINT_SIZE];
	wa_seen_t seen;
	int ret;

	wa_fingerprint(new_, digits, &s->password);
	wst_read_seen(&seen, digits, s);
	seen.number.synced = time(NULL);
	ret = wst_wan.put_seen(&seen);
	OPENSSL_cleanse(&seen, sizeof(seen));
	if(ret < 0) {
		wst_pause(w, 1000, read_after);
		return;
	}
	if(strcmp(new_, w->job.old) == 0)
		LM_WARN("number %s: Meta has given the same password again\n", w->wanted.digits);
	wst_await(w, wst_order_audit(w, "password", w->job.old, new_, "rotated"), unmark);
}

static void understand(wst_work_t *w, const wa_settings_t *s)
{
	if(!s->found || s->password.len == 0)
		again(w, WA_STEP_ENABLE, "Meta has no server entry of ours, or no password in it");
	else if(w->job.srtp == WA_SRTP_SDES && s->srtp != WA_SRTP_SDES)
		again(w, WA_STEP_SRTP, "Meta has put the key exchange back to DTLS");
	else
		switch_over(w, s);
}

static void after_asked(wst_work_t *w, const wst_answer_t *a)
{
	char why[WA_ERROR_SIZE];
	const char *text = a->why;
	wa_settings_t s;

	if(a->why[0] == '\0') {
		if(wa_settings_parse(&s, a->body, wa_sv_from(w->app_id),
				   wa_sv_from(w->hostname), why, sizeof(why))
				== 0) {
			understand(w, &s);
			OPENSSL_cleanse(&s, sizeof(s));
			return;
		}
		text = why;
	}
	w->tries++;
	wst_say(w, "read", text);
	wst_pause(w, wst_retry_ms(w, a), read_after);
}

static void read_after(wst_work_t *w)
{
	wst_ask(w, NULL, true, after_asked);
}

static void done(wst_work_t *w)
{
	counter_inc(wst_cnt_rotations);
	wst_settle(w);
}

/* In this order: a mark without a job would stay. */
static void forget_job(wst_work_t *w)
{
	wst_await(w, wst_order_job(w, false, time(NULL)), done);
}

static void unmark(wst_work_t *w)
{
	wst_await(w, wst_order_rotating(w, false), forget_job);
}
