/* What the files of wa_auth share.
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef WA_AUTH_H
#define WA_AUTH_H

#include "../ksr_compat.h"

#include <kamailio/core/counters.h>
#include <kamailio/modules/tm/tm_load.h>

#include "../lib/wa_digest.h"
#include "../lib/wa_number.h"
#include "../lib/wa_proven.h"
#include "../lib/wa_sv.h"
#include "../wa_numbers/api.h"

/* Return values toward the script: the one place where they are named. */
enum auth_ret
{
	RET_OK = 1,
	/* wa_auth_answer() */
	RET_NO_CHALLENGE = -1,
	RET_NO_PASSWORD = -2,
	RET_REFUSED = -3,
	RET_INTERNAL = -4,
	/* wa_auth_wait() */
	RET_CANNOT_WAIT = -1,
	/* wa_auth_ahead(); else as wa_auth_answer() */
	RET_NO_NONCE = -1,
	/* wa_auth_verify() */
	RET_NO_CREDENTIALS = -1,
	RET_STALE = -2,
	RET_WRONG = -3,
	RET_UNKNOWN = -4,
	RET_REPLAYED = -5,
	RET_LOCKED = -6
};

/* Parameters, read-only after mod_init. */
typedef struct auth_conf
{
	wa_alg_prefs_t algorithms; /* we answer with, best first */
	str answer_realm;		   /* empty: any */
	int max_answers;		   /* per request, the first one included */
	enum wa_alg challenge_alg; /* we challenge Meta with */
	wa_alg_prefs_t trunk_algorithms; /* we challenge PBXes with, best first */
	int nonce_lifetime;		   /* seconds */
	int max_tries;			   /* wrong answers per source and number */
	int max_wrong;			   /* then none is looked at any more; 0: never */
} auth_conf_t;

extern auth_conf_t auth_conf;
extern tm_api_t auth_tmb;
extern wa_numbers_api_t auth_numbers;

/* Counters, in the order of the table in counters.c. */
enum auth_count
{
	COUNT_ANSWERED = 0,
	COUNT_ANSWERED_STALE,
	COUNT_ANSWERED_NEW_PASSWORD,
	COUNT_ANSWER_NO_CHALLENGE,
	COUNT_ANSWER_NO_PASSWORD,
	COUNT_ANSWER_REFUSED,
	COUNT_ANSWER_FAILED,
	COUNT_AHEAD,
	COUNT_AHEAD_REFUSED,
	COUNT_WAITED,
	COUNT_WAIT_FAILED,
	COUNT_CHALLENGED,
	COUNT_VERIFIED,
	COUNT_VERIFY_NO_CREDENTIALS,
	COUNT_VERIFY_STALE,
	COUNT_VERIFY_WRONG,
	COUNT_VERIFY_UNKNOWN,
	COUNT_VERIFY_REPLAYED,
	COUNT_VERIFY_LOCKED,
	COUNT_ALL,
	COUNT_NONE = COUNT_ALL
};

/** Registers the counters; in mod_init. Returns 0 or -1. */
int auth_counters_init(void);

/** Counts one event; in any process. */
void auth_count(enum auth_count which);

/** Name and value of a counter. */
const char *auth_counter_name(enum auth_count which);
long auth_counter_value(enum auth_count which);

/* What is known of the message in work, for $wa_auth(...). */
typedef struct auth_current
{
	unsigned msg_id;
	int msg_pid;
	const char *msg_buf;
	char reason[160];
	enum wa_alg alg; /* WA_ALG_UNKNOWN: none used yet */
	char number[WA_DIGITS_SIZE];
	bool has_offset;
	long offset;
	int tries_left; /* -1: nothing was wrong */
	bool stale;		/* the answer was right, only its nonce was not */
	wa_alg_prefs_t offers; /* what the far end is asked for */
} auth_current_t;

