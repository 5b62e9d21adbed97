/* A leg, as the header fields of a message tell it.
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * RFC 3261 12.1: what a request within the dialog needs, from the INVITE that we
 * received (we are its UAS) or from the 2xx to the one that we sent (its UAC).
 */
#ifndef WA_LEG_H
#define WA_LEG_H

#include "wa_call.h"

#define WA_LEG_ROUTES_MAX 16 /* Record-Route header fields */

/* Values of header fields; views into the message. */
typedef struct wa_leg_msg
{
	wa_sv_t from, to, call_id, cseq, contact, socket;
	wa_sv_t record_routes[WA_LEG_ROUTES_MAX];
	unsigned n;
} wa_leg_msg_t;

/** From the INVITE of the caller; `to_tag` is the one of the answer. Returns 0,
 * WA_EPARSE or WA_ETOOLONG; then the leg is empty. */
int wa_leg_of_request(wa_leg_t *leg, const wa_leg_msg_t *m, wa_sv_t to_tag);

/** From the 2xx of the one who was called. Record-Routes count up to ours, the
 * one with the parameter "wa". Returns as above. */
int wa_leg_of_reply(wa_leg_t *leg, const wa_leg_msg_t *m);

/** The URI within the first <> of a text, or all up to a ";". Empty: none. */
wa_sv_t wa_leg_uri(wa_sv_t text);

/** Splits From or To: display name and URI, and the tag (empty: none). */
void wa_leg_name_addr(wa_sv_t value, wa_sv_t *addr, wa_sv_t *tag);

#endif
