/* Packets that leave together, by one system call.
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef RELAY_BATCH_H
#define RELAY_BATCH_H

#include <stddef.h>
#include <stdint.h>

#include "../../lib/wa_endpoint.h"

#define BATCH_PACKETS 64
#define PACKET_MAX 2048

struct batch
{
	unsigned n;
	uint8_t data[BATCH_PACKETS][PACKET_MAX];
	size_t at[BATCH_PACKETS], len[BATCH_PACKETS];
	wa_endpoint_t to[BATCH_PACKETS];
};

/** Room for a packet (PACKET_MAX octets); sends first if there is none. */
uint8_t *batch_room(struct batch *b, int fd, uint64_t *errors);

/** What was written there is to be sent, from its octet `at` on. */
void batch_add(struct batch *b, size_t at, size_t len, const wa_endpoint_t *to);

void batch_send(struct batch *b, int fd, uint64_t *errors);

#endif
