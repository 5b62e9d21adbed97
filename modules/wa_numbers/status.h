/* How the directory process is doing, in shared memory for RPCs, and the
 * module's counters.
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef WA_NUMBERS_STATUS_H
#define WA_NUMBERS_STATUS_H

#include <stdbool.h>

#include "../ksr_compat.h"

#include <kamailio/core/counters.h>

#define WAN_ID_SIZE 48	   /* of a stream entry: two 64-bit numbers */
#define WAN_TEXT_SIZE 192  /* of an error */
#define WAN_RESULTS 256	   /* outcomes of RPC jobs that are remembered */

/* The snapshot on disk. */
typedef struct wan_snapshot_status
{
	time_t written_at; /* 0 = not since the start */
	time_t taken_from; /* when the one was made that was loaded, 0 = none */
	unsigned kbytes;
	char error[WAN_TEXT_SIZE]; /* "" = the last one was written */
} wan_snapshot_status_t;

enum wan_reseal_state
{
	WAN_RESEAL_NEVER = 0,
	WAN_RESEAL_RUNNING,
	WAN_RESEAL_DONE
};

typedef struct wan_reseal_status
{
	enum wan_reseal_state state;
	time_t started_at;
	time_t finished_at;
	unsigned seen;	   /* passwords looked at */
	unsigned resealed; /* by this node */
	unsigned failed;   /* do not open with any key of the ring */
} wan_reseal_status_t;

/* From the write in Redis to the record in the directory: upper bounds in ms. */
#define WAN_VISIBLE_BOUNDS {1, 5, 10, 25, 50, 100, 250, 500, 1000, 5000}
#define WAN_VISIBLE_N 10

typedef struct wan_status
{
	bool connected;
	bool loading;
	char last_id[WAN_ID_SIZE]; /* of the stream */
	char error[WAN_TEXT_SIZE]; /* the last one */
	time_t error_at;
	time_t connected_at;
	time_t loaded_at; /* 0 = never */
	unsigned load_ms; /* the last load took */
	wan_snapshot_status_t snapshot;
	wan_reseal_status_t reseal;
	uint64_t visible[WAN_VISIBLE_N + 1]; /* how many up to each bound; all */
	uint64_t visible_ms;				 /* sum */
} wan_status_t;

enum wan_job_state
{
	WAN_JOB_UNKNOWN = 0, /* never seen, or too long ago */
	WAN_JOB_QUEUED,
	WAN_JOB_DONE,
	WAN_JOB_FAILED
};

/* Counters; each process counts in its own slot. */
extern counter_handle_t wan_cnt_reloads;
extern counter_handle_t wan_cnt_changes;
extern counter_handle_t wan_cnt_redis_errors;
extern counter_handle_t wan_cnt_connects;
extern counter_handle_t wan_cnt_writes;
extern counter_handle_t wan_cnt_unchanged;
extern counter_handle_t wan_cnt_jobs_failed;
extern counter_handle_t wan_cnt_queue_full;
extern counter_handle_t wan_cnt_seal_errors;
extern counter_handle_t wan_cnt_bad_records;
extern counter_handle_t wan_cnt_snapshots;
extern counter_handle_t wan_cnt_snapshot_errors;

/** mod_init only. Returns 0 or -1. */
int wan_status_init(void);
void wan_status_destroy(void);

/** Copies the status. Any process. */
void wan_status_get(wan_status_t *out);

/* The directory process. */
void wan_status_connected(bool up);
void wan_status_loading(bool loading);
void wan_status_loaded(unsigned ms);
void wan_status_last_id(const char *id);
/** Keeps `text` as the last error and counts it. Logging is the caller's. */
void wan_status_error(const char *text);

void wan_status_snapshot(const wan_snapshot_status_t *s);
void wan_status_reseal(const wan_reseal_status_t *r);
/** A change with this id in the stream can be seen by calls now. The id has the
 * time of Redis' clock; one that is ahead of ours counts as 0 ms. */
void wan_status_visible(const char *id);

/** A number for a new job, marked as queued. Never 0. Any process. */
uint32_t wan_result_new(void);
/** The directory process; `id` 0 is nobody's and ignored. `text` may be NULL. */
void wan_result_set(uint32_t id, enum wan_job_state state, const char *text);
/** `text` gets WAN_TEXT_SIZE bytes at most. Any process. */
enum wan_job_state wan_result_get(uint32_t id, char *text);

#endif
