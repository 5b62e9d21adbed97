/* Work on numbers at Meta: comparing, writing, changing passwords.
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Each piece of work is a chain of steps, each begun when the one before is done:
 * an order to the directory (and so to Redis), a request to Meta, a pause. What
 * must not be left half done stands in Redis before Meta hears of it, under a
 * lease, and is gone on with by whichever node finds it without one.
 *
 * All for the settings process only.
 */
#ifndef WA_SETTINGS_WORK_H
#define WA_SETTINGS_WORK_H

#include "../wa_numbers/api.h"
#include "task.h"

/** Returns 0 or -1. */
int wst_work_init(const wa_numbers_api_t *api);

/** Takes new tasks, goes on with what has waited. Returns in how many ms there is
 * something to do, at most. */
uint64_t wst_work_turn(void);

/** Whether this node is at work on the number. */
bool wst_work_has(wa_sv_t digits);

/** Begins work without a task that somebody waits for; `by` says who wants it.
 * False: no room, or there is work on the number already. */
bool wst_work_begin(enum wst_task_kind kind, const wa_wanted_t *w, const char *by);

/** Goes on with what stands in Redis, if no other node has the lease. */
bool wst_work_resume(const wa_wish_t *wish);

#endif
