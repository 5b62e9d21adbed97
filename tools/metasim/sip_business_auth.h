/* Meta challenges the business (meta-calling.md 3.2).
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef METASIM_SIP_BUSINESS_AUTH_H
#define METASIM_SIP_BUSINESS_AUTH_H

#include "sip_business_rules.h"

enum auth_result
{
	AUTH_OK,
	AUTH_CHALLENGE, /* `headers` holds the lines, r->code is 401 or 407 */
	AUTH_REFUSE,	/* `r` says how */
};

/** Judges one INVITE of the call by the policy's "challenge". */
enum auth_result auth_judge(struct call *c, const struct sip_msg *msg,
		struct mbuf *headers, struct refusal *r);

#endif
