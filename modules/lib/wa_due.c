/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "wa_due.h"

#include <stdlib.h>

#include "wa_err.h"

#define FIRST_SIZE 64

/* Positions count from 1, so that a child of i is 2i and 2i + 1. */
static void put(wa_due_heap_t *h, size_t pos, wa_due_t *d)
{
	h->v[pos - 1] = d;
	d->pos = pos;
}

static wa_due_t *get(const wa_due_heap_t *h, size_t pos)
{
	return h->v[pos - 1];
}

static void rise(wa_due_heap_t *h, wa_due_t *d)
{
	size_t pos = d->pos;

	while(pos > 1 && get(h, pos / 2)->at > d->at) {
		put(h, pos, get(h, pos / 2));
		pos /= 2;
	}
	put(h, pos, d);
}

static void sink(wa_due_heap_t *h, wa_due_t *d)
{
	size_t pos = d->pos;

	for(size_t child; (child = 2 * pos) <= h->n; pos = child) {
		if(child < h->n && get(h, child + 1)->at < get(h, child)->at)
			child++;
		if(get(h, child)->at >= d->at)
			break;
		put(h, pos, get(h, child));
	}
	put(h, pos, d);
}

static int grow(wa_due_heap_t *h)
{
	size_t size = h->size > 0 ? 2 * h->size : FIRST_SIZE;
	wa_due_t **v = realloc(h->v, size * sizeof(void *));

	if(v == NULL)
		return WA_ENOMEM;
	h->v = v;
	h->size = size;
	return 0;
}

int wa_due_set(wa_due_heap_t *h, wa_due_t *d, uint64_t at)
{
	if(d->pos == 0) {
		if(h->n == h->size && grow(h) < 0)
			return WA_ENOMEM;
		put(h, ++h->n, d);
	}
	d->at = at;
	rise(h, d);
	sink(h, d);
	return 0;
}

void wa_due_drop(wa_due_heap_t *h, wa_due_t *d)
{
	wa_due_t *last;

	if(d->pos == 0)
		return;
	last = get(h, h->n--);
	if(last != d) {
		put(h, d->pos, last);
		rise(h, last);
		sink(h, last);
	}
	d->pos = 0;
}

wa_due_t *wa_due_first(const wa_due_heap_t *h)
{
	return h->n > 0 ? h->v[0] : NULL;
}

void wa_due_free(wa_due_heap_t *h)
{
	for(size_t i = 0; i < h->n; i++)
		h->v[i]->pos = 0;
	free(h->v);
	*h = (wa_due_heap_t){NULL, 0, 0};
}
