/* SPDX-License-Identifier: GPL-2.0-or-later */
#define _GNU_SOURCE
#include "mirror.h"

#include <errno.h>
#include <poll.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "../../lib/wa_err.h"

#define ROUND 1000000	/* us in which every record is told of */
#define STEPS 50		/* parts of a round */
#define TEXT_ROUNDS 16	/* rounds between two copies of the texts */
#define FRESH 3000000	/* us; what was not told of for longer is over */
#define STEP_BACK 50000 /* us that the network may have delayed a datagram */

struct datagram
{
	char magic[8];
	uint32_t format, record, slot;
	uint32_t texts; /* 1: note and plan follow the rest of the record */
	int64_t now;	/* the sender's clock */
	uint32_t plan_len;
	char record_and_texts[sizeof(struct call)];
};

#define FIXED offsetof(struct call, note) /* octets of a record without its texts */

static const char magic[8] = "wa-calls";

static int told(const char *what)
{
	fprintf(stderr, "wasbc-relay: mirror: %s: %s\n", what, strerror(errno));
	return WA_EIO;
}

/* --- the relay that runs ---------------------------------------------------- */

int mirror_open(struct relay *r)
{
	struct sockaddr_storage ss;
	socklen_t len;

	r->mirror.fd = -1;
	if(r->cfg.mirror.family == 0)
		return 0;
	len = wa_endpoint_sockaddr(&r->cfg.mirror, &ss);
	r->mirror.fd = socket(ss.ss_family, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if(r->mirror.fd < 0 || connect(r->mirror.fd, (struct sockaddr *)&ss, len) < 0)
		return told("no socket");
	return 0;
}

static bool has_sane_texts(uint32_t note_len, uint32_t plan_len)
{
	return note_len <= WA_RELAY_NOTE_MAX && plan_len <= WA_RELAY_PLAN_MAX;
}

static void put(struct relay *r, uint32_t slot, bool texts)
{
	static struct datagram d = {.format = STORE_FORMAT, .record = sizeof(struct call)};
	const struct call *c = &r->store.calls[slot];
	char *end = d.record_and_texts + FIXED;

	memcpy(d.magic, magic, sizeof(magic));
	memcpy(d.record_and_texts, c, FIXED);
	d.slot = slot;
	d.now = relay_now();
	d.texts = texts && has_sane_texts(c->note_len, c->plan_len);
	d.plan_len = d.texts ? c->plan_len : 0;
	if(d.texts) {
		memcpy(end, c->note, c->note_len);
		memcpy(end + c->note_len, c->plan, c->plan_len);
		end += c->note_len + c->plan_len;
	}
	/* a peer that is down, a full queue: the next round tells it */
	(void)send(r->mirror.fd, &d, (size_t)(end - (char *)&d), MSG_DONTWAIT);
}

void mirror_call(struct relay *r, uint32_t slot)
{
	if(r->mirror.fd >= 0)
		put(r, slot, true);
}

int mirror_wait(const struct relay *r, int ms)
{
	int step = ROUND / STEPS / 1000;

	return r->mirror.fd >= 0 && r->store.used > 0 && ms > step ? step : ms;
}

void mirror_turn(struct relay *r, int64_t now)
{
	struct mirror *m = &r->mirror;
	uint32_t n = r->store.max / STEPS + 1;

	if(m->fd < 0 || now < m->due)
		return;
	m->due = now + ROUND / STEPS;
	for(; n > 0; n--) {
		if(r->store.calls[m->next].used)
			put(r, m->next, (m->next + m->round) % TEXT_ROUNDS == 0);
		if(++m->next < r->store.max)
			continue;
		m->next = 0;
		m->round++;
		return;
	}
}

/* --- the host that waits ------------------------------------------------------ */

static uint32_t note_len_of(const struct datagram *d)
{
	uint32_t n;

	memcpy(&n, d->record_and_texts + offsetof(struct call, note_len), sizeof(n));
	return n;
}

static bool is_sane(const struct datagram *d, size_t len, const struct store *s)
{
	size_t want = offsetof(struct datagram, record_and_texts) + FIXED;

	if(len < want || memcmp(d->magic, magic, sizeof(magic)) != 0)
		return false;
	if(d->format != STORE_FORMAT || d->record != sizeof(struct call)
			|| d->slot >= s->max || !has_sane_texts(note_len_of(d), d->plan_len))
		return false;
	return len == want + (d->texts ? note_len_of(d) + d->plan_len : 0);
}

/* The clock of the calls is the sender's. The quickest datagram tells it best. */
static void set_clock(struct store *s, int64_t sender)
{
	int64_t ahead = sender - relay_monotonic();
	int64_t known = store_clock(s);

	if(ahead > known || ahead < known - STEP_BACK)
		store_set_clock(s, ahead);
}

static void take(struct store *s, int64_t *seen, const struct datagram *d)
{
	struct call *c = &s->calls[d->slot];
	struct call told = {.used = 0};
	const char *texts = d->record_and_texts + FIXED;
	bool same;

	memcpy(&told, d->record_and_texts, FIXED);
	same = c->used && memcmp(c->callid, told.callid, sizeof(c->callid)) == 0;
	told.plan_len = d->texts ? d->plan_len : same ? c->plan_len : 0;
	if(!d->texts)
		told.note_len = same ? c->note_len : 0;
	set_clock(s, d->now);
	memcpy(c, &told, FIXED);
	c->plan_len = told.plan_len;
	if(d->texts) {
		memcpy(c->note, texts, c->note_len);
		memcpy(c->plan, texts + c->note_len, c->plan_len);
	}
	seen[d->slot] = relay_monotonic();
}

static bool is_peer(const struct relay *r, const struct sockaddr_storage *ss)
{
	wa_endpoint_t from;

	wa_endpoint_from(ss, &from);
	from.port = r->cfg.mirror.port;
	return wa_endpoint_eq(&from, &r->cfg.mirror);
}

static int listen_at(const wa_endpoint_t *e)
{
	struct sockaddr_storage ss;
	socklen_t len = wa_endpoint_sockaddr(e, &ss);
	int size = 4 << 20;
	int fd = socket(ss.ss_family, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	if(fd < 0)
		return -1;
	(void)setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &size, sizeof(size));
	if(bind(fd, (struct sockaddr *)&ss, len) == 0)
		return fd;
	close(fd);
	return -1;
}

static void read_all(struct relay *r, int fd, int64_t *seen)
{
	static struct datagram d;

	for(;;) {
		struct sockaddr_storage ss;
		socklen_t ss_len = sizeof(ss);
		ssize_t len = recvfrom(fd, &d, sizeof(d), MSG_DONTWAIT, (struct sockaddr *)&ss, &ss_len);

		if(len < 0)
			return;
		if(is_peer(r, &ss) && is_sane(&d, (size_t)len, &r->store))
			take(&r->store, seen, &d);
	}
}

/* Of a host that has been gone for a while everything is kept: it may be what is wanted. */
static void drop_stale(struct store *s, const int64_t *seen, uint32_t *kept)
{
	int64_t newest = 0;

	*kept = 0;
	for(uint32_t i = 0; i < s->max; i++)
		if(seen[i] > newest)
			newest = seen[i];
	for(uint32_t i = 0; i < s->max; i++) {
		if(seen[i] < newest - FRESH)
			s->calls[i].used = 0;
		*kept += s->calls[i].used != 0;
	}
}

int mirror_receive(struct relay *r, const volatile sig_atomic_t *ending)
{
	int64_t *seen = calloc(r->store.max, sizeof(*seen));
	struct pollfd p = {.fd = listen_at(&r->cfg.standby), .events = POLLIN};
	uint32_t kept;

	if(seen == NULL || p.fd < 0) {
		free(seen);
		return told("cannot listen");
	}
	for(uint32_t i = 0; i < r->store.max; i++)
		r->store.calls[i].used = 0;
	fprintf(stderr, "wasbc-relay: ready, standby\n");
	while(!*ending) {
		/* a signal before the wait is noticed after it */
		if(poll(&p, 1, 200) > 0)
			read_all(r, p.fd, seen);
	}
	read_all(r, p.fd, seen);
	drop_stale(&r->store, seen, &kept);
	fprintf(stderr, "wasbc-relay: standby ends, %u calls are known\n", kept);
	close(p.fd);
	free(seen);
	return 0;
}
