/* wa_auth_challenge(), wa_auth_verify(), wa_auth_verify_trunk(),
 * wa_auth_strip(): who calls us?
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "../ksr_compat.h"

#include "wa_auth.h"

#include <stdio.h>
#include <time.h>

#include <kamailio/core/data_lump.h>
#include <kamailio/core/data_lump_rpl.h>
#include <kamailio/core/ip_addr.h>

#include "../lib/wa_buf.h"
#include "../lib/wa_err.h"
#include "../lib/wa_uri.h"
#include "account.h"
#include "shared.h"

#define HEADER_SIZE 512

/* Who has to show that he knows a password. */
typedef struct claim
{
	enum account_kind kind;
	char name[WA_NAME_SIZE]; /* digits of the number, or the trunk */
	account_t account;
	wa_credentials_t cr;
	wa_sv_t realm;
} claim_t;

/* RFC 7616 3.3. "algorithm" is left out for MD5, as in Meta's sample. */
static int write_challenge(wa_sv_t realm, bool stale, enum wa_alg alg,
		const wa_nonce_t *n, wa_buf_t *b)
{
	wa_buf_put(b, WA_SV("Proxy-Authenticate: Digest realm=\""));
	wa_buf_put(b, realm);
	wa_buf_put(b, WA_SV("\", nonce=\""));
	wa_buf_put(b, wa_sv_from(n->nonce));
	wa_buf_put(b, WA_SV("\", opaque=\""));
	wa_buf_put(b, wa_sv_from(n->opaque));
	wa_buf_put(b, WA_SV("\", qop=\"auth\""));
	if(stale)
		wa_buf_put(b, WA_SV(", stale=true"));
	if(alg != WA_ALG_MD5) {
		wa_buf_put(b, WA_SV(", algorithm="));
		wa_buf_put(b, wa_sv_from(wa_alg_name(alg)));
	}
	wa_buf_put(b, WA_SV("\r\n"));
	return wa_buf_check(b);
}

static int add_challenge(
		sip_msg_t *msg, wa_sv_t realm, bool stale, enum wa_alg alg)
{
	char mem[HEADER_SIZE];
	wa_buf_t b = wa_buf_on(mem, sizeof(mem));
	wa_seal_ring_t keys;
	wa_nonce_t nonce;
	int err;

	shared_keys(&keys);
	err = wa_nonce_issue(&keys, realm, time(NULL), &nonce);
	wa_seal_ring_wipe(&keys);
	if(err == 0)
		err = write_challenge(realm, stale, alg, &nonce, &b);
	if(err == 0
			&& add_lump_rpl(msg, b.s, (int)b.len, LUMP_RPL_HDR) == NULL)
		err = WA_ENOMEM;
	return err;
}

/* What is asked of whom: Meta gets one header, a PBX one for each algorithm
 * (RFC 8760 2.3: the most preferred first) that its trunk's secret is good for. */
static wa_alg_prefs_t offered(enum account_kind kind, wa_sv_t secret)
{
	return kind == ACCOUNT_TRUNK
				   ? wa_alg_prefs_with(&auth_conf.trunk_algorithms, secret)
				   : (wa_alg_prefs_t){.v = {auth_conf.challenge_alg}, .n = 1};
}

static int add_challenges(sip_msg_t *msg, wa_sv_t realm,
		const auth_current_t *cur)
{
	const wa_alg_prefs_t *algs = &cur->offers;
	int err = algs->n > 0 ? 0 : WA_EUNSUP;

	for(unsigned i = 0; err == 0 && i < algs->n; i++)
		err = add_challenge(msg, realm, cur->stale, algs->v[i]);
	return err;
}

/* 1 = go on, 0 = a retransmission that tm has answered, -1 = failed */
static int have_transaction(sip_msg_t *msg)
{
	int ret = auth_transaction() != NULL ? 1 : auth_tmb.t_newtran(msg);

	return ret > 0 ? 1 : ret < 0 ? -1 : 0;
}

/* The script's wa_auth_verify() has left in `cur` whether the answer was right
 * but for its nonce. */
int auth_challenge(sip_msg_t *msg, wa_sv_t realm)
{
	auth_current_t *cur = auth_current(msg);
	int ret, err;

	if(msg->REQ_METHOD & (METHOD_ACK | METHOD_CANCEL) || !wa_auth_quotable(realm)) {
		LM_ERR("%.*s for realm \"%.*s\" cannot be challenged\n",
				msg->first_line.u.request.method.len,
				msg->first_line.u.request.method.s, WA_SV_ARG(realm));
		return -1;
	}
	ret = have_transaction(msg);
	if(ret <= 0)
		return ret < 0 ? -1 : RET_OK;
	err = add_challenges(msg, realm, cur);
	if(err < 0) {
		LM_ERR("no challenge: %s\n", wa_strerror(err));
		return -1;
	}
	if(auth_tmb.t_reply(msg, 407, "Proxy Authentication Required") < 0) {
		LM_ERR("the challenge was not sent\n");
		return -1;
	}
	auth_count(COUNT_CHALLENGED);
	return RET_OK;
}

