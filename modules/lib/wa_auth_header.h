/* Grammar of WWW-/Proxy-Authenticate and of (Proxy-)Authorization.
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * RFC 7235 2.1 and RFC 7616 3.3/3.4, taken leniently where no meaning is at
 * stake: any space around separators, empty list elements, folded lines,
 * quotes where a token belongs and the other way round, unknown parameters.
 * Strictly where one is: a parameter given twice, an unterminated string, a
 * control character inside one.
 *
 * Values are views into the header. Those of quoted strings stand without
 * their quotes, but still with their escapes: that is how they are echoed byte
 * by byte (see wa_digest.h for what is hashed).
 */
#ifndef WA_AUTH_HEADER_H
#define WA_AUTH_HEADER_H

#include <stdbool.h>
#include <stdint.h>

#include "wa_sv.h"

enum wa_alg
{
	WA_ALG_UNKNOWN = 0,
	WA_ALG_MD5,
	WA_ALG_MD5_SESS,
	WA_ALG_SHA256,
	WA_ALG_SHA256_SESS,
	WA_ALG_SHA512_256,
	WA_ALG_SHA512_256_SESS
};

/* qop values, as bits; no bit: the RFC 2069 form without qop */
enum wa_qop
{
	WA_QOP_AUTH = 1,
	WA_QOP_AUTH_INT = 2
};

typedef struct wa_challenge
{
	wa_sv_t scheme;
	wa_sv_t realm;
	wa_sv_t nonce;
	wa_sv_t opaque;	   /* opaque.s == NULL: none given */
	wa_sv_t algorithm; /* as written; algorithm.s == NULL: none given */
	enum wa_alg alg;   /* MD5 when none is given */
	unsigned qop;	   /* enum wa_qop bits offered */
	bool stale;
	int err; /* 0; WA_EUNSUP: scheme, algorithm or qop we do not know;
				WA_EPARSE: a parameter is missing, empty or given twice */
} wa_challenge_t;

#define WA_CHALLENGES_MAX 8

/* The challenges of one response: start with n = 0, then parse each header. */
typedef struct wa_challenges
{
	wa_challenge_t v[WA_CHALLENGES_MAX];
	unsigned n;
} wa_challenges_t;

typedef struct wa_credentials
{
	wa_sv_t username;
	wa_sv_t realm;
	wa_sv_t nonce;
	wa_sv_t uri;
	wa_sv_t response;
	wa_sv_t cnonce;
	wa_sv_t nc_text; /* the eight digits as they are hashed */
	uint32_t nc;	 /* 0 without qop */
	wa_sv_t opaque;	 /* opaque.s == NULL: none given */
	enum wa_alg alg; /* MD5 when none is given */
	unsigned qop;	 /* one of enum wa_qop, or 0 */
} wa_credentials_t;

/** Algorithm by its name in a header (RFC 7616, without case). */
enum wa_alg wa_alg_by_name(wa_sv_t name);

/** The name as it stands in a header; "unknown" for WA_ALG_UNKNOWN. */
const char *wa_alg_name(enum wa_alg alg);

/** Whether `v` can stand between quotes as it is: not empty, no quote, backslash
 * or control character. */
bool wa_auth_quotable(wa_sv_t v);

/** Value of a hexadecimal digit, -1 for anything else. */
int wa_hex_digit(char c);

/** Appends the challenges of one header value to `list`; each says in its
 * `err` whether it can be answered.
 * Returns 0; WA_EPARSE when the header is broken off at a syntax error, or
 * WA_ETOOLONG when there are more than fit: what was complete before that
 * stays in the list. */
int wa_challenges_parse(wa_sv_t header, wa_challenges_t *list);

/** Parses one Authorization or Proxy-Authorization value.
 * Returns 0, WA_EUNSUP (another scheme, algorithm or qop), WA_EPARSE (syntax;
 * a parameter missing, empty, given twice, or nc not eight hex digits). */
int wa_credentials_parse(wa_sv_t header, wa_credentials_t *out);

#endif
