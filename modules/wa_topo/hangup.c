/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "../ksr_compat.h"

#include "hangup.h"

#include <string.h>

#include <kamailio/core/parser/contact/parse_contact.h>
#include <kamailio/core/parser/parse_cseq.h>

#include "../lib/wa_buf.h"
#include "../lib/wa_err.h"
#include "../wa_auth/api.h"
#include "edit.h"
#include "routes.h"

#define ROUTES_SIZE 2048
#define HEADERS_SIZE (ROUTES_SIZE + 16) /* "Route: " and CRLF */

static wa_auth_api_t auth;

int hangup_init(void)
{
	return wa_auth_load(&auth);
}

/* The URI within the first <> of a Route's value. */
static str first_uri(char *routes)
{
	char *start = strchr(routes, '<');
	char *end = start != NULL ? strchr(start, '>') : NULL;

	if(end == NULL)
		return (str){NULL, 0};
	return (str){start + 1, (int)(end - start - 1)};
}

static int contact_uri(sip_msg_t *msg, str *uri)
{
	contact_body_t *body;

	if(msg->contact == NULL || parse_contact(msg->contact) < 0)
		return WA_EPARSE;
	body = msg->contact->parsed;
	if(body == NULL || body->star || body->contacts == NULL)
		return WA_EPARSE;
	*uri = body->contacts->uri;
	return uri->len > 0 ? 0 : WA_EPARSE;
}

/* What the leg looks like from here: all texts are those of the reply, which
 * outlives the call of tm. */
static int dialog_of(sip_msg_t *msg, dlg_t *d)
{
	struct to_body *from = edit_from(msg), *to = edit_to(msg);
	unsigned cseq;

	memset(d, 0, sizeof(*d));
	if(from == NULL || to == NULL || to->tag_value.len == 0
			|| msg->callid == NULL || msg->cseq == NULL
			|| str2int(&get_cseq(msg)->number, &cseq) < 0)
		return WA_EPARSE;
	d->id.call_id = msg->callid->body;
	d->id.loc_tag = from->tag_value;
	d->id.rem_tag = to->tag_value;
	d->loc_uri = edit_name_addr(from);
	d->rem_uri = edit_name_addr(to);
	d->loc_seq.value = cseq;
	d->loc_seq.is_set = 1;
	d->state = DLG_CONFIRMED;
	d->send_sock = msg->rcv.bind_address;
	return contact_uri(msg, &d->rem_target);
}

static int send_ack(const struct tm_binds *tm, dlg_t *d, str *headers)
{
	str method = str_init("ACK");
	uac_req_t req;

	set_uac_req(&req, &method, headers, NULL, d, 0, NULL, NULL);
	return tm->t_request_within(&req) < 0 ? WA_ENOMEM : 0;
}

static int send_bye(const dlg_t *d, const str *headers, const str *account)
{
	wa_own_t r = {.cseq = d->loc_seq.value + 1, .socket = d->send_sock};

	r.text[WA_OWN_METHOD] = WA_SV("BYE");
	r.text[WA_OWN_HEADERS] = KSR_SV(headers);
	r.text[WA_OWN_CALL_ID] = KSR_SV(&d->id.call_id);
	r.text[WA_OWN_LOCAL] = KSR_SV(&d->loc_uri);
	r.text[WA_OWN_LOCAL_TAG] = KSR_SV(&d->id.loc_tag);
	r.text[WA_OWN_REMOTE] = KSR_SV(&d->rem_uri);
	r.text[WA_OWN_REMOTE_TAG] = KSR_SV(&d->id.rem_tag);
	r.text[WA_OWN_TARGET] = KSR_SV(&d->rem_target);
	r.text[WA_OWN_HOP] = KSR_SV(&d->dst_uri);
	r.text[WA_OWN_ACCOUNT] = KSR_SV(account);
	return auth.request(&r);
}

int hangup_answer(const struct tm_binds *tm, sip_msg_t *msg, str next_hop,
		str account)
{
	char routes[ROUTES_SIZE], mem[HEADERS_SIZE];
	wa_buf_t b = wa_buf_on(mem, sizeof(mem));
	str headers;
	dlg_t d;
	int err;

	if(msg->first_line.type != SIP_REPLY || msg->REPLY_STATUS < 200
			|| msg->REPLY_STATUS > 299)
		return WA_ENOENT;
	/* whatever becomes of ACK and BYE: never two final replies */
	msg->msg_flags |= FL_RPL_SUSPENDED;
	err = routes_take(msg, routes, sizeof(routes));
	if(err == 0)
		err = dialog_of(msg, &d);
	if(err < 0)
		return err;
	if(routes[0] != '\0') {
		wa_buf_put(&b, WA_SV("Route: "));
		wa_buf_put(&b, wa_sv_from(routes));
		wa_buf_put(&b, WA_SV("\r\n"));
	}
	d.dst_uri = next_hop.len > 0 ? next_hop : first_uri(routes);
	headers = (str){mem, (int)b.len};
	err = send_ack(tm, &d, &headers);
	return err == 0 && account.len > 0 ? send_bye(&d, &headers, &account) : err;
}
