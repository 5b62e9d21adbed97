/* Meta challenges the business.
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "sip_business_auth.h"

#include <stdio.h>
#include <string.h>

#include <openssl/crypto.h>

#include "args.h"
#include "event.h"
#include "policy.h"
#include "sip_nonce.h"

enum
{
	NONCE_TTL_MS = 300000,
	CHALLENGES_MAX = 6, /* whatever the policy says */
};

/* The k-th word of "challenge": one word, or a list. NULL behind its end. */
static const char *step(const struct call *c, unsigned k)
{
	struct json_object *val = policy_get(c->user, "challenge");

	if(val == NULL)
		return k == 0 ? "both" : NULL;
	if(json_object_is_type(val, json_type_array))
		return json_object_get_string(json_object_array_get_idx(val, k));
	return k == 0 ? json_object_get_string(val) : NULL;
}

static int write_challenge(struct mbuf *mb, const struct call *c, bool proxy,
		enum digest_alg alg, bool stale)
{
	struct sip_nonce *n = sip_nonce_new(alg,
			(uint64_t)policy_int(c->user, "nonce_ttl_ms", NONCE_TTL_MS));

	if(n == NULL)
		return -1;
	return mbuf_printf(mb,
			"%s: Digest realm=\"%s\",nonce=\"%s\",opaque=\"%s\",algorithm=%s,"
			"qop=\"auth\"%s\r\n",
			proxy ? "Proxy-Authenticate" : "WWW-Authenticate", config.domain,
			n->nonce, n->opaque, digest_alg_name(alg), stale ? ",stale=true" : "");
}

static enum auth_result challenge(struct call *c, const char *word, bool stale,
		struct mbuf *headers, struct refusal *r)
{
	bool proxy = strncmp(word, "401", 3) != 0;
	bool both = strncmp(word, "both", 4) == 0;
	bool sha = both || strncmp(word, "sha256", 6) == 0;
	struct json_object *ev = call_event(c, "challenged");

	stale = stale || strstr(word, "+stale") != NULL;
	if(sha)
		write_challenge(headers, c, proxy, DIGEST_SHA256, stale);
	if(both || !sha)
		write_challenge(headers, c, proxy, DIGEST_MD5, stale);
	c->challenges++;
	refusal_set(r, proxy ? 407 : 401, false, "%s",
			proxy ? "Proxy Authentication Required" : "Unauthorized");
	json_object_object_add(ev, "code", json_object_new_int(r->code));
	event_str(ev, "challenge", word);
	json_object_object_add(ev, "stale", json_object_new_boolean(stale));
	event_emit(ev);
	return AUTH_CHALLENGE;
}

struct credentials
{
	struct digest d;
	unsigned n; /* headers for our realm */
	bool bad;
};

static bool take_credentials(
		const struct sip_hdr *hdr, const struct sip_msg *msg, void *arg)
{
	struct credentials *cred = arg;
	struct digest d;
	(void)msg;

	if(digest_decode(&d, &hdr->val) != 0) {
		cred->bad = true;
	} else if(pl_strcmp(&d.realm, config.domain) == 0) {
		if(cred->n++ == 0)
			cred->d = d;
	}
	return false;
}

static enum auth_result refuse(const struct call *c, struct refusal *r,
		const char *rule, const char *detail)
{
	event_violation(c->name, rule, "%s", detail);
	refusal_set(r, 403, true, "Invalid digest response");
	return AUTH_REFUSE;
}

static bool username_ok(
		const struct call *c, const struct digest *d)
{
	return pl_strcmp(&d->username, c->number->digits) == 0;
}

/* Values of one challenge must never be mixed with those of another (D03). */
static bool same_challenge(const struct sip_nonce *n, const struct digest *d)
{
	return digest_alg(d) == n->alg && pl_strcmp(&d->opaque, n->opaque) == 0;
}

static bool uri_is_to(const struct digest *d, const struct sip_msg *msg)
{
	struct uri uri;

	return uri_decode(&uri, &d->uri) == 0
		   && rules_same_user_host(&uri, &msg->to.uri);
}

static const char *number_password(const struct call *c)
{
	struct pl host;
	const struct store_server *s;

	pl_set_str(&host, c->hostname);
	s = store_server_by_host(c->number, &host);
	return s && s->password ? s->password : "";
}

