/* What a message to the other side says instead of what it said to us.
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef WA_TOPO_HIDE_H
#define WA_TOPO_HIDE_H

#include "../ksr_compat.h"

/** Replaces From, or To, by `name_addr` ("<sip:...>"); of its parameters the tag
 * stays. Returns 0 or a wa_err. */
int hide_from(sip_msg_t *msg, str name_addr);
int hide_to(sip_msg_t *msg, str name_addr);

int hide_callid(sip_msg_t *msg, str value);

/** In a reply: the reason phrase is the usual one of its code. */
int hide_phrase(sip_msg_t *msg);

/** All Contact headers give way to one with `uri`, or to none (`uri` ""). */
int hide_contact(sip_msg_t *msg, str uri);

/** In a request: it leaves with our Via only. restore_reply() puts the others
 * back into the reply. */
int hide_vias(sip_msg_t *msg);

/** Registers what cuts the marked Via (wa_via.h) out of each message just before
 * it is sent. mod_init. Returns 0 or -1. */
int hide_init(void);

/** Headers x-wa-meta-* (and x-wa_meta-*): values longer than `max` octets are
 * cut, control characters, folded lines too, become spaces. The text is chosen
 * by who made the call link. */
int hide_control_bytes(sip_msg_t *msg, int max);

/** Lets modules that ask for the Call-ID see `value` instead, "" = the true one
 * again. Nothing of the message changes; the true one must be back before the
 * route ends, for tm copies messages. */
int show_callid(sip_msg_t *msg, str value);

#endif
