/* Which nonce counts of which nonce were used (RFC 7616 3.4: nc).
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * A table in memory the caller gives, so that it may lie in shared memory; the
 * caller locks around wa_replay_use(). The table never grows. Where it is too
 * small for the nonces alive, the oldest is forgotten, and from then on what is
 * as old and unknown counts as stale instead of fresh: a flood costs a second
 * challenge, never a replay.
 *
 * A clock that is put back leaves nonces of a time to come: they keep no place,
 * or nothing would be fresh until that time.
 *
 * Only answers that are right are entered, so whoever has no password cannot
 * fill the table. It is one node's: a nonce used up on one node can be used
 * once more on each other node while it lives.
 */
#ifndef WA_REPLAY_H
#define WA_REPLAY_H

#include <stddef.h>
#include <stdint.h>
#include <time.h>

#include "wa_nonce.h"

typedef struct wa_replay wa_replay_t;

typedef struct wa_replay_stats
{
	unsigned capacity;
	unsigned used;
	uint64_t evicted; /* forgotten while alive: make the table larger */
} wa_replay_stats_t;

/** Bytes needed for at least `entries` nonces; 0 if that is out of range
 * (1 to 16777216). */
size_t wa_replay_size(unsigned entries);

/** Makes an empty table in `block`, which is aligned as malloc() does it and
 * of wa_replay_size(entries) bytes. `lifetime` is that of the nonces in
 * seconds. It owns nothing else: free the block to be rid of it. */
wa_replay_t *wa_replay_init(void *block, unsigned entries, unsigned lifetime);

/** Enters the use of count `nc` of a nonce. Counts may come out of order within
 * 64 of the highest seen.
 * Returns 0; WA_EREPLAY: used before, or too far behind; WA_ESTALE: unknown
 * and too old to be sure (see above). Not reentrant: call it under a lock. */
int wa_replay_use(
		wa_replay_t *t, const wa_nonce_id_t *id, uint32_t nc, time_t now);

/** Counts; under the same lock. */
void wa_replay_stats(const wa_replay_t *t, time_t now, wa_replay_stats_t *out);

#endif
