/* Digest authentication.
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "sip_digest.h"

#include <errno.h>
#include <stdarg.h>
#include <string.h>

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/rand.h>

static void to_hex(char *hex, const uint8_t *p, size_t n)
{
	static const char digits[] = "0123456789abcdef";

	for(size_t i = 0; i < n; i++) {
		hex[2 * i] = digits[p[i] >> 4];
		hex[2 * i + 1] = digits[p[i] & 15];
	}
	hex[2 * n] = '\0';
}

void digest_random(char *hex, size_t bytes)
{
	uint8_t buf[32];

	if(bytes > sizeof(buf))
		bytes = sizeof(buf);
	if(RAND_bytes(buf, (int)bytes) != 1)
		rand_bytes(buf, bytes);
	to_hex(hex, buf, bytes);
}

static void store_param(struct digest *d, const struct pl *name, const struct pl *val)
{
	const struct
	{
		const char *name;
		struct pl *to;
	} known[] = {
		{"realm", &d->realm}, {"nonce", &d->nonce}, {"opaque", &d->opaque},
		{"qop", &d->qop}, {"algorithm", &d->algorithm}, {"stale", &d->stale},
		{"username", &d->username}, {"uri", &d->uri},
		{"response", &d->response}, {"cnonce", &d->cnonce}, {"nc", &d->nc},
	};

	for(size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++)
		if(pl_strcasecmp(name, known[i].name) == 0)
			*known[i].to = *val;
}

static void skip(struct pl *pl, const char *set)
{
	while(pl->l && strchr(set, *pl->p))
		pl_advance(pl, 1);
}

/* One name=value or name="value"; `rest` moves behind it. */
static int next_param(struct pl *name, struct pl *val, struct pl *rest)
{
	skip(rest, " \t\r\n,");
	if(rest->l == 0)
		return ENOENT;
	name->p = rest->p;
	while(rest->l && !strchr("= \t", *rest->p))
		pl_advance(rest, 1);
	name->l = (size_t)(rest->p - name->p);
	skip(rest, " \t");
	if(name->l == 0 || rest->l == 0 || *rest->p != '=')
		return EBADMSG;
	pl_advance(rest, 1);
	skip(rest, " \t");
	const char *end_set = ", \t";
	if(rest->l && *rest->p == '"') {
		end_set = "\"";
		pl_advance(rest, 1);
	}
	val->p = rest->p;
	while(rest->l && !strchr(end_set, *rest->p))
		pl_advance(rest, 1);
	val->l = (size_t)(rest->p - val->p);
	if(*end_set != '"')
		return 0;
	if(rest->l == 0)
		return EBADMSG;
	pl_advance(rest, 1);
	return 0;
}

int digest_decode(struct digest *d, const struct pl *header)
{
	struct pl rest = *header, scheme = {header->p, 6}, name, val;
	int err;

	memset(d, 0, sizeof(*d));
	if(header->l < 7 || pl_strcasecmp(&scheme, "Digest") != 0)
		return EBADMSG;
	pl_advance(&rest, 6);
	while((err = next_param(&name, &val, &rest)) == 0)
		store_param(d, &name, &val);
	return err == ENOENT ? 0 : err;
}

enum digest_alg digest_alg(const struct digest *d)
{
	if(d->algorithm.l == 0 || pl_strcasecmp(&d->algorithm, "MD5") == 0)
		return DIGEST_MD5;
	if(pl_strcasecmp(&d->algorithm, "SHA-256") == 0)
		return DIGEST_SHA256;
	return DIGEST_UNKNOWN;
}

const char *digest_alg_name(enum digest_alg alg)
{
	return alg == DIGEST_MD5 ? "MD5" : alg == DIGEST_SHA256 ? "SHA-256" : "?";
}

/* Hash of a printed text, as hex. */
static int hash_text(
		char hex[DIGEST_HEX_SIZE], enum digest_alg alg, const char *fmt, ...)
{
	uint8_t md[EVP_MAX_MD_SIZE];
	unsigned len = 0;
	va_list ap;
	struct mbuf *mb = mbuf_alloc(512);
	int err;

	if(mb == NULL)
		return ENOMEM;
	va_start(ap, fmt);
	err = mbuf_vprintf(mb, fmt, ap);
	va_end(ap);
	if(!err
			&& EVP_Digest(mb->buf, mb->end, md, &len,
					   alg == DIGEST_MD5 ? EVP_md5() : EVP_sha256(), NULL)
					   != 1)
		err = EINVAL;
	if(!err)
		to_hex(hex, md, len);
	OPENSSL_cleanse(mb->buf, mb->size);
	mem_deref(mb);
	return err;
}

int digest_response(char hex[DIGEST_HEX_SIZE], enum digest_alg alg,
		const struct digest *d, const char *password, const struct pl *method)
{
	char ha1[DIGEST_HEX_SIZE], ha2[DIGEST_HEX_SIZE];
	int err = hash_text(ha1, alg, "%r:%r:%s", &d->username, &d->realm, password);

	err |= hash_text(ha2, alg, "%r:%r", method, &d->uri);
	if(err)
		return err;
	if(d->qop.l)
		err = hash_text(hex, alg, "%s:%r:%r:%r:%r:%s", ha1, &d->nonce, &d->nc,
				&d->cnonce, &d->qop, ha2);
	else
		err = hash_text(hex, alg, "%s:%r:%s", ha1, &d->nonce, ha2);
	OPENSSL_cleanse(ha1, sizeof(ha1));
	return err;
}
