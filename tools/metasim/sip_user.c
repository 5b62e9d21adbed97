/* User-initiated calls: Meta rings the business (meta-calling.md 2).
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "sip_call.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "args.h"
#include "event.h"
#include "policy.h"
#include "sip_digest.h"
#include "sip_user_invite.h"

enum
{
	RING_TIMEOUT_MS = 45000, /* 2.3: the window is 30 to 60 s */
	CAPACITY = 1000,
};

static const struct arg_member call_members[] = {
	{"cmd", json_type_string},
	{"id", json_type_null},
	{"call", json_type_string},
	{"from", json_type_string},
	{"to", json_type_string},
	{"name", json_type_string},
	{"user_id", json_type_string},
	{"user_name", json_type_string},
	{"parent_user_id", json_type_string},
	{"cta_payload", json_type_string},
	{"deeplink_payload", json_type_string},
	{"headers", json_type_object},
	{"max_forwards", json_type_int},
	{"user_params", json_type_object},
	{"answer_challenge", json_type_boolean},
	{"old_nonce", json_type_boolean},
	{"digest_uri", json_type_string},
	{"username", json_type_string},
	{"password", json_type_string},
	{"ring_timeout_ms", json_type_int},
	{"cancel_ms", json_type_int},
	{"hangup_ms", json_type_int},
	{"ack", json_type_boolean},
	{"ack_held", json_type_boolean},
	{"ack_delay_ms", json_type_int},
	{"media", json_type_object},
	{NULL, json_type_null},
};

static void invite_response(
		int err, const char *why, const struct sip_msg *msg, void *arg);

static int send_invite(struct call *c, const struct mbuf *authorization)
{
	struct mbuf *mb = mbuf_alloc(4096);
	int err;

	if(mb == NULL)
		return ENOMEM;
	sip_branch(c->branch);
	c->invite_seq = ++c->lseq;
	c->provisional = false;
	c->invite_ct = mem_deref(c->invite_ct);
	err = sip_user_invite_write(mb, c, authorization);
	if(!err)
		err = sip_ctrans_send(&c->invite_ct, c->conn, c->name, "INVITE",
				c->branch, mb, invite_response, c);
	mem_deref(mb);
	return err;
}

static void cancel_response(
		int err, const char *why, const struct sip_msg *msg, void *arg)
{
	struct call *c = arg;

	c->cancel_ct = mem_deref(c->cancel_ct);
	if(err)
		event_violation(c->name, "cancel", "CANCEL not answered: %s", why);
	else if(msg->scode != 200 && c->state != CALL_OVER)
		event_violation(c->name, "cancel", "CANCEL answered with %u", msg->scode);
}

static void cancel_gave_up(void *arg)
{
	struct call *c = arg;

	event_violation(c->name, "cancel", "no 487 after CANCEL");
	call_over(c, "user", 0, "cancelled");
}

static int send_cancel(struct call *c)
{
	struct mbuf *mb = mbuf_alloc(1024);
	int err;

	if(mb == NULL)
		return ENOMEM;
	err = sip_user_hop_write(mb, c, "CANCEL", NULL);
	if(!err)
		err = sip_ctrans_send(&c->cancel_ct, c->conn, c->name, "CANCEL",
				c->branch, mb, cancel_response, c);
	mem_deref(mb);
	tmr_start(&c->tmr, config_ms(64 * config.t1_ms), cancel_gave_up, c);
	return err;
}

/* RFC 3261 9.1: no CANCEL before a provisional answer. */
int sip_user_cancel(struct call *c, const char *reason)
{
	c->hangup_reason = reason;
	c->cancel_wanted = true;
	c->state = CALL_ENDING;
	return c->provisional ? send_cancel(c) : 0;
}

static void give_up_ringing(void *arg)
{
	sip_user_cancel(arg, NULL);
}

/* ACK of a refusal: same branch, top Via only (RFC 3261 17.1.1.3). */
static void ack_refusal(struct call *c, const struct sip_msg *msg)
{
	struct mbuf *mb = mbuf_alloc(1024);

	if(mb == NULL)
		return;
	if(sip_user_hop_write(mb, c, "ACK", &msg->to.val) == 0)
		sip_conn_send(c->conn, c->name, mb);
	mem_deref(mb);
}

static void provisional(struct call *c, const struct sip_msg *msg)
{
	struct json_object *ev = call_event(c, "progress");
	char reason[128] = "";

	pl_strcpy(&msg->reason, reason, sizeof(reason));
	json_object_object_add(ev, "code", json_object_new_int(msg->scode));
	event_str(ev, "reason", reason);
	event_emit(ev);
	if(mbuf_get_left(msg->mb))
		event_violation(c->name, "early_media",
				"%u carries a body: no early media toward Meta (C09)", msg->scode);
	if(sip_msg_hdr(msg, SIP_HDR_RSEQ) || sip_msg_hdr_has_value(msg,
												SIP_HDR_REQUIRE, "100rel"))
		event_violation(c->name, "100rel", "reliable provisional response");
	c->provisional = true;
	if(c->cancel_wanted && c->cancel_ct == NULL)
		send_cancel(c);
}

