/* What one SIP message is, in a few words: for a ladder that people look at.
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * No parser: what is not found is missing in the ladder, no more.
 */
#ifndef WA_GLANCE_H
#define WA_GLANCE_H

#include <stdbool.h>
#include <stdint.h>

#include "wa_sv.h"

#define WA_GLANCE_WHAT 48
#define WA_GLANCE_METHOD 12

typedef struct wa_glance
{
	char what[WA_GLANCE_WHAT]; /* "INVITE", "486 Busy Here"; numbers masked */
	char method[WA_GLANCE_METHOD]; /* of the CSeq */
	uint32_t cseq;
	bool reply;
	bool sdp;		  /* it has a body of that kind */
	bool credentials; /* it answers a challenge */
	wa_sv_t call_id;  /* a view of the message */
} wa_glance_t;

/** Returns 0, or WA_EPARSE: no SIP, or without Call-ID or CSeq. */
int wa_glance(wa_sv_t message, wa_glance_t *out);

/** Does a message of this method belong to a call? */
bool wa_glance_is_call(const wa_glance_t *g);

#endif
