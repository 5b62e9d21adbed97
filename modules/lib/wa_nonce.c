/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "wa_nonce.h"

#include <string.h>

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>

#include "wa_buf.h"
#include "wa_err.h"
#include "wa_random.h"

#define LABEL "wa-nonce key"
#define KEY_LEN 32
#define REALM_MAX 256
#define MAC_LEN 16
#define OPAQUE_LEN 8
#define ID_LEN (4 + WA_NONCE_RANDOM_LEN)

static int hmac(const uint8_t *key, size_t key_len, const uint8_t *text,
		size_t len, uint8_t out[EVP_MAX_MD_SIZE])
{
	unsigned n = 0;

	if(HMAC(EVP_sha256(), key, (int)key_len, text, len, out, &n) == NULL)
		return WA_EIO;
	return 0;
}

/* Over id and realm; the realm comes last, so that no two inputs read the same.
 * The key is derived: whoever uses the ring for something else never computes
 * with it. */
static int sign(const wa_seal_key_t *key, wa_sv_t realm,
		const wa_nonce_id_t *id, uint8_t mac[EVP_MAX_MD_SIZE])
{
	uint8_t own[EVP_MAX_MD_SIZE], text[ID_LEN + REALM_MAX];
	uint8_t *p = text;
	int err;

	if(realm.len > REALM_MAX)
		return WA_ETOOLONG;
	for(int shift = 24; shift >= 0; shift -= 8)
		*p++ = (uint8_t)(id->issued >> shift);
	memcpy(p, id->random, WA_NONCE_RANDOM_LEN);
	p += WA_NONCE_RANDOM_LEN;
	if(realm.len > 0)
		memcpy(p, realm.s, realm.len);
	p += realm.len;
	err = hmac(key->key, WA_SEAL_KEY_LEN, (const uint8_t *)LABEL,
			sizeof(LABEL) - 1, own);
	if(err == 0)
		err = hmac(own, KEY_LEN, text, (size_t)(p - text), mac);
	OPENSSL_cleanse(own, sizeof(own));
	return err;
}

static void put_hex(wa_buf_t *b, const uint8_t *bytes, size_t n)
{
	for(size_t i = 0; i < n; i++)
		wa_buf_hex(b, bytes[i], 2);
}

static void write_nonce(
		const wa_nonce_id_t *id, const uint8_t *mac, wa_nonce_t *out)
{
	wa_buf_t n = wa_buf_on(out->nonce, sizeof(out->nonce) - 1);
	wa_buf_t o = wa_buf_on(out->opaque, sizeof(out->opaque) - 1);

	wa_buf_hex(&n, id->issued, 8);
	put_hex(&n, id->random, WA_NONCE_RANDOM_LEN);
	put_hex(&n, mac, MAC_LEN);
	put_hex(&o, mac + MAC_LEN, OPAQUE_LEN);
	out->nonce[n.len] = '\0';
	out->opaque[o.len] = '\0';
}

int wa_nonce_issue(const wa_seal_ring_t *keys, wa_sv_t realm, time_t now,
		wa_nonce_t *out)
{
	uint8_t mac[EVP_MAX_MD_SIZE];
	wa_nonce_id_t id = {.issued = (uint32_t)now};
	int err;

	*out = (wa_nonce_t){0};
	if(keys->n == 0)
		return WA_EKEY;
	if(wa_random(id.random, sizeof(id.random)) < 0)
		return WA_EIO;
	err = sign(&keys->keys[0], realm, &id, mac);
	if(err < 0)
		return err;
	write_nonce(&id, mac, out);
	return 0;
}

/* Only the digits we write ourselves: a nonce has one spelling. */
static int read_byte(const char *hex, uint8_t *out)
{
	unsigned n = 0;

	for(int i = 0; i < 2; i++) {
		char c = hex[i];

		if(c >= '0' && c <= '9')
			n = n << 4 | (unsigned)(c - '0');
		else if(c >= 'a' && c <= 'f')
			n = n << 4 | (unsigned)(c - 'a' + 10);
		else
			return WA_EPARSE;
	}
	*out = (uint8_t)n;
	return 0;
}

static int read_id(wa_sv_t nonce, wa_nonce_id_t *id)
{
	uint8_t raw[ID_LEN];

	if(nonce.len != WA_NONCE_SIZE - 1)
		return WA_EPARSE;
	for(size_t i = 0; i < sizeof(raw); i++)
		if(read_byte(nonce.s + 2 * i, &raw[i]) < 0)
			return WA_EPARSE;
	id->issued = (uint32_t)raw[0] << 24 | (uint32_t)raw[1] << 16
				 | (uint32_t)raw[2] << 8 | raw[3];
	memcpy(id->random, raw + 4, WA_NONCE_RANDOM_LEN);
	return 0;
}

static bool same(const char *expected, wa_sv_t given)
{
	return given.len == strlen(expected)
		   && CRYPTO_memcmp(expected, given.s, given.len) == 0;
}

/* Signs anew and compares the texts: what we would have written. */
static bool is_ours(const wa_seal_ring_t *keys, wa_sv_t realm,
		const wa_nonce_id_t *id, wa_sv_t nonce, wa_sv_t opaque)
{
	for(size_t i = 0; i < keys->n; i++) {
		uint8_t mac[EVP_MAX_MD_SIZE];
		wa_nonce_t ours;

		if(sign(&keys->keys[i], realm, id, mac) < 0)
			continue;
		write_nonce(id, mac, &ours);
		if(same(ours.nonce, nonce))
			return opaque.s == NULL || same(ours.opaque, opaque);
	}
	return false;
}

int wa_nonce_check(const wa_seal_ring_t *keys, wa_sv_t realm, wa_sv_t nonce,
		wa_sv_t opaque, time_t now, unsigned lifetime, wa_nonce_id_t *id)
{
	int64_t age;

	*id = (wa_nonce_id_t){0};
	if(read_id(nonce, id) < 0 || !is_ours(keys, realm, id, nonce, opaque)) {
		*id = (wa_nonce_id_t){0};
		return WA_EAUTH;
	}
	age = (int64_t)now - (int64_t)id->issued;
	return age > (int64_t)lifetime || age < -WA_NONCE_SKEW ? WA_ESTALE : 0;
}
