/* What Meta sends and expects while it rings the business.
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "sip_user_invite.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "args.h"
#include "event.h"
#include "sip_digest.h"

enum
{
	VIA_COUNT = 3, /* lines that sip_write_vias() makes */
};

/* A WACID is base64 of a few tagged fields: user, 32 hex digits, business. */
int sip_user_wacid(struct call *c)
{
	struct mbuf *mb = mbuf_alloc(128);
	char hex[33], text[256];
	size_t len = sizeof(text) - 1;
	int err;

	if(mb == NULL)
		return ENOMEM;
	digest_random(hex, 16);
	err = mbuf_printf(mb, "%c%c%c%s%c%c%c%c%c %s%c%c%c%s%c%c", 0x1c, 0x18,
			(int)strlen(c->user), c->user, 0x15, 0x02, 0x12, 0x12, 0x18, hex,
			0x1c, 0x18, (int)strlen(c->number->digits), c->number->digits, 0x15,
			0x02);
	while(!err && mb->end % 3 != 2) /* so that it ends in "=" */
		err = mbuf_write_u8(mb, 0);
	if(!err)
		err = base64_encode(mb->buf, mb->end, text, &len);
	mem_deref(mb);
	if(err)
		return err;
	text[len] = '\0';
	err = re_sdprintf(&c->wacid, "wacid.%s", text);
	return err ? err : call_set_callid(c, "outgoing:", c->wacid);
}

/* request_uri_user_params stand before the "@", RFC 4904 (2.1). What would end
 * the user part or the parameter is escaped. */
static int write_escaped(struct mbuf *mb, const char *text)
{
	int err = 0;

	for(; *text && !err; text++) {
		unsigned char ch = (unsigned char)*text;

		if(isalnum(ch) || strchr("-_.!~*'()&+$,?/", ch))
			err = mbuf_write_u8(mb, ch);
		else
			err = mbuf_printf(mb, "%%%02X", ch);
	}
	return err;
}

static int write_user_params(struct mbuf *mb, const struct call *c)
{
	const struct store_server *s = c->number->servers.head
										   ? c->number->servers.head->data
										   : NULL;
	struct json_object *params = arg_get(c->options, "user_params");
	int err = 0;

	if(params == NULL && s)
		params = s->params;
	if(params == NULL)
		return 0;
	json_object_object_foreach(params, key, val)
	{
		err |= mbuf_write_u8(mb, ';');
		err |= write_escaped(mb, key);
		err |= mbuf_write_u8(mb, '=');
		err |= write_escaped(mb, val ? json_object_get_string(val) : "");
	}
	return err;
}

static int write_ruri(struct mbuf *mb, const struct call *c)
{
	int err = mbuf_printf(mb, "sip:+%s", c->number->digits);

	err |= write_user_params(mb, c);
	return err | mbuf_printf(mb, "@%s;transport=tls", c->hostname);
}

static int write_meta_headers(struct mbuf *mb, const struct call *c)
{
	const char *cta = arg_str(c->options, "cta_payload", NULL);
	const char *link = arg_str(c->options, "deeplink_payload", NULL);
	struct json_object *extra = arg_get(c->options, "headers");
	int err = mbuf_printf(mb, "x-wa-meta-wacid: %s\r\n", c->wacid);

	if(cta)
		err |= mbuf_printf(mb, "x-wa-meta-cta-payload: %s\r\n", cta);
	if(link)
		err |= mbuf_printf(mb, "x-wa-meta-deeplink-payload: %s\r\n", link);
	err |= call_write_identity(mb, c);
	if(extra == NULL)
		return err;
	json_object_object_foreach(extra, key, val)
			err |= mbuf_printf(mb, "%s: %s\r\n", key,
					val ? json_object_get_string(val) : "");
	return err;
}

int sip_user_invite_write(
		struct mbuf *mb, struct call *c, const struct mbuf *authorization)
{
	int err = mbuf_write_str(mb, "INVITE ");

	err |= write_ruri(mb, c);
	err |= mbuf_write_str(mb, " SIP/2.0\r\n");
	err |= sip_write_vias(mb, c->sentby, c->branch, true);
	err |= mbuf_printf(mb,
			"Max-Forwards: %d\r\n"
			"From: %s\r\n"
			"To: %s\r\n"
			"Contact: <%s>;isfocus\r\n"
			"Call-ID: %s\r\n"
			"CSeq: %u INVITE\r\n",
			arg_int(c->options, "max_forwards", 70), c->local, c->remote,
			c->contact, c->callid, c->invite_seq);
	err |= write_meta_headers(mb, c);
	err |= mbuf_printf(mb,
			"X-FB-External-Domain: %s\r\n"
			"Allow: INVITE, ACK, BYE, CANCEL, NOTIFY, OPTIONS\r\n"
			"User-Agent: %s\r\n",
			config.domain, config.user_agent);
	if(authorization)
		err |= mbuf_write_mem(mb, authorization->buf, authorization->end);
	return err | sip_write_body(mb, c->sdp);
}

