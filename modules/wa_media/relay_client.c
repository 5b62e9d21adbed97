/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "relay_client.h"

#include <poll.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "../lib/wa_clock.h"
#include "../lib/wa_err.h"
#include "../lib/wa_ng.h"
#include "../lib/wa_random.h"
#include "guardian.h"
#include "instances.h"

#define TRIES 2
#define DOWN_MS 1000 /* a relay that did not answer is left alone so long */

str relay_socket = STR_NULL;
int relay_timeout = 100;

static struct shared
{
	_Atomic uint64_t asked, refused, timeouts, skipped;
} *shared;

/* Of this process. */
static struct instances relays;
static int64_t down_until[INSTANCES_MAX];
static bool missed[INSTANCES_MAX]; /* and it was said */
static uint64_t cookie_no;

int relay_client_init(void)
{
	shared = shm_malloc(sizeof(*shared));
	if(shared == NULL) {
		SHM_MEM_ERROR;
		return -1;
	}
	memset(shared, 0, sizeof(*shared));
	return 0;
}

void relay_client_destroy(void)
{
	if(shared)
		shm_free(shared);
	shared = NULL;
}

const relay_client_stats_t *relay_client_stats(void)
{
	static relay_client_stats_t st;

	st = (relay_client_stats_t){
			shared->asked, shared->refused, shared->timeouts, shared->skipped};
	return &st;
}

/* The reply with our cookie; older ones are passed over. */
static int wait_reply(int fd, wa_sv_t cookie, wa_ben_t *reply)
{
	static char buf[WA_RELAY_MSG_MAX];
	int64_t end = wa_clock_ms() + relay_timeout;

	for(;;) {
		int64_t left = end - wa_clock_ms();
		struct pollfd p = {.fd = fd, .events = POLLIN};
		ssize_t len;
		wa_sv_t got;

		if(poll(&p, 1, left > 0 ? (int)left : 0) <= 0)
			return WA_ESTALE;
		len = recv(fd, buf, sizeof(buf), MSG_DONTWAIT);
		if(len < 0) /* nobody listens there */
			return WA_EIO;
		if(wa_ng_reply((wa_sv_t){buf, (size_t)len}, &got, reply) == 0
				&& wa_sv_eq(got, cookie))
			return 0;
	}
}

static int exchange(int fd, wa_sv_t msg, wa_sv_t cookie, wa_ben_t *reply)
{
	int err = WA_EIO;

	for(int i = 0; i < TRIES && err < 0; i++) {
		/* an earlier "connection refused" is reported by one send */
		if(send(fd, msg.s, msg.len, MSG_DONTWAIT) != (ssize_t)msg.len
				&& send(fd, msg.s, msg.len, MSG_DONTWAIT) != (ssize_t)msg.len)
			return WA_EIO;
		err = wait_reply(fd, cookie, reply);
	}
	return err;
}

static int read_result(const wa_ben_t *reply)
{
	wa_ben_t v;

	if(wa_ben_get(reply, WA_SV("result"), WA_BEN_STR, &v) == 0
			&& wa_sv_eq(v.body, WA_SV("ok")))
		return 0;
	shared->refused++;
	if(wa_ben_get(reply, WA_SV("code"), WA_BEN_INT, &v) < 0)
		return WA_EUNSUP;
	return v.num == WA_ENOENT || v.num == WA_EBUSY ? (int)v.num : WA_EUNSUP;
}

static int ask_one(wa_sv_t url, wa_relay_msg_t *m, wa_ben_t *reply)
{
	static char mem[WA_RELAY_MSG_MAX];
	char cookie[40];
	wa_buf_t b = wa_buf_on(mem, sizeof(mem));
	wa_buf_t c = wa_buf_on(cookie, sizeof(cookie));
	unsigned at;
	int err = instances_find(&relays, url, &at);

	if(err < 0)
		return err;
	if(wa_clock_ms() < down_until[at]) {
		shared->skipped++;
		return WA_EIO;
	}
	if(cookie_no == 0)
		(void)wa_random(&cookie_no, sizeof(cookie_no));
	wa_buf_hex(&c, (uint64_t)getpid(), 8);
	wa_buf_hex(&c, ++cookie_no, 16);
	m->cookie = wa_buf_sv(&c);
	err = wa_relay_msg_write(m, &b);
	if(err < 0)
		return err;
	shared->asked++;
	err = exchange(relays.fd[at], wa_buf_sv(&b), m->cookie, reply);
	if(err == 0) {
		missed[at] = false;
		return read_result(reply);
	}
	shared->timeouts++;
	down_until[at] = wa_clock_ms() + DOWN_MS;
	if(!missed[at])
		LM_WARN("the RTP relay %.*s does not answer\n", WA_SV_ARG(url));
	missed[at] = true;
	return WA_EIO;
}

/* The n-th of the relays; false: there are not so many. */
static bool nth(unsigned n, wa_sv_t *url)
{
	wa_sv_t rest = KSR_SV(&relay_socket);

	while(rest.len > 0) {
		*url = wa_sv_cut(&rest, ' ');
		if(url->len > 0 && n-- == 0)
			return true;
	}
	return false;
}

int relay_ping(unsigned n, wa_sv_t *url)
{
	wa_relay_msg_t m = {.command = WA_RELAY_PING};
	wa_ben_t reply;
	unsigned at;

	if(!nth(n, url))
		return WA_ENOENT;
	/* asked in earnest, also one that was silent a moment ago */
	if(instances_find(&relays, *url, &at) == 0)
		down_until[at] = 0;
	return ask_one(*url, &m, &reply) == 0 ? 0 : WA_EIO;
}

/* As Kamailio's rtpengine module chooses among instances (select_rtpp_node_new(),
 * hash_algo 0): where each host of media has both, a call is on one host. */
static unsigned choose(wa_sv_t callid, unsigned count)
{
	uint32_t sum = 0;

	for(size_t i = 0; i < callid.len; i++)
		sum += (uint32_t)callid.s[i];
	return (sum & 0xff) % count;
}

bool relay_name(unsigned n, wa_sv_t *url)
{
	return nth(n, url);
}

int relay_figures(wa_sv_t url, wa_ben_t *reply)
{
	wa_relay_msg_t m;

	memset(&m, 0, sizeof(m));
	m.command = WA_RELAY_STATS;
	return ask_one(url, &m, reply);
}

int relay_ask(wa_relay_msg_t *m, wa_ben_t *reply)
{
	unsigned count = 0, first;
	int err = WA_EIO, best = WA_EIO;
	bool silent = false;
	wa_sv_t url;

	while(nth(count, &url))
		count++;
	if(count == 0)
		return WA_EIO;
	first = choose(m->callid, count);
	for(unsigned i = 0; i < count; i++) {
		nth((first + i) % count, &url);
		err = ask_one(url, m, reply);
		if(err == 0 || err == WA_EUNSUP)
			return err;
		if(err == WA_EIO)
			silent = true;
		else
			best = err;
	}
	/* the call may be with the one that did not answer */
	return silent ? WA_EIO : best;
}
