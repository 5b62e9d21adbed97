/* What Meta sends and expects while it rings the business.
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef METASIM_SIP_USER_INVITE_H
#define METASIM_SIP_USER_INVITE_H

#include "sip_call.h"

/** The WACID and the Call-ID made of it. */
int sip_user_wacid(struct call *c);

/** INVITE (meta-calling.md 2.1); `authorization` is a whole line or NULL. */
int sip_user_invite_write(
		struct mbuf *mb, struct call *c, const struct mbuf *authorization);

/** CANCEL, or ACK of a refusal with its To. */
int sip_user_hop_write(
		struct mbuf *mb, const struct call *c, const char *method, const struct pl *to);

/** ACK of the 200, by the recorded route. */
int sip_user_ack_write(struct mbuf **mbp, const struct call *c);

/** The line that answers the first challenge of a 401 or 407, as an old pjsip
 * does: MD5 or nothing. EPROTO with `why` when Meta would give up. */
int sip_user_authorize(struct mbuf **mbp, struct call *c, const struct sip_msg *msg,
		char *why, size_t size);

/** The Vias of a response are ours, unchanged and in order. */
void sip_user_via_check(const struct call *c, const struct sip_msg *msg);

/** Takes the dialog from a 200. False when its ACK would never arrive. */
bool sip_user_answer_check(struct call *c, const struct sip_msg *msg);

#endif
