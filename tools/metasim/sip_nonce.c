/* The nonces Meta gave out.
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "sip_nonce.h"

enum
{
	NONCES_MAX = 1024,
};

static struct list nonces;

static void destructor(void *arg)
{
	struct sip_nonce *n = arg;

	list_unlink(&n->le);
}

struct sip_nonce *sip_nonce_new(enum digest_alg alg, uint64_t ttl_ms)
{
	struct sip_nonce *n = mem_zalloc(sizeof(*n), destructor);

	if(n == NULL)
		return NULL;
	digest_random(n->nonce, 8);
	digest_random(n->opaque, 8);
	n->alg = alg;
	n->expires = tmr_jiffies() + ttl_ms;
	list_prepend(&nonces, &n->le, n);
	if(list_count(&nonces) > NONCES_MAX)
		mem_deref(list_ledata(list_tail(&nonces)));
	return n;
}

struct sip_nonce *sip_nonce_find(const struct pl *nonce)
{
	struct le *le;

	LIST_FOREACH(&nonces, le)
	{
		struct sip_nonce *n = le->data;

		if(pl_strcmp(nonce, n->nonce) == 0)
			return n;
	}
	return NULL;
}

void sip_nonce_close(void)
{
	list_flush(&nonces);
}
