/* Addresses of a host name, as this host sees them or a given DNS server.
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef WASBCCTL_DOCTOR_RESOLVE_H
#define WASBCCTL_DOCTOR_RESOLVE_H

#include <netinet/in.h>
#include <stdbool.h>
#include <stddef.h>
#include <sys/socket.h>

#define RESOLVE_MAX 16

/** IPv4 and IPv6 addresses of `host` (an address stands for itself), with `port`,
 * at most RESOLVE_MAX. `nameserver` is ADDRESS[:PORT] of IPv4, NULL = as the host
 * does it. Returns how many; 0 and why in `why`. */
size_t resolve_host(const char *host, unsigned short port, const char *nameserver,
		struct sockaddr_storage out[RESOLVE_MAX], char *why, size_t size);

/** "192.0.2.1"; a static text. */
const char *resolve_text(const struct sockaddr_storage *a);

/** Two addresses, without their ports. */
bool resolve_same(const struct sockaddr_storage *a, const struct sockaddr_storage *b);

/** How far the address is good for: 0 this host, 1 a private network, 2
 * everywhere. */
int resolve_scope(const struct sockaddr_storage *a);

socklen_t resolve_len(const struct sockaddr_storage *a);

#endif
