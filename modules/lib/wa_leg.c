/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "wa_leg.h"

#include <string.h>

#include "wa_err.h"

#define ENTRIES_MAX 16
#define ROUTES_SIZE 1024

/* Place of the first `c` that stands neither in quotes nor, if `angles`, in <>;
 * the length if there is none. */
static size_t find(wa_sv_t v, char c, bool angles)
{
	bool quoted = false, inside = false;

	for(size_t i = 0; i < v.len; i++) {
		char x = v.s[i];

		if(quoted) {
			if(x == '\\')
				i++;
			else if(x == '"')
				quoted = false;
			continue;
		}
		if(x == c && !(angles && inside))
			return i;
		if(x == '"' && !inside)
			quoted = true;
		else if(x == '<')
			inside = true;
		else if(x == '>')
			inside = false;
	}
	return v.len;
}

static wa_sv_t from_to(wa_sv_t v, size_t from, size_t to)
{
	return (wa_sv_t){v.s + from, to - from};
}

wa_sv_t wa_leg_uri(wa_sv_t text)
{
	size_t open = find(text, '<', false), close;
	wa_sv_t rest;

	if(open == text.len)
		return wa_sv_trim(from_to(text, 0, find(text, ';', true)));
	rest = from_to(text, open + 1, text.len);
	close = find(rest, '>', false);
	return close < rest.len ? wa_sv_trim(from_to(rest, 0, close))
							: (wa_sv_t){NULL, 0};
}

static wa_sv_t tag_of(wa_sv_t params)
{
	while(params.len > 0) {
		size_t end = find(params, ';', true);
		wa_sv_t p = from_to(params, 0, end), name = wa_sv_cut(&p, '=');

		if(wa_sv_ieq(wa_sv_trim(name), WA_SV("tag")))
			return wa_sv_trim(p);
		params = from_to(params, end < params.len ? end + 1 : end, params.len);
	}
	return (wa_sv_t){NULL, 0};
}

void wa_leg_name_addr(wa_sv_t value, wa_sv_t *addr, wa_sv_t *tag)
{
	size_t open = find(value, '<', false), end;

	if(open == value.len) {
		end = find(value, ';', true);
	} else {
		wa_sv_t rest = from_to(value, open, value.len);
		size_t close = find(rest, '>', false);

		end = open + (close < rest.len ? close + 1 : close);
	}
	*addr = wa_sv_trim(from_to(value, 0, end));
	*tag = tag_of(from_to(value, end, value.len));
}

static int cseq_of(wa_sv_t value, uint32_t *out)
{
	wa_sv_t v = wa_sv_trim(value);
	unsigned long n;
	size_t len = 0;

	while(len < v.len && v.s[len] >= '0' && v.s[len] <= '9')
		len++;
	if(wa_sv_ulong(from_to(v, 0, len), INT32_MAX - 1, &n) < 0)
		return WA_EPARSE;
	*out = (uint32_t)n;
	return 0;
}

static bool is_ours(wa_sv_t entry)
{
	static const char mark[] = ";wa=";
	const size_t len = sizeof(mark) - 1;

	for(size_t i = 0; i + len <= entry.len; i++)
		if(memcmp(entry.s + i, mark, len) == 0)
			return true;
	return false;
}

/* Entries of all Record-Route fields up to ours. */
static int entries(const wa_leg_msg_t *m, wa_sv_t out[ENTRIES_MAX], int *n)
{
	*n = 0;
	for(unsigned i = 0; i < m->n; i++) {
		wa_sv_t rest = m->record_routes[i];

		while(rest.len > 0) {
			size_t end = find(rest, ',', true);
			wa_sv_t e = wa_sv_trim(from_to(rest, 0, end));

			if(is_ours(e))
				return 0;
			if(*n == ENTRIES_MAX)
				return WA_ETOOLONG;
			if(e.len > 0)
				out[(*n)++] = e;
			rest = from_to(rest, end < rest.len ? end + 1 : end, rest.len);
		}
	}
	return 0;
}

/* A request lists the nearest to us first, as does a Route; a reply the
 * nearest to its sender (RFC 3261 12.1). */
static int routes(const wa_leg_msg_t *m, bool reversed, wa_buf_t *b)
{
	wa_sv_t list[ENTRIES_MAX];
	int n, err = entries(m, list, &n);

	for(int i = 0; err == 0 && i < n; i++) {
		if(i > 0)
			wa_buf_put(b, WA_SV(", "));
		wa_buf_put(b, list[reversed ? n - 1 - i : i]);
	}
	return err < 0 ? err : wa_buf_check(b);
}

static int fill(wa_leg_t *leg, const wa_leg_msg_t *m, bool reply,
		wa_sv_t to_tag, uint32_t cseq)
{
	wa_sv_t from, from_tag, to, tag, text[WA_LEG_TEXTS];
	char mem[ROUTES_SIZE];
	wa_buf_t b = wa_buf_on(mem, sizeof(mem));
	int err = routes(m, reply, &b);

	memset(leg, 0, sizeof(*leg));
	if(err < 0)
		return err;
	wa_leg_name_addr(m->from, &from, &from_tag);
	wa_leg_name_addr(m->to, &to, &tag);
	if(to_tag.len > 0)
		tag = to_tag;
	text[WA_LEG_CALL_ID] = wa_sv_trim(m->call_id);
	text[WA_LEG_LOCAL] = reply ? from : to;
	text[WA_LEG_LOCAL_TAG] = reply ? from_tag : tag;
	text[WA_LEG_REMOTE] = reply ? to : from;
	text[WA_LEG_REMOTE_TAG] = reply ? tag : from_tag;
	text[WA_LEG_TARGET] = wa_leg_uri(m->contact);
	text[WA_LEG_ROUTES] = wa_buf_sv(&b);
	text[WA_LEG_SOCKET] = m->socket;
	for(int i = 0; i < WA_LEG_ROUTES; i++)
		if(text[i].len == 0)
			return WA_EPARSE;
	return wa_leg_set(leg, text, cseq);
}

int wa_leg_of_request(wa_leg_t *leg, const wa_leg_msg_t *m, wa_sv_t to_tag)
{
	/* nothing of ours has been sent in this direction: the first number */
	return fill(leg, m, false, to_tag, 1);
}

int wa_leg_of_reply(wa_leg_t *leg, const wa_leg_msg_t *m)
{
	uint32_t cseq;

	memset(leg, 0, sizeof(*leg));
	return cseq_of(m->cseq, &cseq) < 0
				   ? WA_EPARSE
				   : fill(leg, m, true, (wa_sv_t){NULL, 0}, cseq + 1);
}
