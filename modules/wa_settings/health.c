/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "health.h"

#include <stdio.h>
#include <string.h>

#include <kamailio/core/rand/fastrand.h>

#include "../lib/wa_backoff.h"
#include "../lib/wa_err.h"
#include "clock.h"
#include "graph.h"
#include "params.h"

#define BUSY_RETRY_MS 1000
#define SHORT_MS 100 /* a pause of one app that all may share */

static wa_due_heap_t heap;

static wa_sv_t app_of(const wst_number_t *n)
{
	return n->app_id[0] != '\0' ? wa_sv_from(n->app_id) : wst_params.app_id;
}

static void schedule(wst_number_t *n, uint64_t delay_ms)
{
	if(wa_due_set(&heap, &n->health_due, wst_now_ms() + delay_ms) < 0)
		LM_ERR("number %s: out of memory\n", n->show.digits);
}

static void next_time(wst_number_t *n)
{
	if(wst_params.health_interval_ms > 0)
		schedule(n, wa_jitter(wst_params.health_interval_ms, fastrand()));
	else
		wa_due_drop(&heap, &n->health_due);
}

/* The alarm: once when it comes, once when it goes. */
static void compare(const wst_show_t *show, const wa_graph_health_t *h)
{
	bool was = show->health.sip == WA_HEALTH_BLOCKED;

	if(h->sip == WA_HEALTH_BLOCKED && !was)
		LM_ERR("ALARM number %s: Meta delivers no calls (%s BLOCKED): %ld %s\n",
				show->digits, h->entity, h->code, h->text);
	else if(h->sip != WA_HEALTH_BLOCKED && was)
		LM_NOTICE("number %s: Meta delivers calls again\n", show->digits);
}

static void failed(
		wst_number_t *n, wst_show_t *show, const char *why, uint64_t at_least_ms)
{
	uint64_t delay;

	counter_inc(wst_cnt_health_failed);
	n->health_failures++;
	if(strcmp(show->health_error, why) != 0)
		LM_WARN("number %s: health: %s\n", show->digits, why);
	/* a text for people: cut where it is too long */
	if(snprintf(show->health_error, sizeof(show->health_error), "%s", why) < 0)
		show->health_error[0] = '\0';
	delay = wa_backoff(n->health_failures, wst_params.retry_min_ms,
			wst_params.retry_max_ms, fastrand());
	if(wst_params.health_interval_ms > 0)
		schedule(n, delay > at_least_ms ? delay : at_least_ms);
}

static void understand(wst_number_t *n, wst_show_t *show, wa_sv_t body)
{
	char why[WA_ERROR_SIZE], text[WA_ERROR_SIZE];
	wa_graph_health_t h;

	if(wa_graph_health_parse(&h, body, why, sizeof(why)) < 0) {
		counter_inc(wst_cnt_bad_answers);
		if(snprintf(text, sizeof(text), "graph answer: %.140s", why) < 0)
			text[0] = '\0';
		failed(n, show, text, 0);
		return;
	}
	counter_inc(wst_cnt_health);
	compare(show, &h);
	show->health = h;
	show->health_at = time(NULL);
	show->health_error[0] = '\0';
	n->health_failures = 0;
	next_time(n);
}

static void on_answer(const wst_answer_t *a, void *arg)
{
	wst_number_t *n = arg;
	wst_show_t show = n->show;

	show.health_asked = false;
	show.health_answered = n->health_answering;
	if(a->why[0] != '\0')
		failed(n, &show, a->why, a->wait_ms);
	else
		understand(n, &show, a->body);
	if(n->health_again) {
		n->health_again = false;
		schedule(n, 0);
	}
	wst_state_show(n, &show);
}

static void start(wst_number_t *n)
{
	wst_show_t show = n->show;
	char path[WST_GRAPH_PATH_SIZE];
	wst_request_t r = {.app_id = app_of(n),
			.prio = n->health_urgent ? WST_PRIO_OPERATOR : WST_PRIO_ROUND,
			.path = path,
			.done = on_answer,
			.arg = n};

	n->health_urgent = false;
	n->health_answering = wst_state_asked(n);
	if(n->phone_number_id[0] == '\0'
			|| strspn(n->phone_number_id, "0123456789") != strlen(n->phone_number_id)) {
		show.health_answered = n->health_answering;
		failed(n, &show, "phone_number_id: digits expected", 0);
	} else if(snprintf(path, sizeof(path), "%s?fields=health_status,display_phone_number", n->phone_number_id)
					  < 0
			  || wst_graph_send(&r) < 0) {
		schedule(n, BUSY_RETRY_MS);
	} else {
		wa_due_drop(&heap, &n->health_due);
		show.health_asked = true;
	}
	wst_state_show(n, &show);
}

uint64_t wst_health_start(void)
{
	for(;;) {
		wa_due_t *first = wa_due_first(&heap);
		uint64_t now = wst_now_ms(), wait;
		wst_number_t *n;

		if(first == NULL)
			return UINT64_MAX;
		if(first->at > now)
			return first->at - now;
		n = WA_DUE_OF(first, wst_number_t, health_due);
		wait = n->health_urgent ? 0 : wst_graph_wait_ms(app_of(n));
		if(wait == 0)
			start(n);
		else if(wait == WST_GRAPH_NO_SLOT || wait < SHORT_MS)
			return wait;
		else
			(void)wa_due_set(&heap, first, now + wait);
	}
}

void wst_health_soon(wst_number_t *n)
{
	if(wst_params.health_interval_ms > 0 && !n->show.health_asked)
		schedule(n, fastrand() % wst_params.health_interval_ms);
}

void wst_health_now(wst_number_t *n, bool urgent)
{
	n->health_urgent = n->health_urgent || urgent;
	if(n->show.health_asked)
		n->health_again = true;
	else
		schedule(n, 0);
}

void wst_health_drop(wst_number_t *n)
{
	wa_due_drop(&heap, &n->health_due);
}
