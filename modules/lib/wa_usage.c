/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "wa_usage.h"

#include <stdio.h>
#include <string.h>

#include "wa_auth_header.h" /* wa_hex_digit() */
#include "wa_err.h"

#define NONE UINT32_MAX
#define HERE WA_USAGE_NODES /* this node, among the nodes */
#define ENTRY_MAX 34		/* "0123456789abcdef:ffffffff:ffffffff " */
#define PLACES 512			/* looked at in one turn, and */
#define TURNS 16			/* that many turns come around */
#define COUNT_MAX 1000000	/* more calls of one key on one node are not believed */

typedef struct entry
{
	uint64_t key;	/* 0 = free */
	int64_t at;		/* here: told last; of others: heard last */
	uint32_t count; /* calls */
	uint32_t begun; /* since it was told last; here only */
	uint32_t next;	/* in the bucket, or in the list of free ones */
	uint32_t dirty; /* the next one that has changed */
	uint8_t node;
	bool is_dirty;
} entry_t;

struct wa_usage
{
	unsigned here_max, there_max, here, there;
	uint32_t high; /* places from here on were never used */
	uint32_t free;
	uint32_t dirty, last_dirty;
	uint32_t refresh, expire; /* where these two go on */
	uint32_t buckets;		  /* a power of two */
	uint64_t full;
	int64_t lease;
	uint32_t *head;
	entry_t entries[];
};

static uint64_t mix(uint64_t h, wa_sv_t text)
{
	for(size_t i = 0; i < text.len; i++)
		h = (h ^ (unsigned char)text.s[i]) * 0x100000001b3u;
	return h * 0x100000001b3u; /* an end of it: "1", "23" is not "12", "3" */
}

uint64_t wa_usage_key(wa_sv_t kind, wa_sv_t a, wa_sv_t b)
{
	uint64_t h = mix(mix(mix(0xcbf29ce484222325u, kind), a), b);

	h ^= h >> 32;
	h *= 0xd6e8feb86659fd93u;
	h ^= h >> 32;
	return h != 0 ? h : 1;
}

static uint32_t buckets_for(size_t n)
{
	uint32_t b = 16;

	while(b < n && b < UINT32_C(1) << 30)
		b *= 2;
	return b;
}

size_t wa_usage_size(unsigned here, unsigned there)
{
	size_t n = (size_t)here + there;

	return sizeof(wa_usage_t) + n * sizeof(entry_t)
		   + buckets_for(n) * sizeof(uint32_t);
}

wa_usage_t *wa_usage_init(void *block, unsigned here, unsigned there, int64_t lease)
{
	wa_usage_t *u = block;
	size_t n = (size_t)here + there;

	memset(block, 0, wa_usage_size(here, there));
	u->lease = lease;
	u->here_max = here;
	u->there_max = there;
	u->free = u->dirty = u->last_dirty = NONE;
	u->buckets = buckets_for(n);
	u->head = (uint32_t *)(void *)(u->entries + n);
	for(uint32_t i = 0; i < u->buckets; i++)
		u->head[i] = NONE;
	return u;
}

/* --- places ------------------------------------------------------------------ */

static uint32_t *bucket(wa_usage_t *u, uint64_t key)
{
	return &u->head[key & (u->buckets - 1)];
}

static entry_t *find(const wa_usage_t *u, uint64_t key, unsigned node)
{
	uint32_t i = u->head[key & (u->buckets - 1)];

	while(i != NONE && (u->entries[i].key != key || u->entries[i].node != node))
		i = u->entries[i].next;
	return i != NONE ? (entry_t *)&u->entries[i] : NULL;
}

static unsigned *used(wa_usage_t *u, unsigned node)
{
	return node == HERE ? &u->here : &u->there;
}

/* To be told, after the others. */
static void queue(wa_usage_t *u, entry_t *e)
{
	uint32_t i = (uint32_t)(e - u->entries);

	e->is_dirty = true;
	e->dirty = NONE;
	if(u->dirty == NONE)
		u->dirty = i;
	else
		u->entries[u->last_dirty].dirty = i;
	u->last_dirty = i;
}

