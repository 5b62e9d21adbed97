/* wasbc-relay: see relay.h, and README.md one folder up.
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#define _GNU_SOURCE
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#include "../../lib/wa_err.h"
#include "../../lib/wa_random.h"
#include "args.h"
#include "mirror.h"
#include "relay.h"

#define EVENTS 256

static volatile sig_atomic_t ending;

static void end(int sig)
{
	(void)sig;
	ending = 1;
}

static int64_t ahead; /* store_clock() */

int64_t relay_monotonic(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (int64_t)ts.tv_sec * 1000000 + ts.tv_nsec / 1000;
}

int64_t relay_now(void)
{
	return relay_monotonic() + ahead;
}

uint64_t relay_random(struct relay *r)
{
	uint64_t x = r->random; /* xorshift64 */

	x ^= x << 13;
	x ^= x >> 7;
	x ^= x << 17;
	r->random = x;
	return x;
}

/* Two sockets a call, and a few. */
static void raise_limit(const struct relay *r)
{
	struct rlimit lim;
	rlim_t want = 2 * (rlim_t)r->cfg.max_calls + 64;

	if(getrlimit(RLIMIT_NOFILE, &lim) < 0 || lim.rlim_cur >= want)
		return;
	lim.rlim_cur = lim.rlim_max < want ? lim.rlim_max : want;
	(void)setrlimit(RLIMIT_NOFILE, &lim);
	if(lim.rlim_cur < want)
		fprintf(stderr, "wasbc-relay: only %llu open files are allowed, enough "
						"for %llu calls (LimitNOFILE=)\n",
				(unsigned long long)lim.rlim_cur,
				(unsigned long long)(lim.rlim_cur - 64) / 2);
}

/* The calls' file, and with it their clock. */
static int open_store(struct relay *r)
{
	const char *path = r->cfg.state;
	int err = store_open(&r->store, path, r->cfg.max_calls);

	if(err == 0) {
		ahead = store_clock(&r->store);
		return 0;
	}
	fprintf(stderr, "wasbc-relay: %s: %s%s\n", path,
			err == WA_EBUSY ? "another relay has it" : strerror(errno),
			errno == ENOSPC ? ": make room there, or lower --max-calls" : "");
	return err;
}

static int set_up(struct relay *r)
{
	int64_t now;
	int err;

	raise_limit(r);
	if(wa_random(&r->random, sizeof(r->random)) < 0)
		return WA_EIO;
	r->random |= 1;
	r->next_port = (uint16_t)(r->cfg.port_min
			+ relay_random(r) % ((r->cfg.port_max - r->cfg.port_min + 1u) / 2) * 2);
	err = open_store(r);
	if(err < 0)
		return err;
	now = relay_now();
	r->pairs = malloc(r->cfg.max_calls * sizeof(*r->pairs));
	r->voices = calloc(r->cfg.max_calls, sizeof(*r->voices));
	if(r->pairs == NULL || r->voices == NULL || wheel_init(&r->wheel, r->cfg.max_calls, now) < 0)
		return WA_ENOMEM;
	memset(r->pairs, 0xff, r->cfg.max_calls * sizeof(*r->pairs));
	if(r->cfg.threads > 0) {
		r->crew = crew_open(r->cfg.threads, r->cfg.max_calls, &r->crew_ready);
		if(r->crew == NULL)
			return WA_ENOMEM;
	}
	err = mirror_open(r);
	if(err == 0)
		err = busy_open(&r->busy, r->cfg.max_cpu);
	if(err == 0)
		err = net_open(r);
	if(err == 0)
		calls_adopt(r, now);
	return err;
}

static void take_event(struct relay *r, uint64_t data)
{
	uint32_t slot = (uint32_t)data;
	enum source what = (enum source)(data >> 32);
	struct call *c = &r->store.calls[slot];

	switch(what) {
		case SRC_CONTROL:
			control_read(r);
			break;
		case SRC_INNER_RTP:
			forward_from_engine(r, false);
			break;
		case SRC_INNER_RTCP:
			forward_from_engine(r, true);
			break;
		case SRC_CREW:
			forward_from_crew(r);
			break;
		case SRC_BUSY:
			busy_look(&r->busy);
			break;
		case SRC_OUTER_RTP:
		case SRC_OUTER_RTCP:
			/* a command of this round may have ended it */
			if(r->pairs[slot].rtp >= 0)
				forward_from_pbx(r, c,
						what == SRC_OUTER_RTP ? r->pairs[slot].rtp
											  : r->pairs[slot].rtcp,
						what == SRC_OUTER_RTCP);
			break;
	}
}

static void loop(struct relay *r)
{
	struct epoll_event ev[EVENTS];
	uint32_t due;

	while(!ending) {
		int wait = wheel_wait(&r->wheel, relay_now());
		int n = epoll_wait(r->epoll, ev, EVENTS, mirror_wait(r, wait));

		for(int i = 0; i < n; i++)
			take_event(r, ev[i].data.u64);
		while((due = wheel_pop(&r->wheel, relay_now())) != UINT32_MAX)
			calls_tend(r, &r->store.calls[due], relay_now());
		mirror_turn(r, relay_now());
		batch_send(&r->up, r->inner_rtp, &r->n.send_errors);
	}
}

int main(int argc, char **argv)
{
	static struct relay r;
	struct sigaction sa = {.sa_handler = end};
	int err = args_read(argc, argv, &r.cfg);

	if(err != 0)
		return err > 0 ? 0 : 2;
	sigaction(SIGTERM, &sa, NULL);
	sigaction(SIGINT, &sa, NULL);
	if(r.cfg.standby.family != 0)
		return open_store(&r) < 0 || mirror_receive(&r, &ending) < 0;
	if(set_up(&r) < 0)
		return 1;
	fprintf(stderr, "wasbc-relay: ready, %u calls taken over\n", r.store.used);
	loop(&r);
	if(r.crew != NULL)
		crew_close(r.crew);
	/* the calls stay in the file: who starts us again finds them */
	return 0;
}
