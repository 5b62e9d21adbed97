/* The nonces Meta gave out.
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef METASIM_SIP_NONCE_H
#define METASIM_SIP_NONCE_H

#include "sip_digest.h"

struct sip_nonce
{
	struct le le;
	char nonce[17];	 /* 16 hex, as in the samples (meta-calling.md 3.2) */
	char opaque[17];
	enum digest_alg alg;
	uint32_t nc;	  /* highest seen */
	uint64_t expires; /* tmr_jiffies() */
};

/** A new one, owned by the list. NULL when out of memory. */
struct sip_nonce *sip_nonce_new(enum digest_alg alg, uint64_t ttl_ms);
struct sip_nonce *sip_nonce_find(const struct pl *nonce);
void sip_nonce_close(void);

#endif
