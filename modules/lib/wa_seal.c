/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "wa_seal.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>

#include "wa_base64.h"
#include "wa_err.h"
#include "wa_random.h"

#define BLOB_MAX (WA_SEAL_HEAD_LEN + WA_PASSWORD_SIZE - 1)
#define FILE_MAX 8192

static bool is_id(wa_sv_t id)
{
	static const char ok[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
							 "abcdefghijklmnopqrstuvwxyz0123456789._-";

	if(id.len == 0 || id.len >= WA_SEAL_ID_SIZE)
		return false;
	for(size_t i = 0; i < id.len; i++)
		if(id.s[i] == '\0' || strchr(ok, id.s[i]) == NULL)
			return false;
	return true;
}

static const wa_seal_key_t *find_key(const wa_seal_ring_t *ring, wa_sv_t id)
{
	for(size_t i = 0; i < ring->n; i++)
		if(wa_sv_eq(wa_sv_from(ring->keys[i].id), id))
			return &ring->keys[i];
	return NULL;
}

/* OPENSSL_cleanse() would do, but a ring is read before OpenSSL may be used. */
static void wipe(void *p, size_t len)
{
	explicit_bzero(p, len);
}

static const char *add_key(wa_seal_ring_t *ring, wa_sv_t line)
{
	wa_seal_key_t *k = &ring->keys[ring->n];
	size_t idlen = 0, len;
	wa_sv_t id, text;

	while(idlen < line.len && line.s[idlen] != ' ' && line.s[idlen] != '\t')
		idlen++;
	id = (wa_sv_t){line.s, idlen};
	text = wa_sv_trim((wa_sv_t){line.s + idlen, line.len - idlen});
	if(!is_id(id))
		return "the key id must be 1 to 16 letters, digits, '.', '_' or '-'";
	if(text.len == 0)
		return "expected: keyid base64-of-32-bytes";
	if(find_key(ring, id) != NULL)
		return "this key id stands here twice";
	if(ring->n == WA_SEAL_KEYS_MAX)
		return "more than 16 keys";
	switch(wa_base64_decode(text, k->key, sizeof(k->key), &len)) {
		case 0:
			break;
		case WA_ETOOLONG:
			return "the key is longer than 32 bytes";
		default:
			return "the key is not base64";
	}
	if(len != WA_SEAL_KEY_LEN)
		return "the key is shorter than 32 bytes";
	wa_sv_copy(k->id, sizeof(k->id), id);
	ring->n++;
	return NULL;
}

int wa_seal_ring_parse(
		wa_seal_ring_t *ring, wa_sv_t text, unsigned *line, const char **why)
{
	memset(ring, 0, sizeof(*ring));
	*line = 0;
	*why = NULL;
	while(text.len > 0 && *why == NULL) {
		wa_sv_t l = wa_sv_trim(wa_sv_cut(&text, '\n'));

		++*line;
		if(l.len > 0 && l.s[0] != '#')
			*why = add_key(ring, l);
	}
	if(*why == NULL && ring->n == 0) {
		*line = 0;
		*why = "there is no key in it";
	}
	if(*why == NULL)
		return 0;
	wa_seal_ring_wipe(ring);
	return WA_EPARSE;
}

/* Reads a small regular file that is closed to others; -1 with `why`. */
static ssize_t read_private(
		const char *path, char *buf, size_t size, const char **why)
{
	struct stat st;
	ssize_t n = -1;
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);

	if(fd < 0 || fstat(fd, &st) < 0) {
		*why = strerror(errno);
	} else if(!S_ISREG(st.st_mode)) {
		*why = "not a regular file";
	} else if(st.st_mode & (S_IRWXO | S_IWGRP)) {
		*why = "others may read or change it: chmod 600 or 640";
	} else if(st.st_size > (off_t)size) {
		*why = "larger than a key file can be";
	} else if((n = read(fd, buf, size)) < 0) {
		*why = strerror(errno);
	}
	if(fd >= 0)
		close(fd);
	return n;
}

int wa_seal_ring_load(
		wa_seal_ring_t *ring, const char *path, char *err, size_t errsize)
{
	char text[FILE_MAX];
	const char *why = NULL;
	unsigned line = 0;
	ssize_t n;
	int ret = WA_EIO;

	memset(ring, 0, sizeof(*ring));
	n = read_private(path, text, sizeof(text), &why);
	if(n >= 0)
		ret = wa_seal_ring_parse(ring, (wa_sv_t){text, (size_t)n}, &line, &why);
	wipe(text, sizeof(text));
	if(ret == 0)
		return 0;
	if(line > 0)
		n = snprintf(err, errsize, "%s: line %u: %s", path, line, why);
	else
		n = snprintf(err, errsize, "%s: %s", path, why);
	if(n < 0 && errsize > 0)
		err[0] = '\0';
	return ret;
}

void wa_seal_ring_wipe(wa_seal_ring_t *ring)
{
	wipe(ring, sizeof(*ring));
}

int wa_seal_aad(wa_sv_t digits, wa_sv_t field, char *out, size_t size)
{
	int n = snprintf(out, size, "wa:number:%.*s:%.*s", WA_SV_ARG(digits),
			WA_SV_ARG(field));

	return n < 0 || (size_t)n >= size ? WA_ETOOLONG : 0;
}

int wa_seal_trunk_aad(wa_sv_t name, wa_sv_t field, char *out, size_t size)
{
	int n = snprintf(out, size, "wa:trunk:%.*s:%.*s", WA_SV_ARG(name),
			WA_SV_ARG(field));

	return n < 0 || (size_t)n >= size ? WA_ETOOLONG : 0;
}

