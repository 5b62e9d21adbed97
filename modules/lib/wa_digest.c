/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "wa_digest.h"

#include <string.h>

#include <openssl/crypto.h>
#include <openssl/evp.h>

#include "wa_buf.h"
#include "wa_err.h"
#include "wa_random.h"

int wa_alg_prefs_parse(wa_sv_t text, wa_alg_prefs_t *out)
{
	*out = (wa_alg_prefs_t){0};
	while(text.len > 0) {
		enum wa_alg alg = wa_alg_by_name(wa_sv_trim(wa_sv_cut(&text, ',')));

		if(alg == WA_ALG_UNKNOWN)
			return WA_EUNSUP;
		for(unsigned i = 0; i < out->n; i++)
			if(out->v[i] == alg)
				return WA_EPARSE;
		out->v[out->n++] = alg;
	}
	return out->n > 0 ? 0 : WA_EPARSE;
}

static unsigned rank_of(const wa_alg_prefs_t *prefs, enum wa_alg alg)
{
	unsigned i = 0;

	while(i < prefs->n && prefs->v[i] != alg)
		i++;
	return i;
}

/* What stands in the way of answering `ch`; NULL if nothing does. `*merit`
 * grows with how close it came. */
static const char *obstacle(const wa_challenge_t *ch,
		const wa_alg_prefs_t *prefs, wa_sv_t realm, bool body_known,
		unsigned *merit)
{
	*merit = 1;
	if(!wa_sv_ieq(ch->scheme, WA_SV("Digest")))
		return "no challenge uses the Digest scheme";
	*merit = 2;
	if(ch->err == WA_EPARSE)
		return "the challenge lacks realm or nonce, or repeats a parameter";
	*merit = 3;
	if(ch->alg == WA_ALG_UNKNOWN)
		return "the challenge uses an unknown algorithm";
	*merit = 4;
	if(ch->err != 0)
		return "the challenge offers an unknown qop only";
	*merit = 5;
	if(realm.len > 0 && !wa_sv_eq(realm, ch->realm))
		return "the challenge is for another realm";
	*merit = 6;
	if(rank_of(prefs, ch->alg) == prefs->n)
		return "the challenge's algorithm is switched off here";
	*merit = 7;
	if(ch->qop == WA_QOP_AUTH_INT && !body_known)
		return "the challenge offers qop auth-int only";
	return NULL;
}

const wa_challenge_t *wa_challenge_pick(const wa_challenges_t *list,
		const wa_alg_prefs_t *prefs, wa_sv_t realm, bool body_known,
		const char **why)
{
	const wa_challenge_t *best = NULL;
	unsigned closest = 0;

	*why = "there is no challenge";
	for(unsigned i = 0; i < list->n; i++) {
		const wa_challenge_t *ch = &list->v[i];
		unsigned merit;
		const char *no = obstacle(ch, prefs, realm, body_known, &merit);

		if(no != NULL && merit > closest) {
			*why = no;
			closest = merit;
		}
		if(no == NULL
				&& (best == NULL
						|| rank_of(prefs, ch->alg) < rank_of(prefs, best->alg)))
			best = ch;
	}
	return best;
}

/* Looked up at the first use in this process, and kept: EVP_md5() and its like
 * are looked up again by each EVP_DigestInit_ex(), which costs more than the
 * hash. */
static const EVP_MD *fetched(EVP_MD **md, const char *name)
{
	if(*md == NULL)
		*md = EVP_MD_fetch(NULL, name, NULL);
	return *md;
}

static const EVP_MD *md_of(enum wa_alg alg)
{
	static EVP_MD *md5, *sha256, *sha512_256;

	switch(alg) {
		case WA_ALG_MD5:
		case WA_ALG_MD5_SESS:
			return fetched(&md5, "MD5");
		case WA_ALG_SHA256:
		case WA_ALG_SHA256_SESS:
			return fetched(&sha256, "SHA2-256");
		case WA_ALG_SHA512_256:
		case WA_ALG_SHA512_256_SESS:
			return fetched(&sha512_256, "SHA2-512/256");
		default:
			return NULL;
	}
}

static const char ha1_mark[] = "{HA1}";
#define HA1_MARK (sizeof(ha1_mark) - 1)

enum wa_alg wa_digest_ha1(wa_sv_t secret)
{
	size_t digits = secret.len < HA1_MARK ? 0 : secret.len - HA1_MARK;

	if((digits != 32 && digits != 64) || memcmp(secret.s, ha1_mark, HA1_MARK) != 0)
		return WA_ALG_UNKNOWN;
	for(size_t i = 0; i < digits; i++)
		if(wa_hex_digit(secret.s[HA1_MARK + i]) < 0)
			return WA_ALG_UNKNOWN;
	return digits == 32 ? WA_ALG_MD5 : WA_ALG_SHA256;
}

