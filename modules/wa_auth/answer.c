/* wa_auth_answer(): the request once more, with credentials.
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Nothing is kept between two calls: what was answered before stands in the
 * requests sent on the branches of the transaction.
 */
#include "../ksr_compat.h"

#include "wa_auth.h"

#include <kamailio/core/data_lump.h>
#include <kamailio/core/dset.h>
#include <kamailio/core/route.h>

#include "../lib/wa_err.h"
#include "../lib/wa_headers.h"
#include "../lib/wa_uri.h"
#include "account.h"
#include "challenge.h"
#include "wait.h"

/* The refusal in work. */
typedef struct refusal
{
	tm_cell_t *t;
	int branch;
	int code;
	wa_sv_t reply;	/* as received */
	wa_sv_t sent;	/* request it refuses, as sent */
	wa_sv_t body;	/* of that request */
	wa_sv_t uri;	/* Request-URI in there */
	wa_sv_t method;
	wa_sv_t answers; /* header name of the answer */
} refusal_t;

static wa_sv_t sent_on(const tm_cell_t *t, int branch)
{
	const struct retr_buf *rb = &t->uac[branch].request;

	if(rb->buffer == NULL || rb->buffer_len <= 0)
		return WA_SV("");
	return (wa_sv_t){rb->buffer, (size_t)rb->buffer_len};
}

/* tm holds the reply lock in failure_route: its transaction holds still. The
 * reply may be a clone in shared memory whose headers were never parsed, hence
 * its text is read. After a wait tm has forgotten it. */
static const char *find_reply(refusal_t *r)
{
	const wait_refusal_t *kept;
	const sip_msg_t *rpl;

	/* a route that a failure_route calls, or that goes on after a wait, is a
	 * request_route to the parser */
	if(!is_route_type(FAILURE_ROUTE))
		return "this is no failure_route";
	r->t = auth_transaction();
	if(r->t == NULL)
		return "there is no transaction";
	kept = wait_resumed(r->t);
	if(kept != NULL) {
		r->branch = kept->branch;
		r->code = kept->code;
		r->reply = kept->reply;
		return NULL;
	}
	r->branch = auth_tmb.t_get_picked_branch();
	if(r->branch < 0)
		return "there is no transaction";
	rpl = r->t->uac[r->branch].reply;
	r->code = r->t->uac[r->branch].last_received;
	if(rpl == NULL || rpl == FAKED_REPLY)
		return "no reply was received";
	r->reply = (wa_sv_t){rpl->buf, (size_t)rpl->len};
	return NULL;
}

static int find_refusal(sip_msg_t *msg, refusal_t *r, const char **why)
{
	*why = find_reply(r);
	if(*why != NULL)
		return -1;
	*why = "the reply is neither 401 nor 407";
	if(r->code != 401 && r->code != 407)
		return -1;
	r->sent = sent_on(r->t, r->branch);
	r->body = wa_headers_body(r->sent);
	r->uri = KSR_SV(&r->t->uac[r->branch].uri);
	r->method = KSR_SV(&msg->first_line.u.request.method);
	r->answers = challenge_answered_by(r->code);
	*why = "the request sent is gone";
	return r->sent.len > 0 ? 0 : -1;
}

/* The credentials for `realm` that a request sent holds. */
static bool find_answer(const refusal_t *r, wa_sv_t sent, wa_sv_t realm,
		wa_credentials_t *out)
{
	wa_headers_t walk;
	wa_sv_t name, value;

	wa_headers_begin(&walk, sent);
	while(wa_headers_next(&walk, &name, &value))
		if(wa_sv_ieq(name, r->answers)
				&& wa_credentials_parse(value, out) == 0
				&& wa_sv_eq(out->realm, realm))
			return true;
	return false;
}

/* To the same place: another gateway asks anew. What was sent ahead of any
 * challenge answers none. */
