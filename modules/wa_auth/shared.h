/* What the processes share: nonce keys, used nonces, wrong answers.
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * One block of shared memory and one lock; under the lock memory is read and
 * written, nothing else.
 */
#ifndef WA_AUTH_SHARED_H
#define WA_AUTH_SHARED_H

#include "../ksr_compat.h"

#include "../lib/wa_given.h"
#include "../lib/wa_nonce.h"
#include "../lib/wa_proven.h"
#include "../lib/wa_replay.h"

typedef struct shared_sizes
{
	unsigned nonces;   /* in the replay table */
	unsigned lifetime; /* of a nonce, seconds */
	unsigned sources;  /* in the table of wrong answers */
	unsigned window;   /* of wrong answers, seconds */
	unsigned given;	   /* numbers whose last nonce is kept */
	wa_given_times_t given_times;
} shared_sizes_t;

/** Allocates and fills the block; in mod_init, without OpenSSL. `key_file` ""
 * makes a random key that no other node knows. Returns 0 or -1. */
int shared_init(const char *key_file, const shared_sizes_t *sizes);

/** Wipes the keys and frees the block. */
void shared_destroy(void);

/** Reads the key file again; on failure the keys in use stay, and `err` says
 * why. Returns 0 or a wa_err; WA_ENOENT when there is no key file. */
int shared_reload(char *err, size_t size);

/** Copies the nonce keys; the caller wipes its copy. */
void shared_keys(wa_seal_ring_t *out);

/** wa_replay_use() and wa_replay_stats() under the lock. */
int shared_use(const wa_nonce_id_t *id, uint32_t nc, time_t now);
void shared_replay_stats(time_t now, wa_replay_stats_t *out);

/** wa_given.h under the lock. */
uint32_t shared_given_put(
		wa_sv_t number, const wa_challenge_t *ch, bool proxy, time_t now);
int shared_given_take(wa_sv_t number, time_t now, wa_given_nonce_t *out);
void shared_given_refused(
		wa_sv_t number, wa_sv_t nonce, uint32_t nc, time_t now);
void shared_given_taken(wa_sv_t number, wa_sv_t nonce);

/** wa_proven.h under the lock. */
void shared_prove(wa_sv_t number, enum wa_proof_of of, bool right, int64_t ms);
void shared_proven(wa_sv_t number, wa_proven_t *out);

/** Counts a wrong answer of `source` for `number`; returns the sum within the
 * window. */
unsigned shared_wrong(wa_sv_t source, wa_sv_t number, time_t now);

/** The sum of wrong answers within the window. */
unsigned shared_wrongs(wa_sv_t source, wa_sv_t number, time_t now);

/** Forgets the wrong answers of `source` for `number`. */
void shared_right(wa_sv_t source, wa_sv_t number);

#endif
