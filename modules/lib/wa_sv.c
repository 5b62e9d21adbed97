/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "wa_sv.h"

#include <string.h>
#include <strings.h>

#include "wa_err.h"

wa_sv_t wa_sv_from(const char *cstr)
{
	return (wa_sv_t){cstr, cstr ? strlen(cstr) : 0};
}

bool wa_sv_eq(wa_sv_t a, wa_sv_t b)
{
	return a.len == b.len && (a.len == 0 || memcmp(a.s, b.s, a.len) == 0);
}

bool wa_sv_ieq(wa_sv_t a, wa_sv_t b)
{
	return a.len == b.len && (a.len == 0 || strncasecmp(a.s, b.s, a.len) == 0);
}

static bool is_space(char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

wa_sv_t wa_sv_trim(wa_sv_t v)
{
	while(v.len > 0 && is_space(v.s[0]))
		v = (wa_sv_t){v.s + 1, v.len - 1};
	while(v.len > 0 && is_space(v.s[v.len - 1]))
		v.len--;
	return v;
}

wa_sv_t wa_sv_cut(wa_sv_t *rest, char sep)
{
	wa_sv_t head = *rest;
	const char *p;

	/* an empty view may be NULL, to which nothing can be added (C11 6.5.6) */
	if(rest->len == 0)
		return head;
	p = memchr(rest->s, sep, rest->len);
	if(p == NULL) {
		*rest = (wa_sv_t){rest->s + rest->len, 0};
		return head;
	}
	head.len = (size_t)(p - rest->s);
	*rest = (wa_sv_t){p + 1, rest->len - head.len - 1};
	return head;
}

int wa_sv_ulong(wa_sv_t v, unsigned long max, unsigned long *out)
{
	unsigned long n = 0;

	if(v.len == 0)
		return WA_EPARSE;
	for(size_t i = 0; i < v.len; i++) {
		unsigned long d;

		if(v.s[i] < '0' || v.s[i] > '9')
			return WA_EPARSE;
		d = (unsigned long)(v.s[i] - '0');
		if(n > max / 10 || d > max - n * 10)
			return WA_ERANGE;
		n = n * 10 + d;
	}
	*out = n;
	return 0;
}

int wa_sv_copy(char *dst, size_t size, wa_sv_t v)
{
	if(v.len >= size) {
		if(size > 0)
			dst[0] = '\0';
		return WA_ETOOLONG;
	}
	if(v.len > 0)
		memcpy(dst, v.s, v.len);
	dst[v.len] = '\0';
	return 0;
}
