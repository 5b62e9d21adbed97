/* Sockets to instances of rtpengine and of the relay, one each.
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * An instance is named as in Kamailio's rtpengine module: "udp:192.0.2.1:2223",
 * "udp6:[2001:db8::1]:2223", with or without "=WEIGHT". Numeric addresses only:
 * the guardian never waits for a resolver.
 */
#ifndef WA_MEDIA_INSTANCES_H
#define WA_MEDIA_INSTANCES_H

#include "../lib/wa_sv.h"

#define INSTANCES_MAX 32

struct instances
{
	unsigned n;
	int fd[INSTANCES_MAX];
	char url[INSTANCES_MAX][64];
};

/** The socket of an instance, opened first if need be. Errors as below. */
int instances_find(struct instances *in, wa_sv_t url, unsigned *at);

/** Sends a datagram to each of the instances (names separated by spaces),
 * opening a socket first if need be; never blocks.
 * Returns 0 when one of them could be sent to, else WA_EPARSE or WA_EUNSUP (not
 * such a name), WA_EBUSY (too many instances), WA_EIO. */
int instances_send(struct instances *in, wa_sv_t urls, wa_sv_t msg);

#endif
