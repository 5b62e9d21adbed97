/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "sync.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <openssl/crypto.h>

#include <kamailio/core/rand/fastrand.h>

#include "../lib/wa_backoff.h"
#include "../lib/wa_err.h"
#include "../lib/wa_graph_error.h"
#include "../lib/wa_settings_json.h"
#include "http.h"
#include "params.h"
#include "state.h"
#include "token.h"
#include "wake.h"

#define WALK_MS 1000		   /* between looks at the directory */
#define WALK_MS_PER_NUMBER 1   /* a large one is walked less often */
#define NEVER_LATER_MS 1000	   /* the loop turns at least this often */
#define RETRY_AFTER_MAX_S 3600 /* whatever Meta asks for */
#define BUSY_RETRY_MS 1000	   /* the directory's queue was full */
#define PATH_SIZE 160

static wa_numbers_api_t wan;
static uint64_t paused_until_ms; /* monotonic; no request before */
static unsigned rate_failures;	 /* in a row, of any number */
static unsigned walk_mark;

static uint64_t now_ms(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (uint64_t)ts.tv_sec * 1000 + (uint64_t)ts.tv_nsec / 1000000;
}

/* The wall clock at a point of the monotonic one, for people. */
static time_t wall(uint64_t ms)
{
	uint64_t now = now_ms();

	return time(NULL) + (time_t)(ms > now ? (ms - now + 999) / 1000 : 0);
}

static void schedule(wst_number_t *n, wst_show_t *show, uint64_t delay_ms)
{
	n->due_ms = now_ms() + delay_ms;
	show->next = wall(n->due_ms);
}

static wa_sv_t app_of(const wst_number_t *n)
{
	return n->app_id[0] != '\0' ? wa_sv_from(n->app_id) : wst_params.app_id;
}

/* Our name among the server entries: as configured, else as it was last seen. */
static wa_sv_t hostname_of(const wst_number_t *n)
{
	return wst_params.hostname.len > 0 ? wst_params.hostname
									   : wa_sv_from(n->hostname);
}

/* Into the directory; everything else that it has of the number stays. */
static void put_error(const wst_number_t *n, const char *text)
{
	wa_seen_t seen;

	memset(&seen, 0, sizeof(seen));
	/* both have the size of their destination */
	wa_sv_copy(seen.number.digits, sizeof(seen.number.digits),
			wa_sv_from(n->show.digits));
	wa_sv_copy(seen.number.sync_error, sizeof(seen.number.sync_error),
			wa_sv_from(text));
	if(wan.put_seen(&seen) < 0)
		LM_WARN("number %s: the directory did not take the error\n",
				n->show.digits);
}

/* A sync that failed: the next try, what is shown, one line in the log when
 * the reason is a new one. */
static void failed(wst_number_t *n, wst_show_t *show, const char *text,
		enum wa_graph_class class, uint64_t at_least_ms)
{
	uint64_t delay;

	counter_inc(wst_cnt_failed);
	n->class = class;
	show->failures++;
	delay = wa_backoff(show->failures, wst_params.retry_min_ms,
			wst_params.retry_max_ms, fastrand());
	schedule(n, show, delay > at_least_ms ? delay : at_least_ms);
	if(strcmp(show->error, text) != 0)
		LM_WARN("number %s: %s\n", show->digits, text);
	if(wa_sv_copy(show->error, sizeof(show->error), wa_sv_from(text)) < 0)
		show->error[0] = '\0';
	put_error(n, show->error);
}

/* The app as a whole is asked to wait, not this number alone. */
static uint64_t pause_all(const wst_answer_t *a)
{
	uint64_t s = a->retry_after_s < RETRY_AFTER_MAX_S ? a->retry_after_s
													  : RETRY_AFTER_MAX_S;
	uint64_t ms = s * 1000;

	counter_inc(wst_cnt_rate);
	rate_failures++;
	if(ms == 0)
		ms = wa_backoff(rate_failures, wst_params.retry_min_ms,
				wst_params.retry_max_ms, fastrand());
	if(now_ms() + ms > paused_until_ms) {
		paused_until_ms = now_ms() + ms;
		wst_status_paused(wall(paused_until_ms));
	}
	return ms;
}

