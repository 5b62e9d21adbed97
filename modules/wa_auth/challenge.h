/* A 401 or 407 as text: its challenge, and the header that answers it.
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Nothing here knows of transactions: requests that pass through (answer.c) and
 * those of our own (own.c) are answered alike.
 */
#ifndef WA_AUTH_CHALLENGE_H
#define WA_AUTH_CHALLENGE_H

#include "account.h"

#define CHALLENGE_HEADER_SIZE 4096

/** The challenge in `reply` that is answered with `password`; of `realm`, "" = of
 * any. Views into `reply`. NULL: none, and `*why` is a constant text that says what stood in the
 * way. */
const wa_challenge_t *challenge_find(wa_sv_t reply, int code, wa_sv_t realm,
		wa_sv_t password, wa_challenges_t *list, const char **why);

/** Name of the header that answers a 401 or a 407. */
wa_sv_t challenge_answered_by(int code);

/** Nonce count of the answer to `ch`: Meta's nonces may be used again, a
 * gateway's are answered once. */
uint32_t challenge_count(enum account_kind kind, const account_t *a,
		const wa_challenge_t *ch, int code);

/** Writes the header line `name` with the answer to `ch`, its CR LF, and a NUL.
 * Returns its length or an error of wa_digest_answer(). */
int challenge_write(wa_sv_t name, const wa_challenge_t *ch,
		const wa_digest_user_t *user, char out[CHALLENGE_HEADER_SIZE]);

#endif
