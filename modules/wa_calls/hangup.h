/* Ending a call from here: BYE to both sides.
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The writer process only: it may open connections.
 */
#ifndef WA_CALLS_HANGUP_H
#define WA_CALLS_HANGUP_H

#include "../ksr_compat.h"

#include "../lib/wa_call.h"

typedef struct hangup_conf
{
	char *meta_hop;	 /* where all that goes to Meta goes, a URI */
	char *meta_name; /* Meta's name, for SNI and the certificate */
} hangup_conf_t;

/** Binds wa_auth, which sends. mod_init. Returns 0 or -1. */
int hangup_init(void);

/** Sends both; a challenge is answered as the number, or as the trunk; a side that cannot be reached is logged. */
void hangup_both(const hangup_conf_t *conf, const wa_call_t *c);

#endif
