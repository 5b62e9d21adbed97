/* The wire as events.
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#define _GNU_SOURCE /* memmem, accept4 */
#include "sip_trace.h"

#include <string.h>

#include "event.h"

/* Length of the UTF-8 sequence at `p`, 0 when it is none (RFC 3629, without the
 * fine print on surrogates). */
static size_t utf8_len(const uint8_t *p, size_t left)
{
	size_t n = *p < 0x80 ? 1 : *p >= 0xc2 && *p < 0xe0 ? 2
					   : *p >= 0xe0 && *p < 0xf0	   ? 3
					   : *p >= 0xf0 && *p < 0xf5	   ? 4
													   : 0;

	if(n > left)
		return 0;
	for(size_t i = 1; i < n; i++)
		if((p[i] & 0xc0) != 0x80)
			return 0;
	return n;
}

/* JSON is UTF-8: any other byte is shown as if it were Latin-1. */
static struct json_object *text_of(const uint8_t *buf, size_t len)
{
	struct mbuf *mb = mbuf_alloc(len + 16);
	struct json_object *text = NULL;
	size_t n;

	if(mb == NULL)
		return NULL;
	for(size_t i = 0; i < len; i += n ? n : 1) {
		n = utf8_len(buf + i, len - i);
		if(n) {
			mbuf_write_mem(mb, buf + i, n);
		} else {
			mbuf_write_u8(mb, (uint8_t)(0xc0 | buf[i] >> 6));
			mbuf_write_u8(mb, (uint8_t)(0x80 | (buf[i] & 0x3f)));
		}
	}
	text = json_object_new_string_len((const char *)mb->buf, (int)mb->end);
	mem_deref(mb);
	return text;
}

void sip_trace(const char *dir, const char *call, const struct sa *peer,
		const uint8_t *buf, size_t len)
{
	struct json_object *ev;
	char text[64];

	if(!config.trace)
		return;
	ev = event_new("sip");
	re_snprintf(text, sizeof(text), "%J", peer);
	event_str(ev, "dir", dir);
	event_str(ev, "call", call);
	event_str(ev, "peer", text);
	json_object_object_add(ev, "text", text_of(buf, len));
	event_emit(ev);
}

void sip_trace_forbidden(const char *call, const uint8_t *buf, size_t len)
{
	size_t n = config.forbid ? json_object_array_length(config.forbid) : 0;

	for(size_t i = 0; i < n; i++) {
		const char *text = json_object_get_string(
				json_object_array_get_idx(config.forbid, i));

		if(text && *text && memmem(buf, len, text, strlen(text)))
			event_violation(call, "forbidden_text",
					"the message holds \"%s\" (E05)", text);
	}
}
