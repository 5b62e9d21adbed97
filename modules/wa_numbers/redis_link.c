/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "redis_link.h"

#include <stdio.h>
#include <string.h>

#include "../lib/wa_err.h"

static int failed(wan_link_t *l, const char *what, const char *detail)
{
	/* cut if too long: it is for people */
	if(snprintf(l->why, sizeof(l->why), "%s: %s", what,
			   detail != NULL && *detail != '\0' ? detail : "connection lost")
			< 0)
		l->why[0] = '\0';
	return WA_EIO;
}

bool wan_reply_is_error(const redisReply *r, const char *prefix)
{
	size_t len = strlen(prefix);

	return r != NULL && r->type == REDIS_REPLY_ERROR && (size_t)r->len >= len
		   && memcmp(r->str, prefix, len) == 0;
}

wa_sv_t wan_reply_sv(const redisReply *r)
{
	if(r == NULL
			|| (r->type != REDIS_REPLY_STRING && r->type != REDIS_REPLY_STATUS))
		return (wa_sv_t){NULL, 0};
	return (wa_sv_t){r->str, (size_t)r->len};
}

void wan_cmd_begin(wan_cmd_t *c, const char *verb)
{
	c->argc = 0;
	wan_cmd_add(c, wa_sv_from(verb));
}

void wan_cmd_add(wan_cmd_t *c, wa_sv_t arg)
{
	if(c->argc == WAN_ARGS_MAX) {
		LM_BUG("a command has too many arguments\n");
		return;
	}
	c->argv[c->argc] = arg.len > 0 ? arg.s : "";
	c->argl[c->argc] = arg.len;
	c->argc++;
}

int wan_cmd_append(wan_link_t *l, redisContext *ctx, const wan_cmd_t *c)
{
	/* argv's type has no const in hiredis 0.14 */
	if(redisAppendCommandArgv(ctx, c->argc, (const char **)c->argv, c->argl)
			== REDIS_OK)
		return 0;
	return failed(l, c->argv[0], ctx->errstr);
}

/* Errors that concern the server, not the command: go away and come back. */
static bool is_unserviceable(const redisReply *r)
{
	static const char *const prefixes[] = {"LOADING", "READONLY", "MASTERDOWN",
			"NOAUTH", "WRONGPASS", "NOPERM", "MISCONF", "OOM", "BUSY",
			"NOREPLICAS", "CLUSTERDOWN", "MOVED"};

	for(size_t i = 0; i < sizeof(prefixes) / sizeof(prefixes[0]); i++)
		if(wan_reply_is_error(r, prefixes[i]))
			return true;
	return false;
}

redisReply *wan_link_reply(wan_link_t *l)
{
	redisReply *r = NULL;

	if(redisGetReply(l->cmd, (void **)&r) != REDIS_OK || r == NULL) {
		failed(l, "redis", l->cmd->errstr);
		return NULL;
	}
	if(!is_unserviceable(r))
		return r;
	failed(l, "redis", r->str);
	freeReplyObject(r);
	return NULL;
}

redisReply *wan_link_run(wan_link_t *l, const wan_cmd_t *c)
{
	return wan_cmd_append(l, l->cmd, c) < 0 ? NULL : wan_link_reply(l);
}

/* Runs a command of the greeting; `what` names it in place of its arguments. */
static int greet(wan_link_t *l, redisContext *ctx, const wan_cmd_t *c)
{
	redisReply *r = NULL;
	int ret = 0;

	if(wan_cmd_append(l, ctx, c) < 0)
		return WA_EIO;
	if(redisGetReply(ctx, (void **)&r) != REDIS_OK || r == NULL)
		return failed(l, c->argv[0], ctx->errstr);
	if(r->type == REDIS_REPLY_ERROR)
		ret = failed(l, c->argv[0], r->str);
	freeReplyObject(r);
	return ret;
}

static int sign_in(wan_link_t *l, redisContext *ctx)
{
	wan_cmd_t c;
	char db[16];

	if(l->url->password[0] != '\0') {
		wan_cmd_begin(&c, "AUTH");
		if(l->url->user[0] != '\0')
			wan_cmd_add(&c, wa_sv_from(l->url->user));
		wan_cmd_add(&c, wa_sv_from(l->url->password));
		if(greet(l, ctx, &c) < 0)
			return WA_EIO;
	}
	if(l->url->db > 0) {
		snprintf(db, sizeof(db), "%u", l->url->db);
		wan_cmd_begin(&c, "SELECT");
		wan_cmd_add(&c, wa_sv_from(db));
		if(greet(l, ctx, &c) < 0)
			return WA_EIO;
	}
	/* says at once whether the server asks for a password or is loading */
	wan_cmd_begin(&c, "PING");
	return greet(l, ctx, &c);
}

static redisContext *open_one(wan_link_t *l)
{
	struct timeval tv = {l->timeout_ms / 1000, (l->timeout_ms % 1000) * 1000};
	redisContext *ctx =
			l->url->is_unix
					? redisConnectUnixWithTimeout(l->url->host, tv)
					: redisConnectWithTimeout(
							l->url->host, (int)l->url->port, tv);

	if(ctx == NULL || ctx->err != 0) {
		failed(l, "connect", ctx != NULL ? ctx->errstr : "out of memory");
	} else {
		if(!l->url->is_unix)
			redisEnableKeepAlive(ctx);
		if(redisSetTimeout(ctx, tv) == REDIS_OK && sign_in(l, ctx) == 0)
			return ctx;
	}
	if(ctx != NULL)
		redisFree(ctx);
	return NULL;
}

int wan_link_open(wan_link_t *l)
{
	l->cmd = open_one(l);
	if(l->cmd != NULL)
		l->follow = open_one(l);
	if(l->follow != NULL)
		return 0;
	wan_link_close(l);
	return WA_EIO;
}

void wan_link_close(wan_link_t *l)
{
	if(l->cmd != NULL)
		redisFree(l->cmd);
	if(l->follow != NULL)
		redisFree(l->follow);
	l->cmd = l->follow = NULL;
}

int wan_link_flush_follow(wan_link_t *l)
{
	int done = 0;

	while(!done)
		if(redisBufferWrite(l->follow, &done) != REDIS_OK)
			return failed(l, "redis", l->follow->errstr);
	return 0;
}

int wan_link_read_follow(wan_link_t *l, redisReply **out)
{
	*out = NULL;
	if(redisBufferRead(l->follow) != REDIS_OK
			|| redisGetReplyFromReader(l->follow, (void **)out) != REDIS_OK)
		return failed(l, "redis", l->follow->errstr);
	if(*out != NULL && (*out)->type == REDIS_REPLY_ERROR) {
		failed(l, "redis", (*out)->str);
		freeReplyObject(*out);
		*out = NULL;
		return WA_EIO;
	}
	return 0;
}
