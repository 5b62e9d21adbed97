/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "wa_token.h"

#include <string.h>

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>

#include "wa_base64.h"
#include "wa_err.h"
#include "wa_random.h"

#define BLOB_SIZE (WA_SEAL_HEAD_LEN + WA_TOKEN_PLAIN_MAX)
#define MASK_LEN 12

static int hmac(const wa_seal_key_t *k, wa_sv_t text, uint8_t out[32])
{
	unsigned len = 0;

	return HMAC(EVP_sha256(), k->key, WA_SEAL_KEY_LEN,
				   (const unsigned char *)text.s, text.len, out, &len)
								   != NULL
						   && len == 32
				   ? 0
				   : WA_ENOMEM;
}

/* base64 to base64url without padding, in place. */
static size_t to_url(char *s)
{
	size_t n = 0;

	for(; s[n] != '\0' && s[n] != '='; n++)
		s[n] = s[n] == '+' ? '-' : s[n] == '/' ? '_' : s[n];
	s[n] = '\0';
	return n;
}

static int decode_url(wa_sv_t v, uint8_t *out, size_t size, size_t *len)
{
	char b64[WA_BASE64_LEN(BLOB_SIZE) + 4];
	size_t n = 0;

	if(v.len + 3 >= sizeof(b64))
		return WA_ETOOLONG;
	for(; n < v.len; n++) {
		char c = v.s[n];

		if(c == '+' || c == '/' || c == '=')
			return WA_EPARSE;
		b64[n] = c == '-' ? '+' : c == '_' ? '/' : c;
	}
	while(n % 4 != 0)
		b64[n++] = '=';
	return wa_base64_decode((wa_sv_t){b64, n}, out, size, len);
}

int wa_token_seal(const wa_seal_ring_t *ring, wa_sv_t what, wa_sv_t plain,
		char *out, size_t size)
{
	uint8_t key[32], blob[BLOB_SIZE];
	size_t id_len;
	int err;

	if(ring->n == 0)
		return WA_EKEY;
	if(plain.len > WA_TOKEN_PLAIN_MAX)
		return WA_ETOOLONG;
	err = hmac(&ring->keys[0], WA_SV("wa-token"), key);
	if(err == 0)
		err = wa_random(blob, WA_SEAL_NONCE_LEN);
	if(err == 0)
		err = wa_seal_encrypt(key, plain, what, blob);
	OPENSSL_cleanse(key, sizeof(key));
	if(err < 0)
		return err;
	id_len = strlen(ring->keys[0].id);
	if(size < id_len + 2)
		return WA_ETOOLONG;
	memcpy(out, ring->keys[0].id, id_len);
	out[id_len] = '.';
	err = wa_base64_encode(
			blob, WA_SEAL_HEAD_LEN + plain.len, out + id_len + 1, size - id_len - 1);
	if(err == 0)
		to_url(out + id_len + 1);
	return err;
}

/* Cuts the token at its last dot: key ids may have dots, base64url has none. */
static const wa_seal_key_t *find_key(const wa_seal_ring_t *ring, wa_sv_t *token)
{
	wa_sv_t id = *token;

	while(id.len > 0 && id.s[id.len - 1] != '.')
		id.len--;
	if(id.len == 0)
		return NULL;
	*token = (wa_sv_t){token->s + id.len, token->len - id.len};
	id.len--;
	for(size_t i = 0; i < ring->n; i++)
		if(wa_sv_eq(id, wa_sv_from(ring->keys[i].id)))
			return &ring->keys[i];
	return NULL;
}

int wa_token_open(const wa_seal_ring_t *ring, wa_sv_t what, wa_sv_t token,
		char *out, size_t size)
{
	const wa_seal_key_t *k = find_key(ring, &token);
	uint8_t key[32], blob[BLOB_SIZE];
	size_t len = 0;
	int err;

	out[0] = '\0';
	if(k == NULL)
		return WA_EKEY;
	err = decode_url(token, blob, sizeof(blob), &len);
	if(err < 0)
		return err;
	if(len < WA_SEAL_HEAD_LEN)
		return WA_EPARSE;
	if(len - WA_SEAL_HEAD_LEN >= size)
		return WA_ETOOLONG;
	err = hmac(k, WA_SV("wa-token"), key);
	if(err == 0)
		err = wa_seal_decrypt(key, what, blob, len, (uint8_t *)out);
	OPENSSL_cleanse(key, sizeof(key));
	out[err == 0 ? len - WA_SEAL_HEAD_LEN : 0] = '\0';
	return err;
}

static int mask_under(
		const wa_seal_key_t *k, wa_sv_t text, char out[WA_TOKEN_MASK_SIZE])
{
	uint8_t key[32], mac[32];
	wa_seal_key_t sub = {.id = ""};
	int err = hmac(k, WA_SV("wa-mask"), key);

	if(err == 0) {
		memcpy(sub.key, key, sizeof(sub.key));
		err = hmac(&sub, text, mac);
	}
	OPENSSL_cleanse(key, sizeof(key));
	OPENSSL_cleanse(&sub, sizeof(sub));
	if(err < 0)
		return err;
	return wa_base64_encode(mac, MASK_LEN, out, WA_TOKEN_MASK_SIZE) == 0
						   && to_url(out) == 16
				   ? 0
				   : WA_ENOMEM;
}

int wa_token_mask(const wa_seal_ring_t *ring, wa_sv_t text,
		char out[WA_TOKEN_MASK_SIZE])
{
	return ring->n == 0 ? WA_EKEY : mask_under(&ring->keys[0], text, out);
}

int wa_token_is_mask(const wa_seal_ring_t *ring, wa_sv_t text, wa_sv_t mask)
{
	char name[WA_TOKEN_MASK_SIZE];
	int found = 0;

	for(size_t i = 0; i < ring->n && found == 0; i++) {
		int err = mask_under(&ring->keys[i], text, name);

		if(err < 0)
			return err;
		found = mask.len == sizeof(name) - 1
				&& CRYPTO_memcmp(name, mask.s, mask.len) == 0;
	}
	return found;
}
