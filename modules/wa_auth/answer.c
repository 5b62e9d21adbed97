/* wa_auth_answer(): the request once more, with credentials.
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Nothing is kept between two calls: what was answered before stands in the
 * requests sent on the branches of the transaction.
 */
#include "../ksr_compat.h"

#include "wa_auth.h"

#include <time.h>

#include <openssl/crypto.h>

#include <kamailio/core/data_lump.h>
#include <kamailio/core/dset.h>
#include <kamailio/core/route.h>

#include "../lib/wa_err.h"
#include "../lib/wa_headers.h"
#include "../lib/wa_uri.h"
#include "shared.h"
#include "wait.h"

#define HEADER_SIZE 4096

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
	wa_sv_t asks;	/* header name of the challenge */
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
	r->asks = r->code == 407 ? WA_SV("Proxy-Authenticate")
							 : WA_SV("WWW-Authenticate");
	r->answers = r->code == 407 ? WA_SV("Proxy-Authorization")
								: WA_SV("Authorization");
	*why = "the request sent is gone";
	return r->sent.len > 0 ? 0 : -1;
}

static const wa_challenge_t *find_challenge(
		const refusal_t *r, wa_challenges_t *list, const char **why)
{
	const wa_challenge_t *ch;
	wa_headers_t walk;
	wa_sv_t name, value;
	bool malformed = false;

	*list = (wa_challenges_t){0};
	wa_headers_begin(&walk, r->reply);
	while(wa_headers_next(&walk, &name, &value))
		if(wa_sv_ieq(name, r->asks)
				&& wa_challenges_parse(value, list) == WA_EPARSE)
			malformed = true;
	ch = wa_challenge_pick(list, &auth_conf.algorithms,
			KSR_SV(&auth_conf.answer_realm), true, why);
	if(ch == NULL && list->n == 0 && malformed)
		*why = "the challenge is malformed";
	return ch;
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

/* What was sent ahead of any challenge answers none. */
static int count_answers(const refusal_t *r, wa_sv_t realm)
{
	wa_credentials_t cr;
	int n = 0;

	for(int b = 0; b < r->t->nr_of_outgoings; b++)
		n += !ahead_sent(r->t, b)
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
	char header[HEADER_SIZE];
	size_t n = name.len + 2;
	int len;

	memcpy(header, name.s, name.len);
	memcpy(header + name.len, ": ", 2);
	len = wa_digest_answer(ch, user, header + n, HEADER_SIZE - n - 2);
	if(len < 0)
		return len;
	n += (size_t)len;
	memcpy(header + n, "\r\n", 2);
	return add_header(msg, header, n + 2) < 0 ? WA_ENOMEM : 0;
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
		const wa_challenge_t *ch, wa_sv_t password, auth_current_t *cur)
{
	const wa_digest_user_t user = {.username = wa_sv_from(cur->number),
			.password = password,
			.method = r->method,
			.uri = r->uri,
			.nc = shared_given_put(wa_sv_from(cur->number), ch,
					r->code == 407, time(NULL)),
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

static int no_password(auth_current_t *cur, int err)
{
	const char *what = err == WA_ENOENT ? "number or password"
										: "password of the number";

	return auth_done(cur, COUNT_ANSWER_NO_PASSWORD, RET_NO_PASSWORD, "%s: %s",
			what, wa_strerror(err));
}

int auth_answer(sip_msg_t *msg, wa_sv_t number)
{
	auth_current_t *cur = auth_current(msg);
	const wa_challenge_t *ch;
	wa_challenges_t list;
	wa_secret_t secret;
	refusal_t r = {0};
	const char *why;
	int ret;

	if(wa_uri_e164(number, cur->number) < 0)
		return no_password(cur, WA_ENOENT);
	if(find_refusal(msg, &r, &why) < 0)
		return auth_done(
				cur, COUNT_ANSWER_NO_CHALLENGE, RET_NO_CHALLENGE, "%s", why);
	ch = find_challenge(&r, &list, &why);
	if(ch == NULL)
		return auth_done(
				cur, COUNT_ANSWER_NO_CHALLENGE, RET_NO_CHALLENGE, "%s", why);
	ret = auth_numbers.password(wa_sv_from(cur->number), &secret);
	if(ret < 0)
		return no_password(cur, ret);
	ret = may_answer(&r, ch, (wa_sv_t){secret.s, secret.len}, cur);
	if(ret == 0)
		ret = send_answer(msg, &r, ch, (wa_sv_t){secret.s, secret.len}, cur);
	OPENSSL_cleanse(&secret, sizeof(secret));
	return ret;
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
