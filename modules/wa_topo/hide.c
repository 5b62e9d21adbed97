/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "../ksr_compat.h"

#include "hide.h"

#include <string.h>

#include <kamailio/core/data_lump.h>
#include <kamailio/core/error.h>
#include <kamailio/core/events.h>

#include "../lib/wa_buf.h"
#include "../lib/wa_err.h"
#include "../lib/wa_via.h"
#include "edit.h"

#define LINE_SIZE 2048

int hide_from(sip_msg_t *msg, str name_addr)
{
	struct to_body *from = edit_from(msg);

	return from == NULL ? WA_EPARSE
						: edit_party(msg, msg->from, name_addr, from->tag_value);
}

int hide_to(sip_msg_t *msg, str name_addr)
{
	struct to_body *to = edit_to(msg);

	return to == NULL ? WA_EPARSE
					  : edit_party(msg, msg->to, name_addr, to->tag_value);
}

int hide_callid(sip_msg_t *msg, str value)
{
	if(msg->callid == NULL
			&& (parse_headers(msg, HDR_CALLID_F, 0) < 0 || msg->callid == NULL))
		return WA_EPARSE;
	return edit_replace(msg, msg->callid->body, value);
}

int hide_phrase(sip_msg_t *msg)
{
	char *usual;

	if(msg->first_line.type != SIP_REPLY)
		return WA_EPARSE;
	usual = error_text((int)msg->REPLY_STATUS);
	return edit_replace(msg, msg->first_line.u.reply.reason,
			(str){usual, (int)strlen(usual)});
}

/* One line more, after the last header. */
static int append_line(sip_msg_t *msg, const wa_buf_t *b)
{
	struct lump *l;
	char *copy;

	if(wa_buf_check(b) < 0)
		return WA_ETOOLONG;
	l = anchor_lump(msg, (int)(msg->unparsed - msg->buf), 0, 0);
	copy = pkg_malloc(b->len);
	if(l == NULL || copy == NULL) {
		if(copy != NULL)
			pkg_free(copy);
		return WA_ENOMEM;
	}
	memcpy(copy, b->s, b->len);
	if(insert_new_lump_before(l, copy, (int)b->len, 0) == NULL) {
		pkg_free(copy);
		return WA_ENOMEM;
	}
	return 0;
}

int hide_contact(sip_msg_t *msg, str uri)
{
	char mem[LINE_SIZE];
	wa_buf_t b = wa_buf_on(mem, sizeof(mem));
	int err = edit_parse_all(msg);

	for(hdr_field_t *h = msg->headers; err == 0 && h != NULL; h = h->next)
		if(h->type == HDR_CONTACT_T)
			err = edit_remove(msg, edit_line(h));
	if(err < 0 || uri.len == 0)
		return err;
	wa_buf_put(&b, WA_SV("Contact: <"));
	wa_buf_put(&b, KSR_SV(&uri));
	wa_buf_put(&b, WA_SV(">\r\n"));
	return append_line(msg, &b);
}

int hide_vias(sip_msg_t *msg)
{
	static char mark[] = WA_VIA_MARK;
	int err = edit_parse_all(msg);

	if(err < 0 || msg->h_via1 == NULL)
		return WA_EPARSE;
	err = edit_replace(
			msg, msg->h_via1->body, (str){mark, sizeof(mark) - 1});
	for(hdr_field_t *h = msg->headers; err == 0 && h != NULL; h = h->next)
		if(h != msg->h_via1
				&& (h->type == HDR_VIA_T || h->type == HDR_VIA2_T))
			err = edit_remove(msg, edit_line(h));
	return err;
}

/* The text is a copy that Kamailio made for its listeners. */
static int before_sending(sr_event_param_t *evp)
{
	str *text = evp->data;

	text->len = (int)wa_via_cut(text->s, (size_t)text->len);
	return 0;
}

int hide_init(void)
{
	if(sr_event_register_cb(SREV_NET_DATA_OUT, before_sending) != 0) {
		LM_ERR("no place left among those who see a message before it goes\n");
		return -1;
	}
	return 0;
}

static bool is_wa_header(const hdr_field_t *h)
{
	static const wa_sv_t spellings[] = {
			{"x-wa-meta-", 10}, {"x-wa_meta-", 10}, {"x_wa_meta_", 10}};

	for(unsigned i = 0; i < sizeof(spellings) / sizeof(spellings[0]); i++)
		if(h->name.len > (int)spellings[i].len
				&& wa_sv_ieq((wa_sv_t){h->name.s, spellings[i].len},
						spellings[i]))
			return true;
	return false;
}

static int clean_value(sip_msg_t *msg, str value, int max)
{
	int len = value.len < max ? value.len : max, dirty = len < value.len;
	char *copy = pkg_malloc((size_t)len + 1);
	int err = 0;

	if(copy == NULL)
		return WA_ENOMEM;
	for(int i = 0; i < len; i++) {
		unsigned char c = (unsigned char)value.s[i];
		bool control = c < 0x20 || c == 0x7f;

		copy[i] = control ? ' ' : (char)c;
		dirty |= control;
	}
	if(dirty)
		err = edit_replace(msg, value, (str){copy, len});
	pkg_free(copy);
	return err;
}

int hide_control_bytes(sip_msg_t *msg, int max)
{
	int err = edit_parse_all(msg);

	for(hdr_field_t *h = msg->headers; err == 0 && h != NULL; h = h->next)
		if(is_wa_header(h) && h->body.len > 0)
			err = clean_value(msg, h->body, max);
	return err;
}

int show_callid(sip_msg_t *msg, str value)
{
	static char shown[512];
	static str hidden;
	static hdr_field_t *changed;

	if(msg->callid == NULL
			&& (parse_headers(msg, HDR_CALLID_F, 0) < 0 || msg->callid == NULL))
		return WA_EPARSE;
	if(changed == msg->callid && msg->callid->body.s == shown)
		msg->callid->body = hidden;
	changed = NULL;
	if(value.len == 0)
		return 0;
	if(value.len > (int)sizeof(shown))
		return WA_ETOOLONG;
	memcpy(shown, value.s, (size_t)value.len);
	changed = msg->callid;
	hidden = msg->callid->body;
	msg->callid->body = (str){shown, value.len};
	return 0;
}
