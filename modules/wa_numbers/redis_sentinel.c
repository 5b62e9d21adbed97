/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "redis_sentinel.h"

#include <stdio.h>
#include <string.h>

#include "../lib/wa_err.h"

/* [host, port] */
static int read_address(const redisReply *r, wa_redis_url_t *master)
{
	unsigned long port;
	wa_sv_t host;

	if(r->type != REDIS_REPLY_ARRAY || r->elements != 2)
		return WA_EPARSE;
	host = wan_reply_sv(r->element[0]);
	if(host.len == 0
			|| wa_sv_copy(master->host, sizeof(master->host), host) < 0
			|| wa_sv_ulong(wan_reply_sv(r->element[1]), 65535, &port) < 0)
		return WA_EPARSE;
	master->port = (unsigned)port;
	return 0;
}

static int ask(wan_conn_t *c, const wan_redis_conf_t *conf,
		wa_redis_url_t *master, char *detail, size_t size)
{
	wan_cmd_t cmd;
	redisReply *r;
	int ret;

	wan_cmd_begin(&cmd, "SENTINEL");
	wan_cmd_add(&cmd, WA_SV("get-master-addr-by-name"));
	wan_cmd_add(&cmd, wa_sv_from(conf->master));
	r = wan_conn_run(c, &cmd);
	if(r == NULL)
		return WA_EIO;
	*master = conf->url;
	ret = read_address(r, master);
	if(ret < 0 && snprintf(detail, size, r->type == REDIS_REPLY_NIL
						  ? "no master of the name %s"
						  : "no answer that makes sense about %s",
						  conf->master)
						  < 0)
		detail[0] = '\0';
	freeReplyObject(r);
	return ret < 0 ? WA_EIO : 0;
}

int wan_sentinel_ask(const wan_redis_conf_t *conf, size_t which,
		wa_redis_url_t *master, char *why)
{
	const wa_redis_url_t *to = &conf->sentinels[which];
	char detail[WAN_WHY_SIZE] = "";
	wan_conn_t c;
	int ret = wan_conn_open(
			&c, to, &conf->tls, "", conf->timeout_ms, detail);

	if(ret == 0)
		ret = ask(&c, conf, master, detail, sizeof(detail));
	wan_conn_close(&c);
	/* cut if too long: it is for people */
	if(ret < 0
			&& snprintf(why, WAN_WHY_SIZE, "Sentinel %.60s:%u: %.70s", to->host,
					   to->port, detail)
					   < 0)
		why[0] = '\0';
	return ret;
}

int wan_sentinel_find(const wan_redis_conf_t *conf, size_t *first,
		wa_redis_url_t *master, char *why)
{
	for(size_t i = 0; i < conf->n_sentinels; i++) {
		size_t which = (*first + i) % conf->n_sentinels;

		if(wan_sentinel_ask(conf, which, master, why) < 0)
			continue;
		*first = which;
		return 0;
	}
	return WA_EIO;
}
