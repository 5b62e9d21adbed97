/* How many calls there are of each key: on this node, and on others.
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * A key stands for a number, a trunk or a pair. Nodes tell each other what they
 * have in messages that hold, for some keys, how many calls there are now. What a
 * message says is absolute, and every key is told again before a third of its lease
 * has passed: a message that is lost is made good by a later one, one that comes twice
 * does nothing, and what is not told again within the lease is gone with its node.
 * Times are the reader's own, so clocks need not agree.
 *
 * In one block of memory that is the caller's, as is the lock around every
 * function. Nothing waits, nothing allocates.
 */
#ifndef WA_USAGE_H
#define WA_USAGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "wa_sv.h"

#define WA_USAGE_TEXT_MAX 3600 /* of a message */
#define WA_USAGE_NODES 32	   /* others, at most */

typedef struct wa_usage wa_usage_t;

/** The same on every node, so without a secret; never 0. Whoever chose two names
 * of one key would count against himself only. */
uint64_t wa_usage_key(wa_sv_t kind, wa_sv_t a, wa_sv_t b);

/** Octets for `here` keys of this node and `there` of all others together. */
size_t wa_usage_size(unsigned here, unsigned there);

/** Empty. With `there` 0 nothing is kept to be told. `lease` in ms, the same on every
 * node. */
wa_usage_t *wa_usage_init(void *block, unsigned here, unsigned there, int64_t lease);

/** A call more on this node; `begun`: it begins now, for the limits by second.
 * `here` is enough where a call has that many keys and the calls are bounded; one that
 * finds no place all the same is not counted. */
void wa_usage_add(wa_usage_t *u, uint64_t key, bool begun);

/** A call less. */
void wa_usage_drop(wa_usage_t *u, uint64_t key);

unsigned wa_usage_here(const wa_usage_t *u, uint64_t key);
unsigned wa_usage_all(const wa_usage_t *u, uint64_t key);

/** The next message into `out`, of WA_USAGE_TEXT_MAX or more: what has changed,
 * then what is due to be told again. Returns its length, 0: there is nothing
 * to tell now. `now`: any clock in ms that does not go back. */
size_t wa_usage_write(wa_usage_t *u, int64_t now, char *out, size_t size);

/** All is to be told again soon: what was told may not have arrived. */
void wa_usage_retell(wa_usage_t *u);

/** Takes a message of node `node` (below WA_USAGE_NODES). `begun` is called for
 * each key of which `n` calls have begun there since it was told last. Returns 0, or
 * WA_EPARSE: nothing more of it is taken from where it is wrong. */
int wa_usage_read(wa_usage_t *u, unsigned node, wa_sv_t text, int64_t now,
		void (*begun)(uint64_t key, uint32_t n, void *arg), void *arg);

/** A node is gone: all that it has told is forgotten. */
void wa_usage_forget(wa_usage_t *u, unsigned node);

/** Forgets what has not been told again in time, in a part of the table: to be
 * called some times a second, as wa_usage_write(), whose turns are as large. */
void wa_usage_expire(wa_usage_t *u, int64_t now);

/** Keys of others that found no place, ever. */
uint64_t wa_usage_full(const wa_usage_t *u);

#endif
