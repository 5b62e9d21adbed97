/* Inside the dialog: ACK, BYE, and what Meta refuses (meta-calling.md 2.4).
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "sip_call.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "event.h"

enum
{
	ROUTES_MAX = 16,
};

struct collected
{
	const struct sip_hdr *hdr[ROUTES_MAX];
	unsigned n;
};

static bool collect(
		const struct sip_hdr *hdr, const struct sip_msg *msg, void *arg)
{
	struct collected *all = arg;
	(void)msg;

	if(all->n < ROUTES_MAX)
		all->hdr[all->n++] = hdr;
	return false;
}

static int add_route(struct call *c, const struct sip_hdr *hdr)
{
	struct sip_addr addr;
	struct pl value;

	if(sip_addr_decode(&addr, &hdr->val) != 0)
		return EBADMSG;
	if(c->next_hop == NULL) {
		if(msg_param_exists(&addr.uri.params, "lr", &value) != 0)
			event_violation(
					c->name, "strict_route", "Record-Route without ;lr");
		if(pl_strdup(&c->next_hop, &addr.auri) != 0)
			return ENOMEM;
	}
	return mbuf_printf(c->route, "Route: %r\r\n", &hdr->val);
}

int sip_indialog_routes(struct call *c, const struct sip_msg *msg, bool reverse,
		unsigned ours)
{
	struct collected all = {.n = 0};
	int err = 0;

	sip_msg_hdr_apply(msg, true, SIP_HDR_RECORD_ROUTE, collect, &all);
	c->route = mbuf_alloc(256);
	if(c->route == NULL)
		return ENOMEM;
	for(unsigned i = 0; !err && i + ours < all.n; i++)
		err = add_route(c, all.hdr[reverse ? all.n - ours - 1 - i : i]);
	if(err)
		event_violation(c->name, "record_route", "a Record-Route of the SBC "
												 "cannot be used as a Route");
	if(!err && c->next_hop == NULL)
		err = str_dup(&c->next_hop, c->rcontact);
	return err;
}

int sip_indialog_contact(struct call *c, const struct sip_msg *msg)
{
	const struct sip_hdr *hdr = sip_msg_hdr(msg, SIP_HDR_CONTACT);
	struct sip_addr addr;

	if(hdr == NULL || sip_addr_decode(&addr, &hdr->val) != 0)
		return EBADMSG;
	c->rcontact = mem_deref(c->rcontact);
	return pl_strdup(&c->rcontact, &addr.auri);
}

int sip_indialog_conn(struct sip_conn **connp, struct call *c)
{
	struct uri uri;
	struct pl pl;
	struct sa sa;

	pl_set_str(&pl, c->next_hop);
	if(uri_decode(&uri, &pl) == 0
			&& config_resolve(&sa, &uri.host, uri.port ? uri.port : SIP_PORT_TLS)
					   == 0)
		return sip_conn_to(connp, c->hostname, &sa);
	event_violation(c->name, "next_hop", "no address for %s", c->next_hop);
	pl_set_str(&pl, c->hostname);
	if(config_resolve(&sa, &pl, c->port) != 0)
		return EHOSTUNREACH;
	return sip_conn_to(connp, c->hostname, &sa);
}

static int write_bye(struct mbuf *mb, const struct call *c, const char *branch,
		const char *reason)
{
	uint64_t seconds =
			c->answered_at ? (tmr_jiffies() - c->answered_at + 500) / 1000 : 0;
	int err = mbuf_printf(mb, "BYE %s SIP/2.0\r\n", c->rcontact);

	err |= sip_write_vias(mb, c->sentby, branch, true);
	if(c->route)
		err |= mbuf_write_mem(mb, c->route->buf, c->route->end);
	err |= mbuf_printf(mb,
			"Max-Forwards: 69\r\nFrom: %s\r\nTo: %s\r\nCall-ID: %s\r\n"
			"CSeq: %u BYE\r\n",
			c->local, c->remote, c->callid, c->lseq);
	if(c->wacid)
		err |= mbuf_printf(mb, "x-wa-meta-wacid: %s\r\n", c->wacid);
	err |= mbuf_printf(
			mb, "x-wa-meta-call-duration: %u\r\n", (unsigned)seconds);
	err |= call_write_identity(mb, c);
	if(reason)
		err |= mbuf_printf(mb, "Reason: SIP;cause=500;text=\"%s\"\r\n", reason);
	err |= mbuf_printf(mb,
			"X-FB-External-Domain: %s\r\n"
			"Allow: INVITE, ACK, BYE, CANCEL, NOTIFY, OPTIONS\r\n"
			"User-Agent: %s\r\n",
			config.domain, config.user_agent);
	return err | sip_write_body(mb, NULL);
}

static void bye_response(
		int err, const char *why, const struct sip_msg *msg, void *arg)
{
	struct call *c = arg;

	if(c->state == CALL_OVER)
		return;
	if(err)
		event_violation(c->name, "bye", "BYE not answered: %s", why);
	else if(msg->scode < 200)
		return;
	else if(msg->scode >= 300)
		event_violation(c->name, "bye", "BYE answered with %u", msg->scode);
	call_over(c, "user", 0, c->hangup_reason);
}

int sip_indialog_bye(struct call *c, const char *reason)
{
	struct mbuf *mb = mbuf_alloc(2048);
	struct sip_conn *conn = NULL;
	char branch[SIP_BRANCH_SIZE];
	int err;

	if(mb == NULL)
		return ENOMEM;
	tmr_cancel(&c->tmr);
	tmr_cancel(&c->tmr_answer);
	c->state = CALL_ENDING;
	c->hangup_reason = reason;
	c->lseq++;
	sip_branch(branch);
	err = write_bye(mb, c, branch, reason);
	if(!err)
		err = sip_indialog_conn(&conn, c);
	if(!err)
		err = sip_ctrans_send(&c->bye_ct, conn, c->name, "BYE", branch, mb,
				bye_response, c);
	mem_deref(conn);
	mem_deref(mb);
	if(err) {
		event_violation(
				c->name, "bye", "BYE could not be sent: %s", strerror(err));
		call_over(c, "user", 0, reason);
	}
	return err;
}

static bool is_route(const struct sip_hdr *hdr, const char *host)
{
	char want[256];

	snprintf(want, sizeof(want), "<sip:%s;transport=tls;lr>", host);
	return pl_strcmp(&hdr->val, want) == 0;
}

/* Meta's Contact echoed untouched, and the recorded route (2.4): else 404. */
static bool target_ok(const struct call *c, const struct sip_msg *msg)
{
	struct collected all = {.n = 0};
	bool good = true;

	if(pl_strcmp(&msg->ruri, c->contact) != 0) {
		event_violation(c->name, "in_dialog_uri",
				"%.*s to %.*s: not Meta's Contact %s", (int)msg->met.l, msg->met.p,
				(int)msg->ruri.l, msg->ruri.p, c->contact);
		good = false;
	}
	sip_msg_hdr_apply(msg, true, SIP_HDR_ROUTE, collect, &all);
	if(all.n != 2 || !is_route(all.hdr[0], config.domain)
			|| !is_route(all.hdr[1], config.proxy)) {
		event_violation(c->name, "in_dialog_route",
				"%.*s with %u Routes: %s then %s are needed", (int)msg->met.l,
				msg->met.p, all.n, config.domain, config.proxy);
		good = false;
	}
	return good;
}

