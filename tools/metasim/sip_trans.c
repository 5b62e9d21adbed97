/* Transactions over TLS.
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "sip_trans.h"

#include <errno.h>
#include <string.h>

#include "event.h"

struct sip_ctrans
{
	struct le le;
	struct sip_conn *conn;
	char *branch;
	char *method;
	bool final;
	struct tmr tmr;
	sip_ctrans_h *h;
	void *arg;
};

struct sip_strans
{
	struct le le;
	char *branch;
	char *callid;
	char *call;
	uint32_t cseq;
	struct tmr tmr;
};

static struct list ctrans, strans;

static void ctrans_destructor(void *arg)
{
	struct sip_ctrans *ct = arg;

	tmr_cancel(&ct->tmr);
	list_unlink(&ct->le);
	mem_deref(ct->conn);
	mem_deref(ct->branch);
	mem_deref(ct->method);
}

/* Timers B and F: 64 * T1, and for INVITE only until a provisional answer. */
static void ctrans_timeout(void *arg)
{
	struct sip_ctrans *ct = arg;

	ct->final = true;
	ct->h(ETIMEDOUT, "no answer", NULL, ct->arg);
}

int sip_ctrans_send(struct sip_ctrans **ctp, struct sip_conn *c, const char *call,
		const char *method, const char *branch, struct mbuf *mb,
		sip_ctrans_h *h, void *arg)
{
	struct sip_ctrans *ct = mem_zalloc(sizeof(*ct), ctrans_destructor);
	int err;

	if(ct == NULL)
		return ENOMEM;
	tmr_init(&ct->tmr);
	ct->conn = mem_ref(c);
	ct->h = h;
	ct->arg = arg;
	err = str_dup(&ct->branch, branch);
	err |= str_dup(&ct->method, method);
	if(!err)
		err = sip_conn_send(c, call, mb);
	if(err) {
		mem_deref(ct);
		return err;
	}
	list_append(&ctrans, &ct->le, ct);
	tmr_start(&ct->tmr, config_ms(64 * config.t1_ms), ctrans_timeout, ct);
	*ctp = ct;
	return 0;
}

bool sip_ctrans_response(struct sip_conn *c, const struct sip_msg *msg)
{
	struct le *le;

	LIST_FOREACH(&ctrans, le)
	{
		struct sip_ctrans *ct = le->data;

		if(pl_strcmp(&msg->via.branch, ct->branch) != 0
				|| pl_strcmp(&msg->cseq.met, ct->method) != 0)
			continue;
		if(c != ct->conn)
			event_violation(NULL, "reply_connection",
					"%s answered on another connection (B05)", ct->method);
		tmr_cancel(&ct->tmr);
		if(msg->scode >= 200)
			ct->final = true;
		ct->h(0, NULL, msg, ct->arg);
		return true;
	}
	return false;
}

void sip_ctrans_conn_closed(struct sip_conn *c, const char *why)
{
	struct le *le = ctrans.head;

	while(le) {
		struct sip_ctrans *ct = le->data;

		le = le->next;
		if(ct->conn != c || ct->final)
			continue;
		ct->final = true;
		tmr_cancel(&ct->tmr);
		ct->h(ECONNRESET, why, NULL, ct->arg);
		le = ctrans.head; /* the handler may have ended others too */
	}
}

static void strans_destructor(void *arg)
{
	struct sip_strans *st = arg;

	tmr_cancel(&st->tmr);
	list_unlink(&st->le);
	mem_deref(st->branch);
	mem_deref(st->callid);
	mem_deref(st->call);
}

static void strans_timeout(void *arg)
{
	struct sip_strans *st = arg;

	event_violation(st->call, "ack_missing",
			"no ACK for the refused INVITE, CSeq %u", st->cseq);
	mem_deref(st);
}

int sip_strans_expect_ack(const struct sip_msg *invite, const char *call)
{
	struct sip_strans *st = mem_zalloc(sizeof(*st), strans_destructor);
	int err;

	if(st == NULL)
		return ENOMEM;
	tmr_init(&st->tmr);
	st->cseq = invite->cseq.num;
	err = pl_strdup(&st->branch, &invite->via.branch);
	err |= pl_strdup(&st->callid, &invite->callid);
	if(call)
		err |= str_dup(&st->call, call);
	if(err) {
		mem_deref(st);
		return err;
	}
	list_append(&strans, &st->le, st);
	tmr_start(&st->tmr, config_ms(64 * config.t1_ms), strans_timeout, st);
	return 0;
}

bool sip_strans_ack(const struct sip_msg *ack)
{
	struct le *le;

	LIST_FOREACH(&strans, le)
	{
		struct sip_strans *st = le->data;

		if(pl_strcmp(&ack->via.branch, st->branch) != 0
				|| pl_strcmp(&ack->callid, st->callid) != 0)
			continue;
		if(ack->cseq.num != st->cseq)
			event_violation(st->call, "ack_cseq",
					"ACK with CSeq %u for an INVITE with %u", ack->cseq.num,
					st->cseq);
		mem_deref(st);
		return true;
	}
	return false;
}

void sip_trans_close(void)
{
	list_flush(&strans);
}
