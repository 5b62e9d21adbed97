/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "directory.h"

#include <string.h>

#include "../lib/wa_err.h"
#include "../lib/wa_pack.h"
#include "../lib/wa_seal.h"

#define TRUNK_BITS 8

/* One record. `data` is a packed number, or a wa_trunk_t. */
typedef struct node
{
	struct node *next;
	uint32_t hash;
	uint32_t load; /* the load that has last seen it */
	uint16_t len;
	bool refused;
	_Alignas(8) uint8_t data[];
} node_t;

typedef struct bucket
{
	gen_lock_t lock;
	node_t *first;
} bucket_t;

typedef struct table
{
	unsigned n_buckets; /* a power of two */
	wa_sv_t (*key)(const node_t *node);
	size_t count; /* written by the directory process only */
	size_t bytes;
	bucket_t *buckets;
} table_t;

/* In shared memory. */
typedef struct directory
{
	table_t numbers;
	table_t trunks;
	uint32_t load;
	int ready;
} directory_t;

static directory_t *dir = NULL;

static wa_sv_t number_key(const node_t *n)
{
	return wa_pack_digits(n->data, n->len);
}

static wa_sv_t trunk_key(const node_t *n)
{
	return wa_sv_from(((const wa_trunk_t *)n->data)->name);
}

/* FNV-1a: keys come from the operator, not from the net. */
static uint32_t hash_of(wa_sv_t key)
{
	uint32_t h = 2166136261U;

	for(size_t i = 0; i < key.len; i++)
		h = (h ^ (uint8_t)key.s[i]) * 16777619U;
	return h ^ h >> 15;
}

static bucket_t *bucket_of(const table_t *t, uint32_t hash)
{
	return &t->buckets[hash & (t->n_buckets - 1)];
}

/* The link that points to the record, or to the NULL at the chain's end. The
 * caller holds the bucket's lock or is the writer. */
static node_t **find(const table_t *t, bucket_t *b, uint32_t hash, wa_sv_t key)
{
	node_t **link = &b->first;

	while(*link != NULL
			&& ((*link)->hash != hash || !wa_sv_eq(t->key(*link), key)))
		link = &(*link)->next;
	return link;
}

static int table_init(table_t *t, unsigned bits, wa_sv_t (*key)(const node_t *))
{
	size_t size = sizeof(bucket_t) << bits;

	t->buckets = shm_malloc(size);
	if(t->buckets == NULL) {
		SHM_MEM_ERROR;
		return WA_ENOMEM;
	}
	memset(t->buckets, 0, size);
	t->n_buckets = 1U << bits;
	t->key = key;
	for(unsigned i = 0; i < t->n_buckets; i++)
		if(lock_init(&t->buckets[i].lock) == NULL)
			return WA_ENOMEM;
	return 0;
}

static void table_destroy(table_t *t)
{
	for(unsigned i = 0; t->buckets != NULL && i < t->n_buckets; i++) {
		node_t *next;

		for(node_t *n = t->buckets[i].first; n != NULL; n = next) {
			next = n->next;
			shm_free(n);
		}
		lock_destroy(&t->buckets[i].lock);
	}
	if(t->buckets != NULL)
		shm_free(t->buckets);
}

int wan_dir_init(unsigned bits)
{
	dir = shm_malloc(sizeof(*dir));
	if(dir == NULL) {
		SHM_MEM_ERROR;
		return WA_ENOMEM;
	}
	memset(dir, 0, sizeof(*dir));
	if(table_init(&dir->numbers, bits, number_key) < 0)
		return WA_ENOMEM;
	return table_init(&dir->trunks, TRUNK_BITS, trunk_key);
}

void wan_dir_destroy(void)
{
	if(dir == NULL)
		return;
	table_destroy(&dir->numbers);
	table_destroy(&dir->trunks);
	shm_free(dir);
	dir = NULL;
}