static bool tags_ok(const struct call *c, const struct sip_msg *msg)
{
	return c->ltag && c->rtag && pl_strcmp(&msg->to.tag, c->ltag) == 0
		   && pl_strcmp(&msg->from.tag, c->rtag) == 0;
}

static void established_business(struct call *c)
{
	struct json_object *ev = call_event(c, "acked");

	c->state = CALL_UP;
	tmr_cancel(&c->tmr);
	tmr_cancel(&c->tmr_answer);
	json_object_object_add(ev, "retransmissions",
			json_object_new_int((int)c->retransmissions));
	event_emit(ev);
	if(c->cancel_wanted)
		sip_indialog_bye(c, c->hangup_reason);
	else
		sip_business_up(c);
}

void sip_indialog_ack(const struct sip_msg *msg)
{
	struct call *c = call_by_callid(&msg->callid);

	if(sip_strans_ack(msg))
		return;
	if(c == NULL || !tags_ok(c, msg)) {
		event_violation(c ? c->name : NULL, "ack", "an ACK of no dialog");
		return;
	}
	if(c->by_user || msg->cseq.num != c->invite_seq) {
		event_violation(c->name, "ack_cseq", "ACK with CSeq %u", msg->cseq.num);
		return;
	}
	if(target_ok(c, msg) && c->state == CALL_ANSWERED)
		established_business(c);
}

static void take_bye(struct call *c, struct sip_conn *conn, const struct sip_msg *msg)
{
	char reason[200] = "";
	const struct sip_hdr *hdr = sip_msg_hdr(msg, SIP_HDR_REASON);

	if(hdr)
		pl_strcpy(&hdr->val, reason, sizeof(reason));
	sip_reply_plain(conn, msg, c->name, 200, "OK");
	call_over(c, "business", 0, reason);
}

/* Allow names what Meta takes; of that only these may come in a dialog. */
static void take_request(struct call *c, struct sip_conn *conn, const struct sip_msg *msg)
{
	if(pl_strcmp(&msg->met, "BYE") == 0) {
		take_bye(c, conn, msg);
	} else if(pl_strcmp(&msg->met, "INVITE") == 0) {
		event_violation(c->name, "reinvite", "re-INVITE toward Meta (E01)");
		sip_reply_plain(conn, msg, c->name, 500, "Server Internal Error");
	} else if(pl_strcmp(&msg->met, "OPTIONS") == 0
			  || pl_strcmp(&msg->met, "NOTIFY") == 0) {
		sip_reply_plain(conn, msg, c->name, 200, "OK");
	} else {
		event_violation(c->name, "method", "%.*s in the dialog (E02, E03)",
				(int)msg->met.l, msg->met.p);
		sip_reply_plain(conn, msg, c->name, 405, "Method Not Allowed");
	}
}

void sip_indialog_request(struct sip_conn *conn, const struct sip_msg *msg)
{
	struct call *c = call_by_callid(&msg->callid);

	if(c == NULL || !tags_ok(c, msg) || c->state == CALL_OVER) {
		/* After our own BYE theirs may still be on its way. */
		if(c == NULL || c->state != CALL_OVER)
			event_violation(c ? c->name : NULL, "no_dialog",
					"%.*s of no dialog", (int)msg->met.l, msg->met.p);
		sip_reply_plain(conn, msg, c ? c->name : NULL, 481,
				"Call/Transaction Does Not Exist");
		return;
	}
	if(!sip_conn_is_server(conn))
		event_violation(c->name, "connection",
				"a request came on the connection Meta opened (3.4)");
	if(!target_ok(c, msg)) {
		sip_reply_plain(conn, msg, c->name, 404, "Not Found");
		return;
	}
	if(c->rseq && msg->cseq.num <= c->rseq) {
		event_violation(c->name, "cseq", "CSeq %u after %u (RFC 3261 12.2.2)",
				msg->cseq.num, c->rseq);
		sip_reply_plain(conn, msg, c->name, 500, "Server Internal Error");
		return;
	}
	c->rseq = msg->cseq.num;
	take_request(c, conn, msg);
}