/* Looked up at the first use in this process, and kept: EVP_aes_256_gcm() is
 * looked up again by each EVP_DecryptInit_ex(). */
static const EVP_CIPHER *aes_256_gcm(void)
{
	static EVP_CIPHER *cipher;

	if(cipher == NULL)
		cipher = EVP_CIPHER_fetch(NULL, "AES-256-GCM", NULL);
	return cipher;
}

int wa_seal_encrypt(
		const uint8_t *key, wa_sv_t plain, wa_sv_t aad, uint8_t *blob)
{
	EVP_CIPHER_CTX *c = EVP_CIPHER_CTX_new();
	int n, ok;

	ok = c != NULL
		 && EVP_EncryptInit_ex(c, aes_256_gcm(), NULL, key, blob) == 1
		 && EVP_EncryptUpdate(c, NULL, &n, (const uint8_t *)aad.s, (int)aad.len)
					== 1
		 && EVP_EncryptUpdate(c, blob + WA_SEAL_HEAD_LEN, &n,
					(const uint8_t *)plain.s, (int)plain.len)
					== 1
		 && EVP_EncryptFinal_ex(c, blob + WA_SEAL_HEAD_LEN + n, &n) == 1
		 && EVP_CIPHER_CTX_ctrl(c, EVP_CTRL_AEAD_GET_TAG, WA_SEAL_TAG_LEN,
					blob + WA_SEAL_NONCE_LEN)
					== 1;
	EVP_CIPHER_CTX_free(c);
	return ok ? 0 : WA_ENOMEM;
}

int wa_seal_decrypt(const uint8_t *key, wa_sv_t aad, uint8_t *blob, size_t len,
		uint8_t *out)
{
	EVP_CIPHER_CTX *c = EVP_CIPHER_CTX_new();
	int n, ready, ok;

	ready = c != NULL
			&& EVP_DecryptInit_ex(c, aes_256_gcm(), NULL, key, blob) == 1
			&& EVP_CIPHER_CTX_ctrl(c, EVP_CTRL_AEAD_SET_TAG, WA_SEAL_TAG_LEN,
					   blob + WA_SEAL_NONCE_LEN)
					   == 1;
	ok = ready
		 && EVP_DecryptUpdate(c, NULL, &n, (const uint8_t *)aad.s, (int)aad.len)
					== 1
		 && EVP_DecryptUpdate(
					c, out, &n, blob + WA_SEAL_HEAD_LEN, (int)(len - WA_SEAL_HEAD_LEN))
					== 1
		 && EVP_DecryptFinal_ex(c, out + n, &n) == 1;
	EVP_CIPHER_CTX_free(c);
	if(!ready)
		return WA_ENOMEM;
	return ok ? 0 : WA_EAUTH;
}

int wa_seal(const wa_seal_ring_t *ring, wa_sv_t plain, wa_sv_t aad, char *out,
		size_t size)
{
	uint8_t blob[BLOB_MAX];
	size_t idlen;
	int ret;

	if(ring->n == 0)
		return WA_EKEY;
	idlen = strlen(ring->keys[0].id);
	if(plain.len >= WA_PASSWORD_SIZE
			|| size < idlen + 1 + WA_BASE64_LEN(WA_SEAL_HEAD_LEN + plain.len) + 1)
		return WA_ETOOLONG;
	ret = wa_random(blob, WA_SEAL_NONCE_LEN);
	if(ret == 0)
		ret = wa_seal_encrypt(ring->keys[0].key, plain, aad, blob);
	if(ret < 0)
		return ret;
	memcpy(out, ring->keys[0].id, idlen);
	out[idlen] = ':';
	return wa_base64_encode(
			blob, WA_SEAL_HEAD_LEN + plain.len, out + idlen + 1, size - idlen - 1);
}

int wa_seal_open(const wa_seal_ring_t *ring, wa_sv_t sealed, wa_sv_t aad,
		wa_secret_t *out)
{
	uint8_t blob[BLOB_MAX];
	wa_sv_t text = sealed, id = wa_sv_cut(&text, ':');
	const wa_seal_key_t *k;
	size_t len;
	int ret;

	memset(out, 0, sizeof(*out));
	if(!is_id(id))
		return WA_EPARSE;
	k = find_key(ring, id);
	if(k == NULL)
		return WA_EKEY;
	ret = wa_base64_decode(text, blob, sizeof(blob), &len);
	if(ret < 0)
		return ret;
	if(len < WA_SEAL_HEAD_LEN)
		return WA_EPARSE;
	ret = wa_seal_decrypt(k->key, aad, blob, len, (uint8_t *)out->s);
	if(ret < 0) {
		OPENSSL_cleanse(out, sizeof(*out));
		return ret;
	}
	out->len = len - WA_SEAL_HEAD_LEN;
	out->s[out->len] = '\0';
	return 0;
}

int wa_seal_derive(const wa_seal_ring_t *ring, wa_sv_t id, wa_sv_t salt,
		uint8_t out[WA_SEAL_KEY_LEN])
{
	const wa_seal_key_t *k = find_key(ring, id);
	unsigned len = 0;

	if(k == NULL)
		return WA_EKEY;
	if(HMAC(EVP_sha256(), k->key, WA_SEAL_KEY_LEN, (const uint8_t *)salt.s,
			   salt.len, out, &len)
					== NULL
			|| len != WA_SEAL_KEY_LEN)
		return WA_ENOMEM;
	return 0;
}

bool wa_seal_is_current(const wa_seal_ring_t *ring, wa_sv_t sealed)
{
	return ring->n > 0
		   && wa_sv_eq(wa_sv_cut(&sealed, ':'), wa_sv_from(ring->keys[0].id));
}
