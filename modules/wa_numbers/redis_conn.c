/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "redis_conn.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../lib/wa_clock.h"
#include "../lib/wa_err.h"
#include "redis_error.h"

#define OUT_FIRST (16 * 1024)
#define IN_SIZE (16 * 1024)

static int failed(wan_conn_t *c, const char *what, const char *detail)
{
	/* cut if too long: it is for people */
	if(snprintf(c->why, WAN_WHY_SIZE, "%s: %s", what, detail) < 0)
		c->why[0] = '\0';
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

void wan_cmd_begin_entry(wan_cmd_t *c, wa_sv_t stream, wa_sv_t kept)
{
	wan_cmd_begin(c, "XADD");
	wan_cmd_add(c, stream);
	wan_cmd_add(c, WA_SV("MAXLEN"));
	wan_cmd_add(c, WA_SV("~"));
	wan_cmd_add(c, kept);
	wan_cmd_add(c, WA_SV("*"));
}

bool wan_conn_is_open(const wan_conn_t *c)
{
	return c->reader != NULL;
}

static int64_t deadline(const wan_conn_t *c)
{
	return wa_clock_ms() + c->timeout_ms;
}

/* Makes room for `len` bytes; what stood in the old place is wiped. */
static int reserve(wan_conn_t *c, size_t len)
{
	size_t size = c->out_size > 0 ? c->out_size : OUT_FIRST;
	char *p;

	while(size - c->out_len < len)
		size *= 2;
	if(size == c->out_size)
		return 0;
	p = malloc(size);
	if(p == NULL)
		return failed(c, "redis", "out of memory");
	if(c->out != NULL) {
		memcpy(p, c->out, c->out_len);
		explicit_bzero(c->out, c->out_len);
		free(c->out);
	}
	c->out = p;
	c->out_size = size;
	return 0;
}

int wan_conn_append(wan_conn_t *c, const wan_cmd_t *cmd)
{
	char *text = NULL;
	/* argv's type has no const in hiredis; the length is an int before 1.0 */
	long long len = redisFormatCommandArgv(
			&text, cmd->argc, (const char **)cmd->argv, cmd->argl);
	int ret;

	if(len < 0)
		return failed(c, "redis", "out of memory");
	ret = reserve(c, (size_t)len);
	if(ret == 0) {
		memcpy(c->out + c->out_len, text, (size_t)len);
		c->out_len += (size_t)len;
	}
	explicit_bzero(text, (size_t)len); /* may be AUTH */
	redisFreeCommand(text);
	return ret;
}

int wan_conn_flush(wan_conn_t *c)
{
	int ret;

	if(c->out_len == 0)
		return 0;
	ret = wa_stream_write(&c->stream, c->out, c->out_len, deadline(c), c->why,
			WAN_WHY_SIZE);
	explicit_bzero(c->out, c->out_len);
	c->out_len = 0;
	return ret;
}

/* 0 and the next complete reply, or NULL. */
static int parse(wan_conn_t *c, redisReply **out)
{
	void *r = NULL;

	if(redisReaderGetReply(c->reader, &r) != REDIS_OK)
		return failed(c, "not the Redis protocol", c->reader->errstr);
	*out = r;
	return 0;
}

int wan_conn_read(wan_conn_t *c, redisReply **out)
{
	char buf[IN_SIZE];

	*out = NULL;
	for(;;) {
		ssize_t n = wa_stream_read(
				&c->stream, buf, sizeof(buf), c->why, WAN_WHY_SIZE);

		if(n <= 0) {
			/* the last words before the end count too */
			if(parse(c, out) < 0)
				return WA_EIO;
			return n == 0 || *out != NULL ? 0 : WA_EIO;
		}
		if(redisReaderFeed(c->reader, buf, (size_t)n) != REDIS_OK)
			return failed(c, "not the Redis protocol", c->reader->errstr);
	}
}

static int no_answer(wan_conn_t *c)
{
	if(snprintf(c->why, WAN_WHY_SIZE, "no answer within %u ms", c->timeout_ms)
			< 0)
		c->why[0] = '\0';
	return WA_EIO;
}

redisReply *wan_conn_reply(wan_conn_t *c)
{
	redisReply *r = NULL;
	int64_t until = deadline(c);

	/* what was read with an earlier reply comes first */
	if(wan_conn_flush(c) < 0 || parse(c, &r) < 0)
		return NULL;
	while(r == NULL) {
		if(wan_conn_read(c, &r) < 0)
			return NULL;
		if(r == NULL && wa_stream_wait(&c->stream, until) < 0) {
			no_answer(c);
			return NULL;
		}
	}
	return r;
}

redisReply *wan_conn_run(wan_conn_t *c, const wan_cmd_t *cmd)
{
	return wan_conn_append(c, cmd) < 0 ? NULL : wan_conn_reply(c);
}

/* Runs a command of the greeting. Redis may repeat what it was told in an error,
 * so only errors that we know are shown as it words them. */
static int greet(wan_conn_t *c, const wan_cmd_t *cmd)
{
	redisReply *r = wan_conn_run(c, cmd);
	int ret = 0;

	if(r == NULL)
		return WA_EIO;
	if(r->type == REDIS_REPLY_ERROR) {
		ret = WA_EIO;
		if(wan_error_explain(r->str, c->why, WAN_WHY_SIZE) == WAN_ERROR_OTHER)
			failed(c, cmd->argv[0], "refused");
	}
	freeReplyObject(r);
	return ret;
}

static int sign_in(wan_conn_t *c, const wa_redis_url_t *to)
{
	wan_cmd_t cmd;
	char db[16];

	if(to->password[0] != '\0') {
		wan_cmd_begin(&cmd, "AUTH");
		if(to->user[0] != '\0')
			wan_cmd_add(&cmd, wa_sv_from(to->user));
		wan_cmd_add(&cmd, wa_sv_from(to->password));
		if(greet(c, &cmd) < 0)
			return WA_EIO;
	}
	if(to->db > 0) {
		snprintf(db, sizeof(db), "%u", to->db);
		wan_cmd_begin(&cmd, "SELECT");
		wan_cmd_add(&cmd, wa_sv_from(db));
		if(greet(c, &cmd) < 0)
			return WA_EIO;
	}
	/* says at once whether the server asks for a password or is loading */
	wan_cmd_begin(&cmd, "PING");
	return greet(c, &cmd);
}

int wan_conn_open(wan_conn_t *c, const wa_redis_url_t *to,
		const wa_stream_tls_t *tls, const char *tls_name, unsigned timeout_ms,
		char *why)
{
	int64_t until = wa_clock_ms() + timeout_ms;
	int ret;

	*c = (wan_conn_t){.stream = WA_STREAM_CLOSED,
			.timeout_ms = timeout_ms,
			.why = why};
	ret = to->is_unix ? wa_stream_unix(
							  &c->stream, to->host, until, why, WAN_WHY_SIZE)
					  : wa_stream_tcp(&c->stream, to->host, to->port, until,
							  why, WAN_WHY_SIZE);
	if(ret == 0 && to->is_tls)
		ret = wa_stream_tls(&c->stream, tls,
				tls_name[0] != '\0' ? tls_name : to->host, until, why,
				WAN_WHY_SIZE);
	if(ret < 0)
		return ret;
	c->reader = redisReaderCreate();
	if(c->reader == NULL)
		return failed(c, "redis", "out of memory");
	return sign_in(c, to);
}

void wan_conn_close(wan_conn_t *c)
{
	wa_stream_close(&c->stream);
	if(c->reader != NULL)
		redisReaderFree(c->reader);
	if(c->out != NULL) {
		explicit_bzero(c->out, c->out_len);
		free(c->out);
	}
	*c = (wan_conn_t){.stream = WA_STREAM_CLOSED};
}