static enum wa_alg without_sess(enum wa_alg alg)
{
	return alg == WA_ALG_MD5_SESS		   ? WA_ALG_MD5
		   : alg == WA_ALG_SHA256_SESS	   ? WA_ALG_SHA256
		   : alg == WA_ALG_SHA512_256_SESS ? WA_ALG_SHA512_256
										   : alg;
}

wa_alg_prefs_t wa_alg_prefs_with(const wa_alg_prefs_t *all, wa_sv_t secret)
{
	enum wa_alg only = wa_digest_ha1(secret);
	wa_alg_prefs_t some = {.n = 0};

	if(only == WA_ALG_UNKNOWN)
		return *all;
	for(unsigned i = 0; i < all->n; i++)
		if(without_sess(all->v[i]) == only)
			some.v[some.n++] = all->v[i];
	return some;
}

static bool is_sess(enum wa_alg alg)
{
	return alg == WA_ALG_MD5_SESS || alg == WA_ALG_SHA256_SESS
		   || alg == WA_ALG_SHA512_256_SESS;
}

/* One hash after the other on one context; the first failure sticks. */
typedef struct hasher
{
	EVP_MD_CTX *ctx;
	const EVP_MD *md;
	bool failed;
	unsigned parts; /* of the current hash: they are joined by ":" */
} hasher_t;

static void hash_begin(hasher_t *h)
{
	if(EVP_DigestInit_ex(h->ctx, h->md, NULL) != 1)
		h->failed = true;
	h->parts = 0;
}

static void hash_bytes(hasher_t *h, wa_sv_t v)
{
	if(!h->failed && v.len > 0 && EVP_DigestUpdate(h->ctx, v.s, v.len) != 1)
		h->failed = true;
}

static void hash_part(hasher_t *h, wa_sv_t v)
{
	if(h->parts++ > 0)
		hash_bytes(h, WA_SV(":"));
	hash_bytes(h, v);
}

/* The value of a quoted string: each escape gives the character behind it. */
static void hash_quoted(hasher_t *h, wa_sv_t text)
{
	hash_part(h, WA_SV(""));
	while(text.len > 0) {
		wa_sv_t rest = text;
		wa_sv_t plain = wa_sv_cut(&rest, '\\');

		hash_bytes(h, plain);
		if(plain.len == text.len)
			return;
		if(rest.len > 0) {
			hash_bytes(h, (wa_sv_t){rest.s, 1});
			rest = (wa_sv_t){rest.s + 1, rest.len - 1};
		}
		text = rest;
	}
}

static void hash_end(hasher_t *h, char out[WA_DIGEST_SIZE])
{
	unsigned char raw[EVP_MAX_MD_SIZE];
	unsigned len = 0;
	wa_buf_t b = wa_buf_on(out, WA_DIGEST_SIZE - 1);

	if(!h->failed && EVP_DigestFinal_ex(h->ctx, raw, &len) != 1)
		h->failed = true;
	for(unsigned i = 0; !h->failed && i < len; i++)
		wa_buf_hex(&b, raw[i], 2);
	if(wa_buf_check(&b) < 0)
		h->failed = true;
	out[h->failed ? 0 : b.len] = '\0';
	OPENSSL_cleanse(raw, sizeof(raw));
}

/* The hash that the secret is, in lower case. */
static void take_ha1(wa_sv_t secret, char out[WA_DIGEST_SIZE])
{
	size_t n = secret.len - HA1_MARK;

	for(size_t i = 0; i < n; i++) {
		char c = secret.s[HA1_MARK + i];

		out[i] = c >= 'A' && c <= 'F' ? (char)(c - 'A' + 'a') : c;
	}
	out[n] = '\0';
}

static void hash_account(
		hasher_t *h, const wa_digest_in_t *in, char out[WA_DIGEST_SIZE])
{
	enum wa_alg ready = wa_digest_ha1(in->password);

	if(ready != WA_ALG_UNKNOWN && ready == without_sess(in->alg)) {
		take_ha1(in->password, out);
		return;
	}
	hash_begin(h);
	hash_quoted(h, in->username);
	hash_quoted(h, in->realm);
	hash_part(h, in->password);
	hash_end(h, out);
}

/* RFC 7616 3.4.2 */
static void hash_a1(
		hasher_t *h, const wa_digest_in_t *in, char out[WA_DIGEST_SIZE])
{
	hash_account(h, in, out);
	if(!is_sess(in->alg))
		return;
	hash_begin(h);
	hash_part(h, wa_sv_from(out));
	hash_quoted(h, in->nonce);
	hash_quoted(h, in->cnonce);
	hash_end(h, out);
}

