/* The two connections to Redis: one waits for changes, one runs commands.
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * All of it runs in the directory process only.
 */
#ifndef WA_NUMBERS_REDIS_LINK_H
#define WA_NUMBERS_REDIS_LINK_H

#include "../ksr_compat.h"

#include <hiredis/hiredis.h>

#include "../lib/wa_redis_url.h"
#include "../lib/wa_sv.h"

#define WAN_ARGS_MAX 64

typedef struct wan_link
{
	const wa_redis_url_t *url;
	unsigned timeout_ms;
	redisContext *cmd;
	redisContext *follow;
	char why[160]; /* what went wrong last; never a secret */
} wan_link_t;

/* A command being put together; values are not copied. */
typedef struct wan_cmd
{
	int argc;
	const char *argv[WAN_ARGS_MAX];
	size_t argl[WAN_ARGS_MAX];
} wan_cmd_t;

/** Connects both, with AUTH and SELECT. Returns 0 or WA_EIO and `why`. */
int wan_link_open(wan_link_t *l);
void wan_link_close(wan_link_t *l);

void wan_cmd_begin(wan_cmd_t *c, const char *verb);
void wan_cmd_add(wan_cmd_t *c, wa_sv_t arg);

/** Puts the command in the pipeline of a connection. Returns 0 or WA_EIO. */
int wan_cmd_append(wan_link_t *l, redisContext *ctx, const wan_cmd_t *c);

/** The next reply of the command connection; the caller's to free with
 * freeReplyObject(). NULL: the connection is of no more use, see `why`. An
 * error reply is returned too, except those that say that this server cannot
 * serve us now (LOADING, READONLY, NOAUTH, ...). */
redisReply *wan_link_reply(wan_link_t *l);

/** wan_cmd_append() and wan_link_reply() on the command connection. */
redisReply *wan_link_run(wan_link_t *l, const wan_cmd_t *c);

/** Sends what is in the pipeline of the following connection. 0 or WA_EIO. */
int wan_link_flush_follow(wan_link_t *l);

/** After poll() said readable: reads once. Returns 0 and a reply or, when it
 * is not complete yet, NULL; or WA_EIO. */
int wan_link_read_follow(wan_link_t *l, redisReply **out);

bool wan_reply_is_error(const redisReply *r, const char *prefix);
/** View of a string reply; empty for any other type. */
wa_sv_t wan_reply_sv(const redisReply *r);

#endif
