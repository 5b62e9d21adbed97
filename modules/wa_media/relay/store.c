/* SPDX-License-Identifier: GPL-2.0-or-later */
#define _GNU_SOURCE
#include "store.h"

#include <errno.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <unistd.h>

#include "../../lib/wa_err.h"

/* What stands in front of the records. */
struct head
{
	char magic[8];
	uint32_t format;
	uint32_t record; /* octets of one */
	uint32_t max;
	uint32_t fill;
	int64_t ahead; /* not compared: see store_clock() */
	char rest[4096 - 32];
};

static const char magic[8] = "wa-relay";

static uint32_t hash_text(wa_sv_t v)
{
	uint32_t h = 2166136261u; /* FNV-1a */

	for(size_t i = 0; i < v.len; i++)
		h = (h ^ (uint8_t)v.s[i]) * 16777619u;
	return h;
}

static wa_sv_t callid_of(const struct call *c)
{
	return (wa_sv_t){c->callid, c->callid_len};
}

uint32_t store_slot(const struct store *s, const struct call *c)
{
	return (uint32_t)(c - s->calls);
}

/* --- the file ------------------------------------------------------------- */

/* With all its blocks: a hole that finds no room when it is written to kills us. */
static int set_size(const struct store *s)
{
	int err;

	if(ftruncate(s->fd, (off_t)s->map_size) < 0)
		return WA_EIO;
	err = posix_fallocate(s->fd, 0, (off_t)s->map_size);
	if(err == 0)
		return 0;
	errno = err;
	return WA_EIO;
}

static int map_file(struct store *s, const char *path)
{
	struct head want = {.format = STORE_FORMAT, .record = sizeof(struct call),
			.max = s->max};
	struct head *h;

	memcpy(want.magic, magic, sizeof(magic));
	s->map_size = sizeof(*h) + (size_t)s->max * sizeof(struct call);
	s->fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
	if(s->fd < 0)
		return WA_EIO;
	if(flock(s->fd, LOCK_EX | LOCK_NB) < 0)
		return WA_EBUSY;
	if(set_size(s) < 0)
		return WA_EIO;
	s->map = mmap(NULL, s->map_size, PROT_READ | PROT_WRITE, MAP_SHARED, s->fd, 0);
	if(s->map == MAP_FAILED) {
		s->map = NULL;
		return WA_EIO;
	}
	h = s->map;
	s->calls = (struct call *)(h + 1);
	if(memcmp(h, &want, offsetof(struct head, ahead)) == 0)
		return 0;
	if(ftruncate(s->fd, 0) < 0 || set_size(s) < 0)
		return WA_EIO;
	*h = want;
	return 0;
}

static int make_tables(struct store *s)
{
	size_t n = 16;

	while(n < s->max)
		n *= 2;
	s->mask = (uint32_t)n - 1;
	s->by_callid = malloc(3 * n * sizeof(uint32_t));
	s->links = malloc(s->max * sizeof(*s->links));
	if(s->by_callid == NULL || s->links == NULL)
		return WA_ENOMEM;
	memset(s->by_callid, 0xff, 3 * n * sizeof(uint32_t));
	memset(s->links, 0xff, s->max * sizeof(*s->links));
	s->by_engine = s->by_callid + n;
	s->by_engine_rtcp = s->by_engine + n;
	s->free = NO_SLOT;
	for(uint32_t i = s->max; i > 0; i--)
		if(!s->calls[i - 1].used) {
			s->links[i - 1].callid = s->free;
			s->free = i - 1;
		}
	return 0;
}

int store_open(struct store *s, const char *path, uint32_t max)
{
	int err;

	*s = (struct store){.fd = -1, .max = max};
	err = map_file(s, path);
	return err < 0 ? err : make_tables(s);
}

static bool map_is_sane(const wa_relay_map_t *m)
{
	if(m->n > WA_RELAY_PAYLOADS)
		return false;
	for(unsigned i = 0; i < m->n; i++)
		if(m->pt[i].what > WA_RELAY_EVENT || m->pt[i].engine > WA_RELAY_EVENT)
			return false;
	return true;
}

bool store_is_sane(const struct call *c, int64_t now)
{
	const wa_rtp_stream_t *st = &c->stream;

	return c->callid_len > 0 && c->callid_len <= WA_RELAY_CALLID_MAX
		   && map_is_sane(&c->up) && map_is_sane(&c->down) && c->told <= now
		   && c->note_len <= sizeof(c->note) && c->plan_len <= sizeof(c->plan)
		   && c->port >= 1024
		   && memchr(c->cname, '\0', sizeof(c->cname))
		   && st->n_digits <= WA_RTP_DIGITS && st->ticks > 0
		   && wa_relay_payload_of(st->codec) != WA_RELAY_DROP;
}

