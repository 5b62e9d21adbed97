/* The directory in shared memory that every process reads.
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * A hash table of packed records without locks. Only the directory process
 * writes: a record is replaced by swinging one pointer, and freed when no process
 * is reading any more that may have seen it. Readers never wait, neither for the
 * writer nor for each other.
 */
#ifndef WA_NUMBERS_DIRECTORY_H
#define WA_NUMBERS_DIRECTORY_H

#include "../ksr_compat.h"

#include "../lib/wa_number.h"
#include "../lib/wa_record.h"
#include "../lib/wa_sv.h"

/** Allocates the tables, with 2^bits buckets for numbers. mod_init only. */
int wan_dir_init(unsigned bits);
/** Allocates what depends on the number of processes: child_init(PROC_INIT). */
int wan_dir_prefork(void);
void wan_dir_destroy(void);

/* Readers: any process. */

/** Whether the first load is complete. */
bool wan_dir_ready(void);

/** 0, WA_ENOENT or WA_ENOTREADY. `sealed` (may be NULL, else
 * WA_SEAL_TEXT_SIZE bytes) gets the sealed password with a NUL, "" = none. */
int wan_dir_get(wa_sv_t digits, wa_number_t *out, char *sealed);

/** Remembers that the sealed password of this record does not open. True for
 * the first call only, until the record changes: log it then. */
bool wan_dir_refuse(enum wa_record_kind kind, wa_sv_t key);

/** As wa_numbers_api_t. */
int wan_dir_trunk(wa_sv_t name, wa_trunk_t *out);
int wan_dir_trunk_by_group(wa_sv_t tgrp, wa_sv_t context, wa_trunk_t *out);

/** Calls `cb` with copies in the order of their hashes, beginning at the hash
 * `*cursor`, until it returns non-zero or `limit` records were shown (more only
 * if they have the same hash). `*cursor` is then the hash to go on with, 0 after
 * the last: changes meanwhile neither lose nor double a record that stays.
 * Returns cb's value (`*cursor` is then of no use), 0, WA_ENOTREADY or
 * WA_ENOMEM. */
int wan_dir_page(uint32_t *cursor, size_t limit,
		int (*cb)(const wa_number_t *n, void *arg), void *arg);
int wan_dir_trunk_page(uint32_t *cursor, size_t limit,
		int (*cb)(const wa_trunk_t *t, void *arg), void *arg);

/** The same for records as they are kept: a packed number, or the bytes of a
 * wa_trunk_t (not aligned). Works before the first load, too. */
int wan_dir_walk(enum wa_record_kind kind, uint32_t *cursor, size_t limit,
		int (*show)(const uint8_t *data, size_t len, void *arg), void *arg);

size_t wan_dir_numbers(void);
size_t wan_dir_trunks(void);
/** Bytes of shared memory that the records take, without the tables. */
size_t wan_dir_bytes(void);

/* The writer: the directory process only. */

/** Puts or replaces a record. Returns 1 = changed, 0 = was the same, or
 * WA_ENOMEM or WA_ETOOLONG (the old record stays). */
int wan_dir_put(const wa_number_t *n, wa_sv_t sealed);
int wan_dir_put_trunk(const wa_trunk_t *t);

bool wan_dir_has(wa_sv_t digits);
bool wan_dir_has_trunk(wa_sv_t name);

/** Grows with every change of a record. */
uint64_t wan_dir_changes(void);

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
