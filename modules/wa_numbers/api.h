/* C API of wa_numbers, the directory, for the other wa_* modules.
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Bind in mod_init:
 *
 *     wa_numbers_api_t wan;
 *     if(wa_numbers_load(&wan) < 0) return -1;   // wa_numbers not loaded
 *
 * The readers work in every process, do no I/O and wait for no writer: they
 * read the snapshot in shared memory. The writers put a job into the directory
 * process' queue and return at once.
 */
#ifndef WA_NUMBERS_API_H
#define WA_NUMBERS_API_H

#include "../ksr_compat.h"

#include "../lib/wa_number.h"
#include "../lib/wa_record.h"
#include "../lib/wa_sv.h"

/* What a read of Meta's settings brought; see wa_numbers_api_t.put_seen. */
typedef struct wa_seen
{
	wa_number_t number; /* digits is the key; hostname, port, srtp, codecs,
						   tgrp, context, calling/sip_enabled are stored, and
						   sync_error: "", or what is wrong with them */
	wa_secret_t password; /* len 0 = unknown: the stored one is kept */
	bool ok;			  /* false: only number.sync_error is stored */
} wa_seen_t;

#define WA_WISH_TEXT_SIZE 3700
#define WA_WISH_BY_SIZE 64

/* wa:wanted:<digits>: what is wanted of a number, and work on it that has begun.
 * "" and 0 = none. */
typedef struct wa_wish
{
	char digits[WA_DIGITS_SIZE];
	char doc[WA_WISH_TEXT_SIZE]; /* wa_wanted.h */
	char job[WA_WISH_TEXT_SIZE]; /* wa_job.h */
	char by[WA_WISH_BY_SIZE];	 /* who wanted it */
	int64_t at;					 /* since when */
	int64_t rotated;			 /* the last change of the password */
	uint64_t version;
} wa_wish_t;

/* What queue() can have done. */
enum wa_order
{
	WA_ORDER_NUMBER,  /* fields of the number, which is made if there is none */
	WA_ORDER_FLAG,	  /* fields of a number that is known */
	WA_ORDER_WANTED,  /* doc, job, by, at, rotated; "" removes one */
	WA_ORDER_LEASE,	  /* owner, ms: takes or renews the lease on the number */
	WA_ORDER_RELEASE, /* owner */
	WA_ORDER_AUDIT	  /* a line of the audit stream */
};

/* What a node tells the others. */
typedef struct wa_told
{
	wa_sv_t node;	/* its name, 63 bytes at most */
	uint64_t run;	/* of this start: no other has it */
	int64_t age;	/* ms since that start */
	int64_t at;		/* wa_clock_ms() of the teller: of use to itself only */
	wa_sv_t text;	/* 3600 bytes at most */
} wa_told_t;

/* Hears what is told, in the directory process: it must not take long. Views of
 * somebody else's buffer. */
typedef void(wa_told_h)(const wa_told_t *t);

typedef struct wa_numbers_api
{
	/** Copies the record of `digits` (no "+") to `out`.
	 * Returns 0, WA_ENOENT, or WA_ENOTREADY before the first load. */
	int (*get)(wa_sv_t digits, wa_number_t *out);

	/** Opens the sealed SIP password of `digits`.
	 * Returns 0, WA_ENOENT (no number, or it has no password), WA_EKEY or
	 * WA_EAUTH (sealed with another key, or for another number). */
	int (*password)(wa_sv_t digits, wa_secret_t *out);

	/** Copies the trunk called `name`. Returns 0, WA_ENOENT, WA_ENOTREADY. */
	int (*trunk)(wa_sv_t name, wa_trunk_t *out);

	/** Copies the trunk selected by R-URI parameters: same tgrp and, where
	 * the trunk has one, same context. Returns as trunk(). */
	int (*trunk_by_group)(wa_sv_t tgrp, wa_sv_t context, wa_trunk_t *out);

	/** Opens the sealed digest password of the trunk `name`. As password(). */
	int (*trunk_password)(wa_sv_t name, wa_secret_t *out);

	/** As each(), for trunks. */
	int (*each_trunk)(int (*cb)(const wa_trunk_t *t, void *arg), void *arg);

	/** Calls `cb` for each number until it returns non-zero; copies, so `cb`
	 * may take its time. Returns cb's value, 0, or WA_ENOTREADY. */
	int (*each)(int (*cb)(const wa_number_t *n, void *arg), void *arg);

	/** Queues what a settings read brought; the directory process seals the
	 * password and writes to Redis what has changed.
	 * Returns 0 or WA_EBUSY (queue full, counted). */
	int (*put_seen)(const wa_seen_t *seen);

	/** Queues a call's record for the stream wa:cdr, which keeps about `keep`
	 * entries. Returns 0, WA_EBUSY (Redis is away, or the queue is full: keep it
	 * and try later) or WA_ETOOLONG. */
	int (*put_cdr)(wa_sv_t json, unsigned keep);

	/** Tells all nodes that follow this Redis, this one included. Returns 0; WA_EBUSY:
	 * Redis is away, or the queue is full; or WA_ETOOLONG. It may get lost all the
	 * same: who tells hears whether it came. */
	int (*tell)(const wa_told_t *t);

	/** From now on `h` hears what nodes tell. One hearer; mod_init only. */
	void (*hear)(wa_told_h *h);

	/** Copies what is wanted of `digits`. Returns 0 or WA_ENOENT. */
	int (*wanted)(wa_sv_t digits, wa_wish_t *out);

	/** As each(), for all of which something is wanted. No SIP worker. */
	int (*each_wanted)(int (*cb)(const wa_wish_t *w, void *arg), void *arg);

	/** Queues a change in Redis. A pair "lease" is no field but a condition: that
	 * owner has the lease on the number. Orders are carried out one after the
	 * other. Returns a number for outcome(), or 0: the queue is full, or the
	 * order too long. */
	uint32_t (*queue)(enum wa_order order, wa_sv_t digits, const wa_pair_t *pairs,
			size_t n);

	/** 1 = done, 0 = not yet (Redis may be away), or WA_EIO: refused, and `why`
	 * (of WA_ERROR_SIZE or more). The last 256 are known. */
	int (*outcome)(uint32_t id, char *why, size_t size);
} wa_numbers_api_t;

typedef int (*bind_wa_numbers_f)(wa_numbers_api_t *api);

static inline int wa_numbers_load(wa_numbers_api_t *api)
{
	bind_wa_numbers_f bind =
			(bind_wa_numbers_f)(void (*)(void))find_export("bind_wa_numbers", 0, 0);

	if(bind == NULL) {
		LM_ERR("load wa_numbers.so before this module\n");
		return -1;
	}
	return bind(api);
}

#endif
