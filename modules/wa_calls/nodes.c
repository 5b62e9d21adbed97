/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "nodes.h"

#include <errno.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/random.h>
#include <unistd.h>

#include "../lib/wa_clock.h"
#include "../lib/wa_err.h"
#include "../lib/wa_prom.h"
#include "../wa_numbers/api.h"
#include "elsewhere.h"
#include "shared.h"

#define GATHER_MS 20	/* what changes within that goes into one message */
#define TURN_MS 250		/* for what is to be told again, and what has run out */
#define GREETINGS 5		/* in a lease, without calls, too: who is there */
#define AT_ONCE 32		/* messages of one turn */

/* In shared memory, under the table's lock. */
static struct nodes
{
	uint64_t run;
	int64_t start;
	int64_t came_back; /* 0 = nothing has */
	int lag_ms;
	enum nodes_state state;
	wa_peers_t peers;
	_Atomic uint64_t told, untold, unclear;
} *nodes;

static wa_numbers_api_t numbers;
static int wake_fd = -1;

/* The writer process' own. */
static int64_t told_at, turned_at;
static bool woken, missed;

/* --- hearing: the directory process ------------------------------------------------ */

static void count_begun(uint64_t key, uint32_t n, void *arg)
{
	wa_calls_begun(arg, key, n, shared_now());
}

static void note_own(const wa_told_t *t)
{
	int64_t now = wa_clock_ms();

	shared_lock();
	nodes->came_back = now;
	nodes->lag_ms = now > t->at ? (int)(now - t->at) : 0;
	shared_unlock();
}

static void forget(wa_usage_t *u, uint32_t gone)
{
	for(unsigned i = 0; i < WA_PEERS_MAX; i++)
		if(gone & UINT32_C(1) << i)
			wa_usage_forget(u, i);
}

/* The table is locked. Returns 0 or an error. */
static int take(wa_calls_t *table, const wa_told_t *t)
{
	int64_t now = wa_clock_ms();
	uint32_t gone;
	int i = wa_peers_hear(&nodes->peers, t->node, t->run, t->age, now, &gone);

	forget(wa_calls_usage(table), gone);
	return i < 0 ? i
				 : wa_usage_read(wa_calls_usage(table), (unsigned)i, t->text, now,
						   count_begun, table);
}

static void on_told(const wa_told_t *t)
{
	int err;

	if(t->run == nodes->run) {
		note_own(t);
		return;
	}
	if(elsewhere_hear(t->text))
		return;
	err = take(shared_lock(), t);
	shared_unlock();
	if(err < 0 && atomic_fetch_add(&nodes->unclear, 1) == 0)
		LM_WARN("limits: what node %.*s tells is not taken: %s\n", WA_SV_ARG(t->node),
				err == WA_EBUSY ? "there are too many nodes" : "it cannot be understood");
}

/* --- telling: the writer process ----------------------------------------------------- */

int nodes_tell(wa_sv_t text)
{
	int64_t now = wa_clock_ms();
	wa_told_t t = {.node = wa_sv_from(calls_node),
			.run = nodes->run,
			.age = now - nodes->start,
			.at = now,
			.text = text};
	int err = numbers.tell(&t);

	atomic_fetch_add(err == 0 ? &nodes->told : &nodes->untold, 1);
	return err;
}

static size_t next_message(char *text, size_t size, int64_t now)
{
	size_t len = wa_usage_write(wa_calls_usage(shared_lock()), now, text, size);

	shared_unlock();
	return len;
}

static void retell(void)
{
	wa_usage_retell(wa_calls_usage(shared_lock()));
	shared_unlock();
	missed = false;
}

/* Redis away: what has changed is dropped, so that it does not pile up; back again,
 * all is told anew. */
static void tell_all(int64_t now)
{
	char text[WA_USAGE_TEXT_MAX];
	size_t len;

	for(int n = 0; n < AT_ONCE; n++) {
		len = next_message(text, sizeof(text), now);
		if(len == 0 && now - told_at < nodes->peers.lease / GREETINGS)
			return;
		if(nodes_tell((wa_sv_t){text, len}) < 0) {
			missed = true;
			return;
		}
		told_at = now;
		if(missed)
			retell();
		if(len == 0)
			return;
	}
	woken = true; /* there is more */
}

static void expire(int64_t now)
{
	wa_usage_t *u = wa_calls_usage(shared_lock());

	forget(u, wa_peers_expire(&nodes->peers, now));
	wa_usage_expire(u, now);
	shared_unlock();
}

static enum nodes_state state_at(int64_t now)
{
	int64_t last = nodes->came_back != 0 ? nodes->came_back : nodes->start;

	if(now - last > nodes->peers.lease)
		return NODES_ALONE;
	return nodes->came_back != 0 ? NODES_SHARED : NODES_STARTING;
}

/* What the way to Redis and back says; one line for each change. */
static void judge(int64_t now)
{
	enum nodes_state was, is;
	unsigned others;

	shared_lock();
	was = nodes->state;
	is = nodes->state = state_at(now);
	others = wa_peers_count(&nodes->peers);
	shared_unlock();
	if(is == was)
		return;
	if(is == NODES_ALONE)
		LM_ERR("limits count the calls of this node alone: what it tells other nodes "
			   "does not come back from Redis; see wasbcctl status\n");
	else
		LM_NOTICE("limits count the calls of this node and of all others (%u are there "
				  "now)\n",
				others);
}

