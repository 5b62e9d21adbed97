/* A pipe that wakes the settings process: "read this number now", and the like.
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

enum wst_ask
{
	WST_ASK_READ = 1,	 /* settings of `key`, "" = of all: at once */
	WST_ASK_READ_SCRIPT, /* not more often than sync_gap, whatever calls come in */
	WST_ASK_HEALTH,		 /* of `key`, "" = of all */
	WST_ASK_DISCOVER,	 /* the numbers of the WABA `key` */
	WST_ASK_TASK		 /* nothing here: it is in a pipe of its own */
};

typedef struct wst_wake
{
	char what;			/* enum wst_ask */
	char key[WA_ID_SIZE]; /* digits, or a WABA's id */
	char app_id[WA_ID_SIZE]; /* whose token to use, "" = whose it is */
	unsigned ticket;	/* of a discovery */
} wst_wake_t;

/** Makes the pipe. mod_init only. Returns 0 or -1. */
int wst_wake_init(void);

/** Returns 0, WA_ETOOLONG, or WA_EBUSY (pipe full, counted). Any process. */
int wst_wake_send(enum wst_ask what, wa_sv_t key, wa_sv_t app_id, unsigned ticket);

/* The settings process. */

int wst_wake_fd(void);
/** Takes the next message. False: none is waiting. */
bool wst_wake_take(wst_wake_t *out);

#endif