static bool has_credentials(const hdr_field_t *h)
{
	return h->type == HDR_PROXYAUTH_T || h->type == HDR_AUTHORIZATION_T;
}

/* Finds the credentials for `realm`; `*why` says what was found instead. */
static int find_credentials(
		sip_msg_t *msg, wa_sv_t realm, wa_credentials_t *out, const char **why)
{
	*why = "no credentials";
	if(parse_headers(msg, HDR_EOH_F, 0) < 0) {
		*why = "the request cannot be parsed";
		return WA_EPARSE;
	}
	for(const hdr_field_t *h = msg->headers; h != NULL; h = h->next) {
		int err;

		if(!has_credentials(h))
			continue;
		err = wa_credentials_parse(KSR_SV(&h->body), out);
		if(err == 0 && wa_sv_eq(out->realm, realm))
			return 0;
		*why = err == 0 ? "credentials for another realm only"
			   : err == WA_EUNSUP
					   ? "credentials with an unknown scheme, algorithm or qop"
					   : "malformed credentials";
	}
	return WA_ENOENT;
}

static bool is_offered(const claim_t *c)
{
	wa_alg_prefs_t algs = offered(c->kind, account_password(&c->account));

	for(unsigned i = 0; i < algs.n; i++)
		if(algs.v[i] == c->cr.alg)
			return true;
	return false;
}

static bool is_username(const claim_t *c)
{
	char digits[WA_DIGITS_SIZE];

	if(c->kind == ACCOUNT_TRUNK)
		return wa_sv_eq(c->cr.username, wa_sv_from(c->account.username));
	return wa_uri_e164(c->cr.username, digits) == 0
		   && wa_sv_eq(wa_sv_from(digits), wa_sv_from(c->name));
}

/* What has to hold besides the response: that the credentials belong to this
 * account, to this request and to our challenge. NULL if all does. The
 * Request-URI is the one received: that is what the caller knew. */
static const char *mismatch(const sip_msg_t *msg, const claim_t *c)
{
	if(!is_username(c))
		return c->kind == ACCOUNT_TRUNK
					   ? "the username is not the trunk's"
					   : "the username is not the number called";
	if(!wa_digest_uri_same(c->cr.uri, KSR_SV(&msg->first_line.u.request.uri)))
		return "the digest uri names another user or host than the "
			   "Request-URI";
	if(!is_offered(c))
		return "an algorithm that was not offered";
	if(c->cr.qop != WA_QOP_AUTH)
		return "a qop that was not offered";
	return NULL;
}

static wa_sv_t source_of(const sip_msg_t *msg)
{
	return wa_sv_from(ip_addr2a((struct ip_addr *)(uintptr_t)&msg->rcv.src_ip));
}

/* Wrong answers are counted per address and account; a trunk may be called like
 * a number. */
static wa_sv_t counted_as(const claim_t *c, char text[WA_NAME_SIZE + 1])
{
	text[0] = c->kind == ACCOUNT_TRUNK ? 't' : 'n';
	memcpy(text + 1, c->name, sizeof(c->name));
	return wa_sv_from(text);
}

static int wrong(const sip_msg_t *msg, const claim_t *c, const char *why)
{
	auth_current_t *cur = auth_current(msg);
	char key[WA_NAME_SIZE + 1];
	unsigned n = shared_wrong(source_of(msg), counted_as(c, key), time(NULL));

	cur->tries_left = (int)n < auth_conf.max_tries
							  ? auth_conf.max_tries - (int)n
							  : 0;
	return auth_done(cur, COUNT_VERIFY_WRONG, RET_WRONG, "%s (number %u of "
			"this address)", why, n);
}

/* Guessing gets no answer that tells right from wrong, until the window that
 * began with the first wrong one is over. */
static bool is_locked(const sip_msg_t *msg, const claim_t *c)
{
	char key[WA_NAME_SIZE + 1];

	return auth_conf.max_wrong > 0
		   && shared_wrongs(source_of(msg), counted_as(c, key), time(NULL))
					  >= (unsigned)auth_conf.max_wrong;
}

static int check_nonce(const claim_t *c, wa_nonce_id_t *id)
{
	wa_seal_ring_t keys;
	int err;

	shared_keys(&keys);
	err = wa_nonce_check(&keys, c->realm, c->cr.nonce, c->cr.opaque, time(NULL),
			(unsigned)auth_conf.nonce_lifetime, id);
	wa_seal_ring_wipe(&keys);
	return err;
}

static void prove_claim(const claim_t *c, bool right)
{
	if(c->kind == ACCOUNT_NUMBER)
		prove(wa_sv_from(c->name), WA_PROVEN_METAS, right);
}

