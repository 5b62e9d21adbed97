/* Messages as Meta writes them: the shapes of meta-calling.md 2.1, 2.4 and 3.3.
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef METASIM_SIP_WRITE_H
#define METASIM_SIP_WRITE_H

#include "sip_conn.h"

enum
{
	SIP_BRANCH_SIZE = 64,
	SIP_UUID_SIZE = 37,
};

/* Which Record-Route a response carries. */
enum sip_rr
{
	SIP_RR_NONE,
	SIP_RR_ECHO, /* that of the request, as the front end's 407 */
	SIP_RR_META, /* Meta's two, then that of the request, as the gateway */
};

struct sip_reply
{
	uint16_t code;
	const char *reason;
	const char *tag; /* of To; NULL = none (100) */
	enum sip_rr rr;
	const struct mbuf *headers; /* whole lines, or NULL */
	const struct mbuf *sdp;
};

void sip_uuid(char uuid[SIP_UUID_SIZE]);

/** "z9hG4bKPj" and 32 hex digits. */
void sip_branch(char branch[SIP_BRANCH_SIZE]);

/** The address Meta shows in its top Via: IPv6, with a port that is nobody's. */
void sip_sentby(char *text, size_t size, uint16_t port);

/** The top Via line alone (ACK of a refusal, CANCEL), or with those below it
 * and, between them, Meta's two Record-Routes. */
int sip_write_via(struct mbuf *mb, const char *sentby, const char *branch);
int sip_write_vias(struct mbuf *mb, const char *sentby, const char *branch, bool rr);

/** Meta's Record-Route lines: as a request carries them (wa.meta.vc first), or
 * as the gateway's response does (the inner proxy first). */
int sip_write_record_routes(struct mbuf *mb, bool request);

/** Content-Type, Content-Length, empty line and body; `sdp` may be NULL. */
int sip_write_body(struct mbuf *mb, const struct mbuf *sdp);

/** Answers `req` on the connection it came by. `call` is for the trace. */
int sip_write_reply(struct sip_conn *c, const struct sip_msg *req,
		const char *call, const struct sip_reply *r);

/** The same, short: no headers, no body. */
int sip_reply_plain(struct sip_conn *c, const struct sip_msg *req,
		const char *call, uint16_t code, const char *reason);

#endif