int sip_user_hop_write(
		struct mbuf *mb, const struct call *c, const char *method, const struct pl *to)
{
	int err = mbuf_printf(mb, "%s ", method);

	err |= write_ruri(mb, c);
	err |= mbuf_write_str(mb, " SIP/2.0\r\n");
	err |= sip_write_via(mb, c->sentby, c->branch);
	err |= mbuf_printf(mb, "Max-Forwards: 70\r\nFrom: %s\r\n", c->local);
	err |= to ? mbuf_printf(mb, "To: %r\r\n", to)
			  : mbuf_printf(mb, "To: %s\r\n", c->remote);
	err |= mbuf_printf(mb, "Call-ID: %s\r\nCSeq: %u %s\r\n", c->callid,
			c->invite_seq, method);
	return err | sip_write_body(mb, NULL);
}

int sip_user_ack_write(struct mbuf **mbp, const struct call *c)
{
	struct mbuf *mb = mbuf_alloc(1024);
	char branch[SIP_BRANCH_SIZE];
	int err;

	if(mb == NULL)
		return ENOMEM;
	sip_branch(branch);
	err = mbuf_printf(mb, "ACK %s SIP/2.0\r\n", c->rcontact);
	err |= sip_write_vias(mb, c->sentby, branch, false);
	if(c->route)
		err |= mbuf_write_mem(mb, c->route->buf, c->route->end);
	err |= mbuf_printf(mb,
			"Max-Forwards: 69\r\nFrom: %s\r\nTo: %s\r\nCall-ID: %s\r\n"
			"CSeq: %u ACK\r\nX-FB-External-Domain: %s\r\n"
			"User-Agent: %s\r\n",
			c->local, c->remote, c->callid, c->invite_seq, config.domain,
			config.user_agent);
	err |= sip_write_body(mb, NULL);
	if(err)
		mem_deref(mb);
	else
		*mbp = mb;
	return err;
}

/* The rules for a challenge to Meta (2.2), beyond what an answer needs. */
static void challenge_check(
		const struct call *c, const struct sip_msg *msg, const struct digest *d)
{
	unsigned n = sip_msg_hdr_count(msg, SIP_HDR_PROXY_AUTHENTICATE)
				 + sip_msg_hdr_count(msg, SIP_HDR_WWW_AUTHENTICATE);

	if(n != 1)
		event_violation(c->name, "challenge",
				"%u challenge headers: only the first is looked at", n);
	if(d->nonce.l == 0 || d->realm.l == 0)
		event_violation(c->name, "challenge", "no nonce or no realm");
	if(pl_strcasecmp(&d->qop, "auth") != 0)
		event_violation(c->name, "challenge", "qop is not \"auth\"");
}

static const char *password_of(const struct call *c)
{
	struct pl host;
	const struct store_server *s;

	pl_set_str(&host, c->hostname);
	s = store_server_by_host(c->number, &host);
	return arg_str(c->options, "password",
			s && s->password ? s->password : "");
}

static int write_authorization(struct mbuf *mb, const struct call *c,
		const struct sip_msg *msg, struct digest *d)
{
	char cnonce[33], hex[DIGEST_HEX_SIZE];
	const char *username = arg_str(c->options, "username", c->number->digits);
	bool full = strcmp(arg_str(c->options, "digest_uri", "to"), "ruri") == 0;
	struct mbuf *uri = mbuf_alloc(256);
	struct pl method;
	int err;

	if(uri == NULL)
		return ENOMEM;
	/* The documented sample has no ";transport=tls" here (2.2). */
	err = full ? write_ruri(uri, c)
			   : mbuf_printf(uri, "sip:+%s@%s", c->number->digits, c->hostname);
	digest_random(cnonce, 16);
	pl_set_str(&d->username, username);
	pl_set_str(&d->cnonce, cnonce);
	pl_set_str(&d->nc, "00000001");
	d->uri.p = (const char *)uri->buf;
	d->uri.l = uri->end;
	pl_set_str(&method, "INVITE");
	err |= digest_response(hex, DIGEST_MD5, d, password_of(c), &method);
	err |= mbuf_printf(mb,
			"%s: Digest username=\"%r\", realm=\"%r\", nonce=\"%r\", uri=\"%r\", "
			"response=\"%s\"",
			msg->scode == 407 ? "Proxy-Authorization" : "Authorization",
			&d->username, &d->realm, &d->nonce, &d->uri, hex);
	if(d->qop.l)
		err |= mbuf_printf(mb, ", cnonce=\"%s\"", cnonce);
	if(d->opaque.l)
		err |= mbuf_printf(mb, ", opaque=\"%r\"", &d->opaque);
	if(d->qop.l)
		err |= mbuf_printf(mb, ", qop=auth, nc=00000001");
	if(d->algorithm.l)
		err |= mbuf_printf(mb, ", algorithm=%r", &d->algorithm);
	mem_deref(uri);
	return err | mbuf_write_str(mb, "\r\n");
}

