/* SPDX-License-Identifier: GPL-2.0-or-later */
#define _GNU_SOURCE /* sync_file_range */
#include "wa_snapshot.h"

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <openssl/crypto.h>

#include "wa_err.h"
#include "wa_pack.h"
#include "wa_random.h"

#define MAGIC "WASBCSNP"
#define VERSION 1
#define BYTE_ORDER_MARK 0x01020304U
#define CHUNK 65536 /* bytes of records in a chunk */
#define SALT_LEN 32

typedef struct header
{
	char magic[8];
	uint32_t byte_order;
	uint32_t version;
	uint32_t layout; /* of packed records */
	char key_id[20];
	int64_t created;
	uint8_t salt[SALT_LEN];
} header_t;

/* Before each chunk. */
typedef struct chunk_head
{
	uint32_t len; /* of the records in it */
	uint32_t last;
} chunk_head_t;

typedef struct record_head
{
	uint16_t len;
	uint8_t kind;
	uint8_t zero;
} record_head_t;

/* What a chunk is bound to. */
typedef struct bound
{
	header_t header;
	uint64_t index;
	chunk_head_t chunk;
} bound_t;

struct wa_snap_writer
{
	int fd;
	uint8_t key[WA_SEAL_KEY_LEN];
	bound_t at;
	uint64_t size;
	size_t used;
	uint8_t records[CHUNK];
	uint8_t blob[WA_SEAL_HEAD_LEN + CHUNK];
	char path[PATH_MAX];
	char tmp[PATH_MAX];
};

struct wa_snap_reader
{
	int fd;
	uint8_t key[WA_SEAL_KEY_LEN];
	bound_t at;
	size_t taken;
	uint8_t records[CHUNK];
	uint8_t blob[WA_SEAL_HEAD_LEN + CHUNK];
};

static int because(char *why, int err, const char *path, const char *text)
{
	if(snprintf(why, WA_SNAP_WHY_SIZE, "%s: %s", path, text) < 0)
		why[0] = '\0';
	return err;
}

static int write_all(int fd, const void *data, size_t len)
{
	const uint8_t *p = data;

	while(len > 0) {
		ssize_t n = write(fd, p, len);

		if(n < 0 && errno == EINTR)
			continue;
		if(n <= 0)
			return WA_EIO;
		p += n;
		len -= (size_t)n;
	}
	return 0;
}

/* Returns what could be read, less than `len` only at the file's end. */
static ssize_t read_all(int fd, void *data, size_t len)
{
	size_t have = 0;

	while(have < len) {
		ssize_t n = read(fd, (uint8_t *)data + have, len - have);

		if(n < 0 && errno == EINTR)
			continue;
		if(n < 0)
			return -1;
		if(n == 0)
			break;
		have += (size_t)n;
	}
	return (ssize_t)have;
}

static wa_sv_t view(const void *p, size_t len)
{
	return (wa_sv_t){p, len};
}

/* The key is this file's alone, so that its chunks' nonces can be counted. */
static int file_key(const wa_seal_ring_t *ring, const header_t *h, uint8_t *key)
{
	return wa_seal_derive(
			ring, wa_sv_from(h->key_id), view(h->salt, SALT_LEN), key);
}

static void put_nonce(uint8_t *blob, uint64_t index)
{
	memset(blob, 0, WA_SEAL_NONCE_LEN);
	memcpy(blob, &index, sizeof(index));
}

static int make_header(
		header_t *h, const wa_seal_ring_t *ring, time_t now)
{
	memset(h, 0, sizeof(*h));
	memcpy(h->magic, MAGIC, sizeof(h->magic));
	h->byte_order = BYTE_ORDER_MARK;
	h->version = VERSION;
	h->layout = wa_pack_layout();
	h->created = now;
	if(ring->n == 0)
		return WA_EKEY;
	if(wa_sv_copy(h->key_id, sizeof(h->key_id), wa_sv_from(ring->keys[0].id))
			< 0)
		return WA_ETOOLONG;
	return wa_random(h->salt, sizeof(h->salt));
}

/* O_EXCL: whatever stands under the name of the unfinished file is not written
 * to, it may be a link to somewhere else. */
static int open_tmp(wa_snap_writer_t *w, const char *path)
{
	int n = snprintf(w->tmp, sizeof(w->tmp), "%s.tmp", path);

	if(n < 0 || (size_t)n >= sizeof(w->tmp)
			|| wa_sv_copy(w->path, sizeof(w->path), wa_sv_from(path)) < 0) {
		errno = ENAMETOOLONG;
		return -1;
	}
	if(unlink(w->tmp) < 0 && errno != ENOENT)
		return -1;
	return open(w->tmp, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW,
			S_IRUSR | S_IWUSR);
}

