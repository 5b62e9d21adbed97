/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "directory.h"

#include <string.h>
#include <unistd.h>

#include "../lib/wa_err.h"
#include "../lib/wa_pack.h"
#include "../lib/wa_seal.h"

#define TRUNK_BITS 8
#define HASH_BITS 31 /* a hash is a cursor of the lists: RPCs know int only */
#define HASH_END (1U << HASH_BITS)
#define BATCH_SIZE 65536 /* records that a page takes out at once */
#define RETIRED_MAX 8192
#define RETIRED_SOME 64 /* so many wait before it is worth looking */

/* One record. `data` is a packed number, or a wa_trunk_t. Nothing that a reader
 * looks at changes once the record is in its chain, except `next`. */
typedef struct node
{
	struct node *next;
	uint32_t hash;
	uint32_t load; /* the load that has last seen it; the writer's */
	uint16_t len;
	bool refused;
	_Alignas(8) uint8_t data[];
} node_t;

/* Buckets hold ranges of hashes, chains are in the order of hashes: a walk
 * through the table is a walk through all hashes. */
typedef struct table
{
	unsigned bits;
	wa_sv_t (*key)(const node_t *node);
	size_t count; /* written by the directory process only */
	size_t bytes;
	node_t **buckets;
} table_t;

/* The epoch in which a process began to read, 0 = it does not. In a cache line
 * of its own. */
typedef struct reader
{
	uint64_t since;
	uint8_t pad[56];
} reader_t;

/* In shared memory. */
typedef struct directory
{
	table_t numbers;
	table_t trunks;
	uint32_t load;
	int ready;
	uint64_t epoch;
	uint64_t changes; /* the writer's */
	int n_readers;
	reader_t *readers; /* by process_no */
} directory_t;

/* What is out of its chain, and which epoch was the last to see it there. The
 * writer's own. */
typedef struct retired
{
	node_t *node;
	uint64_t epoch;
} retired_t;

static directory_t *dir = NULL;
static retired_t retired[RETIRED_MAX]; /* a ring */
static unsigned retired_first = 0, n_retired = 0;

static wa_sv_t number_key(const node_t *n)
{
	return wa_pack_digits(n->data, n->len);
}

static wa_sv_t trunk_key(const node_t *n)
{
	return wa_sv_from(((const wa_trunk_t *)n->data)->name);
}

/* FNV-1a, and a mix for its high bits, which choose the bucket. Keys come from
 * the operator, not from the net. */
static uint32_t hash_of(wa_sv_t key)
{
	uint32_t h = 2166136261U;

	for(size_t i = 0; i < key.len; i++)
		h = (h ^ (uint8_t)key.s[i]) * 16777619U;
	h = (h ^ h >> 16) * 0x85ebca6bU;
	h = (h ^ h >> 13) * 0xc2b2ae35U;
	return (h ^ h >> 16) & (HASH_END - 1);
}

static unsigned bucket_of(const table_t *t, uint32_t hash)
{
	return hash >> (HASH_BITS - t->bits);
}

static node_t *follow(node_t *const *link)
{
	return __atomic_load_n(link, __ATOMIC_ACQUIRE);
}

/* Between these two nothing that this process can reach is freed. The fence
 * pairs with the one in retire(): either the writer sees us reading, or we see
 * that the record has left its chain. */
static void begin_reading(void)
{
	reader_t *r = &dir->readers[process_no];
	uint64_t epoch = __atomic_load_n(&dir->epoch, __ATOMIC_ACQUIRE);

	__atomic_store_n(&r->since, epoch, __ATOMIC_RELAXED);
	__atomic_thread_fence(__ATOMIC_SEQ_CST);
}

static void end_reading(void)
{
	__atomic_store_n(
			&dir->readers[process_no].since, 0, __ATOMIC_RELEASE);
}

/* A packed number takes four to six cache lines: all are on their way before
 * the first is looked at. */
static void prefetch_rest(const node_t *n)
{
	for(size_t o = 64; o < 320; o += 64)
		__builtin_prefetch((const uint8_t *)n + o);
}

/* The link that points to the record or, when there is none, to where it
 * belongs. The caller is reading, or is the writer. */
static node_t **find(const table_t *t, uint32_t hash, wa_sv_t key, node_t **hit)
{
	node_t **link = &t->buckets[bucket_of(t, hash)];
	node_t *n;

	*hit = NULL;
	while((n = follow(link)) != NULL && n->hash <= hash) {
		if(n->hash == hash)
			prefetch_rest(n);
		if(n->hash == hash && wa_sv_eq(t->key(n), key)) {
			*hit = n;
			break;
		}
		link = &n->next;
	}
	return link;
}