/* RFC 7616 3.4.3 */
static void hash_a2(
		hasher_t *h, const wa_digest_in_t *in, char out[WA_DIGEST_SIZE])
{
	char body[WA_DIGEST_SIZE] = "";

	if(in->qop == WA_QOP_AUTH_INT) {
		hash_begin(h);
		hash_part(h, in->body);
		hash_end(h, body);
	}
	hash_begin(h);
	hash_part(h, in->method);
	hash_quoted(h, in->uri);
	if(in->qop == WA_QOP_AUTH_INT)
		hash_part(h, wa_sv_from(body));
	hash_end(h, out);
}

/* RFC 7616 3.4.1; without qop RFC 2069 2.1.1 */
static void hash_response(
		hasher_t *h, const wa_digest_in_t *in, char out[WA_DIGEST_SIZE])
{
	char a1[WA_DIGEST_SIZE], a2[WA_DIGEST_SIZE];

	hash_a1(h, in, a1);
	hash_a2(h, in, a2);
	hash_begin(h);
	hash_part(h, wa_sv_from(a1));
	hash_quoted(h, in->nonce);
	if(in->qop != 0) {
		hash_part(h, in->nc);
		hash_quoted(h, in->cnonce);
		hash_part(h, in->qop == WA_QOP_AUTH ? WA_SV("auth")
											: WA_SV("auth-int"));
	}
	hash_part(h, wa_sv_from(a2));
	hash_end(h, out);
	OPENSSL_cleanse(a1, sizeof(a1));
}

int wa_digest_response(const wa_digest_in_t *in, char out[WA_DIGEST_SIZE])
{
	hasher_t h = {.md = md_of(in->alg)};

	out[0] = '\0';
	if(h.md == NULL)
		return WA_EUNSUP;
	h.ctx = EVP_MD_CTX_new();
	if(h.ctx == NULL)
		return WA_ENOMEM;
	hash_response(&h, in, out);
	EVP_MD_CTX_free(h.ctx);
	return h.failed ? WA_EUNSUP : 0;
}

int wa_digest_cnonce(char out[WA_CNONCE_SIZE])
{
	unsigned char raw[(WA_CNONCE_SIZE - 1) / 2];
	wa_buf_t b = wa_buf_on(out, WA_CNONCE_SIZE - 1);

	out[0] = '\0';
	if(wa_random(raw, sizeof(raw)) < 0)
		return WA_EIO;
	for(size_t i = 0; i < sizeof(raw); i++)
		wa_buf_hex(&b, raw[i], 2);
	out[b.len] = '\0';
	return wa_buf_check(&b);
}

/* Of what a challenge offers, auth wins: it holds whatever a hop does to the
 * body. */
static unsigned answer_qop(const wa_challenge_t *ch)
{
	return ch->qop & WA_QOP_AUTH ? WA_QOP_AUTH : ch->qop;
}

static void put_quoted(wa_buf_t *b, wa_sv_t name, wa_sv_t value)
{
	wa_buf_put(b, name);
	wa_buf_put(b, WA_SV("=\""));
	wa_buf_put(b, value);
	wa_buf_put(b, WA_SV("\""));
}

/* RFC 7616 3.4: algorithm, qop and nc stand without quotes; algorithm and
 * opaque only if the challenge has them. */
static int write_answer(const wa_challenge_t *ch, const wa_digest_in_t *in,
		const char *response, char *dst, size_t size)
{
	wa_buf_t b = wa_buf_on(dst, size > 0 ? size - 1 : 0);

	put_quoted(&b, WA_SV("Digest username"), in->username);
	put_quoted(&b, WA_SV(", realm"), in->realm);
	put_quoted(&b, WA_SV(", nonce"), in->nonce);
	put_quoted(&b, WA_SV(", uri"), in->uri);
	put_quoted(&b, WA_SV(", response"), wa_sv_from(response));
	if(ch->algorithm.s != NULL) {
		wa_buf_put(&b, WA_SV(", algorithm="));
		wa_buf_put(&b, wa_sv_from(wa_alg_name(ch->alg)));
	}
	if(in->qop != 0 || is_sess(in->alg))
		put_quoted(&b, WA_SV(", cnonce"), in->cnonce);
	if(ch->opaque.s != NULL)
		put_quoted(&b, WA_SV(", opaque"), ch->opaque);
	if(in->qop != 0) {
		wa_buf_put(&b, in->qop == WA_QOP_AUTH ? WA_SV(", qop=auth, nc=")
											  : WA_SV(", qop=auth-int, nc="));
		wa_buf_put(&b, in->nc);
	}
	if(size == 0 || wa_buf_check(&b) < 0)
		return WA_ETOOLONG;
	dst[b.len] = '\0';
	return (int)b.len;
}

