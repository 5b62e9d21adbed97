/* Nonces that the far end gave us, to be used again ahead of its challenge.
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * One challenge per number, the last one that was answered, and how often its
 * nonce was used (RFC 7616 3.4: nc). The table lies in memory the caller gives,
 * under the caller's lock, and never grows: where it is too small, the number
 * that was used longest ago is forgotten.
 *
 * Whoever refuses a nonce at its very first re-use, several times in a row,
 * does not take them again: then nothing is sent ahead for that number for a
 * while.
 */
#ifndef WA_GIVEN_H
#define WA_GIVEN_H

#include <stddef.h>
#include <stdint.h>
#include <time.h>

#include "wa_auth_header.h"
#include "wa_sv.h"

#define WA_GIVEN_TEXT_SIZE 384 /* a longer challenge is not kept */
#define WA_GIVEN_STREAK 3	   /* refusals in a row until nothing is sent ahead */

typedef struct wa_given wa_given_t;

/* How long what holds, in seconds. */
typedef struct wa_given_times
{
	unsigned keep;	/* a nonce, from the challenge on */
	unsigned pause; /* nothing is sent ahead after WA_GIVEN_STREAK refusals */
} wa_given_times_t;

/* A nonce for one more use. `ch` points into `text`. */
typedef struct wa_given_nonce
{
	char text[WA_GIVEN_TEXT_SIZE];
	wa_challenge_t ch;
	bool proxy; /* it came with 407, not 401 */
	uint32_t nc;
} wa_given_nonce_t;

/** Bytes needed for at least `numbers`; 0 if that is out of range (1 to
 * 1048576). */
size_t wa_given_size(unsigned numbers);

/** Makes an empty table in `block`, aligned as malloc() does it. */
wa_given_t *wa_given_init(
		void *block, unsigned numbers, const wa_given_times_t *times);

/** Enters the challenge that is being answered for `number`, in place of the
 * one before. Returns the nonce count to answer it with: 1, or more if it is
 * the nonce that is kept already; 1 too when it is of a kind that is not kept
 * (without qop=auth, a -sess algorithm, too long). */
uint32_t wa_given_put(wa_given_t *t, wa_sv_t number, const wa_challenge_t *ch,
		bool proxy, time_t now);

/** One more use of the nonce kept for `number`. Returns 0, WA_ENOENT (none
 * that is young enough), or WA_EBUSY (not now: refused too often). */
int wa_given_take(
		wa_given_t *t, wa_sv_t number, time_t now, wa_given_nonce_t *out);

/** What was sent ahead with `nonce` and count `nc` was refused. */
void wa_given_refused(
		wa_given_t *t, wa_sv_t number, wa_sv_t nonce, uint32_t nc, time_t now);

/** What was sent ahead with `nonce` was taken. */
void wa_given_taken(wa_given_t *t, wa_sv_t number, wa_sv_t nonce);

#endif
