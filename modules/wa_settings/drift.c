/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "drift.h"

#include <string.h>
#include <time.h>

#include <kamailio/core/rand/fastrand.h>

#include "../lib/wa_backoff.h"
#include "../lib/wa_err.h"
#include "../lib/wa_plan.h"
#include "../lib/wa_rotation.h"
#include "clock.h"
#include "params.h"
#include "read.h"
#include "work.h"

#define LOOK_MS 1000
#define DAY_S 86400

static wa_numbers_api_t wan;
static uint64_t look_at_ms;

static wa_sv_t app_of(const wst_number_t *n)
{
	return n->app_id[0] != '\0' ? wa_sv_from(n->app_id) : wst_params.app_id;
}

static void report(const wst_number_t *n, wst_show_t *show, const char *fields)
{
	if(strcmp(show->drift, fields) == 0)
		return;
	if(fields[0] != '\0') {
		counter_inc(wst_cnt_drift_seen);
		LM_WARN("number %s: Meta differs from what is wanted: %s\n", n->show.digits,
				fields);
	} else {
		LM_NOTICE("number %s: Meta has what is wanted\n", n->show.digits);
	}
	wa_sv_copy(show->drift, sizeof(show->drift), wa_sv_from(fields));
	show->drift_since = fields[0] != '\0' ? time(NULL) : 0;
}

/* A repair that Meta does not keep is not repeated with every read. */
static void repair(wst_number_t *n, const wa_wanted_t *w)
{
	uint64_t now = wst_now_ms();

	if(now < n->repair_at_ms)
		return;
	if(!wst_work_begin(WST_TASK_REPAIR, w, "policy"))
		return;
	n->repairs++;
	n->repair_at_ms = now
					  + wa_backoff(n->repairs, wst_params.retry_min_ms,
							  wst_params.retry_max_ms, fastrand());
}

static void rotate(const wst_number_t *n, const wa_wanted_t *w, const wa_wish_t *wish)
{
	wa_number_t num;
	int64_t last;

	if(w->rotate_days == 0 || wan.get(wa_sv_from(n->show.digits), &num) < 0
			|| !num.has_password)
		return;
	last = (int64_t)num.password_since;
	if(wish->rotated > last)
		last = wish->rotated;
	if((int64_t)time(NULL) - last < wa_rotation_after(wa_sv_from(n->show.digits), w->rotate_days))
		return;
	if(wst_work_begin(WST_TASK_ROTATE, w, "schedule"))
		LM_NOTICE("number %s: the password is %lld days old and is changed: %u are "
				  "allowed\n",
				n->show.digits, ((long long)time(NULL) - last) / DAY_S, w->rotate_days);
}

static void compare(wst_number_t *n, wst_show_t *show, const wa_wish_t *wish, wa_sv_t body)
{
	char fields[WA_ERROR_SIZE], why[WA_WANTED_WHY_SIZE];
	wa_calling_t meta;
	wa_wanted_t w;

	if(wa_wanted_parse(&w, wa_sv_from(wish->doc), why, sizeof(why)) < 0) {
		LM_ERR("number %s: what is wanted in Redis cannot be understood: %s\n",
				n->show.digits, why);
		return;
	}
	if(wa_calling_parse(&meta, body, app_of(n),
			   wst_params.hostname.len > 0 ? wst_params.hostname
										   : wa_sv_from(n->hostname),
			   why, sizeof(why))
			< 0) {
		LM_WARN("number %s: not compared: %s\n", n->show.digits, why);
		return;
	}
	wa_plan_drift(&w, &meta, fields, sizeof(fields));
	report(n, show, fields);
	if(fields[0] == '\0') {
		n->repairs = 0;
		n->repair_at_ms = 0;
		rotate(n, &w, wish);
	} else if(w.repair) {
		repair(n, &w);
	}
}

static void on_read(wst_number_t *n, wst_show_t *show, const wa_settings_t *s KSR_UNUSED,
		wa_sv_t body)
{
	static wa_wish_t wish; /* the process has one thread */

	if(wan.wanted(wa_sv_from(n->show.digits), &wish) < 0 || wish.doc[0] == '\0')
		report(n, show, "");
	else if(wish.job[0] == '\0') /* while it is being written it differs */
		compare(n, show, &wish, body);
}

void wst_drift_init(const wa_numbers_api_t *api)
{
	wan = *api;
	wst_read_watch(on_read);
}

static int look(const wa_wish_t *wish, void *arg KSR_UNUSED)
{
	/* of a number that is gone there is nothing to go on with */
	if(wish->job[0] != '\0' && wst_state_find(wa_sv_from(wish->digits)) != NULL)
		wst_work_resume(wish);
	return 0;
}

void wst_drift_turn(void)
{
	if(wst_now_ms() < look_at_ms)
		return;
	look_at_ms = wst_now_ms() + LOOK_MS;
	wan.each_wanted(look, NULL);
}
