/* A call that ends on another node than it began with: one record of it.
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Any node goes on with a call, and Meta's BYE comes to any of them. The node
 * that it has come to tells the others; the one that has the call in its table
 * takes it out and writes the record, with its duration, and says so. If none
 * does (it is gone, or Redis is away), the node with the BYE writes what it
 * knows. Works where limits are shared (nodes.h).
 */
#ifndef WA_CALLS_ELSEWHERE_H
#define WA_CALLS_ELSEWHERE_H

#include "shared.h"

/** Is there anybody to be asked? Any process, not under the table's lock. */
bool elsewhere_is_anybody(void);

/** In the directory process: what another node has told. False: it is not about
 * the end of a call. */
bool elsewhere_hear(wa_sv_t text);

/* The writer process. */

/** Asks the others about a call that has ended here (JOB_ELSEWHERE). */
void elsewhere_ask(const wa_call_t *c);

/** Another node has asked, and this one has written the record (JOB_TAKEN). */
void elsewhere_answer(wa_sv_t id);

/** Another node has written the record of that id (JOB_SETTLED). */
void elsewhere_settle(wa_sv_t id);

/** Writes those that nobody has taken in time; with `all` all of them. Returns
 * true while some are waited for. */
bool elsewhere_turn(bool all);

#endif
