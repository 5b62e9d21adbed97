/* Where Redis is: redis://[user:password@]host[:port][/db], rediss:// for TLS, or
 * unix://[user:password@]/path[?db=n].
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef WA_REDIS_URL_H
#define WA_REDIS_URL_H

#include "wa_sv.h"

#define WA_REDIS_SECRET_SIZE 512

typedef struct wa_redis_url
{
	bool is_unix;
	bool is_tls;
	char host[256]; /* or the path of the socket */
	unsigned port;
	unsigned db;
	char user[64]; /* "" = the default user */
	char password[WA_REDIS_SECRET_SIZE]; /* "" = none; never log */
} wa_redis_url_t;

/** Parses `text`; %XX in user and password is decoded.
 * Returns 0, WA_EPARSE, WA_ETOOLONG or WA_ERANGE; `out` is then empty. */
int wa_redis_url_parse(wa_sv_t text, wa_redis_url_t *out);

/** Parses a list of Sentinels, separated by commas or spaces: host[:port] or a
 * URL as above without a database; the port is 26379 unless it is given.
 * Returns how many there are, WA_EPARSE, WA_ETOOLONG or WA_ERANGE (more than
 * `max`, or a port that cannot be). */
int wa_redis_url_list(wa_sv_t text, wa_redis_url_t *out, size_t max);

/** The URL without user and password, for logs.
 * Returns 0 or WA_ETOOLONG. */
int wa_redis_url_show(const wa_redis_url_t *url, char *out, size_t size);

#endif
