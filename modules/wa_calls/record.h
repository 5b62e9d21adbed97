/* Records of calls that are over, and the journal of those that are not.
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The writer process only. What the disk does not take waits in memory.
 */
#ifndef WA_CALLS_RECORD_H
#define WA_CALLS_RECORD_H

#include "../ksr_compat.h"

#include "../lib/wa_call.h"

typedef struct record_conf
{
	char *cdr_file;		/* "" = none */
	char *journal_file; /* "" = none: a crash loses the records of its calls */
	int buffer;			/* MB that may wait for the disk */
	int syslog;			/* 1: a line each in Kamailio's log too */
	int mask;			/* 1: numbers are masked */
	int redis;			/* 1: to the stream wa:cdr, through wa_numbers */
	int redis_max;		/* entries that the stream keeps, about */
} record_conf_t;

/** Once, in the process. */
void record_init(const record_conf_t *conf);

/** A call goes on: the journal remembers it. */
void record_open(const wa_call_t *c);

/** A call is over: its record, and the journal forgets it when that is written. */
void record_close(const wa_call_t *c);

/** Writes what waits. Returns true when something still does. */
bool record_flush(void);

/** Opens the files anew: they were rotated. */
void record_reopen(void);

/** Hands each call that the journal has and that has no record yet to `cb`, and
 * begins a new journal; before that, those whose records were written last to
 * `over` (Call-ID and direction). Once, before anything else is written. */
void record_recover(void (*cb)(wa_call_t *c), void (*over)(const wa_call_t *c));

#endif
