/* SPDX-License-Identifier: GPL-2.0-or-later */
#define _GNU_SOURCE
#include "batch.h"

#include <sys/socket.h>
#include <sys/uio.h>

uint8_t *batch_room(struct batch *b, int fd, uint64_t *errors)
{
	if(b->n == BATCH_PACKETS)
		batch_send(b, fd, errors);
	return b->data[b->n];
}

void batch_add(struct batch *b, size_t at, size_t len, const wa_endpoint_t *to)
{
	b->at[b->n] = at;
	b->len[b->n] = len;
	b->to[b->n] = *to;
	b->n++;
}

void batch_send(struct batch *b, int fd, uint64_t *errors)
{
	struct mmsghdr msg[BATCH_PACKETS];
	struct iovec iov[BATCH_PACKETS];
	struct sockaddr_storage to[BATCH_PACKETS];
	unsigned done = 0;

	for(unsigned i = 0; i < b->n; i++) {
		iov[i] = (struct iovec){b->data[i] + b->at[i], b->len[i]};
		msg[i] = (struct mmsghdr){.msg_hdr = {.msg_name = &to[i],
				.msg_namelen = wa_endpoint_sockaddr(&b->to[i], &to[i]),
				.msg_iov = &iov[i], .msg_iovlen = 1}};
	}
	while(done < b->n) {
		int sent = sendmmsg(fd, msg + done, b->n - done, MSG_DONTWAIT);

		/* one that cannot be sent must not hold up the others */
		if(sent <= 0) {
			(*errors)++;
			sent = 1;
		}
		done += (unsigned)sent;
	}
	b->n = 0;
}
