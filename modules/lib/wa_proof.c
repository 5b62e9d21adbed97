/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "wa_proof.h"

#include <limits.h>

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>

#include "wa_err.h"

#define DIGEST_LEN 32

int wa_proof(char out[WA_PROOF_SIZE], wa_sv_t secret, wa_sv_t token)
{
	static const char hex[] = "0123456789abcdef";
	unsigned char md[EVP_MAX_MD_SIZE];
	unsigned len = 0;

	out[0] = '\0';
	if(secret.len > INT_MAX
			|| HMAC(EVP_sha256(), secret.s, (int)secret.len,
					   (const unsigned char *)token.s, token.len, md, &len)
					   == NULL
			|| len != DIGEST_LEN)
		return WA_ENOMEM;
	for(unsigned i = 0; i < len; i++) {
		out[2 * i] = hex[md[i] >> 4];
		out[2 * i + 1] = hex[md[i] & 15];
	}
	out[WA_PROOF_SIZE - 1] = '\0';
	OPENSSL_cleanse(md, sizeof(md));
	return 0;
}
