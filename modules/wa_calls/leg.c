/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "leg.h"

#include "../lib/wa_err.h"
#include "../lib/wa_leg.h"

wa_sv_t header_value(sip_msg_t *msg, wa_sv_t name)
{
	if(parse_headers(msg, HDR_EOH_F, 0) < 0)
		return (wa_sv_t){NULL, 0};
	for(hdr_field_t *h = msg->headers; h != NULL; h = h->next)
		if(wa_sv_ieq(KSR_SV(&h->name), name))
			return wa_sv_trim(KSR_SV(&h->body));
	return (wa_sv_t){NULL, 0};
}

static void take(wa_leg_msg_t *m, const hdr_field_t *h)
{
	wa_sv_t body = wa_sv_trim(KSR_SV(&h->body));

	switch(h->type) {
		case HDR_FROM_T:
			m->from = body;
			break;
		case HDR_TO_T:
			m->to = body;
			break;
		case HDR_CALLID_T:
			m->call_id = body;
			break;
		case HDR_CSEQ_T:
			m->cseq = body;
			break;
		case HDR_CONTACT_T:
			if(m->contact.len == 0)
				m->contact = body;
			break;
		case HDR_RECORDROUTE_T:
			if(m->n < WA_LEG_ROUTES_MAX)
				m->record_routes[m->n++] = body;
			break;
		default:
			break;
	}
}

/* Only the texts are looked at: parsing would put private memory into the
 * transaction's copy of the request. */
static void read_msg(const sip_msg_t *msg, wa_leg_msg_t *m)
{
	*m = (wa_leg_msg_t){.n = 0};
	for(const hdr_field_t *h = msg->headers; h != NULL; h = h->next)
		take(m, h);
	if(msg->rcv.bind_address != NULL)
		m->socket = KSR_SV(&msg->rcv.bind_address->sock_str);
}

int legs_of_answer(const struct tm_binds *tm, sip_msg_t *reply, wa_call_t *c)
{
	bool in = wa_sv_eq(wa_sv_from(c->dir), WA_SV("in"));
	struct cell *t = tm->t_gett();
	wa_leg_msg_t caller, called;
	wa_sv_t addr, tag;
	int err;

	if(t == NULL || t == T_UNDEFINED || t->uas.request == NULL)
		return WA_ENOENT;
	if(parse_headers(reply, HDR_EOH_F, 0) < 0)
		return WA_EPARSE;
	read_msg(t->uas.request, &caller);
	read_msg(reply, &called);
	wa_leg_name_addr(called.to, &addr, &tag);
	err = wa_leg_of_reply(in ? &c->pbx : &c->meta, &called);
	if(err == 0)
		err = wa_leg_of_request(in ? &c->meta : &c->pbx, &caller, tag);
	return err;
}
