/* Socket addresses as a site writes them.
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "wa_net.h"

#include <arpa/inet.h>
#include <string.h>
#include <unistd.h>

#include "wa_endpoint.h"
#include "wa_err.h"

/* Bits of the address, 32 or 128; 0 = none */
static unsigned long address_bits(wa_sv_t text)
{
	char mem[INET6_ADDRSTRLEN];
	unsigned char raw[16];

	if(wa_sv_copy(mem, sizeof(mem), text) < 0 || strlen(mem) != text.len)
		return 0;
	if(inet_pton(AF_INET, mem, raw) == 1)
		return 32;
	return inet_pton(AF_INET6, mem, raw) == 1 ? 128 : 0;
}

int wa_net_socket_check(wa_sv_t text)
{
	size_t colon = text.len;
	wa_sv_t host;
	unsigned long port, bits;

	while(colon > 0 && text.s[colon - 1] != ':')
		colon--;
	if(colon < 2)
		return WA_EPARSE;
	host = (wa_sv_t){text.s, colon - 1};
	bits = address_bits(host);
	if(host.s[0] == '[' && host.s[host.len - 1] == ']' && host.len > 2)
		bits = address_bits((wa_sv_t){host.s + 1, host.len - 2}) == 128 ? 32 : 0;
	if(bits != 32
			|| wa_sv_ulong((wa_sv_t){text.s + colon, text.len - colon}, 65535,
					   &port)
					   < 0)
		return WA_EPARSE;
	return port > 0 ? 0 : WA_EPARSE;
}

/* From a host to an address of its own the way begins at that address itself; to any of
 * 127.0.0.0/8 at 127.0.0.1. */
bool wa_net_is_here(wa_sv_t text)
{
	wa_endpoint_t wanted, source = {0};
	struct sockaddr_storage ss;
	socklen_t len = sizeof(ss);
	int fd;

	if(wa_endpoint_parse(text, &wanted) < 0)
		return false;
	if(wanted.family == 4 && wanted.ip[0] == 127)
		return true;
	fd = socket(wanted.family == 6 ? AF_INET6 : AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if(fd < 0)
		return false;
	if(connect(fd, (struct sockaddr *)&ss, wa_endpoint_sockaddr(&wanted, &ss)) == 0
			&& getsockname(fd, (struct sockaddr *)&ss, &len) == 0)
		wa_endpoint_from(&ss, &source);
	close(fd);
	source.port = wanted.port;
	return wa_endpoint_eq(&source, &wanted);
}
