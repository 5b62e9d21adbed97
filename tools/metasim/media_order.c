/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "media_order.h"

#include <string.h>

static int after(uint16_t a, uint16_t b)
{
	return (int16_t)(uint16_t)(a - b);
}

bool order_put(struct order *o, const struct order_packet *p)
{
	size_t i = o->n;

	if(!o->started) {
		o->started = true;
		o->next = p->seq;
	}
	if(o->n == ORDER_DEPTH || after(p->seq, o->next) < 0)
		return false;
	while(i > 0 && after(p->seq, o->slot[i - 1].seq) < 0)
		i--;
	if(i > 0 && o->slot[i - 1].seq == p->seq)
		return false;
	memmove(o->slot + i + 1, o->slot + i, (o->n - i) * sizeof(o->slot[0]));
	o->slot[i] = *p;
	o->n++;
	return true;
}

bool order_get(struct order *o, struct order_packet *p, unsigned *missed)
{
	if(o->n == 0 || (o->slot[0].seq != o->next && o->n < ORDER_DEPTH))
		return false;
	*p = o->slot[0];
	*missed = (uint16_t)(p->seq - o->next);
	o->next = (uint16_t)(p->seq + 1);
	o->n--;
	memmove(o->slot, o->slot + 1, o->n * sizeof(o->slot[0]));
	return true;
}

void *order_restart(struct order *o)
{
	o->started = false;
	return o->n ? o->slot[--o->n].packet : NULL;
}
