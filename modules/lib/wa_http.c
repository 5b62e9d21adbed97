/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "wa_http.h"

#include "wa_err.h"

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

int wa_http_head(wa_sv_t text, wa_sv_t *method, wa_sv_t *path)
{
	size_t len = head_len(text);
	wa_sv_t line = {text.s, len}, version;

	if(len == 0)
		return text.len >= WA_HTTP_HEAD_MAX ? WA_ETOOLONG : WA_ENOENT;
	line = wa_sv_trim(wa_sv_cut(&line, '\n'));
	*method = wa_sv_cut(&line, ' ');
	*path = wa_sv_cut(&line, ' ');
	version = line;
	if(!is_token(*method) || !is_plain(*path)
			|| (!wa_sv_eq(version, WA_SV("HTTP/1.1"))
					&& !wa_sv_eq(version, WA_SV("HTTP/1.0"))))
		return WA_EPARSE;
	*path = wa_sv_cut(path, '?');
	return 0;
}
