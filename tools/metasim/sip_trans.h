/* Transactions over TLS (RFC 3261 17): nothing is retransmitted but 2xx.
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef METASIM_SIP_TRANS_H
#define METASIM_SIP_TRANS_H

#include "sip_conn.h"

/* A request of ours that awaits its answers; mem_deref() forgets it. */
struct sip_ctrans;

/* `err` is 0 with a response, ETIMEDOUT, or ECONNRESET with `why`. After a final
 * response to anything but INVITE, and after an error, it is over. */
typedef void(sip_ctrans_h)(
		int err, const char *why, const struct sip_msg *msg, void *arg);

/** Sends `mb`, whose top Via has `branch`. */
int sip_ctrans_send(struct sip_ctrans **ctp, struct sip_conn *c, const char *call,
		const char *method, const char *branch, struct mbuf *mb,
		sip_ctrans_h *h, void *arg);

/** A response came on `c`: false when no request of ours asked for it. */
bool sip_ctrans_response(struct sip_conn *c, const struct sip_msg *msg);

/** `c` is gone: requests still without a final response fail. */
void sip_ctrans_conn_closed(struct sip_conn *c, const char *why);

/** We refused an INVITE and expect its ACK; without one a violation follows. */
int sip_strans_expect_ack(const struct sip_msg *invite, const char *call);

/** True when `ack` is the one of a refused INVITE. */
bool sip_strans_ack(const struct sip_msg *ack);

void sip_trans_close(void);

#endif