int wa_digest_answer(const wa_challenge_t *challenge,
		const wa_digest_user_t *user, char *dst, size_t size)
{
	char response[WA_DIGEST_SIZE], cnonce[WA_CNONCE_SIZE], nc[8];
	wa_digest_in_t in = {.alg = challenge->alg,
			.qop = answer_qop(challenge),
			.username = user->username,
			.realm = challenge->realm,
			.password = user->password,
			.method = user->method,
			.uri = user->uri,
			.nonce = challenge->nonce,
			.nc = {nc, sizeof(nc)},
			.cnonce = user->cnonce,
			.body = user->body};
	wa_buf_t b = wa_buf_on(nc, sizeof(nc));
	int err;

	if(!wa_auth_quotable(user->username) || !wa_auth_quotable(user->uri))
		return WA_EPARSE;
	wa_buf_hex(&b, user->nc, sizeof(nc));
	if(in.cnonce.len == 0) {
		err = wa_digest_cnonce(cnonce);
		if(err < 0)
			return err;
		in.cnonce = wa_sv_from(cnonce);
	}
	err = wa_digest_response(&in, response);
	if(err < 0)
		return err;
	return write_answer(challenge, &in, response, dst, size);
}

/* Hex digits without case, since some write them in capitals. The loop sees
 * every digit whatever the outcome. */
static bool same_response(const char *expected, wa_sv_t given)
{
	char low[WA_DIGEST_SIZE];
	size_t len = strlen(expected);

	if(given.len != len)
		return false;
	for(size_t i = 0; i < len; i++) {
		unsigned char c = (unsigned char)given.s[i];

		low[i] = (char)(c | ((c >= 'A' && c <= 'F') ? 0x20 : 0));
	}
	return CRYPTO_memcmp(low, expected, len) == 0;
}

int wa_credentials_check(const wa_credentials_t *cr, wa_sv_t method,
		wa_sv_t password, wa_sv_t body)
{
	const wa_digest_in_t in = {.alg = cr->alg,
			.qop = cr->qop,
			.username = cr->username,
			.realm = cr->realm,
			.password = password,
			.method = method,
			.uri = cr->uri,
			.nonce = cr->nonce,
			.nc = cr->nc_text,
			.cnonce = cr->cnonce,
			.body = body};
	char expected[WA_DIGEST_SIZE];
	int err = wa_digest_response(&in, expected);

	if(err == 0 && !same_response(expected, cr->response))
		err = WA_EAUTH;
	OPENSSL_cleanse(expected, sizeof(expected));
	return err;
}

int wa_digest_uri_parts(wa_sv_t uri, wa_sv_t *user, wa_sv_t *host)
{
	wa_sv_t rest = uri;
	wa_sv_t scheme = wa_sv_cut(&rest, ':');
	size_t n = 0;

	if(!wa_sv_ieq(scheme, WA_SV("sip")) && !wa_sv_ieq(scheme, WA_SV("sips")))
		return WA_EPARSE;
	*user = WA_SV("");
	if(rest.len > 0 && memchr(rest.s, '@', rest.len) != NULL) {
		wa_sv_t info = wa_sv_cut(&rest, '@');

		info = wa_sv_cut(&info, ';');
		*user = wa_sv_cut(&info, ':');
	}
	if(rest.len > 0 && rest.s[0] == '[') {
		while(n < rest.len && rest.s[n] != ']')
			n++;
		n += n < rest.len;
	} else {
		while(n < rest.len && !strchr(":;?", rest.s[n]))
			n++;
	}
	*host = (wa_sv_t){rest.s, n};
	return n > 0 ? 0 : WA_EPARSE;
}

/* Cuts one character off `v`, an escape (%2B) resolved. */
static int next_char(wa_sv_t *v)
{
	int c = (unsigned char)v->s[0];
	size_t n = 1;

	if(c == '%' && v->len >= 3 && wa_hex_digit(v->s[1]) >= 0
			&& wa_hex_digit(v->s[2]) >= 0) {
		c = wa_hex_digit(v->s[1]) << 4 | wa_hex_digit(v->s[2]);
		n = 3;
	}
	*v = (wa_sv_t){v->s + n, v->len - n};
	return c;
}

static bool same_user(wa_sv_t a, wa_sv_t b)
{
	while(a.len > 0 && b.len > 0)
		if(next_char(&a) != next_char(&b))
			return false;
	return a.len == b.len;
}

bool wa_digest_uri_same(wa_sv_t a, wa_sv_t b)
{
	wa_sv_t user_a, host_a, user_b, host_b;

	return wa_digest_uri_parts(a, &user_a, &host_a) == 0
		   && wa_digest_uri_parts(b, &user_b, &host_b) == 0
		   && same_user(user_a, user_b) && wa_sv_ieq(host_a, host_b);
}
