/* What nodes tell each other: the stream wa:nodes.
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Each node reads all of it from the moment it is connected, its own words
 * included. Nothing is kept for later: what could not be told in time is not told,
 * and who was away has missed it.
 */
#ifndef WA_NUMBERS_NODES_H
#define WA_NUMBERS_NODES_H

#include "api.h"
#include "job.h"
#include "redis_link.h"

#define WAN_NODES "wa:nodes"

/** Somebody wants to hear; mod_init only. */
void wan_nodes_hear(wa_told_h *h);
bool wan_nodes_wanted(void);

/** Queues it. Returns 0, WA_EBUSY or WA_ETOOLONG. Any process. */
int wan_nodes_tell(const wa_told_t *t);

/* The directory process. */

/** Tells it, unless it is too old or Redis takes no write now: then it is dropped.
 * Returns 0 or WA_EIO. */
int wan_nodes_job(wan_link_t *l, const wan_job_view_t *job);

/** Entries of the stream, to whoever wants to hear. `last` (of `size`) gets the id of
 * the last one. Returns 0, or WA_EIO: it is no such reply. */
int wan_nodes_take(const redisReply *entries, char *last, size_t size);

#endif
