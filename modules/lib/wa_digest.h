/* HTTP digest for SIP: choosing a challenge, answering it, checking an answer.
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * RFC 7616 (and its RFC 2617 and RFC 2069 forms), RFC 8760 for SIP. Hashes come
 * from OpenSSL's EVP: what computes a digest or a cnonce may not run before Kamailio has forked. Nothing is allocated beyond one EVP context, nothing is kept, and
 * what was derived from a password is wiped.
 *
 * Hashed is the value of a quoted string: without its quotes and its escapes
 * (RFC 7230 3.2.6). Echoed is its text, unchanged.
 */
#ifndef WA_DIGEST_H
#define WA_DIGEST_H

#include <stdbool.h>
#include <stdint.h>

#include "wa_auth_header.h"
#include "wa_sv.h"

#define WA_DIGEST_SIZE 65 /* 64 hex digits (SHA-256) and NUL */
#define WA_CNONCE_SIZE 33 /* 128 random bits in hex and NUL */
#define WA_ALG_PREFS_MAX 6

/* Algorithms we answer, best first. */
typedef struct wa_alg_prefs
{
	enum wa_alg v[WA_ALG_PREFS_MAX];
	unsigned n;
} wa_alg_prefs_t;

/** Reads "SHA-256, MD5". Returns 0, WA_EPARSE (empty, or one given twice) or
 * WA_EUNSUP (a name we do not know). */
int wa_alg_prefs_parse(wa_sv_t text, wa_alg_prefs_t *out);

/** Chooses the challenge to answer: of realm `realm` (empty: of any), with an
 * algorithm in `prefs`, the earliest of prefs first, among equals the topmost
 * (RFC 8760 2.4). `body_known` false rules out those that offer auth-int alone.
 * Returns NULL if there is none; `*why` is then a constant text that says what
 * stood in the way of the one that came closest. */
const wa_challenge_t *wa_challenge_pick(const wa_challenges_t *list,
		const wa_alg_prefs_t *prefs, wa_sv_t realm, bool body_known,
		const char **why);

/** A secret may be the hash of username, realm and password instead of the
 * password (RFC 7616 3.4.2), as others keep it: "{HA1}" and its 32 (MD5) or 64
 * (SHA-256) hex digits. Returns the algorithm that it is for; WA_ALG_UNKNOWN: it
 * is a password. */
enum wa_alg wa_digest_ha1(wa_sv_t secret);

/** Those of `all` that can be computed from `secret`. */
wa_alg_prefs_t wa_alg_prefs_with(const wa_alg_prefs_t *all, wa_sv_t secret);

/* What a response is computed from. realm, nonce, cnonce, username and uri are
 * header text (escapes in), password (or a secret as wa_digest_ha1() takes it),
 * method and body are plain bytes. */
typedef struct wa_digest_in
{
	enum wa_alg alg;
	unsigned qop; /* one of enum wa_qop, or 0 */
	wa_sv_t username;
	wa_sv_t realm;
	wa_sv_t password;
	wa_sv_t method;
	wa_sv_t uri;
	wa_sv_t nonce;
	wa_sv_t nc;		/* "00000001"; with qop */
	wa_sv_t cnonce; /* with qop or a -sess algorithm */
	wa_sv_t body;	/* with auth-int */
} wa_digest_in_t;

/** Computes a response in lower-case hex.
 * Returns 0, WA_EUNSUP (algorithm unknown, or not provided by this OpenSSL) or
 * WA_ENOMEM. `out` is then "". */
int wa_digest_response(const wa_digest_in_t *in, char out[WA_DIGEST_SIZE]);

/** 128 bits from OpenSSL's CSPRNG in hex. Returns 0 or WA_EIO. */
int wa_digest_cnonce(char out[WA_CNONCE_SIZE]);

/* Who answers, and for which request. */
typedef struct wa_digest_user
{
	wa_sv_t username;
	wa_sv_t password;
	wa_sv_t method;
	wa_sv_t uri;	/* digest uri */
	wa_sv_t cnonce; /* empty: a fresh random one */
	uint32_t nc;	/* of this nonce; 1 for its first use */
	wa_sv_t body;	/* hashed only if the challenge offers auth-int alone */
} wa_digest_user_t;

/** Writes the value of an Authorization or Proxy-Authorization header that
 * answers `challenge` ("Digest username=...") to `dst`, with a NUL.
 * Returns its length; WA_EPARSE when username or uri hold a quote, a backslash
 * or a control character; WA_ETOOLONG; WA_EUNSUP, WA_ENOMEM, WA_EIO as above. */
int wa_digest_answer(const wa_challenge_t *challenge,
		const wa_digest_user_t *user, char *dst, size_t size);

/** Checks the response of `cr` in constant time. `body` is hashed with
 * qop=auth-int only. Returns 0, WA_EAUTH, WA_EUNSUP or WA_ENOMEM. */
int wa_credentials_check(const wa_credentials_t *cr, wa_sv_t method,
		wa_sv_t password, wa_sv_t body);

/** User and host of a SIP URI: the user without its parameters (RFC 4904) and
 * password, the host without port; an IPv6 host keeps its brackets.
 * Returns 0, or WA_EPARSE for another scheme or no host. */
int wa_digest_uri_parts(wa_sv_t uri, wa_sv_t *user, wa_sv_t *host);

/** Whether two SIP URIs name the same user and host. Left aside, since Meta
 * writes them on one side only: parameters of the user part and of the URI,
 * port, password, headers, "sip" against "sips". The user is compared with
 * escapes resolved, the host without case. A URI without a user has the empty
 * one; what is no SIP URI equals nothing. */
bool wa_digest_uri_same(wa_sv_t a, wa_sv_t b);

#endif
