/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "state.h"

#include <stdio.h>
#include <string.h>

#include <kamailio/core/hashes.h>

#include "../ksr_metrics.h"
#include "../lib/wa_err.h"

#define BUCKETS 4096 /* a power of two */
#define SPARE 4		 /* entries that may join a bucket between two looks */

typedef struct shared
{
	gen_lock_t lock;
	wst_status_t status;
	wst_number_t *buckets[BUCKETS];
	wst_number_t *of_id[BUCKETS]; /* the same, by phone_number_id; the settings process' own */
} shared_t;

static shared_t *sh = NULL;

counter_handle_t wst_cnt_requests;
counter_handle_t wst_cnt_ok;
counter_handle_t wst_cnt_changed;
counter_handle_t wst_cnt_unchanged;
counter_handle_t wst_cnt_failed;
counter_handle_t wst_cnt_transport;
counter_handle_t wst_cnt_token;
counter_handle_t wst_cnt_permission;
counter_handle_t wst_cnt_rate;
counter_handle_t wst_cnt_bad_answers;
counter_handle_t wst_cnt_health;
counter_handle_t wst_cnt_health_failed;
counter_handle_t wst_cnt_wakes_dropped;
counter_handle_t wst_cnt_drift_seen;
counter_handle_t wst_cnt_writes;
counter_handle_t wst_cnt_repairs;
counter_handle_t wst_cnt_rotations;
counter_handle_t wst_cnt_work_failed;

static counter_val_t count_numbers(
		counter_handle_t h KSR_UNUSED, void *param KSR_UNUSED)
{
	return sh != NULL ? (counter_val_t)sh->status.numbers : 0;
}

static counter_val_t count_failing(
		counter_handle_t h KSR_UNUSED, void *param KSR_UNUSED)
{
	return sh != NULL ? (counter_val_t)sh->status.failing : 0;
}

static counter_val_t count_blocked(
		counter_handle_t h KSR_UNUSED, void *param KSR_UNUSED)
{
	return sh != NULL ? (counter_val_t)sh->status.blocked : 0;
}

static counter_val_t count_restricted(
		counter_handle_t h KSR_UNUSED, void *param KSR_UNUSED)
{
	return sh != NULL ? (counter_val_t)sh->status.restricted : 0;
}

static counter_val_t count_drifting(
		counter_handle_t h KSR_UNUSED, void *param KSR_UNUSED)
{
	return sh != NULL ? (counter_val_t)sh->status.drifting : 0;
}

static counter_def_t counters[] = {
		{NULL, "numbers", CNT_F_NO_RESET, count_numbers, NULL,
				KSR_NOW("numbers whose settings are kept in step")},
		{NULL, "failing", CNT_F_NO_RESET, count_failing, NULL,
				KSR_NOW("numbers whose last sync failed")},
		{NULL, "blocked", CNT_F_NO_RESET, count_blocked, NULL,
				KSR_NOW("numbers of which Meta says that they get no calls")},
		{NULL, "restricted", CNT_F_NO_RESET, count_restricted, NULL,
				KSR_NOW("numbers whose calling Meta has restricted")},
		{&wst_cnt_requests, "requests", 0, NULL, NULL,
				"requests sent to the Graph API"},
		{&wst_cnt_ok, "ok", 0, NULL, NULL, "settings read"},
		{&wst_cnt_changed, "changed", 0, NULL, NULL,
				"of these, handed to the directory"},
		{&wst_cnt_unchanged, "unchanged", 0, NULL, NULL,
				"of these, already there"},
		{&wst_cnt_failed, "failed", 0, NULL, NULL,
				"syncs that failed, for whatever reason"},
		{&wst_cnt_transport, "transport_errors", 0, NULL, NULL,
				"no whole answer: connection, certificate, time-out"},
		{&wst_cnt_token, "token_refused", 0, NULL, NULL,
				"answers that refuse the token"},
		{&wst_cnt_permission, "permission_refused", 0, NULL, NULL,
				"answers that the app may not, or that there is no such number"},
		{&wst_cnt_rate, "rate_limited", 0, NULL, NULL,
				"answers that ask for fewer requests"},
		{&wst_cnt_bad_answers, "bad_answers", 0, NULL, NULL,
				"answers that could not be understood"},
		{&wst_cnt_health, "health_ok", 0, NULL, NULL, "health of a number read"},
		{&wst_cnt_health_failed, "health_failed", 0, NULL, NULL,
				"reads of a number's health that failed"},
		{&wst_cnt_wakes_dropped, "wakes_dropped", 0, NULL, NULL,
				"requests for a sync not taken because the pipe was full"},
		{NULL, "drifting", CNT_F_NO_RESET, count_drifting, NULL,
				KSR_NOW("numbers for which Meta has something else than is wanted")},
		{&wst_cnt_drift_seen, "drift_seen", 0, NULL, NULL,
				"times that a number was found to differ, or to differ otherwise"},
		{&wst_cnt_writes, "writes", 0, NULL, NULL, "settings written to Meta"},
		{&wst_cnt_repairs, "repairs", 0, NULL, NULL, "drifts repaired"},
		{&wst_cnt_rotations, "rotations", 0, NULL, NULL, "passwords changed"},
		{&wst_cnt_work_failed, "work_failed", 0, NULL, NULL,
				"plans, applications, repairs and rotations that failed"},
		{NULL, NULL, 0, NULL, NULL, NULL}};

