/* What a receiver's jitter buffer does, without its clock: packets come out in
 * the order of their sequence numbers. In order they come out at once; behind a
 * gap they wait for ORDER_DEPTH packets, then the gap counts as lost.
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef METASIM_MEDIA_ORDER_H
#define METASIM_MEDIA_ORDER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum
{
	ORDER_DEPTH = 6 /* 120 ms, what a conversation stands */
};

struct order_packet
{
	uint16_t seq;
	uint64_t us;  /* arrival */
	void *packet; /* the caller's; see order_put() */
};

struct order
{
	struct order_packet slot[ORDER_DEPTH];
	size_t n;
	bool started;
	uint16_t next;
};

/** Takes a packet in, and with it the ownership of `p->packet`. Returns false,
 * and leaves it to the caller, when its turn is over or it is there already. To
 * be followed by order_get() until that returns false. */
bool order_put(struct order *o, const struct order_packet *p);

/** The next packet whose turn it is; `missed` were lost before it. */
bool order_get(struct order *o, struct order_packet *p, unsigned *missed);

/** A new start: whatever comes next is the first. Returns one of the packets
 * that still wait, for the caller to release; NULL when none is left. */
void *order_restart(struct order *o);

#endif
