/* What the files of wa_trunk share.
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef WA_TRUNK_H
#define WA_TRUNK_H

#include "../ksr_compat.h"

#include "route.h"

/* Of the message that this process handles. */
typedef struct trunk_current
{
	unsigned msg_id;
	int pid;
	bool parsed, selected;
	char number[WA_DIGITS_SIZE]; /* "" = the user part is no E.164 number */
	wa_uri_user_t user;			 /* only the two arrays stay valid */
	wa_trunk_t trunk;
	enum route_by by;
	route_attempt_t attempts[ROUTE_ATTEMPTS_MAX];
	unsigned n_attempts;
} trunk_current_t;

/** What was found for `msg`; emptied when the last one was another message.
 * Never NULL. */
trunk_current_t *trunk_current(sip_msg_t *msg);

/** Name of the trunk for numbers that have none; set by modparam. */
extern str trunk_default;

/* Variables: wa_trunk_pv.c. */
extern pv_export_t trunk_pvs[];

/* RPCs: wa_trunk_rpc.c. */
extern rpc_export_t trunk_rpcs[];

#endif
