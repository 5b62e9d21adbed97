/* Sealed tokens: state of a call that travels in the call itself.
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * What a later request of a dialog needs stands sealed in a URI that the far end
 * must send back (RFC 3261 12.2.1.1), so that any node with the same key file,
 * or this one after a crash, can go on with the call, and nobody else can read or
 * change it.
 *
 * Text form: <keyid>.<base64url(nonce[12] | tag[16] | ciphertext)>, AES-256-GCM
 * with a key derived from the ring's, so that a token and a sealed password
 * never share one. Only unreserved characters (RFC 3261 25.1): it can be the user
 * part of a URI or the value of a URI parameter.
 *
 * Not before Kamailio has forked: these functions use OpenSSL.
 */
#ifndef WA_TOKEN_H
#define WA_TOKEN_H

#include "wa_seal.h"
#include "wa_sv.h"

#define WA_TOKEN_PLAIN_MAX 768
#define WA_TOKEN_SIZE 1088 /* id, dot, base64url of 28 + 768 bytes, NUL */
#define WA_TOKEN_MASK_SIZE 17

/** Seals `plain` with the ring's current key. `what` names the use ("rr",
 * "contact"): a token opens for the same use only.
 * Returns 0, WA_EKEY (empty ring), WA_ETOOLONG, WA_ENOMEM or WA_EIO (no random
 * bytes). */
int wa_token_seal(const wa_seal_ring_t *ring, wa_sv_t what, wa_sv_t plain,
		char *out, size_t size);

/** Opens a token into `out` with a NUL.
 * Returns 0, WA_EPARSE, WA_ETOOLONG, WA_EKEY (unknown key id), WA_EAUTH (not
 * ours, changed, or made for another use) or WA_ENOMEM; `out` is then "". */
int wa_token_open(const wa_seal_ring_t *ring, wa_sv_t what, wa_sv_t token,
		char *out, size_t size);

/** A name for `text` that is always the same and tells nothing of it: the first
 * 96 bits of an HMAC-SHA-256 under the current key, as 16 characters of base64url.
 * Returns 0, WA_EKEY or WA_ENOMEM. */
int wa_token_mask(const wa_seal_ring_t *ring, wa_sv_t text,
		char out[WA_TOKEN_MASK_SIZE]);

/** Whether `mask` is the name of `text` under any key of the ring: one that was made
 * before a new key came first still counts. Returns 1, 0 or WA_ENOMEM. */
int wa_token_is_mask(const wa_seal_ring_t *ring, wa_sv_t text, wa_sv_t mask);

#endif
