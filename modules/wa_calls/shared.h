/* What all processes share: the table, counters, draining, the queue to the
 * process that does what takes time.
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Everything here may be called in any process and waits for nothing but the
 * lock, which no I/O is under.
 */
#ifndef WA_CALLS_SHARED_H
#define WA_CALLS_SHARED_H

#include "../ksr_compat.h"

#include <stdatomic.h>

#include "../lib/wa_calls_table.h"
#include "../lib/wa_histogram.h"

#define REASONS_MAX 96
#define ROUNDS_MAX 3 /* and more */

enum drain
{
	DRAIN_OFF = 0,
	DRAIN_ON,
	DRAIN_EXIT /* and Kamailio ends with the last call */
};

typedef struct calls_stats
{
	/* [direction in, out][result][reason] */
	_Atomic uint64_t calls[2][WA_CALL_RESULTS][REASONS_MAX];
	wa_histogram_t setup[2];	/* offered to ringing */
	wa_histogram_t answer[2];	/* offered to answered */
	wa_histogram_t duration[2]; /* answered to ended */
	wa_histogram_t first[2];	/* answered to the first packet toward Meta */
	wa_histogram_t mos[2], loss[2], jitter[2]; /* of calls that are over */
	_Atomic uint64_t rounds[ROUNDS_MAX + 1];   /* challenges that a call took */
	_Atomic uint64_t attempts[2];
	_Atomic uint64_t hung_up; /* calls ended from here */
	_Atomic uint64_t recovered; /* taken over from before a restart */
	/* Other nodes' that ended here: not yet clear who writes the record; another
	 * node did; this one did. */
	_Atomic uint64_t asked, settled, unsettled;
	_Atomic uint64_t queue_drops; /* jobs that found no memory or no place */
	_Atomic uint64_t no_legs; /* answered calls whose legs could not be read */
	_Atomic uint64_t cdr_written, cdr_lost, cdr_errors, cdr_redis;
	_Atomic uint64_t cdr_pending; /* waiting for the disk */
	_Atomic uint64_t redis_pending; /* waiting for Redis */
	_Atomic uint64_t journal_errors;
} calls_stats_t;

enum job_kind
{
	JOB_OPEN,	/* the call goes on: to the journal */
	JOB_CLOSE,	/* the call is over: its record */
	JOB_HANG_UP, /* by its id; cause says why */
	JOB_GONE,	/* by its Call-ID: rtpengine no longer knows it */
	JOB_ELSEWHERE, /* it has ended here, and began on another node */
	JOB_TAKEN,	/* its id on another node, whose call has its record here */
	JOB_SETTLED, /* its id: another node has its record */
	JOB_REOPEN	/* the files */
};

/* In shared memory; JOB_OPEN alone has the legs. */
typedef struct job
{
	enum job_kind kind;
	wa_call_t call;
} job_t;

/* This node's name in its records. */
extern char *calls_node;

/* Who we are toward Meta, and where Meta is: for operators. */
typedef struct calls_site
{
	char *hostname;
	int port;
	char *meta_hop, *meta_name;
} calls_site_t;

extern calls_site_t calls_site;

/** Before the fork. Returns 0 or -1, logged. */
int shared_prepare(const wa_calls_room_t *room);
void shared_destroy(void);

/** Calls that the table can hold. */
unsigned shared_max_calls(void);

/** The table, locked; shared_unlock() in the same function. */
wa_calls_t *shared_lock(void);
void shared_unlock(void);

calls_stats_t *shared_stats(void);

enum drain shared_drain(void);
void shared_set_drain(enum drain how);

/** Now, ms since 1970: for records. What waits or lasts goes by the other one. */
int64_t shared_now(void);

/** A moment as UTC with seconds, "" for 0. */
void shared_show_time(int64_t ms, char *out, size_t size);

/** An id for a new record. */
void shared_new_id(char *out, size_t size);

/** Queues a job; `call` is copied. Returns 0 or WA_EBUSY, counted. */
int shared_push(enum job_kind kind, const wa_call_t *call);

/** The end to poll(), and the next job (shm_free() it), NULL: none. */
int shared_queue_fd(void);
job_t *shared_take(void);

#endif
