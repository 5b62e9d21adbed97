/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "wa_http.h"

#include "wa_err.h"
#include "wa_headers.h"

/* Where the empty line ends; 0 = it has not come yet. */
static size_t head_len(wa_sv_t v)
{
	for(size_t i = 0; i + 1 < v.len; i++) {
		if(v.s[i] != '\n')
			continue;
		if(v.s[i + 1] == '\n')
			return i + 2;
		if(v.s[i + 1] == '\r' && i + 2 < v.len && v.s[i + 2] == '\n')
			return i + 3;
	}
	return 0;
}

static bool is_token(wa_sv_t v)
{
	for(size_t i = 0; i < v.len; i++)
		if(v.s[i] < 'A' || v.s[i] > 'Z')
			return false;
	return v.len > 0;
}

static bool is_plain(wa_sv_t v)
{
	for(size_t i = 0; i < v.len; i++)
		if((unsigned char)v.s[i] <= 0x20 || (unsigned char)v.s[i] >= 0x7f)
			return false;
	return v.len > 0 && v.s[0] == '/';
}

int wa_http_head(wa_sv_t text, wa_http_request_t *out)
{
	size_t len = head_len(text);
	wa_sv_t head = {text.s, len}, line = head, path;

	if(len == 0)
		return text.len >= WA_HTTP_HEAD_MAX ? WA_ETOOLONG : WA_ENOENT;
	line = wa_sv_trim(wa_sv_cut(&line, '\n'));
	out->method = wa_sv_cut(&line, ' ');
	path = wa_sv_cut(&line, ' ');
	if(!is_token(out->method) || !is_plain(path)
			|| (!wa_sv_eq(line, WA_SV("HTTP/1.1"))
					&& !wa_sv_eq(line, WA_SV("HTTP/1.0"))))
		return WA_EPARSE;
	out->path = wa_sv_cut(&path, '?');
	out->query = path;
	out->host = wa_headers_find(head, WA_SV("Host"));
	out->site = wa_headers_find(head, WA_SV("Sec-Fetch-Site"));
	return 0;
}

/* --- queries ------------------------------------------------------------------- */

static int digit(char c)
{
	if(c >= '0' && c <= '9')
		return c - '0';
	if(c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

static int decode(wa_sv_t in, char *out, size_t size)
{
	size_t n = 0;

	for(size_t i = 0; i < in.len; i++) {
		char c = in.s[i] == '+' ? ' ' : in.s[i];

		if(c == '%') {
			int high = i + 2 < in.len ? digit(in.s[i + 1]) : -1;
			int low = i + 2 < in.len ? digit(in.s[i + 2]) : -1;

			if(high < 0 || low < 0 || high + low == 0)
				return WA_EPARSE;
			c = (char)(high * 16 + low);
			i += 2;
		}
		if(n + 1 >= size)
			return WA_ETOOLONG;
		out[n++] = c;
	}
	out[n] = '\0';
	return 0;
}

int wa_http_param(wa_sv_t *query, char *name, size_t name_size, char *value,
		size_t value_size)
{
	wa_sv_t text, key;
	int err;

	if(query->len == 0)
		return WA_ENOENT;
	text = wa_sv_cut(query, '&');
	key = wa_sv_cut(&text, '=');
	err = decode(key, name, name_size);
	return err < 0 ? err : decode(text, value, value_size);
}

wa_sv_t wa_http_host(wa_sv_t header)
{
	if(header.len > 0 && header.s[0] == '[') {
		wa_sv_t host = wa_sv_cut(&header, ']');

		return (wa_sv_t){host.s + 1, host.len - 1};
	}
	return wa_sv_cut(&header, ':');
}
