/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * A request that leaves for Meta has another Via, From, To and Call-ID than the
 * one that came in. tm keeps the latter as long as the transaction lives, which
 * is as long as there are replies.
 */
#include "../ksr_compat.h"

#include "restore.h"

#include <string.h>

#include <kamailio/core/ip_addr.h>
#include <kamailio/core/parser/parse_from.h>
#include <kamailio/core/parser/parse_via.h>
#include <kamailio/modules/tm/tm_load.h>

#include "../lib/wa_buf.h"
#include "../lib/wa_err.h"
#include "edit.h"
#include "routes.h"

#define TEXT_SIZE 8192 /* all Via headers, or all Record-Route headers */

static struct tm_binds tm;

int restore_init(void)
{
	if(load_tm_api(&tm) < 0) {
		LM_ERR("load tm.so before this module\n");
		return -1;
	}
	return 0;
}

const struct tm_binds *restore_tm(void)
{
	return &tm;
}

static sip_msg_t *request_of(const sip_msg_t *reply)
{
	struct cell *t = tm.t_gett();

	return reply->first_line.type != SIP_REPLY || t == NULL || t == T_UNDEFINED
				   ? NULL
				   : t->uas.request;
}

static void put(wa_buf_t *b, const char *from, const char *to)
{
	wa_buf_put(b, (wa_sv_t){from, (size_t)(to - from)});
}

static void put_str(wa_buf_t *b, str s)
{
	wa_buf_put(b, KSR_SV(&s));
}

/* The top Via of the request with what RFC 3581 4 and RFC 3261 18.2.1 make a
 * server add: the address it came from, and the port if "rport" asks for it. */
static void put_top_via(wa_buf_t *b, sip_msg_t *req)
{
	const struct via_body *via = req->via1;
	const hdr_field_t *h = req->h_via1;
	const char *end = h->body.s + h->body.len, *p = h->body.s;

	if(via->rport != NULL) {
		put(b, p, via->rport->start);
		wa_buf_put(b, WA_SV("rport="));
		wa_buf_num(b, req->rcv.src_port);
		p = via->rport->start + via->rport->size;
	}
	if(via->next != NULL) /* several in one header: stop at the comma */
		end = via->hdr.s != NULL && via->next->name.s > p ? via->next->name.s
														   : end;
	while(end > p
			&& (end[-1] == ' ' || end[-1] == '\t' || end[-1] == ','
					|| end[-1] == '\r' || end[-1] == '\n'))
		end--;
	put(b, p, end);
	if(via->received == NULL) {
		wa_buf_put(b, WA_SV(";received="));
		wa_buf_put(b, wa_sv_from(ip_addr2a(&req->rcv.src_ip)));
	}
	if(via->next != NULL) {
		wa_buf_put(b, WA_SV(", "));
		put(b, via->next->name.s, h->body.s + h->body.len);
	}
}

static int original_vias(sip_msg_t *req, wa_buf_t *b)
{
	for(hdr_field_t *h = req->headers; h != NULL; h = h->next) {
		if(h == req->h_via1) {
			wa_buf_put(b, WA_SV("Via: "));
			put_top_via(b, req);
			wa_buf_put(b, WA_SV("\r\n"));
		} else if(h->type == HDR_VIA_T || h->type == HDR_VIA2_T) {
			wa_buf_put(b, WA_SV("Via: "));
			put_str(b, h->body);
			wa_buf_put(b, WA_SV("\r\n"));
		}
	}
	return wa_buf_check(b);
}

/* Kamailio removes the top Via, which is ours, when it sends the reply: the whole
 * header, or, if others follow in it, that value alone. All others give way to the
 * original ones, which go behind it. */
static int restore_vias(sip_msg_t *msg, sip_msg_t *req)
{
	char mem[TEXT_SIZE];
	wa_buf_t b = wa_buf_on(mem, sizeof(mem));
	hdr_field_t *top = msg->h_via1;
	str behind = {top->name.s + top->len, 0};
	int err = original_vias(req, &b);
	str text = {mem, (int)b.len};

	if(err < 0)
		return err;
	if(msg->via1->next != NULL) {
		behind.s = top->body.s + msg->via1->bsize;
		behind.len = (int)(top->body.s + top->body.len - behind.s);
		/* "Via: " stays before it, CRLF after it */
		text.s += sizeof("Via: ") - 1;
		text.len -= sizeof("Via: \r\n") - 1;
	}
	err = edit_replace(msg, behind, text);
	for(hdr_field_t *h = msg->headers; err == 0 && h != NULL; h = h->next)
		if(h != top && (h->type == HDR_VIA_T || h->type == HDR_VIA2_T))
			err = edit_remove(msg, edit_line(h));
	return err;
}

int restore_reply(sip_msg_t *msg)
{
	sip_msg_t *req = request_of(msg);
	struct to_body *from, *to;
	int err;

	if(req == NULL)
		return WA_ENOENT;
	if(edit_parse_all(msg) < 0 || msg->callid == NULL || req->callid == NULL)
		return WA_EPARSE;
	from = edit_from(msg);
	to = edit_to(msg);
	if(from == NULL || to == NULL || req->from == NULL || req->to == NULL
			|| req->from->parsed == NULL || req->to->parsed == NULL)
		return WA_EPARSE;
	err = edit_replace(msg, edit_value(msg->from), edit_value(req->from));
	if(err == 0)
		err = edit_party(msg, msg->to, edit_value(req->to),
				get_to(req)->tag_value.len > 0 ? (str){NULL, 0} : to->tag_value);
	if(err == 0)
		err = edit_replace(msg, msg->callid->body, req->callid->body);
	return err == 0 ? restore_vias(msg, req) : err;
}

int restore_routes(sip_msg_t *msg)
{
	sip_msg_t *req = request_of(msg);
	char mem[TEXT_SIZE];
	wa_buf_t b = wa_buf_on(mem, sizeof(mem));

	if(req == NULL)
		return WA_ENOENT;
	for(hdr_field_t *h = req->headers; h != NULL; h = h->next) {
		if(h->type != HDR_RECORDROUTE_T)
			continue;
		wa_buf_put(&b, WA_SV(", "));
		put_str(&b, h->body);
	}
	if(wa_buf_check(&b) < 0)
		return WA_ETOOLONG;
	return b.len == 0 ? 0 : routes_add_below(msg, (str){mem, (int)b.len});
}
