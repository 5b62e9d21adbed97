/* Where Redis is and how to sign in: the redis_* parameters.
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef WA_NUMBERS_REDIS_CONF_H
#define WA_NUMBERS_REDIS_CONF_H

#include "../lib/wa_redis_url.h"
#include "../lib/wa_stream.h"

#define WAN_SENTINELS_MAX 8

/* As Kamailio's parameters set them. */
typedef struct wan_redis_args
{
	char *url;
	char *password_file;
	char *sentinels;
	char *sentinel_password_file;
	char *near;
	char *master;
	char *ca_file;
	char *cert_file;
	char *key_file;
	char *tls_name;
	int timeout;
} wan_redis_args_t;

/* As the directory process uses them. */
typedef struct wan_redis_conf
{
	wa_redis_url_t url; /* host and port mean nothing where Sentinels do */
	wa_redis_url_t sentinels[WAN_SENTINELS_MAX];
	size_t n_sentinels;	  /* 0: the URL says where Redis is */
	const char *master;	  /* its name at the Sentinels */
	wa_redis_url_t near;  /* read first, if has_near */
	bool has_near;
	const char *tls_name; /* that Redis' certificate is for; "" = its host */
	wa_stream_tls_t tls;
	unsigned timeout_ms;
} wan_redis_conf_t;

/** Reads files, checks all. mod_init only. Returns 0, or -1 after a line in the
 * log that names the parameter, never a password. */
int wan_redis_conf_read(const wan_redis_args_t *args, wan_redis_conf_t *out);

/** Where Redis is looked for, without a password. Returns 0 or WA_ETOOLONG. */
int wan_redis_conf_show(const wan_redis_conf_t *conf, char *out, size_t size);

#endif
