/* Sealing of secrets for Redis: AES-256-GCM with a ring of named keys.
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Text form: <keyid>:<base64(nonce[12] | tag[16] | ciphertext)>. The associated
 * data names the place the secret belongs to ("wa:number:<digits>:password"), so
 * that a value copied to another number does not open there.
 *
 *     wa_seal_ring_t ring;
 *     char err[160], text[WA_SEAL_TEXT_SIZE], aad[WA_SEAL_AAD_SIZE];
 *
 *     if(wa_seal_ring_load(&ring, "/run/credentials/.../seal.key", err,
 *                sizeof(err)) < 0)
 *         fprintf(stderr, "%s\n", err);
 *     wa_seal_aad(WA_SV("15550001111"), WA_SV("password"), aad, sizeof(aad));
 *     wa_seal(&ring, WA_SV("made up"), wa_sv_from(aad), text, sizeof(text));
 *
 * Reading a ring touches no OpenSSL function; sealing and opening do, and must
 * not run before Kamailio has forked.
 */
#ifndef WA_SEAL_H
#define WA_SEAL_H

#include <stdint.h>

#include "wa_number.h"
#include "wa_sv.h"

#define WA_SEAL_KEYS_MAX 16
#define WA_SEAL_ID_SIZE 17 /* key id: 1 to 16 of [A-Za-z0-9._-] */
#define WA_SEAL_KEY_LEN 32
#define WA_SEAL_NONCE_LEN 12
#define WA_SEAL_TAG_LEN 16
#define WA_SEAL_HEAD_LEN (WA_SEAL_NONCE_LEN + WA_SEAL_TAG_LEN)
#define WA_SEAL_TEXT_SIZE 256 /* id, colon, base64 of 28 + 128 bytes, NUL */
#define WA_SEAL_AAD_SIZE 96

typedef struct wa_seal_key
{
	char id[WA_SEAL_ID_SIZE];
	uint8_t key[WA_SEAL_KEY_LEN];
} wa_seal_key_t;

typedef struct wa_seal_ring
{
	wa_seal_key_t keys[WA_SEAL_KEYS_MAX]; /* keys[0] seals, all open */
	size_t n;
} wa_seal_ring_t;

/** Reads a key file: one "keyid base64" per line, '#' comments, the first key
 * is the current one. Refused: a file that cannot be read, is no regular file,
 * is open to "others", or has a malformed, short, long or doubled key.
 * Returns 0 or a wa_err; then `ring` is empty and `err` says what is wrong with
 * file and line, never with content. */
int wa_seal_ring_load(
		wa_seal_ring_t *ring, const char *path, char *err, size_t errsize);

/** The same for text in memory. On failure `*line` (from 1; 0 = the whole
 * file) and `*why` say where and what. */
int wa_seal_ring_parse(
		wa_seal_ring_t *ring, wa_sv_t text, unsigned *line, const char **why);

/** Overwrites the keys. */
void wa_seal_ring_wipe(wa_seal_ring_t *ring);

/** Writes the associated data of one field of one number, with a NUL.
 * Returns 0 or WA_ETOOLONG. */
int wa_seal_aad(wa_sv_t digits, wa_sv_t field, char *out, size_t size);

/** The same for a field of the trunk `name`. */
int wa_seal_trunk_aad(wa_sv_t name, wa_sv_t field, char *out, size_t size);

/** Seals `plain` (at most WA_PASSWORD_SIZE - 1 bytes) with the current key.
 * Returns 0, WA_EKEY (empty ring), WA_ETOOLONG or WA_ENOMEM. */
int wa_seal(const wa_seal_ring_t *ring, wa_sv_t plain, wa_sv_t aad, char *out,
		size_t size);

/** Opens `sealed`. `out` is the caller's to wipe; it is empty on failure.
 * Returns 0, WA_EPARSE, WA_ETOOLONG, WA_EKEY (unknown key id), WA_EAUTH (not
 * sealed with this key, or for another place) or WA_ENOMEM. */
int wa_seal_open(const wa_seal_ring_t *ring, wa_sv_t sealed, wa_sv_t aad,
		wa_secret_t *out);

/* For what is larger than a secret: a file in chunks. */

/** A key for one use of the key `id`: HMAC-SHA-256 over `salt`. The caller's to
 * wipe. Returns 0, WA_EKEY (unknown id) or WA_ENOMEM. */
int wa_seal_derive(const wa_seal_ring_t *ring, wa_sv_t id, wa_sv_t salt,
		uint8_t out[WA_SEAL_KEY_LEN]);

/** Encrypts to `blob`: a nonce that the caller has put there and never uses
 * again with this key, the tag, and plain.len bytes. Returns 0 or WA_ENOMEM. */
int wa_seal_encrypt(
		const uint8_t *key, wa_sv_t plain, wa_sv_t aad, uint8_t *blob);

/** Decrypts a blob of `len` bytes, at least WA_SEAL_HEAD_LEN, to `out`, which has
 * room for len - WA_SEAL_HEAD_LEN. Returns 0, WA_EAUTH or WA_ENOMEM. */
int wa_seal_decrypt(const uint8_t *key, wa_sv_t aad, uint8_t *blob, size_t len,
		uint8_t *out);

/** Whether `sealed` names the current key. */
bool wa_seal_is_current(const wa_seal_ring_t *ring, wa_sv_t sealed);

#endif
