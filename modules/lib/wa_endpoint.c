/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "wa_endpoint.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <string.h>

#include "wa_err.h"

int wa_endpoint_address(wa_sv_t text, wa_endpoint_t *out)
{
	char ip[INET6_ADDRSTRLEN];

	*out = (wa_endpoint_t){.family = 0};
	if(text.len == 0 || wa_sv_copy(ip, sizeof(ip), text) < 0
			|| memchr(text.s, '\0', text.len))
		return WA_EPARSE;
	if(inet_pton(AF_INET, ip, out->ip) == 1)
		out->family = 4;
	else if(inet_pton(AF_INET6, ip, out->ip) == 1)
		out->family = 6;
	return out->family ? 0 : WA_EPARSE;
}

int wa_endpoint_parse(wa_sv_t text, wa_endpoint_t *out)
{
	unsigned long port;
	size_t at = text.len;
	bool brackets;
	wa_sv_t host;

	*out = (wa_endpoint_t){.family = 0};
	while(at > 0 && text.s[at - 1] != ':')
		at--;
	if(at < 2 || wa_sv_ulong((wa_sv_t){text.s + at, text.len - at}, 65535, &port) < 0)
		return WA_EPARSE;
	host = (wa_sv_t){text.s, at - 1};
	brackets = host.s[0] == '[' && host.s[host.len - 1] == ']' && host.len > 2;
	if(brackets)
		host = (wa_sv_t){host.s + 1, host.len - 2};
	if(wa_endpoint_address(host, out) < 0)
		return WA_EPARSE;
	if(brackets != (out->family == 6)) {
		out->family = 0;
		return WA_EPARSE;
	}
	out->port = (uint16_t)port;
	return 0;
}

void wa_endpoint_put_address(const wa_endpoint_t *e, wa_buf_t *out)
{
	char ip[INET6_ADDRSTRLEN];

	if(e->family && inet_ntop(e->family == 4 ? AF_INET : AF_INET6, e->ip, ip, sizeof(ip)))
		wa_buf_put(out, wa_sv_from(ip));
}

void wa_endpoint_put(const wa_endpoint_t *e, wa_buf_t *out)
{
	if(e->family == 0)
		return;
	if(e->family == 6)
		wa_buf_put(out, WA_SV("["));
	wa_endpoint_put_address(e, out);
	wa_buf_put(out, e->family == 6 ? WA_SV("]:") : WA_SV(":"));
	wa_buf_num(out, e->port);
}

bool wa_endpoint_eq(const wa_endpoint_t *a, const wa_endpoint_t *b)
{
	return memcmp(a, b, sizeof(*a)) == 0;
}

bool wa_endpoint_is_any(const wa_endpoint_t *e)
{
	static const uint8_t zero[sizeof(e->ip)];

	return memcmp(e->ip, zero, sizeof(zero)) == 0;
}

uint32_t wa_endpoint_hash(const wa_endpoint_t *e)
{
	const uint8_t *p = (const uint8_t *)e;
	uint32_t h = 2166136261u; /* FNV-1a */

	for(size_t i = 0; i < sizeof(*e); i++)
		h = (h ^ p[i]) * 16777619u;
	return h;
}

socklen_t wa_endpoint_sockaddr(const wa_endpoint_t *e, struct sockaddr_storage *ss)
{
	struct sockaddr_in *v4 = (struct sockaddr_in *)ss;
	struct sockaddr_in6 *v6 = (struct sockaddr_in6 *)ss;

	memset(ss, 0, sizeof(*ss));
	if(e->family == 4) {
		v4->sin_family = AF_INET;
		v4->sin_port = htons(e->port);
		memcpy(&v4->sin_addr, e->ip, 4);
		return sizeof(*v4);
	}
	if(e->family != 6)
		return 0;
	v6->sin6_family = AF_INET6;
	v6->sin6_port = htons(e->port);
	memcpy(&v6->sin6_addr, e->ip, 16);
	return sizeof(*v6);
}

void wa_endpoint_from(const struct sockaddr_storage *ss, wa_endpoint_t *out)
{
	const struct sockaddr_in *v4 = (const struct sockaddr_in *)ss;
	const struct sockaddr_in6 *v6 = (const struct sockaddr_in6 *)ss;

	*out = (wa_endpoint_t){.family = 0};
	if(ss->ss_family == AF_INET) {
		out->family = 4;
		out->port = ntohs(v4->sin_port);
		memcpy(out->ip, &v4->sin_addr, 4);
	} else if(ss->ss_family == AF_INET6) {
		bool mapped = IN6_IS_ADDR_V4MAPPED(&v6->sin6_addr);

		out->family = mapped ? 4 : 6;
		out->port = ntohs(v6->sin6_port);
		if(mapped)
			memcpy(out->ip, (const uint8_t *)&v6->sin6_addr + 12, 4);
		else
			memcpy(out->ip, &v6->sin6_addr, 16);
	}
}
