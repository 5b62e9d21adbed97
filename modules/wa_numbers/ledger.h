/* Leases on numbers, and the stream that tells who changed what.
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * A lease is the key wa:lease:<digits> with its owner as value and a time to
 * live: one node at a time works on a number at Meta, and a node that died leaves
 * it to the others after that time. Redis' clock decides.
 *
 * The audit stream is wa:audit, capped; its entries are lists of names and
 * values.
 */
#ifndef WA_NUMBERS_LEDGER_H
#define WA_NUMBERS_LEDGER_H

#include "../ksr_compat.h"

#include "job.h"
#include "redis_link.h"

#define WAN_AUDIT "wa:audit"
#define WAN_AUDIT_CAP "100000"
#define WAN_PAIR_LEASE "lease" /* of a job: only while this owner has the lease */

/** mod_init only. Returns 0 or -1. */
int wan_ledger_init(void);
void wan_ledger_destroy(void);

/** The Redis key of a lease. The result is a view of `buf`. */
wa_sv_t wan_lease_key(wa_sv_t digits, char *buf, size_t size);

/** Whether wan_ledger_job() carries this job out. */
bool wan_is_ledger_job(const wan_job_view_t *job);

/** Carries one out and sets its result. Returns as wan_write(). The directory
 * process only. */
int wan_ledger_job(wan_link_t *l, const wan_job_view_t *job);

/** The page that job `id` has read, as long as no other has been read since:
 * entries one after the other, each its id and its pairs, `n` of them.
 * Calls `cb` with copies. Returns 0, WA_ENOENT, or cb's value. Any process. */
int wan_audit_page(uint32_t id, char next[48],
		int (*cb)(wa_sv_t entry, const wa_pair_t *pairs, size_t n, void *arg),
		void *arg);

#endif