static int table_init(table_t *t, unsigned bits, wa_sv_t (*key)(const node_t *))
{
	size_t size = sizeof(*t->buckets) << bits;

	t->buckets = shm_malloc(size);
	if(t->buckets == NULL) {
		SHM_MEM_ERROR;
		return WA_ENOMEM;
	}
	memset(t->buckets, 0, size);
	t->bits = bits;
	t->key = key;
	return 0;
}

static void table_destroy(table_t *t)
{
	for(unsigned i = 0; t->buckets != NULL && i < 1U << t->bits; i++) {
		node_t *next;

		for(node_t *n = t->buckets[i]; n != NULL; n = next) {
			next = n->next;
			shm_free(n);
		}
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
	dir->epoch = 1;
	if(table_init(&dir->numbers, bits, number_key) < 0)
		return WA_ENOMEM;
	return table_init(&dir->trunks, TRUNK_BITS, trunk_key);
}

int wan_dir_prefork(void)
{
	size_t size;

	dir->n_readers = get_max_procs();
	size = (size_t)dir->n_readers * sizeof(*dir->readers);
	dir->readers = shm_malloc(size);
	if(dir->readers == NULL) {
		SHM_MEM_ERROR;
		return WA_ENOMEM;
	}
	memset(dir->readers, 0, size);
	return 0;
}

void wan_dir_destroy(void)
{
	if(dir == NULL)
		return;
	table_destroy(&dir->numbers);
	table_destroy(&dir->trunks);
	if(dir->readers != NULL)
		shm_free(dir->readers);
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

uint64_t wan_dir_changes(void)
{
	return dir->changes;
}

/* Copies one record to `out`. Returns its length, or 0. */
static size_t copy_out(
		const table_t *t, wa_sv_t key, void *out, size_t size)
{
	uint32_t hash = hash_of(key);
	size_t len = 0;
	node_t *n;

	begin_reading();
	find(t, hash, key, &n);
	if(n != NULL && n->len <= size) {
		len = n->len;
		memcpy(out, n->data, len);
	}
	end_reading();
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

bool wan_dir_refuse(enum wa_record_kind kind, wa_sv_t key)
{
	bool first = false;
	node_t *n;

	begin_reading();
	find(kind == WA_RECORD_TRUNK ? &dir->trunks : &dir->numbers, hash_of(key),
			key, &n);
	if(n != NULL)
		first = !__atomic_exchange_n(&n->refused, true, __ATOMIC_RELAXED);
	end_reading();
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
	begin_reading();
	for(unsigned i = 0; i < 1U << dir->trunks.bits; i++) {
		const node_t *n = follow(&dir->trunks.buckets[i]);

		for(; n != NULL; n = follow(&n->next)) {
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
	}
	end_reading();
	return best > 0 ? 0 : WA_ENOENT;
}

/* What a page takes out of a bucket before it lets others see it: [len][data]
 * one after the other. */
typedef struct batch
{
	uint8_t *buf;
	size_t used;
	size_t count;
} batch_t;

static bool add_to_batch(batch_t *batch, const node_t *n)
{
	if(batch->used + sizeof(n->len) + n->len > BATCH_SIZE)
		return false;
	memcpy(batch->buf + batch->used, &n->len, sizeof(n->len));
	memcpy(batch->buf + batch->used + sizeof(n->len), n->data, n->len);
	batch->used += sizeof(n->len) + n->len;
	batch->count++;
	return true;
}

/* Copies records of one bucket with a hash of `from` or more until there are
 * `limit` or the buffer is full; those of the same hash stay together. Returns
 * the hash to go on with. */
static uint32_t take_from(
		const table_t *t, uint32_t from, size_t limit, batch_t *batch)
{
	unsigned bucket = bucket_of(t, from);
	uint32_t next = (bucket + 1) << (HASH_BITS - t->bits);
	batch_t whole = *batch; /* as it was before the present hash */
	uint32_t hash = from;

	begin_reading();
	for(const node_t *n = follow(&t->buckets[bucket]); n != NULL;
			n = follow(&n->next)) {
		if(n->hash < from)
			continue;
		if(n->hash != hash) {
			if(batch->count >= limit) {
				next = n->hash;
				break;
			}
			whole = *batch;
			hash = n->hash;
		}
		if(!add_to_batch(batch, n)) {
			/* more of one hash than the buffer holds cannot be told apart */
			next = whole.count > 0 ? hash : hash + 1;
			if(whole.count > 0)
				*batch = whole;
			break;
		}
	}
	end_reading();
	return next;
}

static uint32_t skip_empty(const table_t *t, uint32_t from)
{
	while(from < HASH_END && follow(&t->buckets[bucket_of(t, from)]) == NULL)
		from = (bucket_of(t, from) + 1) << (HASH_BITS - t->bits);
	return from;
}

static int walk(const table_t *t, uint32_t *cursor, size_t limit,
		int (*show)(const uint8_t *data, size_t len, void *arg), void *arg)
{
	batch_t batch = {pkg_malloc(BATCH_SIZE), 0, 0};
	uint32_t at = *cursor;
	size_t shown = 0;
	int ret = 0;

	if(batch.buf == NULL) {
		PKG_MEM_ERROR;
		return WA_ENOMEM;
	}
	while(ret == 0 && shown < limit && (at = skip_empty(t, at)) < HASH_END) {
		batch.used = batch.count = 0;
		at = take_from(t, at, limit - shown, &batch);
		shown += batch.count;
		for(size_t o = 0; ret == 0 && o < batch.used;) {
			uint16_t len;

			memcpy(&len, batch.buf + o, sizeof(len));
			ret = show(batch.buf + o + sizeof(len), len, arg);
			o += sizeof(len) + len;
		}
	}
	*cursor = at < HASH_END ? at : 0;
	pkg_free(batch.buf);
	return ret;
}

int wan_dir_walk(enum wa_record_kind kind, uint32_t *cursor, size_t limit,
		int (*show)(const uint8_t *data, size_t len, void *arg), void *arg)
{
	return walk(kind == WA_RECORD_NUMBER ? &dir->numbers : &dir->trunks, cursor,
			limit, show, arg);
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

int wan_dir_page(uint32_t *cursor, size_t limit,
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

int wan_dir_trunk_page(uint32_t *cursor, size_t limit,
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
	dir->changes++;
}

/* Frees what no reader can have in its hands any more. */
static void reclaim(void)
{
	uint64_t oldest = UINT64_MAX;

	for(int i = 0; i < dir->n_readers; i++) {
		uint64_t since =
				__atomic_load_n(&dir->readers[i].since, __ATOMIC_ACQUIRE);

		if(since != 0 && since < oldest)
			oldest = since;
	}
	while(n_retired > 0 && retired[retired_first].epoch < oldest) {
		shm_free(retired[retired_first].node);
		retired_first = (retired_first + 1) % RETIRED_MAX;
		n_retired--;
	}
}

/* For a record that has just left its chain. It is the writer that waits, should
 * a reader be stopped in the middle of its copy for thousands of changes. */
static void retire(node_t *n)
{
	__atomic_thread_fence(__ATOMIC_SEQ_CST);
	while(n_retired == RETIRED_MAX) {
		reclaim();
		if(n_retired == RETIRED_MAX)
			usleep(1000);
	}
	retired[(retired_first + n_retired) % RETIRED_MAX] =
			(retired_t){n, dir->epoch};
	n_retired++;
	__atomic_store_n(&dir->epoch, dir->epoch + 1, __ATOMIC_RELEASE);
	if(n_retired % RETIRED_SOME == 0)
		reclaim();
}

static int put(table_t *t, wa_sv_t key, const void *data, size_t len)
{
	uint32_t hash = hash_of(key);
	node_t *old, *fresh, **link = find(t, hash, key, &old);

	if(old != NULL && old->len == len && memcmp(old->data, data, len) == 0) {
		old->load = dir->load;
		return 0;
	}
	fresh = shm_malloc(sizeof(*fresh) + len);
	if(fresh == NULL) {
		SHM_MEM_ERROR;
		return WA_ENOMEM;
	}
	*fresh = (node_t){.next = old != NULL ? old->next : *link,
			.hash = hash,
			.load = dir->load,
			.len = (uint16_t)len};
	memcpy(fresh->data, data, len);
	__atomic_store_n(link, fresh, __ATOMIC_RELEASE);
	account(t, old == NULL, (long)len - (old != NULL ? old->len : 0));
	if(old != NULL)
		retire(old);
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

static bool has(const table_t *t, wa_sv_t key)
{
	node_t *n;

	find(t, hash_of(key), key, &n);
	return n != NULL;
}

bool wan_dir_has(wa_sv_t digits)
{
	return has(&dir->numbers, digits);
}

bool wan_dir_has_trunk(wa_sv_t name)
{
	return has(&dir->trunks, name);
}

static void unlink_node(table_t *t, node_t **link)
{
	node_t *n = *link;

	__atomic_store_n(link, n->next, __ATOMIC_RELEASE);
	account(t, -1, -(long)n->len);
	retire(n);
}

static bool take_out(table_t *t, wa_sv_t key)
{
	node_t *n, **link = find(t, hash_of(key), key, &n);

	if(n == NULL)
		return false;
	unlink_node(t, link);
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
	node_t *n;

	find(t, hash_of(key), key, &n);
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

	for(unsigned i = 0; i < 1U << t->bits; i++) {
		node_t **link = &t->buckets[i];

		while(*link != NULL) {
			if((*link)->load == dir->load) {
				link = &(*link)->next;
				continue;
			}
			unlink_node(t, link);
			removed++;
		}
	}
	return removed;
}

size_t wan_dir_sweep(void)
{
	size_t removed = sweep(&dir->numbers) + sweep(&dir->trunks);

	reclaim();
	return removed;
}
