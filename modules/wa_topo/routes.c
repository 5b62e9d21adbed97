/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "../ksr_compat.h"

#include "routes.h"

#include <string.h>

#include <kamailio/core/parser/parse_rr.h>

#include "../lib/wa_buf.h"
#include "../lib/wa_err.h"
#include "edit.h"

#define ENTRIES_MAX 16

/* One entry of the Record-Route headers, in order of appearance. */
typedef struct entry
{
	hdr_field_t *header;
	rr_t *rr;
	const char *mark; /* ";wa=" in its URI; NULL = not ours */
} entry_t;

static const char *find_mark(str uri)
{
	static const char mark[] = ";wa=";
	const int len = (int)sizeof(mark) - 1;

	for(int i = 0; i + len <= uri.len; i++)
		if(memcmp(uri.s + i, mark, (size_t)len) == 0)
			return uri.s + i;
	return NULL;
}

/* Returns how many, or a wa_err. */
static int list(sip_msg_t *msg, entry_t entries[ENTRIES_MAX])
{
	int n = 0;

	if(edit_parse_all(msg) < 0)
		return WA_EPARSE;
	for(hdr_field_t *h = msg->headers; h != NULL; h = h->next) {
		if(h->type != HDR_RECORDROUTE_T)
			continue;
		if(parse_rr(h) < 0)
			return WA_EPARSE;
		for(rr_t *r = (rr_t *)h->parsed; r != NULL; r = r->next) {
			if(n == ENTRIES_MAX)
				return WA_ETOOLONG;
			entries[n++] = (entry_t){h, r, find_mark(r->nameaddr.uri)};
		}
	}
	return n;
}

/* The first entry of ours: its index, or WA_ENOENT. */
static int find_ours(const entry_t *entries, int n)
{
	for(int i = 0; i < n; i++)
		if(entries[i].mark != NULL)
			return i;
	return WA_ENOENT;
}

int routes_set_address(sip_msg_t *msg, str address)
{
	entry_t entries[ENTRIES_MAX];
	int n = list(msg, entries);
	int ours = n < 0 ? n : find_ours(entries, n);
	char *uri;

	if(ours < 0)
		return ours;
	uri = entries[ours].rr->nameaddr.uri.s;
	return edit_replace(
			msg, (str){uri, (int)(entries[ours].mark - uri)}, address);
}

/* The end of an entry, behind its ">" and its parameters. */
static char *entry_end(const entry_t *e)
{
	return e->rr->nameaddr.name.s + e->rr->len;
}

int routes_add_below(sip_msg_t *msg, str text)
{
	entry_t entries[ENTRIES_MAX];
	int n = list(msg, entries);
	int ours = n < 0 ? n : find_ours(entries, n);

	if(ours < 0)
		return ours;
	return edit_replace(msg, (str){entry_end(&entries[ours]), 0}, text);
}

static void put_entry(wa_buf_t *b, const entry_t *e)
{
	const char *start = e->rr->nameaddr.name.s;

	if(b->len > 0)
		wa_buf_put(b, WA_SV(", "));
	wa_buf_put(b, (wa_sv_t){start, (size_t)(entry_end(e) - start)});
}

/* Removes the first `n` entries: whole headers, and the beginning of the one in
 * which something stays. */
static int remove_first(sip_msg_t *msg, const entry_t *entries, int n, int all)
{
	int err = 0;

	for(int i = 0; err == 0 && i < n; i++) {
		hdr_field_t *h = entries[i].header;

		if(i > 0 && entries[i - 1].header == h)
			continue;
		if(n < all && entries[n].header == h) {
			char *stays = entries[n].rr->nameaddr.name.s;

			err = edit_remove(
					msg, (str){h->body.s, (int)(stays - h->body.s)});
		} else {
			err = edit_remove(msg, edit_line(h));
		}
	}
	return err;
}

int routes_take(sip_msg_t *msg, char *out, size_t size)
{
	bool reply = msg->first_line.type == SIP_REPLY;
	entry_t entries[ENTRIES_MAX];
	wa_buf_t b = wa_buf_on(out, size - 1);
	int all = list(msg, entries), n = all;

	out[0] = '\0';
	if(all < 0)
		return all;
	if(reply) {
		n = find_ours(entries, all);
		if(n < 0)
			n = 0;
	}
	/* A reply lists the nearest to its sender first, a request the nearest to
	 * us; a Route begins with the nearest to us (RFC 3261 12.1). */
	for(int i = 0; i < n; i++)
		put_entry(&b, &entries[reply ? n - 1 - i : i]);
	if(wa_buf_check(&b) < 0)
		return WA_ETOOLONG;
	out[b.len] = '\0';
	return remove_first(msg, entries, n, all);
}