bool wan_dir_ready(void)
{
	return dir != NULL && __atomic_load_n(&dir->ready, __ATOMIC_ACQUIRE);
}

void wan_dir_set_ready(void)
{
	__atomic_store_n(&dir->ready, 1, __ATOMIC_RELEASE);
}

size_t wan_dir_numbers(void)
{
	return dir == NULL ? 0
					   : __atomic_load_n(&dir->numbers.count, __ATOMIC_RELAXED);
}

size_t wan_dir_trunks(void)
{
	return dir == NULL ? 0
					   : __atomic_load_n(&dir->trunks.count, __ATOMIC_RELAXED);
}

size_t wan_dir_bytes(void)
{
	return __atomic_load_n(&dir->numbers.bytes, __ATOMIC_RELAXED)
		   + __atomic_load_n(&dir->trunks.bytes, __ATOMIC_RELAXED);
}

/* Copies one record to `out`. Returns its length, or 0. */
static size_t copy_out(
		const table_t *t, wa_sv_t key, void *out, size_t size)
{
	uint32_t hash = hash_of(key);
	bucket_t *b = bucket_of(t, hash);
	const node_t *n;
	size_t len = 0;

	lock_get(&b->lock);
	n = *find(t, b, hash, key);
	if(n != NULL && n->len <= size) {
		len = n->len;
		memcpy(out, n->data, len);
	}
	lock_release(&b->lock);
	return len;
}

int wan_dir_get(wa_sv_t digits, wa_number_t *out, char *sealed)
{
	uint8_t packed[WA_PACK_MAX];
	wa_sv_t text;
	size_t len;

	if(!wan_dir_ready())
		return WA_ENOTREADY;
	len = copy_out(&dir->numbers, digits, packed, sizeof(packed));
	if(len == 0)
		return WA_ENOENT;
	if(wa_unpack_number(packed, len, out, &text) < 0)
		return WA_EPARSE;
	return sealed == NULL ? 0 : wa_sv_copy(sealed, WA_SEAL_TEXT_SIZE, text);
}

bool wan_dir_refuse(wa_sv_t digits)
{
	uint32_t hash = hash_of(digits);
	bucket_t *b = bucket_of(&dir->numbers, hash);
	bool first = false;
	node_t *n;

	lock_get(&b->lock);
	n = *find(&dir->numbers, b, hash, digits);
	if(n != NULL) {
		first = !n->refused;
		n->refused = true;
	}
	lock_release(&b->lock);
	return first;
}

int wan_dir_trunk(wa_sv_t name, wa_trunk_t *out)
{
	if(!wan_dir_ready())
		return WA_ENOTREADY;
	return copy_out(&dir->trunks, name, out, sizeof(*out)) > 0 ? 0 : WA_ENOENT;
}

/* RFC 4904: the parameters compare as those of a tel URI (RFC 3966 section 3):
 * without case. 2 = with the same context, 1 = the trunk has none. */
static int match_group(const wa_trunk_t *t, wa_sv_t tgrp, wa_sv_t context)
{
	if(t->tgrp[0] == '\0' || !wa_sv_ieq(wa_sv_from(t->tgrp), tgrp))
		return 0;
	if(t->context[0] == '\0')
		return 1;
	return wa_sv_ieq(wa_sv_from(t->context), context) ? 2 : 0;
}

int wan_dir_trunk_by_group(wa_sv_t tgrp, wa_sv_t context, wa_trunk_t *out)
{
	int best = 0;

	if(!wan_dir_ready())
		return WA_ENOTREADY;
	for(unsigned i = 0; best < 2 && i < dir->trunks.n_buckets; i++) {
		bucket_t *b = &dir->trunks.buckets[i];

		lock_get(&b->lock);
		for(const node_t *n = b->first; n != NULL; n = n->next) {
			const wa_trunk_t *t = (const wa_trunk_t *)n->data;
			int match = match_group(t, tgrp, context);

			/* of equals the first by name: every node takes the same */
			if(match > best
					|| (match > 0 && match == best
							&& strcmp(t->name, out->name) < 0)) {
				best = match;
				memcpy(out, t, sizeof(*out));
			}
		}
		lock_release(&b->lock);
	}
	return best > 0 ? 0 : WA_ENOENT;
}