static void release(wa_usage_t *u, entry_t *e)
{
	uint32_t i = (uint32_t)(e - u->entries), *p = bucket(u, e->key);

	while(*p != NONE && *p != i)
		p = &u->entries[*p].next;
	if(*p == NONE)
		return;
	*p = e->next;
	--*used(u, e->node);
	e->key = 0;
	e->next = u->free;
	u->free = i;
}

/* Nobody has told for long: what is at 0 is not told at all, it runs out. */
static void drop_untold(wa_usage_t *u)
{
	uint32_t i = u->dirty, next;

	u->dirty = u->last_dirty = NONE;
	for(; i != NONE; i = next) {
		entry_t *e = &u->entries[i];

		next = e->dirty;
		if(e->count == 0)
			release(u, e);
		else
			queue(u, e);
	}
}

/* A message may get lost, and the next one too. */
static int64_t refresh_ms(const wa_usage_t *u)
{
	return u->lease / 3;
}

static uint32_t places(const wa_usage_t *u)
{
	uint32_t n = PLACES + u->high / TURNS;

	return n < u->high ? n : u->high;
}

static bool has_room(const wa_usage_t *u, unsigned node)
{
	return node == HERE ? u->here < u->here_max : u->there < u->there_max;
}

static entry_t *make(wa_usage_t *u, uint64_t key, unsigned node)
{
	uint32_t i, *head = bucket(u, key);

	if(node == HERE && !has_room(u, node))
		drop_untold(u);
	if(!has_room(u, node))
		return NULL;
	i = u->free;
	if(i != NONE)
		u->free = u->entries[i].next;
	else
		i = u->high++;
	u->entries[i] = (entry_t){
			.key = key, .node = (uint8_t)node, .next = *head, .dirty = NONE};
	*head = i;
	++*used(u, node);
	return &u->entries[i];
}

/* --- this node --------------------------------------------------------------- */

/* With nobody to tell, what is at 0 goes at once. */
static void changed(wa_usage_t *u, entry_t *e)
{
	if(u->there_max == 0 && e->count == 0)
		release(u, e);
	else if(u->there_max > 0 && !e->is_dirty)
		queue(u, e);
}

void wa_usage_add(wa_usage_t *u, uint64_t key, bool begun)
{
	entry_t *e = find(u, key, HERE);

	if(e == NULL)
		e = make(u, key, HERE);
	if(e == NULL)
		return;
	e->count++;
	e->begun += begun;
	changed(u, e);
}

void wa_usage_drop(wa_usage_t *u, uint64_t key)
{
	entry_t *e = find(u, key, HERE);

	if(e == NULL || e->count == 0)
		return;
	e->count--;
	changed(u, e);
}

unsigned wa_usage_here(const wa_usage_t *u, uint64_t key)
{
	const entry_t *e = find(u, key, HERE);

	return e != NULL ? e->count : 0;
}

unsigned wa_usage_all(const wa_usage_t *u, uint64_t key)
{
	uint32_t i = u->head[key & (u->buckets - 1)];
	unsigned n = 0;

	for(; i != NONE; i = u->entries[i].next)
		if(u->entries[i].key == key)
			n += u->entries[i].count;
	return n;
}

/* --- telling ----------------------------------------------------------------- */

/* False: it does not fit any more. */
static bool tell(entry_t *e, int64_t now, char *out, size_t size, size_t *len)
{
	int n;

	if(size - *len < ENTRY_MAX + 1)
		return false;
	n = snprintf(out + *len, size - *len, "%016llx:%x:%x ",
			(unsigned long long)e->key, e->count, e->begun);
	if(n < 0 || n > ENTRY_MAX)
		return false;
	*len += (size_t)n;
	e->at = now;
	e->begun = 0;
	return true;
}

