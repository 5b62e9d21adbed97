/* The sockets we listen on: whose side each is, and the kernel's filter on it.
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "sockets.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <linux/sock_diag.h>

#include "../lib/wa_err.h"
#include "../lib/wa_sockfilter.h"

#define SOCKETS_MAX 32

typedef struct door_socket
{
	const struct socket_info *si;
	enum door_side side;
	int fd;
} door_socket_t;

static door_socket_t sockets[SOCKETS_MAX];
static size_t n_sockets;
static const struct socket_info *meta_socket;

static bool is_named(const struct socket_info *si, const char *name)
{
	size_t host = (size_t)si->address_str.len;
	const char *port = name + host;

	/* [2001:db8::1]:5061 */
	if(name[0] == '[') {
		name++;
		port = name + host;
		if(strlen(name) <= host || *port++ != ']')
			return false;
	}
	return strncmp(name, si->address_str.s, host) == 0 && port[0] == ':'
		   && strlen(port + 1) == (size_t)si->port_no_str.len
		   && strncmp(port + 1, si->port_no_str.s, (size_t)si->port_no_str.len)
					  == 0;
}

static int add_list(const struct socket_info *si, const char *meta)
{
	for(; si != NULL; si = si->next) {
		bool is_meta = si->proto == PROTO_TLS && is_named(si, meta);

		if(n_sockets == SOCKETS_MAX) {
			LM_ERR("more than %d sockets\n", SOCKETS_MAX);
			return -1;
		}
		if(is_meta)
			meta_socket = si;
		sockets[n_sockets++] = (door_socket_t){si,
				is_meta ? DOOR_META : DOOR_PBX,
				fcntl(si->socket, F_DUPFD_CLOEXEC, 0)};
	}
	return 0;
}

int sockets_init(const char *meta)
{
	if(add_list(udp_listen, meta) < 0 || add_list(tcp_listen, meta) < 0
			|| add_list(tls_listen, meta) < 0)
		return -1;
	if(meta_socket == NULL) {
		LM_ERR("meta_socket: there is no TLS socket %s\n", meta);
		return -1;
	}
	return 0;
}

void sockets_close(void)
{
	for(size_t i = 0; i < n_sockets; i++) {
		if(sockets[i].fd >= 0)
			close(sockets[i].fd);
		sockets[i].fd = -1;
	}
}

enum door_side sockets_side(const struct socket_info *si)
{
	return si == meta_socket ? DOOR_META : DOOR_PBX;
}

const char *sockets_meta(void)
{
	return meta_socket->sock_str.s;
}

/* A check of this host's own sees the certificate by a connection from our own
 * address: the handshake, no more, for the script hears no message of a source
 * that is in no network. The kernel takes no such address from outside. */
static size_t add_self(const door_socket_t *sock, wa_range_t *r, size_t n)
{
	wa_addr_t self;

	if(n == DOOR_RANGES
			|| wa_addr_parse(KSR_SV(&sock->si->address_str), &self) < 0)
		return n;
	r[n] = (wa_range_t){self, self};
	return n + 1;
}

#define TRUSTED_MAX 256

/* Who may open a connection while PBXes have too many: trusted addresses. */
static size_t trusted_ranges(wa_range_t *r)
{
	static wa_source_t s[TRUSTED_MAX];
	size_t n = door_list(WA_STRIKES_TRUSTED, s, TRUSTED_MAX);

	for(size_t i = 0; i < n; i++)
		r[i] = (wa_range_t){s[i].addr, s[i].addr};
	return n;
}

static int filter_one(const door_socket_t *sock, const wa_addr_t *bans,
		size_t n_bans, bool shut)
{
	static wa_range_t r[DOOR_RANGES];
	static wa_sockfilter_t f;
	bool udp = sock->si->proto == PROTO_UDP;
	size_t n;
	int err;

	if(sock->si->address.af != AF_INET)
		return 0;
	if(sock->fd < 0)
		return WA_EIO;
	if(shut && sock->side == DOOR_PBX && !udp)
		n = trusted_ranges(r);
	else
		n = door_set_get(sock->side, r);
	if(sock->side == DOOR_META)
		n = add_self(sock, r, n);
	err = wa_sockfilter_make(&f, r, n, bans, n_bans, udp);
	return err < 0 ? err : wa_sockfilter_attach(&f, sock->fd);
}

/* Bans of strangers only: one who is in Meta's networks is on Meta's socket. */
static size_t list_bans(wa_addr_t *out, const wa_addr_t *held, size_t n_held)
{
	static wa_source_t s[WA_SOCKFILTER_BANS];
	size_t n = 0, found = door_list(WA_STRIKES_BANNED, s, WA_SOCKFILTER_BANS);

	for(size_t i = 0; i < n_held && n < WA_SOCKFILTER_BANS; i++)
		out[n++] = held[i];
	for(size_t i = 0; i < found && n < WA_SOCKFILTER_BANS; i++)
		out[n++] = s[i].addr;
	return n;
}

int sockets_filter(bool shut, const wa_addr_t *held, size_t n_held)
{
	static wa_addr_t bans[WA_SOCKFILTER_BANS];
	size_t n = list_bans(bans, held, n_held);
	int err = 0;

	for(size_t i = 0; i < n_sockets && err == 0; i++)
		err = filter_one(&sockets[i], bans, n, shut);
	return err;
}

long sockets_dropped(void)
{
	uint32_t info[SK_MEMINFO_VARS];
	long sum = 0;

	for(size_t i = 0; i < n_sockets; i++) {
		socklen_t len = sizeof(info);

		if(sockets[i].fd < 0)
			continue;
		if(getsockopt(sockets[i].fd, SOL_SOCKET, SO_MEMINFO, info, &len) < 0
				|| len <= SK_MEMINFO_DROPS * sizeof(info[0]))
			return -1;
		sum += info[SK_MEMINFO_DROPS];
	}
	return sum;
}