int wst_state_init(void)
{
	sh = shm_malloc(sizeof(*sh));
	if(sh == NULL) {
		SHM_MEM_ERROR;
		return -1;
	}
	memset(sh, 0, sizeof(*sh));
	if(lock_init(&sh->lock) == NULL)
		return -1;
	return counter_register_array("wa_settings", counters) < 0 ? -1 : 0;
}

void wst_state_destroy(void)
{
	if(sh == NULL)
		return;
	for(size_t i = 0; i < BUCKETS; i++)
		while(sh->buckets[i] != NULL) {
			wst_number_t *n = sh->buckets[i];

			sh->buckets[i] = n->next;
			shm_free(n);
		}
	lock_destroy(&sh->lock);
	shm_free(sh);
	sh = NULL;
}

void wst_status_get(wst_status_t *out)
{
	lock_get(&sh->lock);
	*out = sh->status;
	lock_release(&sh->lock);
}

unsigned wst_status_numbers(void)
{
	unsigned n;

	lock_get(&sh->lock);
	n = sh->status.numbers;
	lock_release(&sh->lock);
	return n;
}

static wst_number_t **bucket(wa_sv_t digits)
{
	str s = KSR_STR(digits);

	return &sh->buckets[core_hash(&s, NULL, BUCKETS)];
}

/* By the settings process without the lock (it is the only writer), by others
 * under it. */
static wst_number_t *find(wa_sv_t digits)
{
	wst_number_t *n = *bucket(digits);

	while(n != NULL && !wa_sv_eq(wa_sv_from(n->show.digits), digits))
		n = n->next;
	return n;
}

int wst_state_get(wa_sv_t digits, wst_show_t *out)
{
	const wst_number_t *n;

	lock_get(&sh->lock);
	n = find(digits);
	if(n != NULL)
		*out = n->show;
	lock_release(&sh->lock);
	return n != NULL ? 0 : WA_ENOENT;
}

int wst_state_ask(wa_sv_t digits, unsigned *ticket)
{
	wst_number_t *n;

	lock_get(&sh->lock);
	n = find(digits);
	if(n != NULL)
		*ticket = ++n->asked;
	lock_release(&sh->lock);
	return n != NULL ? 0 : WA_ENOENT;
}

unsigned wst_state_asked(const wst_number_t *n)
{
	unsigned asked;

	lock_get(&sh->lock);
	asked = n->asked;
	lock_release(&sh->lock);
	return asked;
}

typedef bool(match_f)(const wst_show_t *s);

static size_t bucket_count(unsigned i, match_f *match)
{
	size_t count = 0;

	lock_get(&sh->lock);
	for(const wst_number_t *n = sh->buckets[i]; n != NULL; n = n->next)
		count += match == NULL || match(&n->show);
	lock_release(&sh->lock);
	return count;
}

static size_t bucket_copy(unsigned i, match_f *match, wst_show_t *out, size_t max)
{
	size_t count = 0;

	lock_get(&sh->lock);
	for(const wst_number_t *n = sh->buckets[i]; n != NULL && count < max;
			n = n->next)
		if(match == NULL || match(&n->show))
			out[count++] = n->show;
	lock_release(&sh->lock);
	return count;
}

/* Copies a bucket, then shows it: the lock is not held while `cb` works. */
static int bucket_show(unsigned i, match_f *match, size_t *shown,
		int (*cb)(const wst_show_t *s, void *arg), void *arg)
{
	size_t max = bucket_count(i, match), n;
	wst_show_t *copies;
	int ret = 0;

	if(max == 0)
		return 0;
	max += SPARE;
	copies = pkg_malloc(max * sizeof(*copies));
	if(copies == NULL) {
		PKG_MEM_ERROR;
		return WA_ENOMEM;
	}
	n = bucket_copy(i, match, copies, max);
	for(size_t k = 0; k < n && ret == 0; k++)
		ret = cb(&copies[k], arg);
	*shown += n;
	pkg_free(copies);
	return ret;
}

int wst_state_page(unsigned *cursor, size_t limit, match_f *match,
		int (*cb)(const wst_show_t *s, void *arg), void *arg)
{
	size_t shown = 0;

	for(unsigned i = *cursor; i < BUCKETS; i++) {
		int ret;

		if(shown >= limit) {
			*cursor = i;
			return 0;
		}
		ret = bucket_show(i, match, &shown, cb, arg);
		if(ret != 0)
			return ret;
	}
	*cursor = 0;
	return 0;
}

