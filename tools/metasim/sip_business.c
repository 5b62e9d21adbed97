/* Business-initiated calls: Meta is rung (meta-calling.md 3).
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "args.h"
#include "event.h"
#include "policy.h"
#include "sip_business_auth.h"

#define SMC_TIER "collaboration.sip_gateway.sip.prod"

static int respond(struct call *c, uint16_t code, const char *reason,
		enum sip_rr rr, const struct mbuf *headers, const struct mbuf *sdp)
{
	struct sip_reply r = {
			.code = code,
			.reason = reason,
			.tag = code > 100 ? c->ltag : NULL,
			.rr = rr,
			.headers = headers,
			.sdp = sdp,
	};

	return sip_write_reply(c->conn, c->invite, c->name, &r);
}

static struct mbuf *gateway_headers(const struct call *c)
{
	struct mbuf *mb = mbuf_alloc(512);

	if(mb)
		mbuf_printf(mb,
				"Allow: INVITE, ACK, BYE, CANCEL, NOTIFY, OPTIONS\r\n"
				"Supported: timer\r\n"
				"X-FB-External-Domain: %s\r\n",
				config.domain);
	if(mb && c->contact)
		mbuf_printf(mb, "Contact: <%s>;isfocus\r\n", c->contact);
	if(mb)
		call_write_identity(mb, c);
	return mb;
}

static void refuse_with(struct call *c, const struct refusal *r)
{
	struct mbuf *headers = mbuf_alloc(512);

	if(headers == NULL)
		return;
	mbuf_printf(headers,
			"Allow: INVITE, ACK, BYE, CANCEL, NOTIFY, OPTIONS\r\n"
			"X-FB-External-Domain: %s\r\n",
			config.domain);
	if(r->warning)
		mbuf_printf(headers, "Warning: 399 %s \"%s\"\r\n", config.domain, r->reason);
	respond(c, r->code, r->reason, SIP_RR_META, headers, NULL);
	mem_deref(headers);
	call_over(c, "meta", r->code, r->reason);
}

int sip_business_refuse(struct call *c, uint16_t code, const char *reason)
{
	struct refusal r = {.code = code};

	refusal_set(&r, code, false, "%s", reason);
	refuse_with(c, &r);
	return 0;
}

/* The dialog as seen by the called side (RFC 3261 12.1.1). */
static int take_dialog(struct call *c, struct sip_conn *conn, const struct sip_msg *msg)
{
	char tag[SIP_UUID_SIZE];
	int err = 0;

	mem_deref(c->conn);
	mem_deref(c->invite);
	c->conn = mem_ref(conn);
	c->invite = mem_ref((void *)msg);
	c->invite_seq = c->rseq = msg->cseq.num;
	if(c->ltag)
		return 0;
	sip_uuid(tag);
	c->lseq = rand_u16() % 32000;
	err = str_dup(&c->ltag, tag);
	err |= re_sdprintf(&c->local, "%r;tag=%s", &msg->to.val, tag);
	err |= pl_strdup(&c->remote, &msg->from.val);
	return err | pl_strdup(&c->rtag, &msg->from.tag);
}

static int take_identity(struct call *c)
{
	const char *plus = strspn(c->user, "0123456789") == strlen(c->user) ? "+" : "";
	const char *id = policy_str(c->user, "user_id", NULL);
	const char *name = policy_str(c->user, "user_name", NULL);
	const char *parent = policy_str(c->user, "parent_user_id", NULL);
	int err = re_sdprintf(&c->contact,
			"sip:%s%s@%s;transport=tls;ob;X-FB-Sip-Smc-Tier=" SMC_TIER, plus,
			c->user, config.domain);

	if(id)
		err |= str_dup(&c->user_id, id);
	if(name)
		err |= str_dup(&c->user_name, name);
	return parent ? err | str_dup(&c->parent_user_id, parent) : err;
}

/* ---- answering ---- */

static void no_ack(struct call *c)
{
	event_violation(c->name, "ack_missing", "no ACK for the 200 (2.4)");
	sip_indialog_bye(c, "no ACK");
}