/* A refused token may be an old one: the file is read again, and a number that
 * was asked for with the old one is asked for again at once. */
static void token_refused(wst_number_t *n, wst_show_t *show)
{
	counter_inc(wst_cnt_token);
	if(wst_token_refresh(true) == 0 && wst_token_generation() != n->token)
		schedule(n, show, 0);
}

static void refused(wst_number_t *n, wst_show_t *show, const wst_answer_t *a,
		const wa_graph_error_t *e)
{
	enum wa_graph_class class = wa_graph_error_class(a->status, e);
	char text[WA_ERROR_SIZE];
	uint64_t at_least = 0;

	show->code = e != NULL ? e->code : 0;
	wa_graph_error_text(text, sizeof(text), a->status, e);
	if(class == WA_GRAPH_RATE)
		at_least = pause_all(a);
	else if(class == WA_GRAPH_PERMISSION)
		counter_inc(wst_cnt_permission);
	else if(a->retry_after_s > 0)
		at_least = 1000 * (a->retry_after_s < RETRY_AFTER_MAX_S ? a->retry_after_s
																: RETRY_AFTER_MAX_S);
	failed(n, show, text, class, at_least);
	if(class == WA_GRAPH_TOKEN)
		token_refused(n, show);
}

static void bad_answer(wst_number_t *n, wst_show_t *show, const char *why)
{
	char text[WA_ERROR_SIZE];

	counter_inc(wst_cnt_bad_answers);
	if(snprintf(text, sizeof(text), "graph answer: %.140s", why) < 0)
		text[0] = '\0';
	failed(n, show, text, WA_GRAPH_TEMPORARY, 0);
}

/* Both structs have the same sizes of text. */
static void fill_seen(
		wa_seen_t *seen, const wst_number_t *n, const wa_settings_t *s)
{
	wa_number_t *num = &seen->number;

	memset(seen, 0, sizeof(*seen));
	wa_sv_copy(num->digits, sizeof(num->digits), wa_sv_from(n->show.digits));
	wa_sv_copy(num->hostname, sizeof(num->hostname), wa_sv_from(s->hostname));
	wa_sv_copy(num->tgrp, sizeof(num->tgrp), wa_sv_from(s->tgrp));
	wa_sv_copy(num->context, sizeof(num->context), wa_sv_from(s->context));
	num->port = s->port;
	num->srtp = s->srtp;
	num->codecs = s->codecs;
	num->calling_enabled = s->calling_enabled;
	num->sip_enabled = s->sip_enabled;
	seen->password = s->password;
	seen->ok = true;
}

/* One line in the log when a number comes into step, not for each read. */
static void log_success(const wst_show_t *show, const wa_settings_t *s)
{
	if(show->synced != 0 && show->failures == 0 && show->error[0] == '\0')
		return;
	LM_INFO("number %s: settings read, calling=%d sip=%d srtp=%s server=%s "
			"password=%s\n",
			show->digits, s->calling_enabled, s->sip_enabled,
			s->srtp == WA_SRTP_SDES ? "SDES" : "DTLS",
			s->found ? s->hostname : "none", s->password.len > 0 ? "yes" : "no");
}

/* Settings that were read well, but with which no call will work. */
static void remark(wst_number_t *n, wst_show_t *show, const wa_settings_t *s)
{
	char text[WA_ERROR_SIZE];
	wa_sv_t app = app_of(n);

	if(s->n_servers == 0 || s->found)
		return;
	if(snprintf(text, sizeof(text),
			   "Meta has %u server entries, none of app %.*s: write one with this "
			   "app's token",
			   s->n_servers, (int)(app.len < WA_ID_SIZE ? app.len : WA_ID_SIZE), app.s)
			< 0)
		return;
	if(strcmp(show->error, text) != 0)
		LM_WARN("number %s: %s\n", show->digits, text);
	wa_sv_copy(show->error, sizeof(show->error), wa_sv_from(text));
	put_error(n, text);
}

