/* The snapshot in shared memory that every process reads.
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * A hash table of packed records with a lock per bucket. A lock is held for as
 * long as it takes to copy one record or to swing one pointer: allocation,
 * sealing, logging and I/O happen outside. Only the directory process writes.
 */
#ifndef WA_NUMBERS_DIRECTORY_H
#define WA_NUMBERS_DIRECTORY_H

#include "../ksr_compat.h"

#include "../lib/wa_number.h"
#include "../lib/wa_sv.h"

/** Allocates the tables, with 2^bits buckets for numbers. mod_init only. */
int wan_dir_init(unsigned bits);
void wan_dir_destroy(void);

/* Readers: any process. */

/** Whether the first load is complete. */
bool wan_dir_ready(void);

/** 0, WA_ENOENT or WA_ENOTREADY. `sealed` (may be NULL, else
 * WA_SEAL_TEXT_SIZE bytes) gets the sealed password with a NUL, "" = none. */
int wan_dir_get(wa_sv_t digits, wa_number_t *out, char *sealed);

/** Remembers that the sealed password of this record does not open. True for
 * the first call only, until the record changes: log it then. */
bool wan_dir_refuse(wa_sv_t digits);

/** As wa_numbers_api_t. */
int wan_dir_trunk(wa_sv_t name, wa_trunk_t *out);
int wan_dir_trunk_by_group(wa_sv_t tgrp, wa_sv_t context, wa_trunk_t *out);

/** Calls `cb` with copies, beginning at the bucket `*cursor`, until it returns
 * non-zero or, at the end of a bucket, `limit` records were shown. `*cursor` is
 * then the bucket to go on with, 0 after the last.
 * Returns cb's value, 0, WA_ENOTREADY or WA_ENOMEM. */
int wan_dir_page(unsigned *cursor, size_t limit,
		int (*cb)(const wa_number_t *n, void *arg), void *arg);
int wan_dir_trunk_page(unsigned *cursor, size_t limit,
		int (*cb)(const wa_trunk_t *t, void *arg), void *arg);

size_t wan_dir_numbers(void);
size_t wan_dir_trunks(void);
/** Bytes of shared memory that the records take, without the tables. */
size_t wan_dir_bytes(void);

/* The writer: the directory process only. */

/** Puts or replaces a record. Returns 1 = changed, 0 = was the same, or
 * WA_ENOMEM or WA_ETOOLONG (the old record stays). */
int wan_dir_put(const wa_number_t *n, wa_sv_t sealed);
int wan_dir_put_trunk(const wa_trunk_t *t);

/** True when there was one. */
bool wan_dir_remove(wa_sv_t digits);
bool wan_dir_remove_trunk(wa_sv_t name);

/** A full load: begin, put all (or touch, to keep one that could not be read),
 * sweep what was not put, ready. */
void wan_dir_begin(void);
void wan_dir_touch(wa_sv_t digits);
void wan_dir_touch_trunk(wa_sv_t name);
size_t wan_dir_sweep(void);
void wan_dir_set_ready(void);

#endif
