/* Digest authentication, both roles (RFC 2617, RFC 8760 for SHA-256).
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef METASIM_SIP_DIGEST_H
#define METASIM_SIP_DIGEST_H

#include <re/re.h>

enum
{
	DIGEST_HEX_SIZE = 65, /* SHA-256 as text, with NUL */
};

enum digest_alg
{
	DIGEST_MD5,
	DIGEST_SHA256,
	DIGEST_UNKNOWN,
};

/* Views into the header; unset members have l = 0. */
struct digest
{
	struct pl realm, nonce, opaque, qop, algorithm, stale;
	struct pl username, uri, response, cnonce, nc;
};

/** Reads "Digest a=b, c="d"". EBADMSG when it is not that. */
int digest_decode(struct digest *d, const struct pl *header);

/** The value of "algorithm"; an absent one is MD5. */
enum digest_alg digest_alg(const struct digest *d);
const char *digest_alg_name(enum digest_alg alg);

/** The response over the members of `d` (its own uri, nc and cnonce).
 * `hex` receives lower-case text. Returns 0 or an errno value. */
int digest_response(char hex[DIGEST_HEX_SIZE], enum digest_alg alg,
		const struct digest *d, const char *password, const struct pl *method);

/** `bytes` random ones as hex; `hex` holds 2 * bytes + 1. */
void digest_random(char *hex, size_t bytes);

#endif
