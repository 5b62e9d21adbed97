/* Who gets a message: the dispatcher.
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "event.h"
#include "sip_call.h"
#include "sip_nonce.h"
#include "sip_tls.h"

static bool is(const struct sip_msg *msg, const char *method)
{
	return pl_strcmp(&msg->met, method) == 0;
}

/* What no request may lack (RFC 3261 8.1.1). */
static bool complete(const struct sip_msg *msg)
{
	return msg->callid.l && msg->from.val.l && msg->to.val.l && msg->cseq.met.l
		   && msg->via.branch.l;
}

static void take_outside(struct sip_conn *c, const struct sip_msg *msg)
{
	if(is(msg, "INVITE")) {
		sip_business_invite(c, msg);
	} else if(is(msg, "OPTIONS")) {
		sip_reply_plain(c, msg, NULL, 200, "OK");
	} else if(is(msg, "REGISTER")) {
		event_violation(NULL, "register", "REGISTER toward Meta (2.4)");
		sip_reply_plain(c, msg, NULL, 403, "Forbidden");
	} else if(is(msg, "BYE")) {
		event_violation(NULL, "no_dialog", "BYE without a To tag");
		sip_reply_plain(c, msg, NULL, 481, "Call/Transaction Does Not Exist");
	} else {
		event_violation(NULL, "method", "%.*s toward Meta (2.4)",
				(int)msg->met.l, msg->met.p);
		sip_reply_plain(c, msg, NULL, 405, "Method Not Allowed");
	}
}

static void take_request(struct sip_conn *c, const struct sip_msg *msg)
{
	if(!complete(msg)) {
		event_violation(NULL, "malformed", "%.*s lacks a header of RFC 3261 8.1.1",
				(int)msg->met.l, msg->met.p);
		if(!is(msg, "ACK") && msg->via.sentby.l)
			sip_reply_plain(c, msg, NULL, 400, "Bad Request");
		return;
	}
	if(msg->via.tp != SIP_TRANSP_TLS)
		event_violation(call_name(&msg->callid), "via_transport",
				"the top Via is not SIP/2.0/TLS");
	if(is(msg, "ACK"))
		sip_indialog_ack(msg);
	else if(is(msg, "CANCEL"))
		sip_business_cancel(c, msg);
	else if(msg->to.tag.l)
		sip_indialog_request(c, msg);
	else
		take_outside(c, msg);
}

static void take_message(struct sip_conn *c, const struct sip_msg *msg)
{
	if(msg->req)
		take_request(c, msg);
	else if(!sip_ctrans_response(c, msg))
		event_violation(call_name(&msg->callid), "stray_response",
				"%u answers nothing we asked", msg->scode);
}

/* An INVITE is traced before the call exists that it makes. */
static const char *name_of(const struct sip_msg *msg)
{
	const char *name = call_name(&msg->callid);

	if(name == NULL && msg->req && is(msg, "INVITE") && msg->to.tag.l == 0
			&& complete(msg))
		name = call_next_name();
	return name;
}

int sip_hangup(struct call *c, const char *reason)
{
	switch(c->state) {
		case CALL_NEW:
		case CALL_CHALLENGED:
		case CALL_RINGING:
			return c->by_user ? sip_user_cancel(c, reason)
							  : sip_business_refuse(c, 486, "Busy Here");
		case CALL_ANSWERED: /* RFC 3261 15: not before the ACK */
			c->cancel_wanted = true;
			c->hangup_reason = reason;
			return 0;
		case CALL_UNACKED:
		case CALL_UP:
			return sip_indialog_bye(c, reason);
		case CALL_ENDING:
			return 0;
		default:
			return EALREADY;
	}
}

int sip_core_start(char *why, size_t size)
{
	int err = call_init();

	if(!err)
		err = sip_tls_load(&config.tls, why, size);
	if(!err)
		err = sip_conn_listen(
				take_message, sip_ctrans_conn_closed, name_of, why, size);
	return err;
}

void sip_core_stop(void)
{
	call_close();
	sip_conn_end();
	sip_trans_close();
	sip_nonce_close();
	sip_tls_close();
}
