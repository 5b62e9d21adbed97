/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "status.h"

#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "../ksr_metrics.h"
#include "../lib/wa_sv.h"
#include "directory.h"

typedef struct result
{
	uint32_t id;
	enum wan_job_state state;
	char text[WAN_TEXT_SIZE];
} result_t;

typedef struct shared
{
	gen_lock_t lock;
	wan_status_t status;
	uint32_t next_id;
	result_t results[WAN_RESULTS];
} shared_t;

static shared_t *sh = NULL;

counter_handle_t wan_cnt_reloads;
counter_handle_t wan_cnt_changes;
counter_handle_t wan_cnt_redis_errors;
counter_handle_t wan_cnt_connects;
counter_handle_t wan_cnt_writes;
counter_handle_t wan_cnt_unchanged;
counter_handle_t wan_cnt_jobs_failed;
counter_handle_t wan_cnt_queue_full;
counter_handle_t wan_cnt_seal_errors;
counter_handle_t wan_cnt_bad_records;
counter_handle_t wan_cnt_snapshots;
counter_handle_t wan_cnt_snapshot_errors;

static const unsigned visible_bounds[WAN_VISIBLE_N] = WAN_VISIBLE_BOUNDS;
static counter_handle_t cnt_visible[WAN_VISIBLE_N + 1];
static counter_handle_t cnt_visible_sum;

static counter_val_t count_numbers(
		counter_handle_t h KSR_UNUSED, void *param KSR_UNUSED)
{
	return (counter_val_t)wan_dir_numbers();
}

static counter_val_t count_trunks(
		counter_handle_t h KSR_UNUSED, void *param KSR_UNUSED)
{
	return (counter_val_t)wan_dir_trunks();
}

static counter_val_t count_connected(
		counter_handle_t h KSR_UNUSED, void *param KSR_UNUSED)
{
	return sh != NULL && sh->status.connected;
}

static counter_val_t snapshot_age(
		counter_handle_t h KSR_UNUSED, void *param KSR_UNUSED)
{
	time_t at = sh != NULL ? sh->status.snapshot.written_at : 0;
	time_t now = time(NULL);

	return at > 0 && now > at ? (counter_val_t)(now - at) : 0;
}

static counter_val_t count_resealed(
		counter_handle_t h KSR_UNUSED, void *param KSR_UNUSED)
{
	return sh != NULL ? (counter_val_t)sh->status.reseal.resealed : 0;
}

static counter_val_t count_reseal_failed(
		counter_handle_t h KSR_UNUSED, void *param KSR_UNUSED)
{
	return sh != NULL ? (counter_val_t)sh->status.reseal.failed : 0;
}

#define VISIBLE(i_, bound_) \
	{&cnt_visible[i_], "visible_ms_le_" bound_, 0, NULL, NULL, \
			"changes seen at most " bound_ " ms after the write in Redis"}

static counter_def_t counters[] = {
		{NULL, "numbers", CNT_F_NO_RESET, count_numbers, NULL,
				KSR_NOW("numbers in the directory")},
		{NULL, "trunks", CNT_F_NO_RESET, count_trunks, NULL,
				KSR_NOW("trunks in the directory")},
		{NULL, "connected", CNT_F_NO_RESET, count_connected, NULL,
				KSR_NOW("1 while Redis is followed")},
		{&wan_cnt_reloads, "reloads", 0, NULL, NULL,
				"complete loads of the directory"},
		{&wan_cnt_changes, "changes", 0, NULL, NULL,
				"records that changed in the directory"},
		{&wan_cnt_connects, "connects", 0, NULL, NULL,
				"connections made to Redis"},
		{&wan_cnt_redis_errors, "redis_errors", 0, NULL, NULL,
				"connections lost or refused, and commands refused"},
		{&wan_cnt_writes, "writes", 0, NULL, NULL,
				"jobs that changed something in Redis"},
		{&wan_cnt_unchanged, "unchanged", 0, NULL, NULL,
				"jobs that found nothing to change"},
		{&wan_cnt_jobs_failed, "jobs_failed", 0, NULL, NULL,
				"jobs that were refused"},
		{&wan_cnt_queue_full, "queue_full", 0, NULL, NULL,
				"jobs not taken because the queue was full"},
		{&wan_cnt_seal_errors, "seal_errors", 0, NULL, NULL,
				"sealed passwords that could not be opened"},
		{&wan_cnt_bad_records, "bad_records", 0, NULL, NULL,
				"records in Redis with something that was ignored"},
		{&wan_cnt_snapshots, "snapshots", 0, NULL, NULL,
				"snapshots written to disk"},
		{&wan_cnt_snapshot_errors, "snapshot_errors", 0, NULL, NULL,
				"snapshots that could not be written"},
		{NULL, "snapshot_age", CNT_F_NO_RESET, snapshot_age, NULL,
				KSR_NOW("seconds since a snapshot was written; 0 = none yet")},
		{NULL, "resealed", CNT_F_NO_RESET, count_resealed, NULL,
				KSR_NOW("passwords sealed anew by the last run on this node")},
		{NULL, "reseal_failed", CNT_F_NO_RESET, count_reseal_failed, NULL,
				KSR_NOW("passwords that the last run could not open")},
		VISIBLE(0, "1"),
		VISIBLE(1, "5"),
		VISIBLE(2, "10"),
		VISIBLE(3, "25"),
		VISIBLE(4, "50"),
		VISIBLE(5, "100"),
		VISIBLE(6, "250"),
		VISIBLE(7, "500"),
		VISIBLE(8, "1000"),
		VISIBLE(9, "5000"),
		{&cnt_visible[WAN_VISIBLE_N], "visible_ms_count", 0, NULL, NULL,
				"changes followed"},
		{&cnt_visible_sum, "visible_ms_sum", 0, NULL, NULL,
				"milliseconds from a write in Redis to its visibility, sum"},
		{NULL, NULL, 0, NULL, NULL, NULL}};

