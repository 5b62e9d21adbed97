/* From Redis into the directory. The directory process only.
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef WA_NUMBERS_LOAD_H
#define WA_NUMBERS_LOAD_H

#include "../lib/wa_record.h"
#include "redis_link.h"

#define WAN_REDIS_KEY_SIZE 96 /* prefix and a trunk name */

typedef struct wan_key
{
	enum wa_record_kind kind;
	wa_sv_t key; /* digits or name */
} wan_key_t;

/* A full load in steps, so that changes and jobs are served meanwhile. */
typedef struct wan_load
{
	char cursor[24]; /* of SCAN */
	size_t numbers;	 /* found so far */
	size_t trunks;
} wan_load_t;

/** The Redis key of a record. The result is a view of `buf`. */
wa_sv_t wan_redis_key(const wan_key_t *k, char *buf, size_t size);

/** "number", "trunk" or "wanted". */
const char *wan_kind_name(enum wa_record_kind kind);

/** Whether a record can have this key. */
bool wan_key_is_valid(const wan_key_t *k);

/** Reads one hash reply into `pairs` (views of the reply). Returns how many. */
size_t wan_reply_pairs(const redisReply *r, wa_pair_t *pairs, size_t max);

/** Brings one record of the directory up to what a reply of HGETALL says. */
void wan_apply(const wan_key_t *k, const redisReply *r);

/** Reads these records anew, pipelined. Returns 0 or WA_EIO. */
int wan_fetch(wan_link_t *l, const wan_key_t *keys, size_t n);

void wan_load_begin(wan_load_t *load);
/** One step. Returns 1 when all was read, 0 when there is more, or WA_EIO. */
int wan_load_step(wan_load_t *load, wan_link_t *l);

#endif
