/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "wa_shape.h"

#include <string.h>

const char *wa_shape_name(enum wa_shape shape)
{
	static const char *const names[] = {[WA_SHAPE_REQUEST] = "request",
			[WA_SHAPE_REPLY] = "reply", [WA_SHAPE_PING] = "ping",
			[WA_SHAPE_NO_SIP] = "no_sip", [WA_SHAPE_CONTROL] = "control_bytes",
			[WA_SHAPE_UNENDED] = "unended_headers",
			[WA_SHAPE_TOO_LONG] = "oversized",
			[WA_SHAPE_TOO_MANY] = "too_many_headers"};

	return (unsigned)shape < sizeof(names) / sizeof(names[0]) ? names[shape]
															  : "unknown";
}

static bool is_ping(wa_sv_t m)
{
	for(size_t i = 0; i < m.len; i++)
		if(m.s[i] != '\r' && m.s[i] != '\n' && m.s[i] != '\0')
			return false;
	return true;
}

/* RFC 3261 25.1: token */
static bool is_token(wa_sv_t v)
{
	for(size_t i = 0; i < v.len; i++)
		if((v.s[i] < '0' || v.s[i] > '9')
				&& ((v.s[i] | 0x20) < 'a' || (v.s[i] | 0x20) > 'z')
				&& (v.s[i] == '\0' || strchr("-.!%*_+`'~", v.s[i]) == NULL))
			return false;
	return v.len > 0;
}

static bool is_version(wa_sv_t v)
{
	return wa_sv_ieq(v, WA_SV("SIP/2.0"));
}

/* "SIP/2.0 200 OK" or "METHOD uri SIP/2.0", which may be preceded by blanks */
static enum wa_shape first_line(wa_sv_t line)
{
	wa_sv_t rest = line, word = wa_sv_cut(&rest, ' '), trimmed;

	if(is_version(word))
		return WA_SHAPE_REPLY;
	trimmed = wa_sv_trim(rest);
	if(!is_token(word) || trimmed.len <= 8
			|| !is_version((wa_sv_t){trimmed.s + trimmed.len - 7, 7}))
		return WA_SHAPE_NO_SIP;
	return WA_SHAPE_REQUEST;
}

/* A line of the head: printable, tabs and what is not ASCII. */
static bool is_clean(wa_sv_t line)
{
	for(size_t i = 0; i < line.len; i++) {
		unsigned char c = (unsigned char)line.s[i];

		if((c < 0x20 && c != '\t') || c == 0x7f)
			return false;
	}
	return true;
}

/* Cuts a line with its end, CR LF or LF; without it, "\r" stays and is no clean
 * byte. False: there is no end. */
static bool next_line(wa_sv_t *rest, wa_sv_t *line)
{
	const char *lf =
			rest->len > 0 ? memchr(rest->s, '\n', rest->len) : NULL;

	if(lf == NULL)
		return false;
	*line = (wa_sv_t){rest->s, (size_t)(lf - rest->s)};
	*rest = (wa_sv_t){lf + 1, rest->len - line->len - 1};
	if(line->len > 0 && line->s[line->len - 1] == '\r')
		line->len--;
	return true;
}

static enum wa_shape head(
		wa_sv_t rest, enum wa_shape kind, const wa_shape_limits_t *limits)
{
	const char *start = rest.s;
	wa_sv_t line;

	for(size_t n = 0; next_line(&rest, &line); n++) {
		if(line.len == 0)
			return kind;
		if(n > limits->lines)
			return WA_SHAPE_TOO_MANY;
		if(line.len > limits->line || (size_t)(rest.s - start) > limits->head)
			return WA_SHAPE_TOO_LONG;
		if(!is_clean(line))
			return WA_SHAPE_CONTROL;
	}
	return rest.len > limits->line ? WA_SHAPE_TOO_LONG : WA_SHAPE_UNENDED;
}

enum wa_shape wa_shape_of(wa_sv_t message, const wa_shape_limits_t *limits)
{
	wa_sv_t rest = message, line;
	enum wa_shape kind;

	if(is_ping(message))
		return WA_SHAPE_PING;
	/* RFC 3261 7.5: empty lines before the first one do not count */
	while(rest.len > 0 && (rest.s[0] == '\r' || rest.s[0] == '\n'))
		rest = (wa_sv_t){rest.s + 1, rest.len - 1};
	message = rest;
	if(!next_line(&rest, &line))
		return WA_SHAPE_NO_SIP;
	kind = first_line(line);
	return kind == WA_SHAPE_NO_SIP ? kind : head(message, kind, limits);
}
