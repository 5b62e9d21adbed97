/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "../ksr_compat.h"

#include "edit.h"

#include <string.h>

#include <kamailio/core/data_lump.h>
#include <kamailio/core/parser/parse_from.h>

#include "../lib/wa_err.h"

int edit_replace(sip_msg_t *msg, str old, str text)
{
	int at = (int)(old.s - msg->buf);
	struct lump *l = old.len > 0 ? del_lump(msg, at, old.len, 0)
								 : anchor_lump(msg, at, 0, 0);
	char *copy;

	if(l == NULL)
		return WA_ENOMEM;
	if(text.len == 0)
		return 0;
	copy = pkg_malloc((size_t)text.len);
	if(copy == NULL)
		return WA_ENOMEM;
	memcpy(copy, text.s, (size_t)text.len);
	if(insert_new_lump_after(l, copy, text.len, 0) == NULL) {
		pkg_free(copy);
		return WA_ENOMEM;
	}
	return 0;
}

int edit_remove(sip_msg_t *msg, str old)
{
	return edit_replace(msg, old, (str){NULL, 0});
}

int edit_parse_all(sip_msg_t *msg)
{
	return parse_headers(msg, HDR_EOH_F, 0) < 0 ? WA_EPARSE : 0;
}

str edit_name_addr(const struct to_body *b)
{
	const char *end = b->uri.s + b->uri.len;
	const char *limit = b->body.s + b->body.len;
	const char *p = end;

	while(p < limit && (*p == ' ' || *p == '\t' || *p == '\r' || *p == '\n'))
		p++;
	if(p < limit && *p == '>')
		end = p + 1;
	return (str){b->body.s, (int)(end - b->body.s)};
}

str edit_value(const hdr_field_t *h)
{
	str value = h->body;

	while(value.len > 0 && strchr(" \t\r\n", value.s[value.len - 1]) != NULL)
		value.len--;
	return value;
}

int edit_party(sip_msg_t *msg, const hdr_field_t *h, str name_addr, str tag)
{
	static const char name[] = ";tag=";
	const int name_len = tag.len > 0 ? (int)sizeof(name) - 1 : 0;
	str all = {NULL, name_addr.len + name_len + tag.len};
	int err;

	all.s = pkg_malloc((size_t)all.len + 1);
	if(all.s == NULL)
		return WA_ENOMEM;
	memcpy(all.s, name_addr.s, (size_t)name_addr.len);
	memcpy(all.s + name_addr.len, name, (size_t)name_len);
	if(tag.len > 0)
		memcpy(all.s + name_addr.len + name_len, tag.s, (size_t)tag.len);
	err = edit_replace(msg, edit_value(h), all);
	pkg_free(all.s);
	return err;
}

struct to_body *edit_from(sip_msg_t *msg)
{
	return parse_from_header(msg) < 0 || msg->from == NULL ? NULL
														   : get_from(msg);
}

struct to_body *edit_to(sip_msg_t *msg)
{
	if(msg->to == NULL
			&& (parse_headers(msg, HDR_TO_F, 0) < 0 || msg->to == NULL))
		return NULL;
	return get_to(msg);
}