/* What wan_dir_page() takes out of a bucket before it lets go of the lock:
 * [len][data] one after the other. */
typedef struct batch
{
	uint8_t *buf;
	size_t size, used, wanted;
} batch_t;

static void copy_bucket(bucket_t *b, batch_t *batch)
{
	batch->used = batch->wanted = 0;
	lock_get(&b->lock);
	for(const node_t *n = b->first; n != NULL; n = n->next) {
		size_t need = sizeof(n->len) + n->len;

		batch->wanted += need;
		if(batch->wanted > batch->size)
			continue;
		memcpy(batch->buf + batch->used, &n->len, sizeof(n->len));
		memcpy(batch->buf + batch->used + sizeof(n->len), n->data, n->len);
		batch->used += need;
	}
	lock_release(&b->lock);
}

/* A whole bucket, in a buffer that grows as needed. */
static int take_bucket(bucket_t *b, batch_t *batch)
{
	for(;;) {
		uint8_t *bigger;

		copy_bucket(b, batch);
		if(batch->wanted <= batch->size)
			return 0;
		bigger = pkg_realloc(batch->buf, 2 * batch->wanted);
		if(bigger == NULL) {
			PKG_MEM_ERROR;
			return WA_ENOMEM;
		}
		batch->buf = bigger;
		batch->size = 2 * batch->wanted;
	}
}

static int walk(table_t *t, unsigned *cursor, size_t limit,
		int (*show)(const uint8_t *data, size_t len, void *arg), void *arg)
{
	batch_t batch = {NULL, 0, 0, 0};
	size_t shown = 0;
	int ret = 0;

	for(; ret == 0 && *cursor < t->n_buckets && shown < limit; ++*cursor) {
		ret = take_bucket(&t->buckets[*cursor], &batch);
		for(size_t o = 0; ret == 0 && o < batch.used; shown++) {
			uint16_t len;

			memcpy(&len, batch.buf + o, sizeof(len));
			ret = show(batch.buf + o + sizeof(len), len, arg);
			o += sizeof(len) + len;
		}
	}
	if(*cursor >= t->n_buckets)
		*cursor = 0;
	if(batch.buf != NULL)
		pkg_free(batch.buf);
	return ret;
}

typedef struct number_cb
{
	int (*cb)(const wa_number_t *n, void *arg);
	void *arg;
} number_cb_t;

static int show_number(const uint8_t *data, size_t len, void *arg)
{
	const number_cb_t *c = arg;
	wa_number_t n;

	return wa_unpack_number(data, len, &n, NULL) < 0 ? 0 : c->cb(&n, c->arg);
}

int wan_dir_page(unsigned *cursor, size_t limit,
		int (*cb)(const wa_number_t *n, void *arg), void *arg)
{
	number_cb_t c = {cb, arg};

	if(!wan_dir_ready())
		return WA_ENOTREADY;
	return walk(&dir->numbers, cursor, limit, show_number, &c);
}

typedef struct trunk_cb
{
	int (*cb)(const wa_trunk_t *t, void *arg);
	void *arg;
} trunk_cb_t;

static int show_trunk(
		const uint8_t *data, size_t len KSR_UNUSED, void *arg)
{
	const trunk_cb_t *c = arg;
	wa_trunk_t t;

	memcpy(&t, data, sizeof(t)); /* the batch is not aligned */
	return c->cb(&t, c->arg);
}

