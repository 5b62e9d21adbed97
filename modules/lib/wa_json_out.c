/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "wa_json_out.h"

#include <stdio.h>
#include <time.h>

void wa_json_open(wa_buf_t *b)
{
	wa_buf_put(b, WA_SV("{"));
}

void wa_json_close(wa_buf_t *b)
{
	wa_buf_put(b, WA_SV("}"));
}

/* Octets of the UTF-8 character at the beginning of `v` (RFC 3629 4: no
 * overlong form, no surrogate, nothing beyond U+10FFFF); 0 = it is none. */
static size_t utf8_len(wa_sv_t v)
{
	const unsigned char *s = (const unsigned char *)v.s;
	size_t n = s[0] < 0x80 ? 1 : s[0] < 0xc2 ? 0 : s[0] < 0xe0 ? 2
			   : s[0] < 0xf0				 ? 3
			   : s[0] < 0xf5				 ? 4
											 : 0;

	if(n == 0 || n > v.len)
		return 0;
	for(size_t i = 1; i < n; i++)
		if((s[i] & 0xc0) != 0x80)
			return 0;
	if((s[0] == 0xe0 && s[1] < 0xa0) || (s[0] == 0xed && s[1] > 0x9f)
			|| (s[0] == 0xf0 && s[1] < 0x90) || (s[0] == 0xf4 && s[1] > 0x8f))
		return 0;
	return n;
}

void wa_json_quote(wa_buf_t *b, wa_sv_t text)
{
	wa_buf_put(b, WA_SV("\""));
	for(size_t i = 0, n; i < text.len; i += n) {
		unsigned char c = (unsigned char)text.s[i];

		n = utf8_len((wa_sv_t){text.s + i, text.len - i});
		if(n == 0) {
			n = 1;
			wa_buf_put(b, WA_SV("?"));
		} else if(c < 0x20 || c == 0x7f) {
			wa_buf_put(b, WA_SV("\\u"));
			wa_buf_hex(b, c, 4);
		} else {
			if(c == '"' || c == '\\')
				wa_buf_put(b, WA_SV("\\"));
			wa_buf_put(b, (wa_sv_t){text.s + i, n});
		}
	}
	wa_buf_put(b, WA_SV("\""));
}

void wa_json_name(wa_buf_t *b, const char *name)
{
	if(b->len > 0 && b->s[b->len - 1] != '{')
		wa_buf_put(b, WA_SV(","));
	wa_json_quote(b, wa_sv_from(name));
	wa_buf_put(b, WA_SV(":"));
}

void wa_json_text(wa_buf_t *b, const char *name, wa_sv_t value)
{
	wa_json_name(b, name);
	wa_json_quote(b, value);
}

void wa_json_num(wa_buf_t *b, const char *name, int64_t value)
{
	wa_json_name(b, name);
	wa_buf_num(b, value);
}

void wa_json_milli(wa_buf_t *b, const char *name, int64_t value)
{
	int64_t rest = value % 1000 < 0 ? -(value % 1000) : value % 1000;
	char digits[8];

	wa_json_name(b, name);
	if(value < 0 && value > -1000)
		wa_buf_put(b, WA_SV("-"));
	wa_buf_num(b, value / 1000);
	if(snprintf(digits, sizeof(digits), ".%03d", (int)rest) > 0)
		wa_buf_put(b, wa_sv_from(digits));
}

void wa_json_time(wa_buf_t *b, const char *name, int64_t ms)
{
	time_t s = (time_t)(ms / 1000);
	char text[40], whole[48];
	struct tm tm;

	wa_json_name(b, name);
	if(ms <= 0 || gmtime_r(&s, &tm) == NULL
			|| strftime(text, sizeof(text), "%Y-%m-%dT%H:%M:%S", &tm) == 0
			|| snprintf(whole, sizeof(whole), "\"%s.%03dZ\"", text,
					   (int)(ms % 1000))
					   < 0)
		wa_buf_put(b, WA_SV("null"));
	else
		wa_buf_put(b, wa_sv_from(whole));
}