static void succeeded(wst_number_t *n, wst_show_t *show, const wa_settings_t *s)
{
	time_t now = time(NULL);
	wa_seen_t seen;
	int err;

	fill_seen(&seen, n, s);
	seen.number.synced = now;
	err = wan.put_seen(&seen);
	OPENSSL_cleanse(&seen, sizeof(seen));
	if(err < 0) {
		failed(n, show, "the directory is busy: trying again", WA_GRAPH_TEMPORARY,
				BUSY_RETRY_MS);
		return;
	}
	counter_inc(wst_cnt_ok);
	rate_failures = 0;
	if(s->found || s->n_servers == 0) {
		log_success(show, s);
		show->error[0] = '\0';
	}
	show->failures = 0;
	show->synced = now;
	remark(n, show, s);
	schedule(n, show, wa_jitter(wst_params.interval_ms, fastrand()));
}

static void understand(wst_number_t *n, wst_show_t *show, const wst_answer_t *a)
{
	char why[WA_ERROR_SIZE];
	wa_settings_t s;

	if(wa_settings_parse(&s, a->body, app_of(n), hostname_of(n), why, sizeof(why)) < 0)
		bad_answer(n, show, why);
	else
		succeeded(n, show, &s);
	OPENSSL_cleanse(&s, sizeof(s));
}

static void on_answer(const wst_answer_t *a)
{
	wst_number_t *n = wst_state_find(wa_sv_from(a->digits));
	wa_graph_error_t e;
	wst_show_t show;
	int err;

	if(n == NULL)
		return;
	show = n->show;
	show.in_flight = false;
	show.http_status = a->status;
	show.took_ms = a->took_ms;
	show.code = 0;
	err = a->status != 0 ? wa_graph_error_parse(&e, a->body) : WA_EIO;
	if(a->status == 0) {
		counter_inc(wst_cnt_transport);
		failed(n, &show, a->error, WA_GRAPH_TEMPORARY, 0);
	} else if(err == 0 || a->status != 200) {
		refused(n, &show, a, err == 0 ? &e : NULL);
	} else {
		understand(n, &show, a);
	}
	if(n->again) {
		n->again = false;
		schedule(n, &show, 0);
	}
	wst_state_show(n, &show);
}

static bool is_id(const char *s)
{
	return s[0] != '\0' && strspn(s, "0123456789") == strlen(s);
}

/* NULL, or the reason why this number cannot be asked for. */
static const char *obstacle(const wst_number_t *n)
{
	if(n->phone_number_id[0] == '\0')
		return "phone_number_id is not set";
	if(!is_id(n->phone_number_id))
		return "phone_number_id: digits expected";
	if(wst_token() == NULL)
		return wst_token_error();
	return NULL;
}

static void start(wst_number_t *n)
{
	wst_show_t show = n->show;
	const char *why;
	char path[PATH_SIZE];

	wst_token_refresh(false);
	why = obstacle(n);
	show.tried = time(NULL);
	if(why != NULL) {
		show.http_status = show.code = 0;
		failed(n, &show, why,
				wst_token() == NULL ? WA_GRAPH_TOKEN : WA_GRAPH_REQUEST, 0);
		wst_state_show(n, &show);
		return;
	}
	n->token = wst_token_generation();
	if(snprintf(path, sizeof(path), "/%.*s/%s/settings?include_sip_credentials=true",
			   WA_SV_ARG(wst_params.version), n->phone_number_id)
					   < 0
			|| wst_http_get(show.digits, path, wst_token()) < 0) {
		schedule(n, &show, BUSY_RETRY_MS);
	} else {
		counter_inc(wst_cnt_requests);
		show.in_flight = true;
	}
	wst_state_show(n, &show);
}

/* The number that has waited longest beyond its time. */
static void earlier(wst_number_t *n, void *arg)
{
	wst_number_t **best = arg;

	if(!n->show.in_flight && (*best == NULL || n->due_ms < (*best)->due_ms))
		*best = n;
}

