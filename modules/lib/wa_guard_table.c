/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "wa_guard_table.h"

#include <stdlib.h>
#include <string.h>

#include "wa_err.h"

int guard_table_init(struct guard_table *t, unsigned max)
{
	unsigned size = 16;

	while(size < max)
		size *= 2;
	*t = (struct guard_table){.max = max, .hash_mask = size - 1};
	t->calls = calloc(max, sizeof(*t->calls));
	t->heap = calloc(max, sizeof(*t->heap));
	t->hash = calloc(size, sizeof(*t->hash));
	if(max == 0 || !t->calls || !t->heap || !t->hash) {
		guard_table_free(t);
		return WA_ENOMEM;
	}
	for(unsigned i = 0; i < size; i++)
		t->hash[i] = max;
	for(unsigned i = 0; i < max; i++)
		t->calls[i].next = i + 1;
	return 0;
}

void guard_table_free(struct guard_table *t)
{
	for(unsigned i = 0; t->calls && i < t->max; i++)
		free(t->calls[i].text);
	free(t->calls);
	free(t->heap);
	free(t->hash);
	*t = (struct guard_table){0};
}

unsigned guard_slot(const struct guard_table *t, const struct guard_call *c)
{
	return (unsigned)(c - t->calls);
}

/* FNV-1a */
static unsigned *chain(const struct guard_table *t, wa_sv_t callid)
{
	uint32_t h = 2166136261u;

	for(size_t i = 0; i < callid.len; i++)
		h = (h ^ (unsigned char)callid.s[i]) * 16777619u;
	return &t->hash[h & t->hash_mask];
}

struct guard_call *guard_find(const struct guard_table *t, wa_sv_t callid)
{
	unsigned i = *chain(t, callid);

	while(i < t->max && !wa_sv_eq(t->calls[i].job.callid, callid))
		i = t->calls[i].next;
	return i < t->max ? &t->calls[i] : NULL;
}

static bool read_hex(wa_sv_t v, size_t at, size_t width, uint32_t *out)
{
	uint32_t n = 0;

	for(size_t i = at; i < at + width; i++) {
		char c = v.s[i];

		if(c >= '0' && c <= '9')
			n = n << 4 | (uint32_t)(c - '0');
		else if(c >= 'a' && c <= 'f')
			n = n << 4 | (uint32_t)(c - 'a' + 10);
		else
			return false;
	}
	*out = n;
	return true;
}

struct guard_call *guard_by_cookie(
		const struct guard_table *t, wa_sv_t cookie, uint32_t nonce)
{
	uint32_t run, slot, seq;
	struct guard_call *c;

	if(cookie.len != 22 || !read_hex(cookie, 0, 8, &run)
			|| !read_hex(cookie, 8, 6, &slot) || !read_hex(cookie, 14, 8, &seq))
		return NULL;
	if(run != nonce || slot >= t->max)
		return NULL;
	c = &t->calls[slot];
	return c->text && c->pending != GUARD_NONE && c->seq == seq ? c : NULL;
}

/* --- a binary heap of slots ------------------------------------------- */

static void put_at(struct guard_table *t, unsigned at, unsigned slot)
{
	t->heap[at] = slot;
	t->calls[slot].heap_at = at;
}

static void sift(struct guard_table *t, unsigned at)
{
	unsigned slot = t->heap[at];
	int64_t due = t->calls[slot].due;

	while(at > 0 && t->calls[t->heap[(at - 1) / 2]].due > due) {
		put_at(t, at, t->heap[(at - 1) / 2]);
		at = (at - 1) / 2;
	}
	for(;;) {
		unsigned kid = 2 * at + 1;

		if(kid + 1 < t->used
				&& t->calls[t->heap[kid + 1]].due < t->calls[t->heap[kid]].due)
			kid++;
		if(kid >= t->used || t->calls[t->heap[kid]].due >= due)
			break;
		put_at(t, at, t->heap[kid]);
		at = kid;
	}
	put_at(t, at, slot);
}

void guard_schedule(struct guard_table *t, struct guard_call *c, int64_t due)
{
	c->due = due;
	sift(t, c->heap_at);
}

struct guard_call *guard_first(const struct guard_table *t)
{
	return t->used > 0 ? &t->calls[t->heap[0]] : NULL;
}

/* --- adding and removing ----------------------------------------------- */

#define TEXTS 9
static void texts_of(wa_guard_job_t *j, wa_sv_t *v[TEXTS])
{
	wa_sv_t *all[TEXTS] = {&j->url, &j->relay, &j->callid, &j->meta_tag, &j->pbx_tag,
			&j->offer, &j->offer_flags, &j->answer, &j->answer_flags};

	memcpy(v, all, sizeof(all));
}

size_t wa_guard_job_size(const wa_guard_job_t *job)
{
	return job->url.len + job->relay.len + job->callid.len + job->meta_tag.len
		   + job->pbx_tag.len + job->offer.len + job->offer_flags.len
		   + job->answer.len + job->answer_flags.len;
}

void wa_guard_job_copy(
		wa_guard_job_t *dst, const wa_guard_job_t *src, char *mem)
{
	wa_sv_t *v[TEXTS];

	*dst = *src;
	texts_of(dst, v);
	for(unsigned i = 0; i < TEXTS; i++) {
		if(v[i]->len > 0)
			memcpy(mem, v[i]->s, v[i]->len);
		v[i]->s = mem;
		mem += v[i]->len;
	}
}

int guard_add(struct guard_table *t, const wa_guard_job_t *job,
		struct guard_call **out)
{
	unsigned slot = t->free, *head = chain(t, job->callid);
	struct guard_call *c;
	uint32_t seq;

	if(slot >= t->max)
		return WA_EBUSY;
	c = &t->calls[slot];
	t->free = c->next;
	seq = c->seq; /* goes on, so that a late reply never fits the new call */
	*c = (struct guard_call){.seq = seq, .next = t->free, .due = job->at};
	c->text = malloc(wa_guard_job_size(job) + 1);
	if(c->text == NULL) {
		t->free = slot;
		return WA_ENOMEM;
	}
	wa_guard_job_copy(&c->job, job, c->text);
	c->next = *head;
	*head = slot;
	t->heap[t->used++] = slot;
	sift(t, t->used - 1);
	*out = c;
	return 0;
}

int guard_replace(struct guard_call *c, const wa_guard_job_t *job)
{
	wa_guard_job_t j = *job;
	char *text;

	j.callid = c->job.callid;
	j.relay = c->job.relay;
	text = malloc(wa_guard_job_size(&j) + 1);
	if(text == NULL)
		return WA_ENOMEM;
	wa_guard_job_copy(&c->job, &j, text);
	free(c->text);
	c->text = text;
	return 0;
}

void guard_del(struct guard_table *t, struct guard_call *c)
{
	unsigned slot = guard_slot(t, c), at = c->heap_at;
	unsigned *link = chain(t, c->job.callid);

	while(*link != slot)
		link = &t->calls[*link].next;
	*link = c->next;
	t->used--;
	if(at < t->used) {
		put_at(t, at, t->heap[t->used]);
		sift(t, at);
	}
	free(c->text);
	c->text = NULL;
	c->pending = GUARD_NONE;
	c->next = t->free;
	t->free = slot;
}