static void repeat_answer(void *arg)
{
	struct call *c = arg;
	uint64_t wait = config.t1_ms, spent = 0;

	/* T1, doubling up to T2, for 64 * T1 in all (RFC 3261 13.3.1.4). */
	for(unsigned i = 0; i <= c->retransmissions; i++) {
		spent += wait;
		wait = wait * 2 > config.t2_ms ? config.t2_ms : wait * 2;
	}
	if(spent >= 64 * config.t1_ms) {
		no_ack(c);
		return;
	}
	c->retransmissions++;
	struct mbuf *headers = gateway_headers(c);

	respond(c, 200, "OK", SIP_RR_META, headers, c->sdp);
	mem_deref(headers);
	tmr_start(&c->tmr_answer, config_ms((unsigned)wait), repeat_answer, c);
}

int sip_business_answer(struct call *c)
{
	struct mbuf *headers;
	int err;

	if(c->by_user || c->state != CALL_RINGING)
		return EPROTO;
	headers = gateway_headers(c);
	c->state = CALL_ANSWERED;
	c->answered_at = tmr_jiffies();
	tmr_cancel(&c->tmr);
	err = respond(c, 200, "OK", SIP_RR_META, headers, c->sdp);
	mem_deref(headers);
	event_emit(call_event(c, "answered"));
	policy_connected(c->user, c->number->digits);
	media_established(c->media);
	tmr_start(&c->tmr_answer, config_ms(config.t1_ms), repeat_answer, c);
	return err;
}

static void hangup_due(void *arg)
{
	sip_hangup(arg, NULL);
}

void sip_business_up(struct call *c)
{
	int after = policy_int(c->user, "hangup_ms", 0);

	if(after)
		tmr_start(&c->tmr, (uint64_t)after, hangup_due, c);
}

static void ringing_over(void *arg)
{
	struct call *c = arg;
	const char *action = policy_str(c->user, "action", "answer");

	if(strcmp(action, "decline") == 0)
		sip_business_refuse(c, 486, "Busy Here");
	else if(strcmp(action, "noanswer") == 0)
		sip_business_refuse(c, 480, "Temporarily Unavailable");
	else
		sip_business_answer(c);
}

static void ring(struct call *c)
{
	struct mbuf *headers = gateway_headers(c);
	struct json_object *ev = call_event(c, "ringing");
	int wait = policy_int(c->user, "ring_ms", 0);

	c->state = CALL_RINGING;
	if(policy_bool(c->user, "ringing", true))
		respond(c, 180, "Ringing", SIP_RR_META, headers, NULL);
	mem_deref(headers);
	event_str(ev, "user", c->user);
	event_str(ev, "number", c->number->digits);
	event_emit(ev);
	if(strcmp(policy_str(c->user, "action", "answer"), "ring") != 0)
		tmr_start(&c->tmr, (uint64_t)wait, ringing_over, c);
}

/* ---- the INVITE ---- */

static bool media_ok(struct call *c, struct refusal *r)
{
	char why[256] = "";
	int err = call_media_alloc(c, policy_get(c->user, "media"), why, sizeof(why));

	if(!err)
		err = media_offer_recv(
				c->media, c->invite->mb, &c->sdp, why, sizeof(why));
	if(!err)
		return true;
	event_violation(c->name, "sdp", "offer: %s", *why ? why : strerror(err));
	refusal_set(r, 403, true, "SDP validation error");
	return false;
}

static void challenge_unanswered(void *arg)
{
	call_over(arg, "business", 407, "challenge not answered");
}

static void send_challenge(
		struct call *c, const struct refusal *r, const struct mbuf *headers)
{
	char tag[128];
	struct sip_reply reply = {
			.code = r->code,
			.reason = r->reason,
			.tag = tag,
			.rr = SIP_RR_ECHO,
			.headers = headers,
	};

	/* The tag of the 407 is the Via branch in the sample (3.2). */
	if(pl_strcpy(&c->invite->via.branch, tag, sizeof(tag)) != 0)
		reply.tag = c->ltag;
	c->state = CALL_CHALLENGED;
	sip_write_reply(c->conn, c->invite, c->name, &reply);
	tmr_start(&c->tmr, config_ms(64 * config.t1_ms), challenge_unanswered, c);
}

static void judge(struct call *c)
{
	struct refusal r = {.code = 0};
	struct mbuf *headers = mbuf_alloc(512);
	enum auth_result auth;

	if(headers == NULL)
		return;
	auth = auth_judge(c, c->invite, headers, &r);
	if(auth == AUTH_CHALLENGE) {
		send_challenge(c, &r, headers);
	} else if(auth == AUTH_REFUSE) {
		refuse_with(c, &r);
	} else {
		respond(c, 100, "Trying", SIP_RR_NONE, NULL, NULL);
		if(!rules_after_auth(c, &r) || !media_ok(c, &r))
			refuse_with(c, &r);
		else
			ring(c);
	}
	mem_deref(headers);
}

