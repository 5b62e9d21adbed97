/* The messages of recent calls, a line each, in memory that processes share.
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * A ring: the oldest message gives way. Without a lock: whoever writes takes a
 * place by an atomic counter, whoever reads leaves out what is being written. Call-IDs
 * are kept as keyed hashes, so nobody chooses two that collide.
 */
#ifndef WA_LADDER_H
#define WA_LADDER_H

#include "wa_glance.h"

typedef struct wa_ladder wa_ladder_t;

typedef struct wa_step
{
	int64_t at; /* us since 1970 */
	char what[WA_GLANCE_WHAT];
	char method[WA_GLANCE_METHOD];
	char far[56]; /* address and port at the other end */
	uint32_t cseq;
	bool meta; /* on Meta's side; else on the PBX's */
	bool sent; /* by us; else received */
	bool sdp, credentials;
} wa_step_t;

/** Octets for a ring of `max` messages; 0 if that is out of range (64 to 4M). */
size_t wa_ladder_size(unsigned max);

/** An empty ring in `block`, aligned as malloc() does it. */
wa_ladder_t *wa_ladder_init(void *block, unsigned max, uint64_t seed);

/** Any process. */
void wa_ladder_put(wa_ladder_t *l, wa_sv_t call_id, const wa_step_t *step);

/** The messages with one of `n` Call-IDs, in the order of their time, the first
 * `max` of them. Returns how many were put into `out`. Any process. */
size_t wa_ladder_find(const wa_ladder_t *l, const wa_sv_t *call_ids, size_t n,
		wa_step_t *out, size_t max);

/** Messages put so far. */
uint64_t wa_ladder_count(const wa_ladder_t *l);

#endif
