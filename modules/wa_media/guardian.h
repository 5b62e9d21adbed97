/* The guardian process: what SIP workers tell it, and what it shows.
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef WA_MEDIA_GUARDIAN_H
#define WA_MEDIA_GUARDIAN_H

#include "../ksr_compat.h"

#include "../lib/wa_guard.h"


/** Before the fork: the queue and the shared memory. Returns 0 or -1. */
int guardian_prepare(const wa_guard_cfg_t *cfg);
void guardian_destroy(void);

/** The process itself; does not return. */
void guardian_loop(const wa_guard_cfg_t *cfg) __attribute__((noreturn));

/** From any process: hands a job (its texts are copied) to the guardian and
 * returns at once. Returns 0, WA_EBUSY (queue full, counted), WA_ENOMEM (no
 * shared memory, counted) or WA_ETOOLONG. */
int guardian_push(const wa_guard_job_t *job);

/** False: a job of this call is on its way to the guardian, or an offer of the
 * guardian's to rtpengine is; a delete from here might overtake it. (Rarely,
 * another call's: places are shared.) */
bool guardian_settled(wa_sv_t callid);

/* Seconds without a packet from one side of a call, after which the call is over;
 * 0: never. */
extern int guardian_silence;

/** How often that was so. */
uint64_t guardian_silent(void);

/** Counters, in shared memory; read without a lock. */
const wa_guard_stats_t *guardian_stats(void);
uint64_t guardian_drops(void);

/** Copies what is shown of slot `i`. Returns false past the last slot. */
bool guardian_view(unsigned i, wa_guard_view_t *out);

#endif
