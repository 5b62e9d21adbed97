/* The guardian process: a loop around lib/wa_guard.
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Jobs come through a non-blocking pipe as pointers to blocks of shared memory:
 * eight octets are written at once or not at all (PIPE_BUF), so any number of
 * SIP workers may write, and a full pipe is an error for the caller, never a
 * wait.
 */
#define _GNU_SOURCE /* pipe2() */
#include "guardian.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include <kamailio/core/hashes.h>

#include "../lib/wa_clock.h"
#include "../lib/wa_err.h"
#include "../wa_calls/api.h"
#include "../lib/wa_ng.h"
#include "../lib/wa_relay_msg.h"
#include "instances.h"
#include "relay_client.h"

#define JOB_TEXT_MAX 60000 /* an ng message has to fit a datagram */
#define JOBS_AT_ONCE 256
#define WARN_EVERY_MS 10000
#define SILENT_EVERY_MS 1000
#define SILENT_COOKIE "silent"

#define UNSETTLED 4096 /* a power of two */

static struct shared
{
	gen_lock_t lock; /* of views */
	_Atomic uint64_t drops;
	_Atomic uint64_t silent;
	/* by hash of the Call-ID: jobs on their way, and calls with an offer of ours
	 * ahead of them or under way */
	_Atomic unsigned unsettled[UNSETTLED];
	wa_guard_stats_t stats;
	unsigned max;
	wa_guard_view_t views[];
} *shared;

static int queue[2] = {-1, -1};

int guardian_silence = 60;

/* Who keeps the records of calls, where wa_calls is loaded. */
static wa_calls_api_t calls;
static bool has_calls;

int guardian_prepare(const wa_guard_cfg_t *cfg)
{
	size_t size = sizeof(*shared) + cfg->max_calls * sizeof(shared->views[0]);

	has_calls = wa_calls_load(&calls);
	shared = shm_malloc(size);
	if(shared == NULL) {
		SHM_MEM_ERROR;
		return -1;
	}
	memset(shared, 0, size);
	shared->max = cfg->max_calls;
	if(lock_init(&shared->lock) == NULL)
		return -1;
	if(pipe2(queue, O_NONBLOCK | O_CLOEXEC) < 0) {
		LM_ERR("pipe: %s\n", strerror(errno));
		return -1;
	}
	return 0;
}

void guardian_destroy(void)
{
	if(shared == NULL)
		return;
	lock_destroy(&shared->lock);
	shm_free(shared);
	shared = NULL;
}

/* --- any process --------------------------------------------------------- */

static _Atomic unsigned *unsettled(wa_sv_t callid)
{
	const size_t shown = sizeof(shared->views[0].callid) - 1;
	str id = {(char *)callid.s, (int)(callid.len < shown ? callid.len : shown)};

	return &shared->unsettled[core_hash(&id, NULL, UNSETTLED)];
}

bool guardian_settled(wa_sv_t callid)
{
	return *unsettled(callid) == 0;
}

int guardian_push(const wa_guard_job_t *job)
{
	size_t text = wa_guard_job_size(job);
	wa_guard_job_t *j;

	if(text > JOB_TEXT_MAX)
		return WA_ETOOLONG;
	/* it would be refused where nobody hears of it any more */
	if(job->kind == WA_GUARD_WATCH && shared->stats.active >= shared->max) {
		shared->drops++;
		return WA_EBUSY;
	}
	j = shm_malloc(sizeof(*j) + text);
	if(j == NULL) {
		shared->drops++;
		return WA_ENOMEM;
	}
	wa_guard_job_copy(j, job, (char *)(j + 1));
	/* before the guardian can see it */
	++*unsettled(job->callid);
	if(write(queue[1], &j, sizeof(j)) == sizeof(j))
		return 0;
	--*unsettled(job->callid);
	shm_free(j);
	shared->drops++;
	return WA_EBUSY;
}

const wa_guard_stats_t *guardian_stats(void)
{
	return &shared->stats;
}

uint64_t guardian_silent(void)
{
	return shared->silent;
}

uint64_t guardian_drops(void)
{
	return shared->drops;
}

bool guardian_view(unsigned i, wa_guard_view_t *out)
{
	if(i >= shared->max)
		return false;
	lock_get(&shared->lock);
	*out = shared->views[i];
	lock_release(&shared->lock);
	return true;
}

/* --- the process --------------------------------------------------------- */

static int do_send(void *arg, wa_sv_t url, wa_sv_t msg)
{
	return instances_send(arg, url, msg);
}

/* An offer or answer of ours is still to be sent, or on its way. */
static bool is_unsettled(const wa_guard_view_t *v)
{
	return v->used && !v->sdes && v->state <= WA_GUARD_BEGIN_ANSWER;
}

static void do_show(void *arg KSR_UNUSED, unsigned slot,
		const wa_guard_view_t *v)
{
	const wa_guard_view_t *before = &shared->views[slot];

	if(is_unsettled(v))
		++*unsettled(wa_sv_from(v->callid));
	if(is_unsettled(before))
		--*unsettled(wa_sv_from(before->callid));
	lock_get(&shared->lock);
	shared->views[slot] = *v;
	lock_release(&shared->lock);
}