wa_snap_writer_t *wa_snap_create(
		const wa_seal_ring_t *ring, const char *path, time_t now, char *why)
{
	wa_snap_writer_t *w = calloc(1, sizeof(*w));
	int ret;

	if(w == NULL) {
		because(why, WA_ENOMEM, path, "out of memory");
		return NULL;
	}
	w->fd = open_tmp(w, path);
	if(w->fd < 0) {
		because(why, WA_EIO, w->tmp, strerror(errno));
		free(w);
		return NULL;
	}
	ret = make_header(&w->at.header, ring, now);
	if(ret == 0)
		ret = file_key(ring, &w->at.header, w->key);
	if(ret < 0) {
		because(why, ret, path, wa_strerror(ret));
	} else if(write_all(w->fd, &w->at.header, sizeof(w->at.header)) < 0) {
		because(why, WA_EIO, w->tmp, strerror(errno));
		ret = WA_EIO;
	}
	if(ret == 0)
		return w;
	wa_snap_abort(w);
	return NULL;
}

static int flush_chunk(wa_snap_writer_t *w, bool last, char *why)
{
	int ret;

	w->at.chunk = (chunk_head_t){(uint32_t)w->used, last};
	put_nonce(w->blob, w->at.index);
	ret = wa_seal_encrypt(w->key, view(w->records, w->used),
			view(&w->at, sizeof(w->at)), w->blob);
	if(ret < 0)
		return because(why, ret, w->path, wa_strerror(ret));
	if(write_all(w->fd, &w->at.chunk, sizeof(w->at.chunk)) < 0
			|| write_all(w->fd, w->blob, WA_SEAL_HEAD_LEN + w->used) < 0)
		return because(why, WA_EIO, w->tmp, strerror(errno));
	/* begins to write back, so that fsync() has little left to wait for; it is
	 * a hint: a file system that does not know it does as well */
	sync_file_range(w->fd, 0, 0, SYNC_FILE_RANGE_WRITE);
	w->size += sizeof(w->at.chunk) + WA_SEAL_HEAD_LEN + w->used;
	w->used = 0;
	w->at.index++;
	return 0;
}

int wa_snap_add(wa_snap_writer_t *w, enum wa_snap_kind kind,
		const uint8_t *data, size_t len, char *why)
{
	record_head_t h = {(uint16_t)len, (uint8_t)kind, 0};
	int ret;

	if(len > WA_SNAP_RECORD_MAX)
		return because(why, WA_ETOOLONG, w->path, wa_strerror(WA_ETOOLONG));
	if(w->used + sizeof(h) + len > CHUNK) {
		ret = flush_chunk(w, false, why);
		if(ret < 0)
			return ret;
	}
	memcpy(w->records + w->used, &h, sizeof(h));
	memcpy(w->records + w->used + sizeof(h), data, len);
	w->used += sizeof(h) + len;
	return 0;
}

uint64_t wa_snap_size(const wa_snap_writer_t *w)
{
	return w->size + w->used;
}

static void free_writer(wa_snap_writer_t *w)
{
	if(w->fd >= 0)
		close(w->fd);
	OPENSSL_cleanse(w, sizeof(*w));
	free(w);
}

void wa_snap_abort(wa_snap_writer_t *w)
{
	if(w == NULL)
		return;
	unlink(w->tmp);
	free_writer(w);
}