static bool response_ok(const struct call *c, const struct digest *d,
		enum digest_alg alg, const struct sip_msg *msg)
{
	char hex[DIGEST_HEX_SIZE];

	return digest_response(hex, alg, d, number_password(c), &msg->met) == 0
		   && d->response.l == strlen(hex)
		   && CRYPTO_memcmp(d->response.p, hex, d->response.l) == 0;
}

static void report_ok(const struct call *c, const struct sip_nonce *n)
{
	struct json_object *ev = call_event(c, "authenticated");

	event_str(ev, "algorithm", digest_alg_name(n->alg));
	json_object_object_add(ev, "nc", json_object_new_int64(n->nc));
	event_emit(ev);
}

/* Form first, then the answer itself, then the age of the nonce. */
static enum auth_result verify(struct call *c, const struct sip_msg *msg,
		const struct digest *d, const char *word, struct mbuf *headers,
		struct refusal *r)
{
	struct sip_nonce *n = sip_nonce_find(&d->nonce);
	uint32_t nc = pl_x32(&d->nc);

	if(!username_ok(c, d))
		return refuse(c, r, "digest_username",
				"username is not the From number's digits (D02)");
	if(!uri_is_to(d, msg)) {
		event_violation(c->name, "digest_uri",
				"digest uri %.*s is not the To URI (D04)", (int)d->uri.l, d->uri.p);
		refusal_set(r, 403, true,
				"Proxy auth uri does not match SIP \"to\" uri");
		return AUTH_REFUSE;
	}
	if(n == NULL)
		return challenge(c, word, true, headers, r);
	if(!same_challenge(n, d))
		return refuse(c, r, "digest_mixed",
				"algorithm or opaque is not that of the nonce (D03)");
	if(pl_strcmp(&d->qop, "auth") != 0 || d->nc.l != 8 || d->cnonce.l == 0)
		return refuse(c, r, "digest_qop", "qop=auth, nc or cnonce missing");
	if(!response_ok(c, d, n->alg, msg)) {
		event_violation(c->name, "digest_response", "wrong digest response");
		if(policy_int(c->user, "wrong_answer", 403) == 407
				&& c->challenges < CHALLENGES_MAX)
			return challenge(c, word, false, headers, r);
		refusal_set(r, 403, true, "Invalid digest response");
		return AUTH_REFUSE;
	}
	if(n->nc == 0 && nc != 1)
		event_violation(c->name, "digest_nc", "first nc is %u, not 1", nc);
	if(tmr_jiffies() > n->expires || (n->nc && nc <= n->nc)
			|| (n->nc && !policy_bool(c->user, "nonce_reuse", true)))
		return challenge(c, word, true, headers, r);
	n->nc = nc;
	report_ok(c, n);
	return AUTH_OK;
}

enum auth_result auth_judge(struct call *c, const struct sip_msg *msg,
		struct mbuf *headers, struct refusal *r)
{
	struct credentials cred = {.n = 0};
	const char *word = step(c, c->challenges), *last = word;

	sip_msg_hdr_apply(
			msg, true, SIP_HDR_PROXY_AUTHORIZATION, take_credentials, &cred);
	sip_msg_hdr_apply(msg, true, SIP_HDR_AUTHORIZATION, take_credentials, &cred);
	if(cred.bad || cred.n > 1)
		event_violation(c->name, "credentials",
				"%u headers for the realm, %s", cred.n,
				cred.bad ? "one of them malformed" : "one is enough");
	if(word && strcmp(word, "none") == 0)
		return AUTH_OK;
	if(c->challenges >= CHALLENGES_MAX)
		return refuse(c, r, "challenges", "too many tries");
	/* A nonce used ahead of the challenge (D07) counts like an answer. */
	if(word && (c->challenges || cred.n == 0))
		return challenge(c, word, false, headers, r);
	for(unsigned k = c->challenges; last == NULL; k--)
		last = step(c, k - 1);
	if(cred.n == 0)
		return refuse(c, r, "credentials", "challenged, but no credentials");
	return verify(c, msg, &cred.d, last, headers, r);
}