wst_number_t *wst_state_find(wa_sv_t digits)
{
	return find(digits);
}

wst_number_t *wst_state_add(wa_sv_t digits)
{
	wst_number_t *n = shm_malloc(sizeof(*n));
	wst_number_t **head = bucket(digits);

	if(n == NULL) {
		SHM_MEM_ERROR;
		return NULL;
	}
	memset(n, 0, sizeof(*n));
	if(wa_sv_copy(n->show.digits, sizeof(n->show.digits), digits) < 0) {
		shm_free(n);
		return NULL;
	}
	lock_get(&sh->lock);
	n->next = *head;
	*head = n;
	sh->status.numbers++;
	lock_release(&sh->lock);
	return n;
}

static wst_number_t **id_bucket(const char *id)
{
	str s = {(char *)id, (int)strlen(id)};

	return &sh->of_id[core_hash(&s, NULL, BUCKETS)];
}

static void forget_id(wst_number_t *n)
{
	wst_number_t **at = id_bucket(n->phone_number_id);

	if(n->phone_number_id[0] == '\0')
		return; /* is not there */
	while(*at != NULL && *at != n)
		at = &(*at)->next_of_id;
	if(*at != NULL)
		*at = n->next_of_id;
}

void wst_state_set_id(wst_number_t *n, const char *id)
{
	wst_number_t **head;

	if(strcmp(n->phone_number_id, id) == 0)
		return;
	forget_id(n);
	(void)wa_sv_copy(n->phone_number_id, sizeof(n->phone_number_id), wa_sv_from(id));
	if(id[0] == '\0')
		return;
	head = id_bucket(n->phone_number_id);
	n->next_of_id = *head;
	*head = n;
}

void wst_state_of_id(const char *id, void (*cb)(const wst_number_t *n, void *arg), void *arg)
{
	for(const wst_number_t *n = *id_bucket(id); n != NULL; n = n->next_of_id)
		if(strcmp(n->phone_number_id, id) == 0)
			cb(n, arg);
}

void wst_state_each(void (*cb)(wst_number_t *n, void *arg), void *arg)
{
	for(size_t i = 0; i < BUCKETS; i++)
		for(wst_number_t *n = sh->buckets[i]; n != NULL; n = n->next)
			cb(n, arg);
}

static void add(unsigned *n, bool is, int by)
{
	if(is)
		*n += (unsigned)by;
}

/* Its share of the totals, under the lock. */
static void count(const wst_show_t *s, int by)
{
	add(&sh->status.failing, s->failures > 0, by);
	add(&sh->status.in_flight, s->in_flight, by);
	add(&sh->status.blocked, s->health.sip == WA_HEALTH_BLOCKED, by);
	add(&sh->status.restricted, s->restricted != 0, by);
	add(&sh->status.drifting, s->drift[0] != '\0', by);
}

static void unlink_number(wst_number_t **at)
{
	wst_number_t *n = *at;

	lock_get(&sh->lock);
	*at = n->next;
	sh->status.numbers--;
	count(&n->show, -1);
	lock_release(&sh->lock);
	shm_free(n);
}

void wst_state_sweep(unsigned mark, void (*forget)(wst_number_t *n))
{
	for(size_t i = 0; i < BUCKETS; i++) {
		wst_number_t **at = &sh->buckets[i];

		while(*at != NULL) {
			if((*at)->mark == mark || (*at)->show.in_flight
					|| (*at)->show.health_asked) {
				at = &(*at)->next;
				continue;
			}
			forget(*at);
			forget_id(*at);
			unlink_number(at);
		}
	}
}

void wst_state_show(wst_number_t *n, const wst_show_t *show)
{
	lock_get(&sh->lock);
	count(&n->show, -1);
	count(show, 1);
	n->show = *show;
	lock_release(&sh->lock);
}

void wst_status_app(unsigned i, const wst_app_show_t *show)
{
	lock_get(&sh->lock);
	sh->status.apps[i] = *show;
	if(i >= sh->status.n_apps)
		sh->status.n_apps = i + 1;
	lock_release(&sh->lock);
}

void wst_status_clock(long off)
{
	lock_get(&sh->lock);
	sh->status.clock_off = off;
	sh->status.clock_at = time(NULL);
	lock_release(&sh->lock);
}

void wst_status_apps(const char *error)
{
	lock_get(&sh->lock);
	/* a text for people: cut where it is too long */
	if(snprintf(sh->status.apps_error, sizeof(sh->status.apps_error), "%s", error) < 0)
		sh->status.apps_error[0] = '\0';
	lock_release(&sh->lock);
}
