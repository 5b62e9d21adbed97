/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "sync.h"

#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

#include "../lib/wa_err.h"
#include "app.h"
#include "clock.h"
#include "discover.h"
#include "drift.h"
#include "graph.h"
#include "health.h"
#include "params.h"
#include "read.h"
#include "state.h"
#include "wake.h"
#include "work.h"

#define WALK_MS 1000		 /* between looks at the directory */
#define WALK_MS_PER_NUMBER 1 /* a large one is walked less often */
#define UNLOADED_MS 50	 /* while there is no directory yet */
#define NEVER_LATER_MS 1000	 /* the loop turns at least this often */
#define NICE 10				 /* where the CPU is short, calls go first */

static wa_numbers_api_t wan;
static unsigned walk_mark;

/* What the operator changes of a number's identity is tried at once. */
static bool identity_changed(wst_number_t *n, const wa_number_t *num)
{
	bool same = strcmp(n->phone_number_id, num->phone_number_id) == 0
				&& strcmp(n->app_id, num->app_id) == 0;

	wst_state_set_id(n, num->phone_number_id);
	memcpy(n->waba_id, num->waba_id, sizeof(n->waba_id));
	memcpy(n->app_id, num->app_id, sizeof(n->app_id));
	memcpy(n->hostname, num->hostname, sizeof(n->hostname));
	return !same;
}

static int meet(const wa_number_t *num, void *arg)
{
	wst_number_t *n = wst_state_find(wa_sv_from(num->digits));
	bool fresh = n == NULL;

	(void)arg;
	if(fresh) {
		n = wst_state_add(wa_sv_from(num->digits));
		if(n == NULL)
			return WA_ENOMEM;
	}
	n->mark = walk_mark;
	if(identity_changed(n, num) || fresh) {
		wst_read_now(n, false);
		wst_health_soon(n);
	}
	return 0;
}

wst_number_t *wst_sync_meet(wa_sv_t digits)
{
	wst_number_t *n = wst_state_find(digits);
	wa_number_t num;

	if(n == NULL && wan.get(digits, &num) == 0 && meet(&num, NULL) == 0)
		n = wst_state_find(digits);
	return n;
}

static void forget(wst_number_t *n)
{
	wst_read_drop(n);
	wst_health_drop(n);
}

/* Takes over what the directory has; numbers that are gone from it are let go.
 * Returns when to look again, in ms. */
static uint64_t walk(void)
{
	int ret;

	walk_mark++;
	ret = wan.each(meet, NULL);
	if(ret == WA_ENOTREADY)
		return UNLOADED_MS;
	if(ret == 0)
		wst_state_sweep(walk_mark, forget);
	return WALK_MS + (uint64_t)wst_status_numbers() * WALK_MS_PER_NUMBER;
}

static void new_token(wst_number_t *n, void *arg)
{
	(void)arg;
	wst_read_new_token(n);
}

/* Numbers that wait for a token do not wait for their time as well. */
static void look_at_tokens(void)
{
	static unsigned known;
	unsigned sum = 0;

	wst_app_refresh();
	for(unsigned i = 0; wst_app_at(i) != NULL; i++)
		sum = 31 * sum + 2 * wst_app_at(i)->token.generation + !wst_app_at(i)->gone;
	if(sum == known)
		return;
	known = sum;
	wst_state_each(new_token, NULL);
}

static void wake_read(wst_number_t *n, void *arg)
{
	const wst_wake_t *w = arg;

	if(w->what == WST_ASK_READ_SCRIPT) {
		if(n->asked_ms != 0 && wst_now_ms() - n->asked_ms < wst_params.sync_gap_ms)
			return;
		n->asked_ms = wst_now_ms();
	}
	/* all of them are a round, whoever asks */
	wst_read_now(n, w->key[0] != '\0');
}

static void wake_health(wst_number_t *n, void *arg)
{
	const wst_wake_t *w = arg;

	wst_health_now(n, w->key[0] != '\0');
}

static void take_wake(const wst_wake_t *w)
{
	void (*each)(wst_number_t * n, void *arg) =
			w->what == WST_ASK_HEALTH ? wake_health : wake_read;
	wst_number_t *n;

	if(w->what == WST_ASK_TASK)
		return; /* wst_work_turn() finds it */
	if(w->what == WST_ASK_DISCOVER)
		wst_discover(w);
	else if(w->key[0] == '\0')
		wst_state_each(each, (void *)(uintptr_t)w);
	else if((n = wst_sync_meet(wa_sv_from(w->key))) != NULL)
		each(n, (void *)(uintptr_t)w); /* nobody waits for the next walk */
}

static void take_wakes(void)
{
	wst_wake_t w;

	while(wst_wake_take(&w))
		take_wake(&w);
}

static uint64_t sooner(uint64_t a, uint64_t b)
{
	return a < b ? a : b;
}

/* Returns how long the loop may sleep, in ms. */
static uint64_t turn(uint64_t *next_walk)
{
	uint64_t idle = NEVER_LATER_MS, now;

	cfg_update();
	if(wst_now_ms() >= *next_walk) {
		uint64_t pause = walk();

		if(pause != UNLOADED_MS)
			look_at_tokens();
		*next_walk = wst_now_ms() + pause;
	}
	take_wakes();
	wst_drift_turn();
	idle = sooner(idle, wst_work_turn());
	idle = sooner(idle, wst_read_start());
	idle = sooner(idle, wst_health_start());
	now = wst_now_ms();
	return sooner(idle, *next_walk > now ? *next_walk - now : 0);
}

void wst_sync_run(const wa_numbers_api_t *api)
{
	uint64_t next_walk = 0;

	wan = *api;
	if(setpriority(PRIO_PROCESS, 0, NICE) < 0)
		LM_NOTICE("setpriority: %s\n", strerror(errno));
	if(wst_graph_init() < 0) {
		LM_CRIT("libcurl cannot be set up\n");
		exit(1);
	}
	wst_read_init(api);
	wst_drift_init(api);
	if(wst_work_init(api) < 0) {
		LM_CRIT("no random numbers\n");
		exit(1);
	}
	for(;;)
		wst_graph_run(wst_wake_fd(), turn(&next_walk));
}