/** The record of `msg`, empty when the last one was for another message. */
auth_current_t *auth_current(const sip_msg_t *msg);

/** Sets the reason, counts (unless COUNT_NONE), and returns `ret`. Never give it
 * a secret. */
int auth_done(auth_current_t *cur, enum auth_count which, int ret,
		const char *format, ...) __attribute__((format(printf, 4, 5)));

/** Answers the 401 or 407 in work; in failure_route. Script return value. */
int auth_answer(sip_msg_t *msg, wa_sv_t number);

/** The same as the account of a trunk: a gateway asks. */
int auth_answer_trunk(sip_msg_t *msg, wa_sv_t trunk);

/** Suspends a transaction that was refused again, until its number was read from
 * Meta or `ms` have passed; then route number `route` goes on with it. After
 * auth_answer(), in failure_route. Script return value. */
int auth_wait(sip_msg_t *msg, int route, int ms);

/** Adds credentials with a nonce that was given before; in branch_route. Script
 * return value. */
int auth_ahead(sip_msg_t *msg, wa_sv_t number);

/** Whether the credentials on `branch` went out before any challenge came. */
bool ahead_sent(const tm_cell_t *t, int branch);

/** Credentials sent ahead were refused. */
void ahead_refused(const wa_credentials_t *cr);

/** Notes that a number's password was right, or wrong. */
void prove(wa_sv_t number, enum wa_proof_of of, bool right);

/** Seconds since `at` of a wa_proven_t, -1 = never. */
int prove_age(int64_t at);

/** What a reply of Meta says of the password that its request was answered with. */
void prove_reply(sip_msg_t *msg, const tm_cell_t *t, int branch);

/** Notes what a reply of Meta's says of the nonce and the password of the number
 * that was answered for. Script return value. */
int auth_replied(sip_msg_t *msg);

/** Adds header `name` with the answer to `ch`. Returns 0 or a wa_err. */
int auth_add_answer(sip_msg_t *msg, wa_sv_t name, const wa_challenge_t *ch,
		const wa_digest_user_t *user);

/** Sends a 407, to whom the last auth_verify...() was for; in request_route.
 * Script return value. */
int auth_challenge(sip_msg_t *msg, wa_sv_t realm);

/** Checks the credentials for `realm` of the number in the Request-URI; in
 * request_route. Script return value. */
int auth_verify(sip_msg_t *msg, wa_sv_t realm);

/** The same of a PBX, against the account of `trunk`. */
int auth_verify_trunk(sip_msg_t *msg, wa_sv_t realm, wa_sv_t trunk);

/** Removes all credentials from the request. Script return value. */
int auth_strip(sip_msg_t *msg);

/** Makes `number` the CSeq of the message when it goes out; calling it again
 * replaces the number. Not in branch_route. Returns 0 or -1. */
int cseq_set(sip_msg_t *msg, unsigned long number);

/** CSeq of the message as received. Returns 0 or -1. */
int cseq_of(sip_msg_t *msg, unsigned long *number);

/** CSeq of the request as received that `t` was made for. Returns 0 or -1. */
int cseq_received(const tm_cell_t *t, unsigned long *number);

/** CSeq of the request as sent on a branch of `t`. Returns 0 or -1. */
int cseq_sent(const tm_cell_t *t, int branch, unsigned long *number);

/** Adds `offset` to the CSeq of the request in work. Script return value. */
int auth_cseq(sip_msg_t *msg, int offset);

/** Gives the reply in work the CSeq of the request received. Script return
 * value. */
int auth_cseq_restore(sip_msg_t *msg);

/** Forgets the replies received so far, so that the refusal that was answered
 * does not win over what the new branch brings; in failure_route. */
void auth_drop_replies(sip_msg_t *msg);

/** The transaction in work; NULL if there is none. */
tm_cell_t *auth_transaction(void);

extern pv_export_t auth_pvs[];
extern rpc_export_t auth_rpcs[];

#endif
