/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "discover.h"

#include "../ksr_compat.h"

#include <stdio.h>
#include <string.h>

#include "../lib/wa_err.h"
#include "../lib/wa_graph_list.h"
#include "found.h"
#include "graph.h"
#include "params.h"
#include "state.h"

#define PAGES_MAX 10000
#define PAGE "100"

/* The one that runs: a new one takes its place, and what comes for the one
 * before is passed over. */
static struct
{
	unsigned ticket;
	unsigned pages;
	char waba_id[WA_ID_SIZE];
	char app_id[WA_ID_SIZE];
	char after[WA_CURSOR_SIZE];
} run;

static void next_page(void);

static void end(const char *error)
{
	wst_found_end(run.ticket, error);
	if(error[0] != '\0')
		LM_WARN("WABA %s: its numbers cannot be listed: %s\n", run.waba_id, error);
}

static int on_number(const wa_listed_t *n, void *arg)
{
	(void)arg;
	return wst_found_add(run.ticket, n);
}

static void on_page(const wst_answer_t *a)
{
	char why[WA_ERROR_SIZE], text[WA_ERROR_SIZE], after[WA_CURSOR_SIZE];
	int err = wa_graph_list_parse(a->body, on_number, NULL, after, why, sizeof(why));

	if(err == WA_ESTALE)
		return; /* another one has begun */
	if(err == WA_ENOMEM || err == WA_ERANGE) {
		end(err == WA_ENOMEM ? "out of memory" : "too many numbers");
	} else if(err < 0) {
		counter_inc(wst_cnt_bad_answers);
		if(snprintf(text, sizeof(text), "graph answer: %.140s", why) < 0)
			text[0] = '\0';
		end(text);
	} else if(after[0] == '\0') {
		wst_found_page(run.ticket, run.app_id);
		end("");
	} else if(strcmp(after, run.after) == 0 || ++run.pages == PAGES_MAX) {
		end("graph answer: the pages do not end");
	} else {
		wst_found_page(run.ticket, run.app_id);
		memcpy(run.after, after, sizeof(run.after));
		next_page();
	}
}

static void on_answer(const wst_answer_t *a, void *arg)
{
	if((unsigned)(uintptr_t)arg != run.ticket)
		return;
	if(a->why[0] != '\0' && a->class == WA_GRAPH_RATE)
		next_page(); /* the engine waits as long as Meta wants */
	else if(a->why[0] != '\0')
		end(a->why);
	else
		on_page(a);
}

static void next_page(void)
{
	char path[WST_GRAPH_PATH_SIZE];
	wst_request_t r = {.app_id = wa_sv_from(run.app_id),
			.prio = WST_PRIO_OPERATOR,
			.path = path,
			.done = on_answer,
			.arg = (void *)(uintptr_t)run.ticket};
	int n = snprintf(path, sizeof(path),
			"%s/phone_numbers?fields=id,display_phone_number,verified_name&limit=" PAGE,
			run.waba_id);
	int err = n > 0 && (size_t)n < sizeof(path) ? 0 : WA_ETOOLONG;

	if(!err && run.after[0] != '\0')
		err = wst_graph_param(path, sizeof(path), '&', "after", wa_sv_from(run.after));
	if(!err)
		err = wst_graph_send(&r);
	if(err < 0)
		end(err == WA_ENOMEM ? "out of memory" : "the cursor is too long");
}

/* The app of a number that is known to be of this WABA. */
static void use_app_of(wst_number_t *n, void *arg)
{
	(void)arg;
	if(run.app_id[0] == '\0' && strcmp(n->waba_id, run.waba_id) == 0)
		memcpy(run.app_id, n->app_id, sizeof(run.app_id));
}

void wst_discover(const wst_wake_t *w)
{
	run.ticket = w->ticket;
	run.pages = 0;
	run.after[0] = '\0';
	memcpy(run.waba_id, w->key, sizeof(run.waba_id));
	memcpy(run.app_id, w->app_id, sizeof(run.app_id));
	wst_state_each(use_app_of, NULL);
	/* an id of ours fits */
	if(run.app_id[0] == '\0')
		wa_sv_copy(run.app_id, sizeof(run.app_id), wst_params.app_id);
	next_page();
}