/* The new name has to be on the disk too. */
static int sync_directory(const char *path)
{
	char copy[PATH_MAX];
	int fd, ret;

	if(wa_sv_copy(copy, sizeof(copy), wa_sv_from(path)) < 0)
		return -1;
	fd = open(dirname(copy), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if(fd < 0)
		return -1;
	ret = fsync(fd);
	close(fd);
	return ret;
}

int wa_snap_finish(wa_snap_writer_t *w, char *why)
{
	int ret = flush_chunk(w, true, why);

	if(ret == 0 && (fsync(w->fd) < 0 || rename(w->tmp, w->path) < 0))
		ret = because(why, WA_EIO, w->tmp, strerror(errno));
	if(ret < 0) {
		wa_snap_abort(w);
		return ret;
	}
	if(sync_directory(w->path) < 0)
		ret = because(why, WA_EIO, w->path, strerror(errno));
	free_writer(w);
	return ret;
}

/* Opens a regular file; 0 or a wa_err. */
static int open_file(const char *path, int *fd, char *why)
{
	struct stat st;

	*fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	if(*fd < 0)
		return because(why, errno == ENOENT ? WA_ENOENT : WA_EIO, path,
				strerror(errno));
	if(fstat(*fd, &st) == 0 && S_ISREG(st.st_mode))
		return 0;
	close(*fd);
	*fd = -1;
	return because(why, WA_EPARSE, path, "not a regular file");
}

static int read_header(wa_snap_reader_t *r, const wa_seal_ring_t *ring,
		const char *path, char *why)
{
	header_t *h = &r->at.header;
	char text[80];
	int ret;

	if(read_all(r->fd, h, sizeof(*h)) != (ssize_t)sizeof(*h)
			|| memcmp(h->magic, MAGIC, sizeof(h->magic)) != 0
			|| memchr(h->key_id, '\0', sizeof(h->key_id)) == NULL)
		return because(why, WA_EPARSE, path, "no snapshot, or cut off");
	if(h->byte_order != BYTE_ORDER_MARK || h->version != VERSION
			|| h->layout != wa_pack_layout())
		return because(
				why, WA_EUNSUP, path, "written by another version");
	ret = file_key(ring, h, r->key);
	if(ret == WA_EKEY) {
		snprintf(text, sizeof(text),
				"sealed with key %.16s, which is not in seal_key_file",
				h->key_id);
		return because(why, ret, path, text);
	}
	return ret < 0 ? because(why, ret, path, wa_strerror(ret)) : 0;
}

/* Reads the next chunk. */
static int read_chunk(wa_snap_reader_t *r)
{
	chunk_head_t *c = &r->at.chunk;
	size_t len;

	if(read_all(r->fd, c, sizeof(*c)) != (ssize_t)sizeof(*c) || c->len > CHUNK)
		return WA_EAUTH;
	len = WA_SEAL_HEAD_LEN + c->len;
	if(read_all(r->fd, r->blob, len) != (ssize_t)len)
		return WA_EAUTH;
	put_nonce(r->blob, r->at.index); /* not what the file says */
	r->taken = 0;
	return wa_seal_decrypt(
			r->key, view(&r->at, sizeof(r->at)), r->blob, len, r->records);
}

/* Whether the present chunk is records from end to end. */
static bool is_well_formed(const wa_snap_reader_t *r)
{
	size_t o = 0;
	record_head_t h;

	while(o + sizeof(h) <= r->at.chunk.len) {
		memcpy(&h, r->records + o, sizeof(h));
		o += sizeof(h) + h.len;
	}
	return o == r->at.chunk.len;
}

static int check_chunks(wa_snap_reader_t *r)
{
	char more;
	int ret;

	for(;; r->at.index++) {
		ret = read_chunk(r);
		if(ret == 0 && !is_well_formed(r))
			ret = WA_EAUTH;
		if(ret < 0 || r->at.chunk.last)
			break;
	}
	if(ret == 0 && read_all(r->fd, &more, 1) != 0)
		ret = WA_EAUTH;
	return ret;
}

/* Back to the first record. */
static int rewind_chunks(wa_snap_reader_t *r)
{
	if(lseek(r->fd, sizeof(header_t), SEEK_SET) < 0)
		return WA_EIO;
	r->at.index = 0;
	return read_chunk(r);
}

static int check_file(wa_snap_reader_t *r, const wa_seal_ring_t *ring,
		const char *path, char *why)
{
	int ret = read_header(r, ring, path, why);

	if(ret < 0)
		return ret;
	ret = check_chunks(r);
	if(ret == 0)
		ret = rewind_chunks(r);
	if(ret == WA_EAUTH)
		because(why, ret, path,
				"cut off, changed, or sealed with another key of the same "
				"name");
	else if(ret < 0)
		because(why, ret, path, wa_strerror(ret));
	return ret;
}

wa_snap_reader_t *wa_snap_open(
		const wa_seal_ring_t *ring, const char *path, int *err, char *why)
{
	wa_snap_reader_t *r = calloc(1, sizeof(*r));

	if(r == NULL) {
		*err = because(why, WA_ENOMEM, path, "out of memory");
		return NULL;
	}
	*err = open_file(path, &r->fd, why);
	if(*err == 0)
		*err = check_file(r, ring, path, why);
	if(*err == 0)
		return r;
	wa_snap_close(r);
	return NULL;
}

int wa_snap_next(wa_snap_reader_t *r, enum wa_snap_kind *kind,
		const uint8_t **data, size_t *len, char *why)
{
	record_head_t h;

	while(r->taken == r->at.chunk.len) {
		if(r->at.chunk.last)
			return 0;
		r->at.index++;
		if(read_chunk(r) < 0 || !is_well_formed(r))
			return because(why, WA_EAUTH, "snapshot",
					"changed while it was read");
	}
	memcpy(&h, r->records + r->taken, sizeof(h));
	*kind = h.kind;
	*data = r->records + r->taken + sizeof(h);
	*len = h.len;
	r->taken += sizeof(h) + h.len;
	return 1;
}

time_t wa_snap_time(const wa_snap_reader_t *r)
{
	return (time_t)r->at.header.created;
}

void wa_snap_close(wa_snap_reader_t *r)
{
	if(r == NULL)
		return;
	if(r->fd >= 0)
		close(r->fd);
	OPENSSL_cleanse(r, sizeof(*r));
	free(r);
}
