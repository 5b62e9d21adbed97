/* A pipe that wakes the settings process: "read this number now".
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Any process writes, without ever waiting; the settings process reads. A
 * message is far below PIPE_BUF, so writes do not mix.
 */
#ifndef WA_SETTINGS_WAKE_H
#define WA_SETTINGS_WAKE_H

#include <stdbool.h>

#include "../lib/wa_number.h"
#include "../lib/wa_sv.h"

enum wst_origin
{
	WST_OPERATOR = 1, /* at once */
	WST_SCRIPT		  /* not more often than sync_gap, whatever calls come in */
};

typedef struct wst_wake
{
	char digits[WA_DIGITS_SIZE]; /* "" = all numbers */
	char origin;				 /* enum wst_origin */
} wst_wake_t;

/** Makes the pipe. mod_init only. Returns 0 or -1. */
int wst_wake_init(void);

/** Returns 0, WA_ETOOLONG, or WA_EBUSY (pipe full, counted). Any process. */
int wst_wake_send(wa_sv_t digits, enum wst_origin origin);

/* The settings process. */

int wst_wake_fd(void);
/** Takes the next message. False: none is waiting. */
bool wst_wake_take(wst_wake_t *out);

#endif