int sip_user_authorize(struct mbuf **mbp, struct call *c, const struct sip_msg *msg,
		char *why, size_t size)
{
	const struct sip_hdr *hdr = sip_msg_hdr(msg,
			msg->scode == 407 ? SIP_HDR_PROXY_AUTHENTICATE
							  : SIP_HDR_WWW_AUTHENTICATE);
	struct digest d;
	struct mbuf *mb;
	int err;

	if(hdr == NULL || digest_decode(&d, &hdr->val) != 0) {
		snprintf(why, size, "no usable challenge in the %u", msg->scode);
		event_violation(c->name, "challenge", "%s", why);
		return EPROTO;
	}
	challenge_check(c, msg, &d);
	if(digest_alg(&d) != DIGEST_MD5) {
		re_snprintf(why, size, "unsupported algorithm %r", &d.algorithm);
		event_violation(c->name, "challenge", "%s", why);
		return EPROTO;
	}
	if(c->challenges > 1
			&& (c->challenges > 2 || pl_strcasecmp(&d.stale, "true") != 0)) {
		snprintf(why, size, "challenged again");
		return EPROTO;
	}
	if(d.qop.l)
		pl_set_str(&d.qop, "auth");
	if(c->challenges == 1 && arg_bool(c->options, "old_nonce", false))
		pl_set_str(&d.nonce, "0123456789abcdef");
	mb = mbuf_alloc(512);
	if(mb == NULL)
		return ENOMEM;
	err = write_authorization(mb, c, msg, &d);
	if(err)
		mem_deref(mb);
	else
		*mbp = mb;
	return err;
}

void sip_user_via_check(const struct call *c, const struct sip_msg *msg)
{
	uint32_t n = sip_msg_hdr_count(msg, SIP_HDR_VIA);

	if(n != VIA_COUNT)
		event_violation(c->name, "via", "%u has %u Vias of the %u sent",
				msg->scode, n, VIA_COUNT);
	if(pl_strcmp(&msg->via.sentby, c->sentby) != 0)
		event_violation(
				c->name, "via", "%u has another sent-by on top", msg->scode);
}

struct rr_check
{
	const struct sip_hdr *last, *before;
};

static bool keep_last(
		const struct sip_hdr *hdr, const struct sip_msg *msg, void *arg)
{
	struct rr_check *rr = arg;
	(void)msg;

	rr->before = rr->last;
	rr->last = hdr;
	return false;
}

static bool is_ours(const struct sip_hdr *hdr, const char *host)
{
	char want[256];

	if(hdr == NULL)
		return false;
	snprintf(want, sizeof(want), "<sip:%s;transport=tls;lr>", host);
	return pl_strcmp(&hdr->val, want) == 0;
}

static void contact_check(const struct call *c)
{
	struct uri uri;
	struct pl pl, name, val;
	struct sa sa;

	pl_set_str(&pl, c->rcontact);
	pl_set_str(&name, "transport");
	if(uri_decode(&uri, &pl) != 0) {
		event_violation(c->name, "contact", "Contact is no SIP URI");
		return;
	}
	if(sa_set(&sa, &uri.host, 0) == 0)
		event_violation(c->name, "contact_fqdn",
				"Contact has an address, not a host name");
	if(uri_param_get(&uri.params, &name, &val) != 0
			|| pl_strcasecmp(&val, "tls") != 0)
		event_violation(
				c->name, "contact_transport", "Contact lacks ;transport=tls");
}

static bool record_routes_ok(const struct call *c, const struct sip_msg *msg)
{
	struct rr_check rr = {NULL, NULL};

	sip_msg_hdr_apply(msg, true, SIP_HDR_RECORD_ROUTE, keep_last, &rr);
	if(is_ours(rr.last, config.proxy) && is_ours(rr.before, config.domain))
		return true;
	event_violation(c->name, "record_route",
			"Meta's two Record-Routes are not the last two, unchanged and in "
			"order (C08)");
	return false;
}

static int take_remote(struct call *c, const struct sip_msg *msg)
{
	int err;

	mem_deref(c->remote);
	c->remote = NULL;
	c->rtag = mem_deref(c->rtag);
	err = pl_strdup(&c->remote, &msg->to.val);
	return err ? err : pl_strdup(&c->rtag, &msg->to.tag);
}

bool sip_user_answer_check(struct call *c, const struct sip_msg *msg)
{
	bool good = record_routes_ok(c, msg);

	if(sip_msg_hdr(msg, SIP_HDR_SESSION_EXPIRES))
		event_violation(c->name, "session_timer",
				"Session-Expires toward Meta: a refresh can never succeed");
	if(msg->to.tag.l == 0) {
		event_violation(c->name, "to_tag", "200 without a To tag");
		return false;
	}
	if(take_remote(c, msg) != 0)
		return false;
	if(sip_indialog_contact(c, msg) != 0) {
		event_violation(c->name, "contact", "200 without a Contact");
		return false;
	}
	contact_check(c);
	/* BYE is possible either way, if only to the Contact. */
	return sip_indialog_routes(c, msg, true, good ? 2 : 0) == 0 && good;
}