int64_t store_clock(const struct store *s)
{
	return ((const struct head *)s->map)->ahead;
}

void store_set_clock(struct store *s, int64_t ahead)
{
	((struct head *)s->map)->ahead = ahead;
}

/* --- chains ----------------------------------------------------------------- */

static void link_engine(struct store *s, struct call *c)
{
	uint32_t at = store_slot(s, c);
	uint32_t h = wa_endpoint_hash(&c->engine) & s->mask;
	uint32_t r = wa_endpoint_hash(&c->engine_rtcp) & s->mask;

	if(c->engine.family == 0)
		return;
	s->links[at].engine = s->by_engine[h];
	s->by_engine[h] = at;
	s->links[at].engine_rtcp = s->by_engine_rtcp[r];
	s->by_engine_rtcp[r] = at;
}

static void unlink_engine(struct store *s, const struct call *c)
{
	uint32_t at = store_slot(s, c);
	uint32_t *p;

	if(c->engine.family == 0)
		return;
	p = &s->by_engine[wa_endpoint_hash(&c->engine) & s->mask];
	while(*p != NO_SLOT && *p != at)
		p = &s->links[*p].engine;
	if(*p == at)
		*p = s->links[at].engine;
	p = &s->by_engine_rtcp[wa_endpoint_hash(&c->engine_rtcp) & s->mask];
	while(*p != NO_SLOT && *p != at)
		p = &s->links[*p].engine_rtcp;
	if(*p == at)
		*p = s->links[at].engine_rtcp;
}

static void link_callid(struct store *s, const struct call *c)
{
	uint32_t at = store_slot(s, c);
	uint32_t h = hash_text(callid_of(c)) & s->mask;

	s->links[at].callid = s->by_callid[h];
	s->by_callid[h] = at;
	s->used++;
}

void store_adopt(struct store *s, struct call *c)
{
	link_callid(s, c);
	link_engine(s, c);
}

void store_release(struct store *s, struct call *c)
{
	uint32_t at = store_slot(s, c);

	c->used = 0;
	s->links[at].callid = s->free;
	s->free = at;
}

void store_forget(struct store *s, struct call *c)
{
	uint32_t at = store_slot(s, c);
	uint32_t *p = &s->by_callid[hash_text(callid_of(c)) & s->mask];

	while(*p != NO_SLOT && *p != at)
		p = &s->links[*p].callid;
	if(*p == at) {
		*p = s->links[at].callid;
		s->used--;
		unlink_engine(s, c);
	}
	store_release(s, c);
}

struct call *store_find(const struct store *s, wa_sv_t callid)
{
	uint32_t at = s->by_callid[hash_text(callid) & s->mask];

	while(at != NO_SLOT && !wa_sv_eq(callid_of(&s->calls[at]), callid))
		at = s->links[at].callid;
	return at == NO_SLOT ? NULL : &s->calls[at];
}

struct call *store_by_engine(const struct store *s, const wa_endpoint_t *e, bool rtcp)
{
	uint32_t h = wa_endpoint_hash(e) & s->mask;
	uint32_t at = rtcp ? s->by_engine_rtcp[h] : s->by_engine[h];

	while(at != NO_SLOT) {
		struct call *c = &s->calls[at];

		if(wa_endpoint_eq(rtcp ? &c->engine_rtcp : &c->engine, e))
			return c;
		at = rtcp ? s->links[at].engine_rtcp : s->links[at].engine;
	}
	return NULL;
}

struct call *store_add(struct store *s, wa_sv_t callid)
{
	uint32_t at = s->free;
	struct call *c;

	if(at == NO_SLOT || callid.len > WA_RELAY_CALLID_MAX)
		return NULL;
	s->free = s->links[at].callid;
	s->links[at] = (struct links){NO_SLOT, NO_SLOT, NO_SLOT};
	c = &s->calls[at];
	memset(c, 0, offsetof(struct call, note));
	c->callid_len = (uint16_t)callid.len;
	memcpy(c->callid, callid.s, callid.len);
	link_callid(s, c);
	return c;
}

void store_keep(struct call *c)
{
	atomic_thread_fence(memory_order_release);
	c->used = 1;
}

void store_set_engine(struct store *s, struct call *c, const wa_endpoint_t *rtp)
{
	unlink_engine(s, c);
	c->engine = c->engine_rtcp = *rtp;
	c->engine_rtcp.port++;
	link_engine(s, c);
}