static int count_answers(const refusal_t *r, wa_sv_t realm)
{
	wa_credentials_t cr;
	int n = 0;

	for(int b = 0; b < r->t->nr_of_outgoings; b++)
		n += wa_sv_eq(KSR_SV(&r->t->uac[b].uri), r->uri)
			 && !ahead_sent(r->t, b)
			 && find_answer(r, sent_on(r->t, b), realm, &cr);
	return n;
}

/* A second answer makes sense if the first one had a stale nonce, or another
 * password than the directory has now (rotation, re-read). Anything else would
 * be refused like the first. */
static int may_answer(const refusal_t *r, const wa_challenge_t *ch,
		wa_sv_t password, auth_current_t *cur)
{
	wa_credentials_t before;

	if(!find_answer(r, r->sent, ch->realm, &before))
		return 0;
	if(ahead_sent(r->t, r->branch)) {
		ahead_refused(&before);
		return 0;
	}
	if(count_answers(r, ch->realm) >= auth_conf.max_answers)
		return auth_done(cur, COUNT_ANSWER_REFUSED, RET_REFUSED,
				"refused again after %d answers", auth_conf.max_answers);
	if(ch->stale) {
		auth_count(COUNT_ANSWERED_STALE);
		return 0;
	}
	if(wa_credentials_check(&before, r->method, password, r->body)
			== WA_EAUTH) {
		auth_count(COUNT_ANSWERED_NEW_PASSWORD);
		return 0;
	}
	return auth_done(cur, COUNT_ANSWER_REFUSED, RET_REFUSED,
			"refused again with %s, and %s", wa_alg_name(before.alg),
			wait_resumed(r->t) != NULL ? "no other password was read"
									   : "the nonce was not stale");
}

static int add_header(sip_msg_t *msg, const char *text, size_t len)
{
	struct lump *anchor;
	char *copy;

	if(parse_headers(msg, HDR_EOH_F, 0) < 0)
		return -1;
	anchor = anchor_lump(msg, (int)(msg->unparsed - msg->buf), 0, 0);
	copy = pkg_malloc(len);
	if(anchor == NULL || copy == NULL)
		goto error;
	memcpy(copy, text, len);
	if(insert_new_lump_before(anchor, copy, (int)len, 0) == NULL)
		goto error;
	return 0;

error:
	PKG_MEM_ERROR;
	if(copy != NULL)
		pkg_free(copy);
	return -1;
}

int auth_add_answer(sip_msg_t *msg, wa_sv_t name, const wa_challenge_t *ch,
		const wa_digest_user_t *user)
{
	char header[CHALLENGE_HEADER_SIZE];
	int len = challenge_write(name, ch, user, header);

	if(len < 0)
		return len;
	return add_header(msg, header, (size_t)len) < 0 ? WA_ENOMEM : 0;
}

/* The new branch goes where the refused one went, its CSeq one higher. */
static int prepare_branch(
		sip_msg_t *msg, const refusal_t *r, auth_current_t *cur)
{
	unsigned long received, sent;
	str uri = KSR_STR(r->uri);

	if(cseq_received(r->t, &received) < 0
			|| cseq_sent(r->t, r->branch, &sent) < 0
			|| cseq_set(msg, sent + 1) < 0)
		return -1;
	cur->offset = (long)(sent + 1) - (long)received;
	cur->has_offset = true;
	return rewrite_uri(msg, &uri) < 0 ? -1 : 0;
}

static int send_answer(sip_msg_t *msg, const refusal_t *r,
		const wa_challenge_t *ch, enum account_kind kind, const account_t *a)
{
	auth_current_t *cur = auth_current(msg);
	const wa_digest_user_t user = {.username = wa_sv_from(a->username),
			.password = account_password(a),
			.method = r->method,
			.uri = r->uri,
			.nc = challenge_count(kind, a, ch, r->code),
			.body = r->body};
	int err = auth_add_answer(msg, r->answers, ch, &user);

	if(err < 0)
		return auth_done(cur, COUNT_ANSWER_FAILED, RET_INTERNAL,
				"the answer cannot be made: %s", wa_strerror(err));
	if(prepare_branch(msg, r, cur) < 0)
		return auth_done(cur, COUNT_ANSWER_FAILED, RET_INTERNAL,
				"the new branch cannot be prepared");
	auth_drop_replies(msg);
	cur->alg = ch->alg;
	return auth_done(cur, COUNT_ANSWERED, RET_OK, "answered with %s",
			wa_alg_name(ch->alg));
}

