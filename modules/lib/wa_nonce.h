/* Nonces that any node of a cluster can judge without having issued them.
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 *     nonce  = hex( issued[4] | random[8] | mac[16] )
 *     opaque = hex( the next 8 bytes of the mac )
 *     mac    = HMAC-SHA256(own, issued | random | realm)
 *     own    = HMAC-SHA256(key, "wa-nonce key")
 *
 * The nodes share the key file (wa_seal.h has its form; it may be the one that
 * seals, since what signs is derived). The first key signs, all verify: a key is changed by
 * putting the new one second on every node, then first, then removing the old.
 *
 * A nonce says when it was issued and that we did; that it is used once per nc
 * is for wa_replay.h.
 */
#ifndef WA_NONCE_H
#define WA_NONCE_H

#include <stdint.h>
#include <time.h>

#include "wa_seal.h"
#include "wa_sv.h"

#define WA_NONCE_SIZE 57
#define WA_NONCE_OPAQUE_SIZE 17
#define WA_NONCE_RANDOM_LEN 8

/* How far the clocks of two nodes may be apart, in seconds. */
#define WA_NONCE_SKEW 30

typedef struct wa_nonce
{
	char nonce[WA_NONCE_SIZE];
	char opaque[WA_NONCE_OPAQUE_SIZE];
} wa_nonce_t;

/* What tells one nonce from another. */
typedef struct wa_nonce_id
{
	uint32_t issued; /* seconds since 1970 */
	uint8_t random[WA_NONCE_RANDOM_LEN];
} wa_nonce_id_t;

/** Issues a nonce for `realm`. Uses OpenSSL: not before the fork.
 * Returns 0, WA_EKEY (no key) or WA_EIO (no random bytes, no HMAC). */
int wa_nonce_issue(const wa_seal_ring_t *keys, wa_sv_t realm, time_t now,
		wa_nonce_t *out);

/** Judges a nonce that came back with `opaque` (opaque.s NULL: without one).
 * Returns 0; WA_ESTALE: ours, but issued more than `lifetime` seconds ago or
 * further in the future than clocks may be apart; WA_EAUTH: not ours, or for
 * another realm, or the opaque belongs to another nonce. `id` is set with 0
 * and WA_ESTALE. */
int wa_nonce_check(const wa_seal_ring_t *keys, wa_sv_t realm, wa_sv_t nonce,
		wa_sv_t opaque, time_t now, unsigned lifetime, wa_nonce_id_t *id);

#endif
