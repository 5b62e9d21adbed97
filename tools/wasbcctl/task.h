/* Tasks of wa_settings: started, and waited for.
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef WASBCCTL_TASK_H
#define WASBCCTL_TASK_H

#include <json-c/json.h>

#include "wasbcctl.h"

#define CTL_TASK_POLL_MS 40

typedef struct ctl_task
{
	char id[16];
	char last[512]; /* what it said last */
	long quiet_ms;	/* for how long it has said the same */
} ctl_task_t;

/** "user@host", for the audit stream; a static text. */
const char *ctl_who(void);

/** Starts a task with `what` (digits, or a number's entry) as its first parameter.
 * A fault is on stderr. */
enum ctl_exit ctl_task_start(const ctl_opts_t *o, const char *method, const char *what,
		ctl_task_t *t);

/** How it goes: `*r` gets the answer, the caller's to put; `*ended` whether it is
 * over, or has said nothing new for so long that nobody should wait for it. Call it
 * every CTL_TASK_POLL_MS. */
enum ctl_exit ctl_task_look(
		const ctl_opts_t *o, ctl_task_t *t, json_object **r, bool *ended);

/** On stderr, what came of a task that is not done; CTL_DONE or CTL_FAILED. */
enum ctl_exit ctl_task_words(json_object *r);

/** Starts one, waits for it, prints it. */
enum ctl_exit ctl_task_run(const ctl_opts_t *o, const char *method, const char *what);

#endif