/* One line in ten seconds: a dead rtpengine fails every call alike, and the
 * counters tell how many. */
static void do_warn(void *arg KSR_UNUSED, wa_sv_t callid, const char *what,
		wa_sv_t detail)
{
	static int64_t next;
	int64_t now = wa_clock_ms();

	if(now < next)
		return;
	next = now + WARN_EVERY_MS;
	LM_WARN("%s: %.*s (Call-ID %.*s)\n", what, WA_SV_ARG(detail),
			WA_SV_ARG(callid));
}

static void do_first(void *arg KSR_UNUSED, wa_sv_t callid, int32_t ms)
{
	if(has_calls)
		calls.media_first(callid, ms);
}

static void do_gone(void *arg KSR_UNUSED, wa_sv_t callid)
{
	if(has_calls)
		calls.media_gone(callid);
}

/* --- calls without media ----------------------------------------------------- */

/* Asks the relays for calls of which one side has been silent for too long. */
static void ask_silent(struct instances *in, int64_t now)
{
	static int64_t next;
	wa_relay_msg_t m = wa_relay_msg(WA_RELAY_EVENTS, (wa_sv_t){NULL, 0});
	char mem[128];
	wa_buf_t b = wa_buf_on(mem, sizeof(mem));

	if(guardian_silence <= 0 || now < next)
		return;
	next = now + SILENT_EVERY_MS;
	m.cookie = WA_SV(SILENT_COOKIE);
	m.max = (int64_t)guardian_silence * 1000;
	if(wa_relay_msg_write(&m, &b) == 0)
		(void)instances_send(in, KSR_SV(&relay_socket), wa_buf_sv(&b));
}

/* Who keeps the table of calls ends them; else it is only told. */
static void is_silent(wa_sv_t callid, wa_sv_t side)
{
	shared->silent++;
	LM_NOTICE("no media from %.*s for %d s (Call-ID %.*s)\n", WA_SV_ARG(side),
			guardian_silence, WA_SV_ARG(callid));
	if(has_calls)
		calls.media_gone(callid);
}

/* True: the datagram was the answer to that. */
static bool take_silent(wa_sv_t datagram)
{
	wa_sv_t cookie, rest;
	wa_ben_t dict, list, callid, side;

	if(wa_ng_reply(datagram, &cookie, &dict) < 0
			|| !wa_sv_eq(cookie, WA_SV(SILENT_COOKIE)))
		return false;
	if(wa_ben_get(&dict, WA_SV("silent"), WA_BEN_LIST, &list) < 0)
		return true;
	rest = list.body;
	while(wa_ben_next(&rest, &callid) && wa_ben_next(&rest, &side))
		is_silent(callid.body, side.body);
	return true;
}

static void take_jobs(wa_guard_t *g, int64_t now)
{
	wa_guard_job_t *j;

	for(int i = 0; i < JOBS_AT_ONCE; i++) {
		if(read(queue[0], &j, sizeof(j)) != sizeof(j))
			return;
		wa_guard_job(g, j, now);
		--*unsettled(j->callid);
		shm_free(j);
	}
}

static void take_replies(
		wa_guard_t *g, const struct instances *in, const struct pollfd *fds)
{
	static char buf[65536];

	for(unsigned i = 0; i < in->n; i++) {
		ssize_t len;

		if(!(fds[i].revents & (POLLIN | POLLERR)))
			continue;
		while((len = recv(in->fd[i], buf, sizeof(buf), MSG_DONTWAIT)) > 0)
			if(!take_silent((wa_sv_t){buf, (size_t)len}))
				wa_guard_reply(g, (wa_sv_t){buf, (size_t)len}, wa_clock_ms());
	}
}

static int wait_ms(const wa_guard_t *g, int64_t now)
{
	int64_t due = wa_guard_due(g);

	if(due < 0 || due - now > 1000)
		return 1000;
	return due > now ? (int)(due - now) : 0;
}

void guardian_loop(const wa_guard_cfg_t *cfg)
{
	struct pollfd fds[1 + INSTANCES_MAX];
	struct instances in = {.n = 0};
	wa_guard_io_t io = {do_send, do_show, do_warn, &in, do_first, do_gone};
	wa_guard_t *g;
	uint32_t nonce;

	if(getrandom(&nonce, sizeof(nonce), 0) != sizeof(nonce))
		nonce = (uint32_t)getpid() ^ (uint32_t)time(NULL);
	g = wa_guard_new(cfg, &io, &shared->stats, nonce);
	if(g == NULL) {
		LM_CRIT("out of memory\n");
		exit(-1);
	}
	for(;;) {
		fds[0] = (struct pollfd){.fd = queue[0], .events = POLLIN};
		for(unsigned i = 0; i < in.n; i++)
			fds[i + 1] = (struct pollfd){.fd = in.fd[i], .events = POLLIN};
		if(poll(fds, 1 + in.n, wait_ms(g, wa_clock_ms())) > 0) {
			take_replies(g, &in, fds + 1);
			take_jobs(g, wa_clock_ms());
		}
		wa_guard_run(g, wa_clock_ms());
		ask_silent(&in, wa_clock_ms());
		cfg_update();
	}
}
