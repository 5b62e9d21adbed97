/* Which other nodes there are, and which of them have gone.
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * A node is who it is by its run, which is drawn anew at each start; its name is
 * for people, and two may have the same. One that has just started takes the place of
 * those of its name: what they had is gone with them.
 *
 * Memory and lock are the caller's.
 */
#ifndef WA_PEERS_H
#define WA_PEERS_H

#include <stdbool.h>
#include <stdint.h>

#include "wa_sv.h"

#define WA_PEERS_MAX 32

typedef struct wa_peer
{
	char name[64]; /* "" = no node */
	uint64_t run;
	int64_t heard; /* ms, of our own clock */
} wa_peer_t;

typedef struct wa_peers
{
	int64_t lease; /* ms; without a word for so long a node is gone */
	wa_peer_t v[WA_PEERS_MAX];
} wa_peers_t;

/** A node has been heard, `age` ms after its start. Returns its index, or WA_EBUSY:
 * there are too many; or WA_ERANGE: no name. `*gone` gets a bit for each index that is
 * nobody's any more, this one's included when it is a new node. */
int wa_peers_hear(wa_peers_t *p, wa_sv_t name, uint64_t run, int64_t age, int64_t now,
		uint32_t *gone);

/** Those that are silent are gone: their bits. */
uint32_t wa_peers_expire(wa_peers_t *p, int64_t now);

unsigned wa_peers_count(const wa_peers_t *p);

#endif
