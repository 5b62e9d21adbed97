/* Jobs for the directory process: changes of one record, through a pipe.
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * A job is at most PIPE_BUF bytes, so that a write to the pipe is atomic; both
 * ends are non-blocking, and a full pipe is the sender's to see (WA_EBUSY). A
 * datagram socket would queue ten messages only.
 */
#ifndef WA_NUMBERS_JOB_H
#define WA_NUMBERS_JOB_H

#include <limits.h>

#include "../ksr_compat.h"

#include "../lib/wa_record.h"

enum wan_op
{
	WAN_OP_SET = 1, /* an operator's: makes the record if there is none */
	WAN_OP_SEEN,	/* what a settings read brought: for a known number only */
	WAN_OP_REMOVE,
	WAN_OP_RELOAD, /* key "force": even if Redis holds nothing */
	WAN_OP_RESEAL, /* its password, under the current key */
	WAN_OP_RESEAL_ALL, /* begin to, after reading the key file */
	WAN_OP_KEYS,	   /* read the key file */
	WAN_OP_CDR,		   /* key: entries to keep; pair "cdr": the record */
	WAN_OP_TELL,	   /* nodes.h: pairs node, run, age, at, text */
	WAN_OP_LEASE,	   /* ledger.h: pairs owner, ms */
	WAN_OP_RELEASE,	   /* owner */
	WAN_OP_AUDIT,	   /* a line of the audit stream */
	WAN_OP_AUDIT_READ  /* a page of it */
};

#define WAN_JOB_VALUE_MAX 3700 /* a document; what else is in the job is short */

/* A job on its way into the pipe. May hold a password: wan_job_send() wipes. */
typedef struct wan_job
{
	size_t len;
	uint8_t buf[PIPE_BUF];
} wan_job_t;

/* A job out of the pipe: views into the queue's buffer, until the next one is
 * taken. */
typedef struct wan_job_view
{
	enum wan_op op;
	enum wa_record_kind kind;
	uint32_t id; /* of its result, 0 = nobody waits */
	wa_sv_t key;
	size_t n;
	wa_pair_t pairs[WA_RECORD_FIELDS_MAX];
} wan_job_view_t;

/** Makes the pipe. mod_init only. Returns 0 or -1. */
int wan_job_init(void);

void wan_job_begin(wan_job_t *j, enum wan_op op, enum wa_record_kind kind,
		uint32_t id, wa_sv_t key);
/** Returns 0 or WA_ETOOLONG; then the job must not be sent. */
int wan_job_add(wan_job_t *j, wa_sv_t name, wa_sv_t value);
/** Returns 0 or WA_EBUSY, counted. Wipes the job. Any process. */
int wan_job_send(wan_job_t *j);

/* The directory process. */

/** The end to poll() for reading. */
int wan_job_fd(void);
/** Takes the next job. False: none is waiting. */
bool wan_job_take(wan_job_view_t *out);
/** Wipes the job last taken. */
void wan_job_done(void);

#endif