int nodes_turn(int idle_ms)
{
	int64_t now;
	uint64_t n;
	int wait;

	if(nodes == NULL)
		return idle_ms;
	now = wa_clock_ms();
	woken = read(wake_fd, &n, sizeof(n)) == (ssize_t)sizeof(n) || woken;
	if(woken && now - told_at >= GATHER_MS) {
		woken = false;
		tell_all(now);
	}
	if(now - turned_at >= TURN_MS) {
		turned_at = now;
		expire(now);
		tell_all(now);
		judge(now);
	}
	wait = woken ? GATHER_MS : TURN_MS;
	return wait < idle_ms ? wait : idle_ms;
}

int nodes_fd(void)
{
	return wake_fd;
}

/* --- every process -------------------------------------------------------------------- */

void nodes_wake(void)
{
	const uint64_t one = 1;

	/* it fails only where it is full: then the writer will wake up anyhow */
	if(wake_fd >= 0 && write(wake_fd, &one, sizeof(one)) < 0)
		LM_DBG("the writer is awake already\n");
}

static int make(int64_t lease)
{
	nodes = shm_malloc(sizeof(*nodes));
	if(nodes == NULL) {
		SHM_MEM_ERROR;
		return -1;
	}
	memset(nodes, 0, sizeof(*nodes));
	nodes->state = NODES_STARTING;
	nodes->start = wa_clock_ms();
	nodes->lag_ms = -1;
	nodes->peers.lease = lease;
	if(getrandom(&nodes->run, sizeof(nodes->run), 0) != (ssize_t)sizeof(nodes->run)) {
		LM_ERR("getrandom: %s\n", strerror(errno));
		return -1;
	}
	return 0;
}

int nodes_prepare(int64_t lease)
{
	if(find_export("bind_wa_numbers", 0, 0) == NULL || wa_numbers_load(&numbers) < 0) {
		LM_ERR("shared_limits: load wa_numbers.so before this module\n");
		return -1;
	}
	if(strlen(calls_node) >= sizeof(nodes->peers.v[0].name)) {
		LM_ERR("node: with shared_limits %d characters at most\n",
				(int)sizeof(nodes->peers.v[0].name) - 1);
		return -1;
	}
	wake_fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
	if(wake_fd < 0) {
		LM_ERR("eventfd: %s\n", strerror(errno));
		return -1;
	}
	if(make(lease) < 0)
		return -1;
	numbers.hear(on_told);
	return 0;
}

void nodes_destroy(void)
{
	if(nodes == NULL)
		return;
	shm_free(nodes);
	nodes = NULL;
}

void nodes_view(nodes_view_t *out)
{
	memset(out, 0, sizeof(*out));
	out->lag_ms = -1;
	if(nodes == NULL)
		return;
	out->full = wa_usage_full(wa_calls_usage(shared_lock()));
	out->state = nodes->state;
	out->lag_ms = nodes->lag_ms;
	out->peers = nodes->peers;
	shared_unlock();
	out->told = nodes->told;
	out->untold = nodes->untold;
	out->unclear = nodes->unclear;
	out->now = wa_clock_ms();
	out->age = out->now - nodes->start;
}

const char *nodes_state_name(enum nodes_state state)
{
	static const char *const names[] = {[NODES_OFF] = "this node",
			[NODES_STARTING] = "starting",
			[NODES_SHARED] = "all nodes",
			[NODES_ALONE] = "this node alone"};

	return names[state];
}

void nodes_write(wa_buf_t *b)
{
	nodes_view_t v;

	nodes_view(&v);
	wa_prom_family(b, "wasbc_limits_alone", "gauge",
			"1: limits are to count the calls of all nodes, and count those of this one "
			"alone");
	wa_prom_value(b, "wasbc_limits_alone", "", v.state == NODES_ALONE);
	wa_prom_family(b, "wasbc_limits_nodes", "gauge", "other nodes that are heard");
	wa_prom_value(b, "wasbc_limits_nodes", "", wa_peers_count(&v.peers));
	wa_prom_family(b, "wasbc_limits_messages_total", "counter",
			"what was told to other nodes, what Redis did not take, and what was heard "
			"and not understood");
	wa_prom_value(b, "wasbc_limits_messages_total", "result=\"told\"", (int64_t)v.told);
	wa_prom_value(
			b, "wasbc_limits_messages_total", "result=\"untold\"", (int64_t)v.untold);
	wa_prom_value(
			b, "wasbc_limits_messages_total", "result=\"unclear\"", (int64_t)v.unclear);
	wa_prom_family(b, "wasbc_limits_full_total", "counter",
			"numbers, trunks and pairs of other nodes that found no place and are not "
			"counted");
	wa_prom_value(b, "wasbc_limits_full_total", "", (int64_t)v.full);
	wa_prom_family(b, "wasbc_limits_lag_milliseconds", "gauge",
			"how long the last message took to Redis and back; 0: there was none");
	wa_prom_value(b, "wasbc_limits_lag_milliseconds", "", v.lag_ms > 0 ? v.lag_ms : 0);
}