/* Meta answers one challenge; a second one only when it says stale=true. */
static void challenged(struct call *c, const struct sip_msg *msg)
{
	struct mbuf *authorization = NULL;
	char why[160] = "";
	int err;

	ack_refusal(c, msg);
	c->challenges++;
	if(!arg_bool(c->options, "answer_challenge", true)) {
		call_over(c, "business", msg->scode, "challenged, not answered");
		return;
	}
	err = sip_user_authorize(&authorization, c, msg, why, sizeof(why));
	if(!err)
		err = send_invite(c, authorization);
	mem_deref(authorization);
	if(err)
		call_over(c, "business", msg->scode, *why ? why : strerror(err));
}

static void refused(struct call *c, const struct sip_msg *msg)
{
	char reason[128] = "";

	ack_refusal(c, msg);
	pl_strcpy(&msg->reason, reason, sizeof(reason));
	call_over(c, c->cancel_wanted ? "user" : "business", msg->scode, reason);
}

static void hangup_due(void *arg)
{
	sip_hangup(arg, NULL);
}

static int send_ack(struct call *c)
{
	struct sip_conn *conn = NULL;
	int err = c->ack ? 0 : sip_user_ack_write(&c->ack, c);

	if(!err)
		err = sip_indialog_conn(&conn, c);
	if(!err)
		err = sip_conn_send(conn, c->name, c->ack);
	mem_deref(conn);
	if(err)
		event_violation(
				c->name, "ack", "the ACK could not be sent: %s", strerror(err));
	return err;
}

static void established(void *arg)
{
	struct call *c = arg;
	int after = arg_int(c->options, "hangup_ms", 0);
	struct json_object *ev = call_event(c, "answered");

	c->state = CALL_UP;
	c->answered_at = tmr_jiffies();
	send_ack(c);
	event_emit(ev);
	if(c->cancel_wanted) {
		sip_indialog_bye(c, c->hangup_reason);
		return;
	}
	media_established(c->media);
	if(after)
		tmr_start(&c->tmr, (uint64_t)after, hangup_due, c);
}

static void unacked_over(void *arg)
{
	call_over(arg, "meta", 0, "never acknowledged");
}

/* The ACK would not arrive (2.4): Meta's side sees no answer, the SBC repeats
 * its 200 and gives up. */
static void leave_unacked(struct call *c)
{
	c->state = CALL_UNACKED;
	tmr_start(&c->tmr, config_ms(3 * 64 * config.t1_ms), unacked_over, c);
}

static void answered(struct call *c, const struct sip_msg *msg)
{
	char why[256] = "";
	int err, delay = arg_int(c->options, "ack_delay_ms", 0);

	if(c->ack || c->state == CALL_UNACKED) { /* the 200 again */
		c->retransmissions++;
		if(c->ack)
			send_ack(c);
		return;
	}
	tmr_cancel(&c->tmr);
	if(c->rcontact) /* ACK still delayed */
		return;
	if(!sip_user_answer_check(c, msg) || !arg_bool(c->options, "ack", true)) {
		leave_unacked(c);
		return;
	}
	err = media_answer_recv(c->media, msg->mb, why, sizeof(why));
	if(err) {
		event_violation(c->name, "sdp", "answer: %s", why);
		c->cancel_wanted = true;
		c->hangup_reason = "SDP validation error";
	}
	if(delay)
		tmr_start(&c->tmr, (uint64_t)delay, established, c);
	else if(!arg_bool(c->options, "ack_held", false))
		established(c);
}

int sip_user_ack(struct call *c)
{
	if(!c->by_user || c->rcontact == NULL || c->ack || c->state == CALL_UNACKED)
		return EPROTO;
	tmr_cancel(&c->tmr);
	established(c);
	return 0;
}

static void invite_response(
		int err, const char *why, const struct sip_msg *msg, void *arg)
{
	struct call *c = arg;

	if(err) {
		call_over(c, "meta", err == ETIMEDOUT ? 408 : 503, why);
		return;
	}
	sip_user_via_check(c, msg);
	if(c->state == CALL_OVER) {
		if(msg->scode >= 300)
			ack_refusal(c, msg);
		return;
	}
	if(msg->scode < 200)
		provisional(c, msg);
	else if(msg->scode < 300)
		answered(c, msg);
	else if((msg->scode == 401 || msg->scode == 407) && !c->cancel_wanted)
		challenged(c, msg);
	else
		refused(c, msg);
}

