/* Which Redis is the master now? The Sentinels know.
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef WA_NUMBERS_REDIS_SENTINEL_H
#define WA_NUMBERS_REDIS_SENTINEL_H

#include "redis_conn.h"

/** Asks Sentinel number `which`: host and port of `master` are what it says, all
 * else is from conf->url. Takes redis_timeout at most twice.
 * Returns 0 or WA_EIO and `why`. */
int wan_sentinel_ask(const wan_redis_conf_t *conf, size_t which,
		wa_redis_url_t *master, char *why);

/** Asks all in turn, beginning with `*first`, until one answers, which is then
 * the first to be asked. Returns as wan_sentinel_ask(). */
int wan_sentinel_find(const wan_redis_conf_t *conf, size_t *first,
		wa_redis_url_t *master, char *why);

#endif
