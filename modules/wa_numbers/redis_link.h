/* The two connections to Redis: one waits for changes, one runs commands.
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * All of it runs in the directory process only.
 */
#ifndef WA_NUMBERS_REDIS_LINK_H
#define WA_NUMBERS_REDIS_LINK_H

#include "redis_conn.h"

#define WAN_AT_SIZE 320

typedef struct wan_link
{
	const wan_redis_conf_t *conf;
	wan_conn_t cmd;
	wan_conn_t follow;
	char at[WAN_AT_SIZE]; /* where we are, or were last; without a password */
	wa_redis_url_t master; /* what the Sentinels said, where there are any */
	size_t sentinel;	   /* which one to ask first */
	int64_t told_slow;	   /* when it was last said that Redis is slow */
	char why[WAN_WHY_SIZE]; /* what went wrong last; never a secret */
} wan_link_t;

/** A link that is closed. */
void wan_link_init(wan_link_t *l, const wan_redis_conf_t *conf);

/** Finds the master where there are Sentinels, connects both. Returns 0 or
 * WA_EIO and `why`. */
int wan_link_open(wan_link_t *l);

/** Connects to the Redis that is near for reading, master or replica, and does not
 * follow it. Returns 0 or WA_EIO and `why`. */
int wan_link_open_near(wan_link_t *l);
void wan_link_close(wan_link_t *l);

/** Whether the Sentinel asked now names another master than the one we are
 * connected to: true and `why`. A Sentinel that does not answer says nothing. */
bool wan_link_has_moved(wan_link_t *l);

/** Puts the command in the pipeline of the command connection. 0 or WA_EIO. */
int wan_link_append(wan_link_t *l, const wan_cmd_t *c);

/** The next reply of the command connection; the caller's to free with
 * freeReplyObject(). NULL: the connection is of no more use, see `why`. An
 * error reply is returned too, except those that say that this server cannot
 * serve us now (LOADING, MASTERDOWN, NOAUTH, ...). */
redisReply *wan_link_reply(wan_link_t *l);

/** wan_link_append() and wan_link_reply(). */
redisReply *wan_link_run(wan_link_t *l, const wan_cmd_t *c);

/** Whether the reply says that Redis takes no such write for now (READONLY, OOM,
 * ...): true and `why`. */
bool wan_link_is_refusal(wan_link_t *l, const redisReply *r);

/** The command connection has something to read while no reply is due. Returns
 * 0, or WA_EIO: it was its end. */
int wan_link_check_idle(wan_link_t *l);

/** Sends a command on the following connection. 0 or WA_EIO. */
int wan_link_send_follow(wan_link_t *l, const wan_cmd_t *c);

/** After poll() said readable. Returns 0 and a reply or, when it is not
 * complete yet, NULL; or WA_EIO. */
int wan_link_read_follow(wan_link_t *l, redisReply **out);

#endif
