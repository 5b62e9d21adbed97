/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "redis_link.h"

#include <stdio.h>
#include <string.h>

#include "../lib/wa_clock.h"
#include "../lib/wa_err.h"
#include "redis_error.h"
#include "redis_sentinel.h"
#include "status.h"

#define TELL_SLOW_MS 60000 /* one line a minute */

void wan_link_init(wan_link_t *l, const wan_redis_conf_t *conf)
{
	*l = (wan_link_t){.conf = conf,
			.cmd = {.stream = WA_STREAM_CLOSED},
			.follow = {.stream = WA_STREAM_CLOSED},
			.told_slow = -TELL_SLOW_MS};
}

static int failed(wan_link_t *l, const char *what, const char *detail)
{
	/* cut if too long: it is for people */
	if(snprintf(l->why, sizeof(l->why), "%s: %s", what, detail) < 0)
		l->why[0] = '\0';
	return WA_EIO;
}

int wan_link_append(wan_link_t *l, const wan_cmd_t *c)
{
	return wan_conn_append(&l->cmd, c);
}

/* Not an error yet, but the next step before one. */
static void note_delay(wan_link_t *l, int64_t ms)
{
	int64_t now = wa_clock_ms();
	char text[WAN_WHY_SIZE];

	if(ms * 2 < l->conf->timeout_ms || now - l->told_slow < TELL_SLOW_MS)
		return;
	l->told_slow = now;
	snprintf(text, sizeof(text), "slow: an answer took %lld ms", (long long)ms);
	wan_status_error(text);
	LM_WARN("Redis at %s is %s; calls do not wait for it\n", l->at, text);
}

redisReply *wan_link_reply(wan_link_t *l)
{
	int64_t start = wa_clock_ms();
	redisReply *r = wan_conn_reply(&l->cmd);

	if(r == NULL)
		return NULL;
	note_delay(l, wa_clock_ms() - start);
	if(r->type != REDIS_REPLY_ERROR
			|| wan_error_explain(r->str, l->why, sizeof(l->why))
					   != WAN_ERROR_AWAY)
		return r;
	freeReplyObject(r);
	return NULL;
}

redisReply *wan_link_run(wan_link_t *l, const wan_cmd_t *c)
{
	return wan_link_append(l, c) < 0 ? NULL : wan_link_reply(l);
}

bool wan_link_is_refusal(wan_link_t *l, const redisReply *r)
{
	return r->type == REDIS_REPLY_ERROR
		   && wan_error_explain(r->str, l->why, sizeof(l->why))
					  == WAN_ERROR_WRITE;
}

/* A Sentinel may still name the old master, and the old master may have become a
 * replica: only ROLE tells. */
static int check_role(wan_link_t *l)
{
	wan_cmd_t c;
	redisReply *r;
	int ret = 0;

	wan_cmd_begin(&c, "ROLE");
	r = wan_link_run(l, &c);
	if(r == NULL)
		return WA_EIO;
	if(r->type == REDIS_REPLY_ERROR)
		ret = failed(l, "ROLE", r->str);
	else if(r->type != REDIS_REPLY_ARRAY || r->elements == 0
			|| !wa_sv_eq(wan_reply_sv(r->element[0]), WA_SV("master")))
		ret = failed(l, l->at,
				"the Sentinels name it as master, but it is a replica");
	freeReplyObject(r);
	return ret;
}

static int open_cmd(wan_link_t *l, const wa_redis_url_t *to)
{
	const wan_redis_conf_t *conf = l->conf;

	if(wa_redis_url_show(to, l->at, sizeof(l->at)) < 0)
		l->at[0] = '\0';
	return wan_conn_open(&l->cmd, to, &conf->tls, conf->tls_name,
			conf->timeout_ms, l->why);
}

static int open_both(wan_link_t *l, const wa_redis_url_t *to)
{
	const wan_redis_conf_t *conf = l->conf;

	if(open_cmd(l, to) < 0
			|| (conf->n_sentinels > 0 && check_role(l) < 0))
		return WA_EIO;
	return wan_conn_open(&l->follow, to, &conf->tls, conf->tls_name,
			conf->timeout_ms, l->why);
}

int wan_link_open(wan_link_t *l)
{
	const wa_redis_url_t *to = &l->conf->url;
	int ret = 0;

	if(l->conf->n_sentinels > 0) {
		if(snprintf(l->at, sizeof(l->at), "the master %s", l->conf->master) < 0)
			l->at[0] = '\0';
		ret = wan_sentinel_find(l->conf, &l->sentinel, &l->master, l->why);
		to = &l->master;
	}
	if(ret == 0)
		ret = open_both(l, to);
	if(ret < 0)
		wan_link_close(l);
	return ret;
}

int wan_link_open_near(wan_link_t *l)
{
	return open_cmd(l, &l->conf->near);
}

void wan_link_close(wan_link_t *l)
{
	wan_conn_close(&l->cmd);
	wan_conn_close(&l->follow);
}

bool wan_link_has_moved(wan_link_t *l)
{
	wa_redis_url_t master;
	char why[WAN_WHY_SIZE];
	bool moved;

	if(l->conf->n_sentinels == 0)
		return false;
	if(wan_sentinel_ask(l->conf, l->sentinel, &master, why) < 0) {
		/* another one next time: this one may be gone for long */
		l->sentinel = (l->sentinel + 1) % l->conf->n_sentinels;
		return false;
	}
	moved = strcmp(master.host, l->master.host) != 0
			|| master.port != l->master.port;
	explicit_bzero(&master, sizeof(master));
	if(moved)
		failed(l, "Sentinel", "another Redis is the master now");
	return moved;
}

int wan_link_check_idle(wan_link_t *l)
{
	redisReply *r;

	if(wan_conn_read(&l->cmd, &r) < 0)
		return WA_EIO;
	if(r == NULL) /* TLS has its own business now and then */
		return 0;
	freeReplyObject(r);
	return failed(l, "redis", "an answer that nobody has asked for");
}

int wan_link_send_follow(wan_link_t *l, const wan_cmd_t *c)
{
	return wan_conn_append(&l->follow, c) < 0 ? WA_EIO
											  : wan_conn_flush(&l->follow);
}

int wan_link_read_follow(wan_link_t *l, redisReply **out)
{
	if(wan_conn_read(&l->follow, out) < 0)
		return WA_EIO;
	if(*out == NULL || (*out)->type != REDIS_REPLY_ERROR)
		return 0;
	if(wan_error_explain((*out)->str, l->why, sizeof(l->why))
			== WAN_ERROR_OTHER)
		failed(l, "XREAD", (*out)->str);
	freeReplyObject(*out);
	*out = NULL;
	return WA_EIO;
}
