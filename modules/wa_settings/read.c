/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "read.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

#include <openssl/crypto.h>

#include <kamailio/core/rand/fastrand.h>

#include "../lib/wa_backoff.h"
#include "../lib/wa_err.h"
#include "../lib/wa_settings_json.h"
#include "clock.h"
#include "graph.h"
#include "params.h"

#define BUSY_RETRY_MS 1000 /* the directory's queue was full, or no memory */
#define SHORT_MS 100	   /* a pause of one app that all may share */
#define SYNCED_MAX_AGE_S 3600 /* the time of the last read in Redis is no older */

static wa_numbers_api_t wan;
static wa_due_heap_t heap;
static wst_read_h *watcher;

void wst_read_init(const wa_numbers_api_t *api)
{
	wan = *api;
}

void wst_read_watch(wst_read_h *h)
{
	watcher = h;
}

/* Without memory for the heap the number is met again at the next walk. */
static void schedule(wst_number_t *n, wst_show_t *show, uint64_t delay_ms)
{
	uint64_t at = wst_now_ms() + delay_ms;

	if(wa_due_set(&heap, &n->read_due, at) < 0)
		LM_ERR("number %s: out of memory\n", show->digits);
	show->next = wst_wall(at);
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
	wa_number_t known;
	wa_seen_t seen;

	if(wan.get(wa_sv_from(n->show.digits), &known) == 0
			&& strcmp(known.sync_error, text) == 0)
		return;
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

static void bad_answer(wst_number_t *n, wst_show_t *show, const char *why)
{
	char text[WA_ERROR_SIZE];

	counter_inc(wst_cnt_bad_answers);
	if(snprintf(text, sizeof(text), "graph answer: %.140s", why) < 0)
		text[0] = '\0';
	failed(n, show, text, WA_GRAPH_TEMPORARY, 0);
}

/* Both structs have the same sizes of text. */
void wst_read_seen(wa_seen_t *seen, wa_sv_t digits, const wa_settings_t *s)
{
	wa_number_t *num = &seen->number;

	memset(seen, 0, sizeof(*seen));
	wa_sv_copy(num->digits, sizeof(num->digits), digits);
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

static bool password_known(const wst_number_t *n, const wa_secret_t *seen)
{
	wa_secret_t known;
	bool same;

	if(seen->len == 0)
		return true; /* the known one stays in any case */
	same = wan.password(wa_sv_from(n->show.digits), &known) == 0
		   && known.len == seen->len
		   && CRYPTO_memcmp(known.s, seen->s, seen->len) == 0;
	OPENSSL_cleanse(&known, sizeof(known));
	return same;
}

/* What Meta says is what the directory has: nothing to write, but for the time
 * of the last read now and then. */
static bool unchanged(const wst_number_t *n, const wa_seen_t *seen, time_t now)
{
	const wa_number_t *s = &seen->number;
	wa_number_t k;

	return wan.get(wa_sv_from(s->digits), &k) == 0
		   && strcmp(k.sync_error, s->sync_error) == 0
		   && k.synced <= now && now - k.synced < SYNCED_MAX_AGE_S
		   && k.port == s->port && k.srtp == s->srtp && k.codecs == s->codecs
		   && k.calling_enabled == s->calling_enabled
		   && k.sip_enabled == s->sip_enabled
		   && strcmp(k.hostname, s->hostname) == 0 && strcmp(k.tgrp, s->tgrp) == 0
		   && strcmp(k.context, s->context) == 0
		   && password_known(n, &seen->password);
}

/* Settings that were read well, but with which no call will work; "" = none. */
static void remark(char *text, size_t size, const wst_number_t *n,
		const wa_settings_t *s)
{
	wa_sv_t app = app_of(n);

	text[0] = '\0';
	if(s->n_servers == 0 || s->found)
		return;
	if(snprintf(text, size,
			   "Meta has %u server entries, none of app %.*s: write one with this "
			   "app's token",
			   s->n_servers, (int)(app.len < WA_ID_SIZE ? app.len : WA_ID_SIZE), app.s)
			< 0)
		text[0] = '\0';
}

/* One line in the log when a number comes into step, or gets another remark,
 * not for each read. */
static void log_success(
		const wst_show_t *show, const wa_settings_t *s, const char *text)
{
	if(text[0] != '\0' && strcmp(show->error, text) != 0)
		LM_WARN("number %s: %s\n", show->digits, text);
	if(text[0] != '\0'
			|| (show->synced != 0 && show->failures == 0 && show->error[0] == '\0'))
		return;
	LM_INFO("number %s: settings read, calling=%d sip=%d srtp=%s server=%s "
			"password=%s\n",
			show->digits, s->calling_enabled, s->sip_enabled,
			s->srtp == WA_SRTP_SDES ? "SDES" : "DTLS",
			s->found ? s->hostname : "none", s->password.len > 0 ? "yes" : "no");
}

/* Only what has changed goes to the directory, and so to Redis. */
static int put(const wst_number_t *n, const wa_settings_t *s, time_t now,
		const char *text)
{
	wa_seen_t seen;
	int err = 0;

	wst_read_seen(&seen, wa_sv_from(n->show.digits), s);
	seen.number.synced = now;
	/* both have the size of a sync_error */
	wa_sv_copy(seen.number.sync_error, sizeof(seen.number.sync_error),
			wa_sv_from(text));
	if(unchanged(n, &seen, now)) {
		counter_inc(wst_cnt_unchanged);
	} else {
		err = wan.put_seen(&seen);
		if(err == 0)
			counter_inc(wst_cnt_changed);
	}
	OPENSSL_cleanse(&seen, sizeof(seen));
	return err;
}

/* A restriction is told when it comes and when it goes. */
static void note_restrictions(wst_show_t *show, const wa_settings_t *s)
{
	if(s->restricted != 0 && s->restricted != show->restricted)
		LM_ERR("number %s: Meta has restricted calling%s%s%s%s\n", show->digits,
				s->restricted & WA_RESTRICTED_BUSINESS ? ", by the business" : "",
				s->restricted & WA_RESTRICTED_USER ? ", by users" : "",
				s->restriction[0] != '\0' ? ": " : "", s->restriction);
	else if(s->restricted == 0 && show->restricted != 0)
		LM_NOTICE("number %s: no longer restricted\n", show->digits);
	show->restricted = s->restricted;
	show->restricted_until = s->restricted_until;
	memcpy(show->restriction, s->restriction, sizeof(show->restriction));
}

/* False: the directory did not take it. */
static bool succeeded(wst_number_t *n, wst_show_t *show, const wa_settings_t *s)
{
	time_t now = time(NULL);
	char text[WA_ERROR_SIZE];

	remark(text, sizeof(text), n, s);
	/* the settings are fine, the number's state stays as it was */
	if(put(n, s, now, text) < 0) {
		schedule(n, show, BUSY_RETRY_MS);
		return false;
	}
	counter_inc(wst_cnt_ok);
	log_success(show, s, text);
	memcpy(show->error, text, sizeof(text));
	note_restrictions(show, s);
	show->failures = 0;
	show->synced = now;
	show->reads++;
	schedule(n, show, wa_jitter(wst_params.interval_ms, fastrand()));
	return true;
}

static void understand(wst_number_t *n, wst_show_t *show, const wst_answer_t *a)
{
	char why[WA_ERROR_SIZE];
	wa_settings_t s;

	if(wa_settings_parse(&s, a->body, app_of(n), hostname_of(n), why, sizeof(why)) < 0)
		bad_answer(n, show, why);
	else if(succeeded(n, show, &s) && watcher != NULL)
		watcher(n, show, &s, a->body);
	OPENSSL_cleanse(&s, sizeof(s));
}

static void on_answer(const wst_answer_t *a, void *arg)
{
	wst_number_t *n = arg;
	wst_show_t show = n->show;

	show.in_flight = false;
	show.answered = n->answering;
	show.http_status = a->status;
	show.took_ms = a->took_ms;
	show.code = a->has_error ? a->error.code : 0;
	n->token = a->token;
	if(a->why[0] != '\0')
		failed(n, &show, a->why, a->class, a->wait_ms);
	else
		understand(n, &show, a);
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

static void start(wst_number_t *n)
{
	wst_show_t show = n->show;
	char path[WST_GRAPH_PATH_SIZE];
	wst_request_t r = {.app_id = app_of(n),
			.prio = n->urgent ? WST_PRIO_OPERATOR : WST_PRIO_ROUND,
			.path = path,
			.done = on_answer,
			.arg = n};

	n->urgent = false;
	n->answering = wst_state_asked(n);
	show.tried = time(NULL);
	if(!is_id(n->phone_number_id)) {
		show.http_status = show.code = 0;
		show.answered = n->answering;
		failed(n, &show,
				n->phone_number_id[0] == '\0' ? "phone_number_id is not set"
											  : "phone_number_id: digits expected",
				WA_GRAPH_REQUEST, 0);
	} else if(snprintf(path, sizeof(path), "%s/settings?include_sip_credentials=true",
					  n->phone_number_id)
					  < 0
			  || wst_graph_send(&r) < 0) {
		schedule(n, &show, BUSY_RETRY_MS);
	} else {
		wa_due_drop(&heap, &n->read_due);
		show.in_flight = true;
	}
	wst_state_show(n, &show);
}

uint64_t wst_read_start(void)
{
	for(;;) {
		wa_due_t *first = wa_due_first(&heap);
		uint64_t now = wst_now_ms(), wait;
		wst_number_t *n;

		if(first == NULL)
			return UINT64_MAX;
		if(first->at > now)
			return first->at - now;
		n = WA_DUE_OF(first, wst_number_t, read_due);
		wait = n->urgent ? 0 : wst_graph_wait_ms(app_of(n));
		if(wait == 0)
			start(n);
		else if(wait == WST_GRAPH_NO_SLOT || wait < SHORT_MS)
			return wait;
		else /* others need not wait for this one's app */
			(void)wa_due_set(&heap, first, now + wait);
	}
}

void wst_read_now(wst_number_t *n, bool urgent)
{
	wst_show_t show = n->show;

	n->urgent = n->urgent || urgent;
	if(show.in_flight) {
		n->again = true;
		return;
	}
	schedule(n, &show, 0);
	wst_state_show(n, &show);
}

void wst_read_drop(wst_number_t *n)
{
	wa_due_drop(&heap, &n->read_due);
}

void wst_read_new_token(wst_number_t *n)
{
	if(n->show.failures > 0 && n->class == WA_GRAPH_TOKEN
			&& n->token != wst_graph_token(app_of(n)))
		wst_read_now(n, false);
}
