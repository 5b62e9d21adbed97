/* Limits that hold across nodes: what this one tells, and what it hears.
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The writer process tells which numbers, trunks and pairs have how many calls here
 * (wa_usage.h); the directory process of wa_numbers hears what others have, and puts
 * it beside this node's own in the table. SIP workers read that under the table's
 * lock, as ever: none of them waits for Redis. What a node has told comes back to it,
 * too: while it does, all of the way works.
 */
#ifndef WA_CALLS_NODES_H
#define WA_CALLS_NODES_H

#include "../ksr_compat.h"

#include "../lib/wa_buf.h"
#include "../lib/wa_peers.h"

enum nodes_state
{
	NODES_OFF = 0,	/* each node counts for itself */
	NODES_STARTING, /* nothing has come back yet */
	NODES_SHARED,
	NODES_ALONE /* what was told does not come back: this node's own calls count */
};

typedef struct nodes_view
{
	enum nodes_state state;
	int lag_ms;	  /* how long the last word took to come back, -1 = none has */
	uint64_t told, untold, unclear; /* messages: sent, not taken, not understood */
	uint64_t full; /* keys of others without a place */
	int64_t now;   /* the clock of the peers */
	int64_t age;   /* ms since this node's start */
	wa_peers_t peers;
} nodes_view_t;

/** Before the fork, where limits are shared: without it the rest does nothing.
 * `lease` in ms. Returns 0 or -1, logged. */
int nodes_prepare(int64_t lease);
void nodes_destroy(void);

/** The calls here have changed. Any process, never under the table's lock. */
void nodes_wake(void);

/** A copy. Any process. */
void nodes_view(nodes_view_t *out);
const char *nodes_state_name(enum nodes_state state);

/** Metrics. */
void nodes_write(wa_buf_t *b);

/* The writer process. */

/** To be polled for reading; -1: no need to. */
int nodes_fd(void);

/** Says something to all nodes. Returns 0, or an error: they will not hear it. */
int nodes_tell(wa_sv_t text);

/** Tells what there is to tell of calls. Returns when it wants its next turn, in ms. */
int nodes_turn(int idle_ms);

#endif