int wan_status_init(void)
{
	sh = shm_malloc(sizeof(*sh));
	if(sh == NULL) {
		SHM_MEM_ERROR;
		return -1;
	}
	memset(sh, 0, sizeof(*sh));
	if(lock_init(&sh->lock) == NULL)
		return -1;
	return counter_register_array("wa_numbers", counters) < 0 ? -1 : 0;
}

void wan_status_destroy(void)
{
	if(sh == NULL)
		return;
	lock_destroy(&sh->lock);
	shm_free(sh);
	sh = NULL;
}

void wan_status_get(wan_status_t *out)
{
	lock_get(&sh->lock);
	*out = sh->status;
	lock_release(&sh->lock);
}

void wan_status_connected(bool up)
{
	if(up)
		counter_inc(wan_cnt_connects);
	lock_get(&sh->lock);
	sh->status.connected = up;
	if(up)
		sh->status.connected_at = time(NULL);
	lock_release(&sh->lock);
}

void wan_status_loading(bool loading)
{
	lock_get(&sh->lock);
	sh->status.loading = loading;
	lock_release(&sh->lock);
}

void wan_status_loaded(unsigned ms)
{
	counter_inc(wan_cnt_reloads);
	lock_get(&sh->lock);
	sh->status.loading = false;
	sh->status.loaded_at = time(NULL);
	sh->status.load_ms = ms;
	lock_release(&sh->lock);
}

/* A longer text is cut: it is for people. */
static void keep(char *dst, size_t size, const char *text)
{
	size_t len = strnlen(text, size - 1);

	memcpy(dst, text, len);
	dst[len] = '\0';
}

void wan_status_last_id(const char *id)
{
	lock_get(&sh->lock);
	keep(sh->status.last_id, sizeof(sh->status.last_id), id);
	lock_release(&sh->lock);
}

void wan_status_error(const char *text)
{
	counter_inc(wan_cnt_redis_errors);
	lock_get(&sh->lock);
	keep(sh->status.error, sizeof(sh->status.error), text);
	sh->status.error_at = time(NULL);
	lock_release(&sh->lock);
}

void wan_status_snapshot(const wan_snapshot_status_t *s)
{
	lock_get(&sh->lock);
	sh->status.snapshot = *s;
	lock_release(&sh->lock);
}

void wan_status_reseal(const wan_reseal_status_t *r)
{
	lock_get(&sh->lock);
	sh->status.reseal = *r;
	lock_release(&sh->lock);
}

void wan_status_visible(const char *id)
{
	wa_sv_t rest = wa_sv_from(id);
	unsigned long written, ms = 0;
	struct timespec now;
	unsigned i;

	if(wa_sv_ulong(wa_sv_cut(&rest, '-'), ULONG_MAX, &written) < 0)
		return;
	clock_gettime(CLOCK_REALTIME, &now);
	if((unsigned long)now.tv_sec * 1000 + (unsigned long)now.tv_nsec / 1000000
			> written)
		ms = (unsigned long)now.tv_sec * 1000
			 + (unsigned long)now.tv_nsec / 1000000 - written;
	lock_get(&sh->lock);
	for(i = 0; i < WAN_VISIBLE_N; i++)
		sh->status.visible[i] += ms <= visible_bounds[i];
	sh->status.visible[WAN_VISIBLE_N]++;
	sh->status.visible_ms += ms;
	lock_release(&sh->lock);
	for(i = 0; i < WAN_VISIBLE_N; i++)
		if(ms <= visible_bounds[i])
			counter_inc(cnt_visible[i]);
	counter_inc(cnt_visible[WAN_VISIBLE_N]);
	counter_add(cnt_visible_sum, (int)(ms < INT_MAX ? ms : INT_MAX));
}

uint32_t wan_result_new(void)
{
	result_t *r;
	uint32_t id;

	lock_get(&sh->lock);
	id = ++sh->next_id;
	if(id == 0)
		id = ++sh->next_id;
	r = &sh->results[id % WAN_RESULTS];
	r->id = id;
	r->state = WAN_JOB_QUEUED;
	r->text[0] = '\0';
	lock_release(&sh->lock);
	return id;
}

void wan_result_set(uint32_t id, enum wan_job_state state, const char *text)
{
	result_t *r = &sh->results[id % WAN_RESULTS];

	if(id == 0)
		return;
	lock_get(&sh->lock);
	if(r->id == id) {
		r->state = state;
		keep(r->text, sizeof(r->text), text != NULL ? text : "");
	}
	lock_release(&sh->lock);
}

enum wan_job_state wan_result_get(uint32_t id, char *text)
{
	const result_t *r = &sh->results[id % WAN_RESULTS];
	enum wan_job_state state = WAN_JOB_UNKNOWN;

	text[0] = '\0';
	lock_get(&sh->lock);
	if(id != 0 && r->id == id) {
		state = r->state;
		keep(text, WAN_TEXT_SIZE, r->text);
	}
	lock_release(&sh->lock);
	return state;
}
