/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "wa_sockfilter.h"

#include <sys/socket.h>

#include "wa_err.h"

#define SOURCE_V4 (uint32_t)(SKF_NET_OFF + 12) /* in the IP header */
#define UDP_PAYLOAD 8
#define SIP_SLASH 0x5349502fu /* "SIP/" */
#define ACCEPT UINT32_MAX
#define DROP 0

static void put(wa_sockfilter_t *f, uint16_t code, uint32_t k, uint8_t jt,
		uint8_t jf)
{
	f->code[f->n++] = (struct sock_filter){code, jt, jf, k};
}

static void put_return(wa_sockfilter_t *f, uint32_t verdict)
{
	put(f, BPF_RET | BPF_K, verdict, 0, 0);
}

int wa_sockfilter_make(wa_sockfilter_t *f, const wa_range_t *ranges, size_t n,
		const wa_addr_t *bans, size_t n_bans, bool replies)
{
	size_t used = 0;

	f->n = 0;
	put(f, BPF_LD | BPF_W | BPF_ABS, SOURCE_V4, 0, 0);
	for(size_t i = 0; i < n_bans && used < WA_SOCKFILTER_BANS; i++) {
		if(!wa_addr_is4(&bans[i]))
			continue;
		put(f, BPF_JMP | BPF_JEQ | BPF_K, wa_addr_v4(&bans[i]), 0, 1);
		put_return(f, DROP);
		used++;
	}
	used = 0;
	for(size_t i = 0; i < n; i++) {
		if(!wa_addr_is4(&ranges[i].lo))
			continue;
		if(used++ == WA_SOCKFILTER_RANGES)
			return WA_ETOOLONG;
		put(f, BPF_JMP | BPF_JGE | BPF_K, wa_addr_v4(&ranges[i].lo), 0, 2);
		put(f, BPF_JMP | BPF_JGT | BPF_K, wa_addr_v4(&ranges[i].hi), 1, 0);
		put_return(f, ACCEPT);
	}
	if(replies) {
		put(f, BPF_LD | BPF_W | BPF_ABS, UDP_PAYLOAD, 0, 0);
		put(f, BPF_JMP | BPF_JEQ | BPF_K, SIP_SLASH, 0, 1);
		put_return(f, ACCEPT);
	}
	put_return(f, DROP);
	return 0;
}

int wa_sockfilter_attach(const wa_sockfilter_t *f, int fd)
{
	struct sock_fprog prog = {(unsigned short)f->n,
			(struct sock_filter *)(uintptr_t)f->code};

	return setsockopt(fd, SOL_SOCKET, SO_ATTACH_FILTER, &prog, sizeof(prog))
						   == 0
				   ? 0
				   : WA_EIO;
}
