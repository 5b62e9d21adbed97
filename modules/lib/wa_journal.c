/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "wa_journal.h"

#include <stdlib.h>
#include <string.h>

typedef struct entry
{
	wa_sv_t id, json; /* json empty: over */
	size_t order;
} entry_t;

struct wa_journal
{
	entry_t *list;
	size_t n, size, at;
};

static bool begins(wa_sv_t v, wa_sv_t with)
{
	return v.len >= with.len && memcmp(v.s, with.s, with.len) == 0;
}

/* The id of a JSON line of ours: {..."id":"X"...; ids need no escapes. */
static wa_sv_t id_of(wa_sv_t json)
{
	static const char name[] = "\"id\":\"";
	const size_t len = sizeof(name) - 1;

	for(size_t i = 0; i + len <= json.len && i < 64; i++) {
		wa_sv_t rest = {json.s + i + len, json.len - i - len};

		if(memcmp(json.s + i, name, len) == 0)
			return wa_sv_cut(&rest, '"');
	}
	return (wa_sv_t){NULL, 0};
}

static bool add(wa_journal_t *j, wa_sv_t id, wa_sv_t json)
{
	if(id.len == 0)
		return true;
	if(j->n == j->size) {
		size_t size = j->size == 0 ? 256 : j->size * 2;
		entry_t *list = realloc(j->list, size * sizeof(*list));

		if(list == NULL)
			return false;
		j->list = list;
		j->size = size;
	}
	j->list[j->n] = (entry_t){id, json, j->n};
	j->n++;
	return true;
}

static int by_id(const void *a, const void *b)
{
	const entry_t *x = a, *y = b;
	size_t n = x->id.len < y->id.len ? x->id.len : y->id.len;
	int d = memcmp(x->id.s, y->id.s, n);

	if(d != 0)
		return d;
	if(x->id.len != y->id.len)
		return x->id.len < y->id.len ? -1 : 1;
	return x->order < y->order ? -1 : 1;
}

static bool read_lines(wa_journal_t *j, wa_sv_t text, wa_sv_t records)
{
	while(text.len > 0) {
		wa_sv_t line = wa_sv_cut(&text, '\n');
		wa_sv_t rest = {line.s + 5, line.len > 5 ? line.len - 5 : 0};

		if(begins(line, WA_SV("open ")) && rest.len > 1
				&& rest.s[rest.len - 1] == '}') {
			if(!add(j, id_of(rest), rest))
				return false;
		} else if(begins(line, WA_SV("done "))
				  && !add(j, rest, (wa_sv_t){NULL, 0})) {
			return false;
		}
	}
	while(records.len > 0)
		if(!add(j, id_of(wa_sv_cut(&records, '\n')), (wa_sv_t){NULL, 0}))
			return false;
	return true;
}

/* Of each id the last open line, unless it is over. */
static void settle(wa_journal_t *j)
{
	size_t kept = 0;

	for(size_t i = 0, end; i < j->n; i = end) {
		bool over = false;

		for(end = i; end < j->n && wa_sv_eq(j->list[end].id, j->list[i].id);
				end++)
			over = over || j->list[end].json.len == 0;
		if(!over)
			j->list[kept++] = j->list[end - 1];
	}
	j->n = kept;
}

wa_journal_t *wa_journal_read(wa_sv_t text, wa_sv_t records)
{
	wa_journal_t *j = calloc(1, sizeof(*j));

	if(j == NULL)
		return NULL;
	if(!read_lines(j, text, records)) {
		wa_journal_free(j);
		return NULL;
	}
	if(j->n > 0)
		qsort(j->list, j->n, sizeof(*j->list), by_id);
	settle(j);
	return j;
}

void wa_journal_free(wa_journal_t *j)
{
	if(j == NULL)
		return;
	free(j->list);
	free(j);
}

bool wa_journal_next(wa_journal_t *j, wa_sv_t *json)
{
	if(j->at == j->n)
		return false;
	*json = j->list[j->at++].json;
	return true;
}
