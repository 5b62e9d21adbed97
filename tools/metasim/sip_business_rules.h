/* Which INVITE of a business Meta refuses, and how (meta-calling.md 3.1, 3.3).
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef METASIM_SIP_BUSINESS_RULES_H
#define METASIM_SIP_BUSINESS_RULES_H

#include "sip_call.h"

struct refusal
{
	uint16_t code; /* 0 = none */
	char reason[256];
	bool warning; /* say it again as Warning: 399 */
};

void refusal_set(struct refusal *r, uint16_t code, bool warning,
		const char *fmt, ...) __attribute__((format(printf, 4, 5)));

/** Before the challenge: URIs, number, server. Finds c->number and c->user and
 * c->hostname. True when the INVITE may go on. */
bool rules_before_auth(struct call *c, const struct sip_msg *msg, struct refusal *r);

/** Violations that Meta lets pass; looked at once per call. */
void rules_remarks(const struct call *c, const struct sip_msg *msg);

/** After the challenge: app, permission, limits, forced refusals. */
bool rules_after_auth(struct call *c, struct refusal *r);

/** The user part up to ";", without "+". */
struct pl rules_plain_user(const struct pl *user);

/** Same user and host; parameters and port do not count (3.2). */
bool rules_same_user_host(const struct uri *a, const struct uri *b);

#endif
