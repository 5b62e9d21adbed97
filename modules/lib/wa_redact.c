/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "wa_redact.h"

#include <stdint.h>
#include <string.h>

#include "wa_headers.h"
#include "wa_sv.h"

#define HIDDEN 'x'

/* Views of the message point to where it may be written. */
static void blank(wa_sv_t v)
{
	char *p = (char *)(uintptr_t)v.s;

	for(size_t i = 0; i < v.len; i++)
		if(p[i] != '\r' && p[i] != '\n')
			p[i] = HIDDEN;
}

static bool is_word(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '-';
}

/* A parameter's value from behind its "=" on, quotes left as they are. */
static void blank_value(wa_sv_t v)
{
	size_t at = 0, end;
	bool quoted;

	while(at < v.len && strchr(" \t\r\n", v.s[at]) != NULL)
		at++;
	quoted = at < v.len && v.s[at] == '"';
	at += quoted;
	for(end = at; end < v.len; end++)
		if(quoted ? v.s[end] == '"' : v.s[end] == ',')
			break;
	blank((wa_sv_t){v.s + at, end - at});
}

/* Every parameter called `name`. */
static void blank_parameter(wa_sv_t value, wa_sv_t name)
{
	for(size_t i = 0; i + name.len < value.len; i++) {
		size_t at = i + name.len;

		if((i > 0 && is_word(value.s[i - 1]))
				|| !wa_sv_ieq((wa_sv_t){value.s + i, name.len}, name))
			continue;
		while(at < value.len && strchr(" \t\r\n", value.s[at]) != NULL)
			at++;
		if(at < value.len && value.s[at] == '=')
			blank_value((wa_sv_t){value.s + at + 1, value.len - at - 1});
	}
}

static void redact_credentials(wa_sv_t value)
{
	wa_sv_t scheme = {value.s, 0};

	while(scheme.len < value.len && is_word(value.s[scheme.len]))
		scheme.len++;
	if(wa_sv_ieq(scheme, WA_SV("Digest")))
		blank_parameter(value, WA_SV("response"));
	else
		blank((wa_sv_t){value.s + scheme.len, value.len - scheme.len});
}

/* Behind `mark`, up to what ends it. */
static void blank_behind(wa_sv_t line, wa_sv_t mark, const char *ends)
{
	for(size_t i = 0; i + mark.len <= line.len; i++) {
		size_t at = i + mark.len, end = at;

		if(!wa_sv_ieq((wa_sv_t){line.s + i, mark.len}, mark))
			continue;
		while(end < line.len && strchr(ends, line.s[end]) == NULL)
			end++;
		blank((wa_sv_t){line.s + at, end - at});
	}
}

static void redact_sdp(wa_sv_t body)
{
	static const wa_sv_t crypto = {"a=crypto:", 9}, ice = {"a=ice-pwd:", 10};

	while(body.len > 0) {
		wa_sv_t line = wa_sv_cut(&body, '\n');

		if(line.len >= crypto.len
				&& wa_sv_ieq((wa_sv_t){line.s, crypto.len}, crypto))
			blank_behind(line, WA_SV("inline:"), "| ;\r");
		if(line.len >= ice.len && wa_sv_ieq((wa_sv_t){line.s, ice.len}, ice))
			blank((wa_sv_t){line.s + ice.len, line.len - ice.len});
	}
}

static void redact_header(wa_sv_t name, wa_sv_t value)
{
	if(wa_sv_ieq(name, WA_SV("Authorization"))
			|| wa_sv_ieq(name, WA_SV("Proxy-Authorization")))
		redact_credentials(value);
	else if(wa_sv_ieq(name, WA_SV("Authentication-Info"))
			|| wa_sv_ieq(name, WA_SV("Proxy-Authentication-Info")))
		blank_parameter(value, WA_SV("rspauth"));
}

/* "application/dtmf-relay" and its like. */
static bool holds_digits(wa_sv_t type)
{
	static const wa_sv_t begin = {"application/dtmf", 16};

	return type.len >= begin.len
		   && wa_sv_ieq((wa_sv_t){type.s, begin.len}, begin);
}

void wa_redact(char *message, size_t len)
{
	wa_sv_t whole = {message, len}, name, value, body;
	bool digits = false;
	wa_headers_t walk;

	/* line ends may precede a message */
	while(whole.len > 0 && (*whole.s == '\r' || *whole.s == '\n'))
		whole = (wa_sv_t){whole.s + 1, whole.len - 1};
	body = wa_headers_body(whole);
	wa_headers_begin(&walk, whole);
	while(wa_headers_next(&walk, &name, &value)) {
		redact_header(name, value);
		if(wa_sv_ieq(name, WA_SV("Content-Type")) || wa_sv_ieq(name, WA_SV("c")))
			digits = digits || holds_digits(value);
	}
	if(digits)
		blank(body);
	else
		redact_sdp(body);
}
