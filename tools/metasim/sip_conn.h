/* TLS connections that carry SIP: framing, queueing, tracing.
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef METASIM_SIP_CONN_H
#define METASIM_SIP_CONN_H

#include "config.h"

/* A connection; mem_ref() it to answer on it later. */
struct sip_conn;

/* A whole message has arrived; it is released after the call. */
typedef void(sip_conn_msg_h)(struct sip_conn *c, const struct sip_msg *msg);
/* The connection is gone, with everything that was still queued on it. */
typedef void(sip_conn_closed_h)(struct sip_conn *c, const char *why);
/* Which call a message belongs to, for the trace; NULL when none. */
typedef const char *(sip_conn_name_h)(const struct sip_msg *msg);

/** Listens at config.listen. Returns 0 or an errno value with `why` filled. */
int sip_conn_listen(sip_conn_msg_h *msgh, sip_conn_closed_h *closedh,
		sip_conn_name_h *nameh, char *why, size_t size);
void sip_conn_close_all(const char *why);
void sip_conn_end(void); /* and stops listening */

/** A connection to `host` at `sa`: an open one where config.reuse allows, else
 * a new one, still connecting. Owned by the caller (mem_deref). */
int sip_conn_to(struct sip_conn **cp, const char *host, const struct sa *sa);

/** Queues a message (the mbuf from its start); sent once the handshake is done
 * and the peer's certificate verified. ENOTCONN when the connection is gone. */
int sip_conn_send(struct sip_conn *c, const char *call, struct mbuf *mb);

bool sip_conn_is_server(const struct sip_conn *c);

#endif
