/* Socket addresses as a site writes them.
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "wa_net.h"

#include <arpa/inet.h>
#include <ifaddrs.h>
#include <netinet/in.h>
#include <string.h>

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

static bool is_address(const struct sockaddr *sa, const wa_endpoint_t *wanted)
{
	struct sockaddr_storage ss = {0};
	wa_endpoint_t one;

	if(sa == NULL || (sa->sa_family != AF_INET && sa->sa_family != AF_INET6))
		return false;
	memcpy(&ss, sa,
			sa->sa_family == AF_INET ? sizeof(struct sockaddr_in)
									 : sizeof(struct sockaddr_in6));
	wa_endpoint_from(&ss, &one);
	one.port = wanted->port;
	return wa_endpoint_eq(&one, wanted);
}

bool wa_net_is_here(wa_sv_t text)
{
	struct ifaddrs *all;
	wa_endpoint_t wanted;
	bool here = false;

	if(wa_endpoint_parse(text, &wanted) < 0)
		return false;
	/* the whole network, though only one address of it is listed */
	if(wanted.family == 4 && wanted.ip[0] == 127)
		return true;
	if(getifaddrs(&all) < 0)
		return false;
	for(const struct ifaddrs *i = all; i != NULL && !here; i = i->ifa_next)
		here = is_address(i->ifa_addr, &wanted);
	freeifaddrs(all);
	return here;
}