static void report_incoming(const struct call *c, const struct sip_msg *msg)
{
	struct json_object *ev = call_event(c, "incoming");
	struct pl user = rules_plain_user(&msg->uri.user);
	struct pl number = rules_plain_user(&msg->from.uri.user);

	json_object_object_add(
			ev, "user", json_object_new_string_len(user.p, (int)user.l));
	json_object_object_add(
			ev, "number", json_object_new_string_len(number.p, (int)number.l));
	event_emit(ev);
}

static void first_invite(struct sip_conn *conn, const struct sip_msg *msg)
{
	struct refusal r = {.code = 0};
	struct call *c;
	char *callid = NULL;
	int err = pl_strdup(&callid, &msg->callid);

	if(!err)
		err = call_new(&c, false, NULL, callid);
	mem_deref(callid);
	if(!err)
		err = take_dialog(c, conn, msg);
	if(err) {
		sip_reply_plain(conn, msg, NULL, 503, "Service Unavailable");
		return;
	}
	report_incoming(c, msg);
	if(!rules_before_auth(c, msg, &r)) {
		if(r.code == 0)
			refusal_set(&r, 503, false, "Service Unavailable");
		refuse_with(c, &r);
		return;
	}
	rules_remarks(c, msg);
	if(take_identity(c) != 0 || sip_indialog_routes(c, msg, false, 0) != 0)
		sip_business_refuse(c, 400, "Bad Request");
	else
		judge(c);
}

/* The same call again, with credentials: Call-ID and From tag stay, CSeq is one
 * up, the branch is new (D05). */
static void next_invite(struct call *c, struct sip_conn *conn, const struct sip_msg *msg)
{
	if(msg->cseq.num != c->invite_seq + 1)
		event_violation(c->name, "auth_cseq", "CSeq %u after %u (D05)",
				msg->cseq.num, c->invite_seq);
	if(pl_strcmp(&msg->from.tag, c->rtag) != 0)
		event_violation(c->name, "auth_from_tag", "the From tag has changed");
	if(pl_cmp(&msg->via.branch, &c->invite->via.branch) == 0)
		event_violation(c->name, "auth_branch", "the Via branch is the old one");
	tmr_cancel(&c->tmr);
	c->state = CALL_NEW;
	if(take_dialog(c, conn, msg) != 0)
		sip_business_refuse(c, 503, "Service Unavailable");
	else
		judge(c);
}

void sip_business_invite(struct sip_conn *conn, const struct sip_msg *msg)
{
	struct call *c = call_by_callid(&msg->callid);

	if(c == NULL) {
		first_invite(conn, msg);
	} else if(!c->by_user && c->state == CALL_CHALLENGED) {
		next_invite(c, conn, msg);
	} else {
		event_violation(c->name, "merged", "another INVITE with this Call-ID");
		sip_reply_plain(conn, msg, c->name, 482, "Loop Detected");
	}
}

void sip_business_cancel(struct sip_conn *conn, const struct sip_msg *msg)
{
	struct call *c = call_by_callid(&msg->callid);

	if(c == NULL || c->by_user || c->invite == NULL
			|| pl_cmp(&msg->via.branch, &c->invite->via.branch) != 0) {
		event_violation(
				c ? c->name : NULL, "cancel", "a CANCEL that fits no INVITE");
		sip_reply_plain(conn, msg, NULL, 481, "Call/Transaction Does Not Exist");
		return;
	}
	if(msg->cseq.num != c->invite_seq)
		event_violation(c->name, "cancel", "CSeq %u, the INVITE had %u (D05)",
				msg->cseq.num, c->invite_seq);
	if(pl_cmp(&msg->ruri, &c->invite->ruri) != 0)
		event_violation(c->name, "cancel", "another R-URI than the INVITE");
	sip_reply_plain(conn, msg, c->name, 200, "OK");
	if(c->state == CALL_NEW || c->state == CALL_RINGING) {
		respond(c, 487, "Request Terminated", SIP_RR_META, NULL, NULL);
		call_over(c, "business", 487, "cancelled");
	}
}
