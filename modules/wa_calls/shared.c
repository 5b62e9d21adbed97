/* SPDX-License-Identifier: GPL-2.0-or-later */
#define _GNU_SOURCE /* pipe2(), F_SETPIPE_SZ */
#include "shared.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/random.h>
#include <time.h>
#include <unistd.h>

#include "../lib/wa_err.h"

#define PIPE_SIZE (256 * 1024) /* 32768 jobs */

static struct shared
{
	gen_lock_t lock;
	_Atomic int drain;
	_Atomic uint32_t ids;
	uint32_t start; /* tells this start from others */
	calls_stats_t stats;
	unsigned max_calls;
	wa_calls_t *table;
} *shared;

static int queue[2] = {-1, -1};

static int make_table(const wa_calls_room_t *room)
{
	void *block = shm_malloc(wa_calls_size(room));
	uint64_t seed;

	if(block == NULL) {
		SHM_MEM_ERROR;
		return -1;
	}
	if(getrandom(&seed, sizeof(seed), 0) != (ssize_t)sizeof(seed)) {
		LM_ERR("getrandom: %s\n", strerror(errno));
		return -1;
	}
	shared->start = (uint32_t)(seed >> 32);
	shared->max_calls = room->max;
	shared->table = wa_calls_init(block, room, seed);
	return 0;
}

int shared_prepare(const wa_calls_room_t *room)
{
	shared = shm_malloc(sizeof(*shared));
	if(shared == NULL) {
		SHM_MEM_ERROR;
		return -1;
	}
	memset(shared, 0, sizeof(*shared));
	if(lock_init(&shared->lock) == NULL || make_table(room) < 0)
		return -1;
	if(pipe2(queue, O_NONBLOCK | O_CLOEXEC) < 0) {
		LM_ERR("pipe: %s\n", strerror(errno));
		return -1;
	}
	if(fcntl(queue[1], F_SETPIPE_SZ, PIPE_SIZE) < 0)
		LM_WARN("the queue of records stays at the system's default size: %s\n",
				strerror(errno));
	return 0;
}

void shared_destroy(void)
{
	if(shared == NULL)
		return;
	lock_destroy(&shared->lock);
	if(shared->table != NULL)
		shm_free(shared->table);
	shm_free(shared);
	shared = NULL;
}

unsigned shared_max_calls(void)
{
	return shared->max_calls;
}

wa_calls_t *shared_lock(void)
{
	lock_get(&shared->lock);
	return shared->table;
}

void shared_unlock(void)
{
	lock_release(&shared->lock);
}

calls_stats_t *shared_stats(void)
{
	return &shared->stats;
}

enum drain shared_drain(void)
{
	return (enum drain)shared->drain;
}

void shared_set_drain(enum drain how)
{
	shared->drain = (int)how;
}

int64_t shared_now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_REALTIME, &ts);
	return (int64_t)ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
}

void shared_show_time(int64_t ms, char *out, size_t size)
{
	time_t s = (time_t)(ms / 1000);
	struct tm tm;

	if(ms <= 0 || gmtime_r(&s, &tm) == NULL
			|| strftime(out, size, "%Y-%m-%dT%H:%M:%SZ", &tm) == 0)
		out[0] = '\0';
}

void shared_new_id(char *out, size_t size)
{
	uint32_t n = atomic_fetch_add(&shared->ids, 1);

	if(snprintf(out, size, "%08x-%08x-%llx", shared->start, n,
			   (unsigned long long)(shared_now() / 1000))
			>= (int)size)
		LM_BUG("an id is longer than its place\n");
}

int shared_push(enum job_kind kind, const wa_call_t *call)
{
	size_t legs = offsetof(wa_call_t, meta);
	size_t size = kind == JOB_OPEN ? sizeof(wa_call_t) : legs;
	job_t *j = shm_malloc(offsetof(job_t, call) + size);

	if(j != NULL) {
		j->kind = kind;
		memcpy(&j->call, call, size);
		if(write(queue[1], &j, sizeof(j)) == (ssize_t)sizeof(j))
			return 0;
		shm_free(j);
	}
	if(atomic_fetch_add(&shared->stats.queue_drops, 1) == 0)
		LM_ERR("a call's record found no memory or a full queue: is the disk "
			   "slow? (counter queue_drops)\n");
	return WA_EBUSY;
}

int shared_queue_fd(void)
{
	return queue[0];
}

job_t *shared_take(void)
{
	job_t *j;

	return read(queue[0], &j, sizeof(j)) == (ssize_t)sizeof(j) ? j : NULL;
}
