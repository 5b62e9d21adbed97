/* One connection to Redis or a Sentinel: hiredis' parser and formatter on a
 * transport of our own, since hiredis 0.14 knows no TLS.
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * All of it runs in the directory process only. Each wait has an end.
 */
#ifndef WA_NUMBERS_REDIS_CONN_H
#define WA_NUMBERS_REDIS_CONN_H

#include "../ksr_compat.h"

#include <hiredis/hiredis.h>

#include "../lib/wa_sv.h"
#include "redis_conf.h"

#define WAN_ARGS_MAX 64
#define WAN_WHY_SIZE 160

typedef struct wan_conn
{
	wa_stream_t stream;
	redisReader *reader;
	char *out; /* commands not sent yet */
	size_t out_len;
	size_t out_size;
	unsigned timeout_ms;
	char *why; /* of WAN_WHY_SIZE: what went wrong last; never a secret */
} wan_conn_t;

/* A command being put together; values are not copied. */
typedef struct wan_cmd
{
	int argc;
	const char *argv[WAN_ARGS_MAX];
	size_t argl[WAN_ARGS_MAX];
} wan_cmd_t;

void wan_cmd_begin(wan_cmd_t *c, const char *verb);
void wan_cmd_add(wan_cmd_t *c, wa_sv_t arg);

/** A new entry of a stream, which keeps about `kept` of them; its fields and values are
 * to be added. */
void wan_cmd_begin_entry(wan_cmd_t *c, wa_sv_t stream, wa_sv_t kept);

/** Connects to `to`, with TLS and AUTH and SELECT as it says; `tls_name` takes
 * the place of its host in the check of the certificate, "" = none.
 * Returns 0 or WA_EIO and `why`; wan_conn_close() is for the caller either way. */
int wan_conn_open(wan_conn_t *c, const wa_redis_url_t *to,
		const wa_stream_tls_t *tls, const char *tls_name, unsigned timeout_ms,
		char *why);
void wan_conn_close(wan_conn_t *c);
bool wan_conn_is_open(const wan_conn_t *c);

/** Puts the command in the pipeline. Returns 0 or WA_EIO. */
int wan_conn_append(wan_conn_t *c, const wan_cmd_t *cmd);

/** Sends the pipeline. Returns 0 or WA_EIO. */
int wan_conn_flush(wan_conn_t *c);

/** Sends the pipeline and waits for the next reply, which is the caller's to
 * free with freeReplyObject(). NULL: the connection is of no more use. */
redisReply *wan_conn_reply(wan_conn_t *c);

/** wan_conn_append() and wan_conn_reply(). */
redisReply *wan_conn_run(wan_conn_t *c, const wan_cmd_t *cmd);

/** Reads what has arrived, waiting for nothing. Returns 0 and a reply or, when
 * none is complete, NULL; or WA_EIO. */
int wan_conn_read(wan_conn_t *c, redisReply **out);

bool wan_reply_is_error(const redisReply *r, const char *prefix);
/** View of a string reply; empty for any other type. */
wa_sv_t wan_reply_sv(const redisReply *r);

#endif
