/* Refused calls that wait for another password, without a worker.
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * wa_auth_wait() suspends the transaction and puts it on a list in shared
 * memory. One process of the module's own looks at the list, and takes up each
 * transaction in the route the script has named: when the number has been read
 * from Meta since, or when its time is over. tm forgets the refusal meanwhile,
 * so its text is kept here.
 */
#ifndef WA_AUTH_WAIT_H
#define WA_AUTH_WAIT_H

#include "wa_auth.h"

/* The refusal a transaction was suspended with. */
typedef struct wait_refusal
{
	int branch;
	int code;
	wa_sv_t reply;
} wait_refusal_t;

/** Makes the list, and room for the process; in mod_init. `most` waiters at a
 * time. Returns 0 or -1. */
int wait_init(unsigned most);

/** Starts the process; in child_init(PROC_MAIN). Returns 0 or -1. */
int wait_start(void);

/** Frees the list. */
void wait_destroy(void);

/** Suspends the transaction in work for at most `ms`; route number `route`
 * goes on with it. Returns 0, WA_EBUSY (too many wait), WA_ENOMEM, or WA_EIO (tm
 * does not suspend it). In failure_route. */
int wait_begin(sip_msg_t *msg, wa_sv_t digits, const wait_refusal_t *refusal,
		int route, unsigned ms);

/** The refusal that `t` was suspended with, if this is the process that goes on
 * with `t` now; else NULL. */
const wait_refusal_t *wait_resumed(const tm_cell_t *t);

/** How many wait now. */
unsigned wait_count(void);

#endif
