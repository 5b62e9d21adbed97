/* A file of records, sealed: what a directory knew, for a start without Redis.
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * A header names the version, the key of the ring and the time; chunks of records
 * follow, each AES-256-GCM under a key of this file alone, with the header, its
 * position and whether it is the last as associated data. So nothing can be
 * changed, left out, put elsewhere or cut off without being noticed.
 *
 * A file appears under its name only when it is complete and on the disk; until
 * then it is called `path`.tmp, and what stood under `path` stays.
 *
 *     wa_snap_writer_t *w = wa_snap_create(&ring, path, now, &why);
 *     ret = wa_snap_add(w, WA_SNAP_NUMBER, packed, len); ...
 *     ret = wa_snap_finish(w, &why);             // frees w
 *
 * These functions write to a disk and may wait for it.
 */
#ifndef WA_SNAPSHOT_H
#define WA_SNAPSHOT_H

#include <stdint.h>
#include <time.h>

#include "wa_seal.h"

#define WA_SNAP_RECORD_MAX 8192
#define WA_SNAP_WHY_SIZE 192

/* What a record is; the file does not look inside. */
enum wa_snap_kind
{
	WA_SNAP_NUMBER = 1, /* wa_pack_number() */
	WA_SNAP_TRUNK = 2	/* wa_pack_trunk() */
};

typedef struct wa_snap_writer wa_snap_writer_t;
typedef struct wa_snap_reader wa_snap_reader_t;

/** Begins a file, mode 0600. Returns NULL and the reason in `why`
 * (WA_SNAP_WHY_SIZE bytes), as all of these. */
wa_snap_writer_t *wa_snap_create(
		const wa_seal_ring_t *ring, const char *path, time_t now, char *why);

/** Adds a record of at most WA_SNAP_RECORD_MAX bytes. Returns 0 or a wa_err:
 * then only wa_snap_abort() is left. */
int wa_snap_add(wa_snap_writer_t *w, enum wa_snap_kind kind,
		const uint8_t *data, size_t len, char *why);

/** Completes the file and puts it in the place of the old one. Frees `w`, also
 * when it fails: then the old file stays and the new one is removed. */
int wa_snap_finish(wa_snap_writer_t *w, char *why);
void wa_snap_abort(wa_snap_writer_t *w);

/** Bytes written so far. */
uint64_t wa_snap_size(const wa_snap_writer_t *w);

/** Opens a file and checks all of it, before any record is handed out. NULL:
 * `*err` is WA_ENOENT (no such file), WA_EKEY (its key is not in the ring),
 * WA_EUNSUP (another version), WA_EAUTH (cut off, changed, or another key of the
 * same name), WA_EPARSE (no snapshot) or WA_EIO. */
wa_snap_reader_t *wa_snap_open(
		const wa_seal_ring_t *ring, const char *path, int *err, char *why);

/** The next record, a view until the next call. Returns 1, 0 after the last, or
 * a wa_err when the file has changed since it was checked. */
int wa_snap_next(wa_snap_reader_t *r, enum wa_snap_kind *kind,
		const uint8_t **data, size_t *len, char *why);
time_t wa_snap_time(const wa_snap_reader_t *r);
void wa_snap_close(wa_snap_reader_t *r);

#endif