/* The response is right. Is the nonce ours, young, and new with this nc? */
static int judge_nonce(const sip_msg_t *msg, const claim_t *c)
{
	auth_current_t *cur = auth_current(msg);
	char key[WA_NAME_SIZE + 1];
	wa_nonce_id_t id;
	int err = check_nonce(c, &id);

	if(err == 0)
		err = shared_use(&id, c->cr.nc, time(NULL));
	if(err == WA_EREPLAY)
		return auth_done(cur, COUNT_VERIFY_REPLAYED, RET_REPLAYED,
				"nonce count %u was used before", c->cr.nc);
	if(err != 0) {
		cur->stale = true;
		return auth_done(cur, COUNT_VERIFY_STALE, RET_STALE,
				err == WA_ESTALE ? "the nonce has expired"
								 : "the nonce is none of ours");
	}
	shared_right(source_of(msg), counted_as(c, key));
	prove_claim(c, true);
	return auth_done(cur, COUNT_VERIFIED, RET_OK, "verified");
}

/* RET_OK if the response is right, nonce aside. */
static int judge_response(const sip_msg_t *msg, const claim_t *c)
{
	const char *why = mismatch(msg, c);
	int err;

	if(why != NULL)
		return wrong(msg, c, why);
	err = wa_credentials_check(&c->cr, KSR_SV(&msg->first_line.u.request.method),
			account_password(&c->account), WA_SV(""));
	if(err < 0 && err != WA_EAUTH)
		LM_ERR("no digest can be computed: %s\n", wa_strerror(err));
	if(err == 0)
		return RET_OK;
	prove_claim(c, false);
	return wrong(msg, c, "the response is wrong");
}

static int unknown(auth_current_t *cur, enum account_kind kind, int err)
{
	return auth_done(cur, COUNT_VERIFY_UNKNOWN, RET_UNKNOWN, "%s of the %s: %s",
			kind == ACCOUNT_TRUNK ? "username or password" : "password",
			account_kind_name(kind), wa_strerror(err));
}

/* The claim has its kind and its name. */
static int judge(sip_msg_t *msg, claim_t *c)
{
	auth_current_t *cur = auth_current(msg);
	int ret;

	cur->alg = c->cr.alg;
	if(is_locked(msg, c)) {
		cur->tries_left = 0;
		return auth_done(cur, COUNT_VERIFY_LOCKED, RET_LOCKED,
				"not looked at: %d wrong answers of this address before",
				auth_conf.max_wrong);
	}
	ret = account_open(c->kind, wa_sv_from(c->name), &c->account);
	if(ret < 0)
		return unknown(cur, c->kind, ret);
	ret = judge_response(msg, c);
	account_wipe(&c->account);
	return ret == RET_OK ? judge_nonce(msg, c) : ret;
}

/* 0 = there are credentials in `c`, else the script's return value */
static int begin(sip_msg_t *msg, claim_t *c)
{
	auth_current_t *cur = auth_current(msg);
	const char *why;

	cur->stale = false;
	cur->tries_left = -1;
	if(find_credentials(msg, c->realm, &c->cr, &why) == 0)
		return 0;
	return auth_done(cur, COUNT_VERIFY_NO_CREDENTIALS, RET_NO_CREDENTIALS, "%s",
			why);
}

int auth_verify(sip_msg_t *msg, wa_sv_t realm)
{
	auth_current_t *cur = auth_current(msg);
	claim_t c = {.kind = ACCOUNT_NUMBER, .realm = realm};
	wa_sv_t user, host;
	int ret;

	cur->offers = offered(c.kind, WA_SV(""));
	ret = begin(msg, &c);
	if(ret != 0)
		return ret;
	if(wa_digest_uri_parts(
			   KSR_SV(&msg->first_line.u.request.uri), &user, &host)
					< 0
			|| wa_uri_e164(user, cur->number) < 0
			|| wa_sv_copy(c.name, sizeof(c.name), wa_sv_from(cur->number)) < 0)
		return auth_done(cur, COUNT_VERIFY_UNKNOWN, RET_UNKNOWN,
				"the Request-URI names no number");
	return judge(msg, &c);
}

/* A trunk without an account is told before anybody is asked for credentials
 * that could never be right. */
int auth_verify_trunk(sip_msg_t *msg, wa_sv_t realm, wa_sv_t trunk)
{
	claim_t c = {.kind = ACCOUNT_TRUNK, .realm = realm};
	int ret = wa_sv_copy(c.name, sizeof(c.name), trunk);

	if(ret == 0)
		ret = account_open(c.kind, trunk, &c.account);
	auth_current(msg)->offers = offered(c.kind, account_password(&c.account));
	account_wipe(&c.account);
	if(ret == 0 && auth_current(msg)->offers.n == 0)
		ret = WA_EUNSUP;
	if(ret < 0)
		return unknown(auth_current(msg), c.kind, ret);
	ret = begin(msg, &c);
	return ret != 0 ? ret : judge(msg, &c);
}

int auth_strip(sip_msg_t *msg)
{
	if(parse_headers(msg, HDR_EOH_F, 0) < 0)
		return -1;
	for(const hdr_field_t *h = msg->headers; h != NULL; h = h->next)
		if(has_credentials(h)
				&& del_lump(msg, (int)(h->name.s - msg->buf), h->len, 0)
						   == NULL)
			return -1;
	return RET_OK;
}
