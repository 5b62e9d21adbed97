/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "wa_headers.h"

#include <string.h>

/* Cuts one line off the walk, its line end included; `*line` comes without. */
static bool next_line(wa_headers_t *walk, wa_sv_t *line)
{
	const char *nl;
	size_t len;

	if(walk->p == walk->end)
		return false;
	nl = memchr(walk->p, '\n', (size_t)(walk->end - walk->p));
	len = (size_t)((nl ? nl : walk->end) - walk->p);
	*line = (wa_sv_t){walk->p, len};
	if(len > 0 && walk->p[len - 1] == '\r')
		line->len--;
	walk->p = nl ? nl + 1 : walk->end;
	return true;
}

/* A line that begins with space or tab belongs to the one before it. */
static bool is_folded(const wa_headers_t *walk)
{
	return walk->p < walk->end && (*walk->p == ' ' || *walk->p == '\t');
}

void wa_headers_begin(wa_headers_t *walk, wa_sv_t message)
{
	wa_sv_t first;

	walk->p = message.s;
	walk->end = message.len ? message.s + message.len : message.s;
	next_line(walk, &first);
}

bool wa_headers_next(wa_headers_t *walk, wa_sv_t *name, wa_sv_t *value)
{
	wa_sv_t line, more;

	while(next_line(walk, &line) && line.len > 0) {
		wa_sv_t rest;

		while(is_folded(walk) && next_line(walk, &more))
			line.len = (size_t)(more.s + more.len - line.s);
		rest = line;
		*name = wa_sv_cut(&rest, ':');
		if(name->len == line.len)
			continue;
		*name = wa_sv_trim(*name);
		*value = wa_sv_trim(rest);
		return true;
	}
	walk->p = walk->end;
	return false;
}

wa_sv_t wa_headers_find(wa_sv_t message, wa_sv_t name)
{
	wa_headers_t walk;
	wa_sv_t n, value;

	wa_headers_begin(&walk, message);
	while(wa_headers_next(&walk, &n, &value))
		if(wa_sv_ieq(n, name))
			return value;
	return WA_SV("");
}

wa_sv_t wa_headers_body(wa_sv_t message)
{
	wa_headers_t walk;
	wa_sv_t line;

	wa_headers_begin(&walk, message);
	while(next_line(&walk, &line) && line.len > 0)
		;
	return (wa_sv_t){walk.p, (size_t)(walk.end - walk.p)};
}