static int find_number(struct store_number **np, struct store_server **sp,
		struct json_object *cmd, char *why, size_t size)
{
	const char *to = arg_str(cmd, "to", ""), *from = arg_str(cmd, "from", "");
	struct store_number *n;
	struct pl digits;

	pl_set_str(&digits, to);
	n = store_by_digits(&digits);
	if(*from == '\0')
		snprintf(why, size, "call: \"from\" is missing");
	else if(n == NULL)
		snprintf(why, size, "call: no number \"%.30s\"", to);
	else if(!n->calling_enabled)
		snprintf(why, size, "call: calling is not enabled on %s", to);
	else if(!n->sip_enabled || n->servers.head == NULL)
		snprintf(why, size, "call: SIP is not enabled on %s", to);
	else if(!n->app_authorized)
		snprintf(why, size, "call: the app is not authorized for %s", to);
	else if(call_count(n, from))
		snprintf(why, size, "call: %s and %s already have a call", from, to);
	else if(call_count(n, NULL)
			>= (unsigned)policy_int("*", "capacity", CAPACITY))
		snprintf(why, size, "call: %s is at its limit of calls", to);
	else {
		*np = n;
		*sp = n->servers.head->data;
		return 0;
	}
	return EINVAL;
}

static int set_parties(struct call *c, const struct store_server *s)
{
	int err = str_dup(&c->hostname, s->hostname);
	const char *plus;

	c->port = (uint16_t)s->port;
	err |= str_dup(&c->user, arg_str(c->options, "from", ""));
	if(arg_str(c->options, "user_id", NULL))
		err |= str_dup(&c->user_id, arg_str(c->options, "user_id", NULL));
	if(arg_str(c->options, "user_name", NULL))
		err |= str_dup(&c->user_name, arg_str(c->options, "user_name", NULL));
	if(arg_str(c->options, "parent_user_id", NULL))
		err |= str_dup(
				&c->parent_user_id, arg_str(c->options, "parent_user_id", NULL));
	if(err)
		return err;
	/* A BSUID ("US.1349...") is no number and takes no plus. */
	plus = isdigit((unsigned char)c->user[0])
						   && strspn(c->user, "0123456789") == strlen(c->user)
				   ? "+"
				   : "";
	err = re_sdprintf(&c->contact, "sip:%s%s@%s;transport=tls;ob", plus, c->user,
			config.domain);
	err |= re_sdprintf(&c->local, "\"%s\" <sip:%s%s@%s>;tag=%s",
			arg_str(c->options, "name", c->user), plus, c->user, config.domain,
			c->ltag);
	return err
		   | re_sdprintf(&c->remote, "<sip:+%s@%s>", c->number->digits,
				   c->hostname);
}

static int start(struct call *c, const struct store_server *s, char *why, size_t size)
{
	char tag[SIP_UUID_SIZE];
	struct sa sa;
	struct pl host;
	int err;

	sip_uuid(tag);
	err = str_dup(&c->ltag, tag);
	if(!err)
		err = set_parties(c, s);
	if(!err)
		err = sip_user_wacid(c);
	if(!err)
		err = call_media_alloc(c, arg_get(c->options, "media"), why, size);
	if(!err)
		err = media_offer(c->media, &c->sdp);
	if(err)
		return err;
	pl_set_str(&host, c->hostname);
	if(config_resolve(&sa, &host, c->port) != 0) {
		snprintf(why, size, "call: \"resolve\" has no address for %.200s",
				c->hostname);
		return ENOENT;
	}
	c->lseq = rand_u16() % 32000;
	err = sip_conn_to(&c->conn, c->hostname, &sa);
	if(!err)
		err = send_invite(c, NULL);
	return err;
}

int sip_user_call(struct json_object *cmd, const char **name, char *why, size_t size)
{
	struct store_number *n;
	struct store_server *s;
	struct call *c;
	int err = args_check(cmd, call_members, "call", why, size);

	if(!err)
		err = find_number(&n, &s, cmd, why, size);
	if(err)
		return err;
	err = call_new(&c, true, arg_str(cmd, "call", NULL), NULL);
	if(err) {
		snprintf(why, size, "call: the name is taken");
		return err;
	}
	c->number = n;
	c->options = json_object_get(cmd);
	err = start(c, s, why, size);
	if(err) {
		if(*why == '\0')
			snprintf(why, size, "call: %s", strerror(err));
		mem_deref(c);
		return err;
	}
	*name = c->name;
	if(arg_int(cmd, "cancel_ms", 0))
		tmr_start(&c->tmr, (uint64_t)arg_int(cmd, "cancel_ms", 0),
				give_up_ringing, c);
	else
		tmr_start(&c->tmr,
				config_ms((unsigned)arg_int(
						cmd, "ring_timeout_ms", RING_TIMEOUT_MS)),
				give_up_ringing, c);
	return 0;
}