/* Starts what is due. Returns how long nothing will be, in ms. */
static uint64_t start_due(void)
{
	while(wst_http_free()) {
		wst_number_t *n = NULL;
		uint64_t now = now_ms();

		if(now < paused_until_ms)
			return paused_until_ms - now;
		wst_state_each(earlier, &n);
		if(n == NULL)
			return NEVER_LATER_MS;
		if(n->due_ms > now)
			return n->due_ms - now;
		start(n);
	}
	return NEVER_LATER_MS; /* an answer comes first */
}

static void due_now(wst_number_t *n)
{
	wst_show_t show = n->show;

	if(show.in_flight) {
		n->again = true;
		return;
	}
	schedule(n, &show, 0);
	wst_state_show(n, &show);
}

/* What the operator changes of a number's identity is tried at once. */
static bool identity_changed(wst_number_t *n, const wa_number_t *num)
{
	bool same = strcmp(n->phone_number_id, num->phone_number_id) == 0
				&& strcmp(n->app_id, num->app_id) == 0;

	memcpy(n->phone_number_id, num->phone_number_id, sizeof(n->phone_number_id));
	memcpy(n->app_id, num->app_id, sizeof(n->app_id));
	memcpy(n->hostname, num->hostname, sizeof(n->hostname));
	return !same;
}

static int meet(const wa_number_t *num, void *arg)
{
	wst_number_t *n = wst_state_find(wa_sv_from(num->digits));

	(void)arg;
	if(n == NULL) {
		n = wst_state_add(wa_sv_from(num->digits));
		if(n == NULL)
			return WA_ENOMEM;
	}
	n->mark = walk_mark;
	if(identity_changed(n, num))
		due_now(n);
	return 0;
}

/* Takes over what the directory has; numbers that are gone from it are let go.
 * Returns when to look again, in ms. */
static uint64_t walk(void)
{
	wst_status_t st;

	walk_mark++;
	if(wan.each(meet, NULL) == 0)
		wst_state_sweep(walk_mark);
	wst_status_get(&st);
	return WALK_MS + (uint64_t)st.numbers * WALK_MS_PER_NUMBER;
}

static void retry_with_new_token(wst_number_t *n, void *arg)
{
	(void)arg;
	if(n->show.failures > 0 && n->class == WA_GRAPH_TOKEN
			&& n->token != wst_token_generation())
		due_now(n);
}

/* Numbers that wait for a token do not wait for their time as well. */
static void look_at_token(void)
{
	static unsigned known;

	wst_token_refresh(false);
	if(wst_token_generation() == known)
		return;
	known = wst_token_generation();
	wst_state_each(retry_with_new_token, NULL);
}

static void wake_one(wst_number_t *n, void *arg)
{
	const wst_wake_t *w = arg;

	if(w->origin == WST_SCRIPT) {
		if(n->asked_ms != 0 && now_ms() - n->asked_ms < wst_params.sync_gap_ms)
			return;
		n->asked_ms = now_ms();
	}
	due_now(n);
}

static void take_wakes(void)
{
	wst_wake_t w;

	while(wst_wake_take(&w)) {
		wst_number_t *n = wst_state_find(wa_sv_from(w.digits));

		if(w.digits[0] == '\0')
			wst_state_each(wake_one, &w);
		else if(n != NULL)
			wake_one(n, &w);
	}
}

void wst_sync_run(const wa_numbers_api_t *api)
{
	uint64_t next_walk = 0;

	wan = *api;
	if(wst_http_init(on_answer) < 0) {
		LM_CRIT("libcurl cannot be set up\n");
		exit(1);
	}
	for(;;) {
		uint64_t idle, now;

		cfg_update();
		if(now_ms() >= next_walk) {
			uint64_t pause = walk();

			look_at_token();
			next_walk = now_ms() + pause;
		}
		take_wakes();
		idle = start_due();
		now = now_ms();
		if(next_walk > now && next_walk - now < idle)
			idle = next_walk - now;
		if(idle > NEVER_LATER_MS)
			idle = NEVER_LATER_MS;
		wst_http_run(wst_wake_fd(), (int)idle);
	}
}
