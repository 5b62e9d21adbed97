/* The keeper: a process that tells the kernel who may come in.
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef WA_DOOR_KEEPER_H
#define WA_DOOR_KEEPER_H

#include <stdbool.h>

#include "connections.h"

/** What the keeper last saw; for the RPC. */
typedef struct keeper_state
{
	connections_t connections;
	bool filtering;
	long dropped; /* by the kernel; -1: it does not say */
	char error[96];
} keeper_state_t;

/** Allocates what it shows. In mod_init. Returns 0 or -1. */
int keeper_init(void);
void keeper_destroy(void);

/** Runs for ever, in a process of its own. */
void keeper_run(void) __attribute__((noreturn));

void keeper_state(keeper_state_t *out);

#endif