static void tell_changed(
		wa_usage_t *u, int64_t now, char *out, size_t size, size_t *len)
{
	while(u->dirty != NONE) {
		entry_t *e = &u->entries[u->dirty];

		if(!tell(e, now, out, size, len))
			return;
		u->dirty = e->dirty;
		e->is_dirty = false;
		if(e->count == 0)
			release(u, e);
	}
}

static void tell_again(
		wa_usage_t *u, int64_t now, char *out, size_t size, size_t *len)
{
	for(uint32_t n = places(u); n > 0; n--) {
		entry_t *e = &u->entries[u->refresh % u->high];

		if(e->key != 0 && e->node == HERE && !e->is_dirty
				&& now - e->at >= refresh_ms(u)
				&& !tell(e, now, out, size, len))
			return;
		u->refresh = (u->refresh + 1) % u->high;
	}
}

size_t wa_usage_write(wa_usage_t *u, int64_t now, char *out, size_t size)
{
	size_t len = 0;

	if(u->there_max == 0)
		return 0;
	if(size > WA_USAGE_TEXT_MAX)
		size = WA_USAGE_TEXT_MAX;
	tell_changed(u, now, out, size, &len);
	tell_again(u, now, out, size, &len);
	return len;
}

void wa_usage_retell(wa_usage_t *u)
{
	for(uint32_t i = 0; i < u->high; i++)
		if(u->entries[i].key != 0 && u->entries[i].node == HERE)
			u->entries[i].at -= refresh_ms(u);
}

/* --- hearing ----------------------------------------------------------------- */

static bool hex(wa_sv_t text, size_t most, uint64_t *out)
{
	uint64_t v = 0;

	if(text.len == 0 || text.len > most)
		return false;
	for(size_t i = 0; i < text.len; i++) {
		int d = wa_hex_digit(text.s[i]);

		if(d < 0)
			return false;
		v = v << 4 | (unsigned)d;
	}
	*out = v;
	return true;
}

static bool parse(wa_sv_t word, uint64_t *key, uint64_t *count, uint64_t *begun)
{
	wa_sv_t k = wa_sv_cut(&word, ':'), c = wa_sv_cut(&word, ':');

	return k.len == 16 && hex(k, 16, key) && *key != 0 && hex(c, 8, count)
		   && *count <= COUNT_MAX && hex(word, 8, begun) && *begun <= COUNT_MAX;
}

static void hear(
		wa_usage_t *u, unsigned node, uint64_t key, uint64_t count, int64_t now)
{
	entry_t *e = find(u, key, node);

	if(count == 0) {
		if(e != NULL)
			release(u, e);
		return;
	}
	if(e == NULL)
		e = make(u, key, node);
	if(e == NULL) {
		u->full++;
		return;
	}
	e->count = (uint32_t)count;
	e->at = now;
}

int wa_usage_read(wa_usage_t *u, unsigned node, wa_sv_t text, int64_t now,
		void (*begun)(uint64_t key, uint32_t n, void *arg), void *arg)
{
	if(node >= WA_USAGE_NODES)
		return WA_ERANGE;
	while(text.len > 0) {
		wa_sv_t word = wa_sv_cut(&text, ' ');
		uint64_t key, count, n;

		if(!parse(word, &key, &count, &n))
			return WA_EPARSE;
		hear(u, node, key, count, now);
		if(n > 0)
			begun(key, (uint32_t)n, arg);
	}
	return 0;
}

void wa_usage_forget(wa_usage_t *u, unsigned node)
{
	for(uint32_t i = 0; i < u->high; i++)
		if(u->entries[i].key != 0 && u->entries[i].node == node)
			release(u, &u->entries[i]);
}

void wa_usage_expire(wa_usage_t *u, int64_t now)
{
	for(uint32_t n = places(u); n > 0 && u->there > 0; n--) {
		entry_t *e = &u->entries[u->expire % u->high];

		u->expire = (u->expire + 1) % u->high;
		if(e->key != 0 && e->node != HERE && now - e->at > u->lease)
			release(u, e);
	}
}

uint64_t wa_usage_full(const wa_usage_t *u)
{
	return u->full;
}
