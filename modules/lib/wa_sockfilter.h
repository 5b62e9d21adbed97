/* Programs for the kernel that let a socket hear only some sources.
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * A socket filter (SO_ATTACH_FILTER, classic BPF) needs no privilege and no tool
 * on the host. On a listening TCP socket it drops the SYN of a stranger: he gets
 * no connection, takes no place and costs no system call. IPv4 only.
 */
#ifndef WA_SOCKFILTER_H
#define WA_SOCKFILTER_H

#include <linux/filter.h>
#include <stddef.h>

#include "wa_ranges.h"

/* Instructions; a program is charged to the socket (net.core.optmem_max). */
#define WA_SOCKFILTER_MAX 4096
#define WA_SOCKFILTER_BANS 1000
#define WA_SOCKFILTER_RANGES 500

typedef struct wa_sockfilter
{
	struct sock_filter code[WA_SOCKFILTER_MAX];
	size_t n;
} wa_sockfilter_t;

/** Drops what comes from one of `bans`, lets through what comes from one of
 * `ranges`, and drops the rest; with `replies` (UDP), lets through from anywhere
 * what begins like a SIP reply, for a gateway may be outside of the ranges.
 * IPv6 entries are passed over. Returns 0, or WA_ETOOLONG: more than
 * WA_SOCKFILTER_RANGES (bans beyond WA_SOCKFILTER_BANS are left out). */
int wa_sockfilter_make(wa_sockfilter_t *f, const wa_range_t *ranges, size_t n,
		const wa_addr_t *bans, size_t n_bans, bool replies);

/** Gives the program to a socket. Returns 0 or WA_EIO, errno is set. */
int wa_sockfilter_attach(const wa_sockfilter_t *f, int fd);

#endif