static int no_account(auth_current_t *cur, enum account_kind kind, int err)
{
	const char *what = account_kind_name(kind);

	return err == WA_ENOENT
				   ? auth_done(cur, COUNT_ANSWER_NO_PASSWORD, RET_NO_PASSWORD,
							 "no such %s, or it has no %s", what,
							 kind == ACCOUNT_TRUNK ? "username and password"
												   : "password")
				   : auth_done(cur, COUNT_ANSWER_NO_PASSWORD, RET_NO_PASSWORD,
							 "password of the %s: %s", what, wa_strerror(err));
}

/* The refusal is a challenge; the account is open. */
static int answer_with(sip_msg_t *msg, const refusal_t *r,
		enum account_kind kind, const account_t *a, wa_sv_t realm)
{
	auth_current_t *cur = auth_current(msg);
	const wa_challenge_t *ch;
	wa_challenges_t list;
	const char *why;
	int ret;

	ch = challenge_find(
			r->reply, r->code, realm, account_password(a), &list, &why);
	if(ch == NULL)
		return auth_done(
				cur, COUNT_ANSWER_NO_CHALLENGE, RET_NO_CHALLENGE, "%s", why);
	ret = may_answer(r, ch, account_password(a), cur);
	if(ret == RET_REFUSED && kind == ACCOUNT_NUMBER)
		prove(wa_sv_from(a->username), WA_PROVEN_OURS, false);
	return ret == 0 ? send_answer(msg, r, ch, kind, a) : ret;
}

static int answer_as(
		sip_msg_t *msg, enum account_kind kind, wa_sv_t name, wa_sv_t realm)
{
	auth_current_t *cur = auth_current(msg);
	refusal_t r = {0};
	account_t account;
	const char *why;
	int ret;

	if(find_refusal(msg, &r, &why) < 0)
		return auth_done(
				cur, COUNT_ANSWER_NO_CHALLENGE, RET_NO_CHALLENGE, "%s", why);
	ret = account_open(kind, name, &account);
	if(ret < 0)
		return no_account(cur, kind, ret);
	ret = answer_with(msg, &r, kind, &account, realm);
	account_wipe(&account);
	return ret;
}

int auth_answer(sip_msg_t *msg, wa_sv_t number)
{
	auth_current_t *cur = auth_current(msg);

	if(wa_uri_e164(number, cur->number) < 0)
		return no_account(cur, ACCOUNT_NUMBER, WA_ENOENT);
	return answer_as(msg, ACCOUNT_NUMBER, wa_sv_from(cur->number),
			KSR_SV(&auth_conf.answer_realm));
}

int auth_answer_trunk(sip_msg_t *msg, wa_sv_t trunk)
{
	return answer_as(msg, ACCOUNT_TRUNK, trunk, WA_SV(""));
}

/* A wait makes sense only with a refusal that another password could cure. */
int auth_wait(sip_msg_t *msg, int route, int ms)
{
	auth_current_t *cur = auth_current(msg);
	wait_refusal_t kept;
	refusal_t r = {0};
	const char *why;
	int err;

	if(find_refusal(msg, &r, &why) < 0)
		return auth_done(
				cur, COUNT_WAIT_FAILED, RET_CANNOT_WAIT, "%s", why);
	kept = (wait_refusal_t){r.branch, r.code, r.reply};
	err = wait_begin(msg, wa_sv_from(cur->number), &kept, route,
			ms > 0 ? (unsigned)ms : 0);
	if(err < 0)
		return auth_done(cur, COUNT_WAIT_FAILED, RET_CANNOT_WAIT, "%s",
				err == WA_EBUSY
						? "refused again, and too many calls wait already"
						: "refused again, and tm does not let the call wait");
	return auth_done(cur, COUNT_WAITED, RET_OK, "waits for another password");
}