int wan_dir_trunk_page(unsigned *cursor, size_t limit,
		int (*cb)(const wa_trunk_t *t, void *arg), void *arg)
{
	trunk_cb_t c = {cb, arg};

	if(!wan_dir_ready())
		return WA_ENOTREADY;
	return walk(&dir->trunks, cursor, limit, show_trunk, &c);
}

static void account(table_t *t, long count, long bytes)
{
	__atomic_store_n(
			&t->count, t->count + (size_t)count, __ATOMIC_RELAXED);
	__atomic_store_n(
			&t->bytes, t->bytes + (size_t)bytes, __ATOMIC_RELAXED);
}

static int put(table_t *t, wa_sv_t key, const void *data, size_t len)
{
	uint32_t hash = hash_of(key);
	bucket_t *b = bucket_of(t, hash);
	node_t **link = find(t, b, hash, key);
	node_t *old = *link, *fresh;

	if(old != NULL && old->len == len && memcmp(old->data, data, len) == 0) {
		old->load = dir->load;
		return 0;
	}
	fresh = shm_malloc(sizeof(*fresh) + len);
	if(fresh == NULL) {
		SHM_MEM_ERROR;
		return WA_ENOMEM;
	}
	*fresh = (node_t){.hash = hash, .load = dir->load, .len = (uint16_t)len};
	memcpy(fresh->data, data, len);
	lock_get(&b->lock);
	fresh->next = old != NULL ? old->next : NULL;
	*link = fresh;
	lock_release(&b->lock);
	account(t, old == NULL, (long)len - (old != NULL ? old->len : 0));
	if(old != NULL)
		shm_free(old);
	return 1;
}

int wan_dir_put(const wa_number_t *n, wa_sv_t sealed)
{
	uint8_t packed[WA_PACK_MAX];
	int len = wa_pack_number(n, sealed, packed, sizeof(packed));

	if(len < 0)
		return len;
	return put(&dir->numbers, wa_sv_from(n->digits), packed, (size_t)len);
}

int wan_dir_put_trunk(const wa_trunk_t *t)
{
	return put(&dir->trunks, wa_sv_from(t->name), t, sizeof(*t));
}

static void unlink_node(table_t *t, bucket_t *b, node_t **link)
{
	node_t *n = *link;

	lock_get(&b->lock);
	*link = n->next;
	lock_release(&b->lock);
	account(t, -1, -(long)n->len);
	shm_free(n);
}

static bool take_out(table_t *t, wa_sv_t key)
{
	uint32_t hash = hash_of(key);
	bucket_t *b = bucket_of(t, hash);
	node_t **link = find(t, b, hash, key);

	if(*link == NULL)
		return false;
	unlink_node(t, b, link);
	return true;
}

bool wan_dir_remove(wa_sv_t digits)
{
	return take_out(&dir->numbers, digits);
}

bool wan_dir_remove_trunk(wa_sv_t name)
{
	return take_out(&dir->trunks, name);
}

void wan_dir_begin(void)
{
	dir->load++;
}

static void touch(table_t *t, wa_sv_t key)
{
	uint32_t hash = hash_of(key);
	node_t *n = *find(t, bucket_of(t, hash), hash, key);

	if(n != NULL)
		n->load = dir->load;
}

void wan_dir_touch(wa_sv_t digits)
{
	touch(&dir->numbers, digits);
}

void wan_dir_touch_trunk(wa_sv_t name)
{
	touch(&dir->trunks, name);
}

static size_t sweep(table_t *t)
{
	size_t removed = 0;

	for(unsigned i = 0; i < t->n_buckets; i++) {
		node_t **link = &t->buckets[i].first;

		while(*link != NULL) {
			if((*link)->load == dir->load) {
				link = &(*link)->next;
				continue;
			}
			unlink_node(t, &t->buckets[i], link);
			removed++;
		}
	}
	return removed;
}

size_t wan_dir_sweep(void)
{
	return sweep(&dir->numbers) + sweep(&dir->trunks);
}
