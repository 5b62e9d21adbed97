/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "resolve.h"

#include <arpa/inet.h>
#include <arpa/nameser.h>
#include <netdb.h>
#include <resolv.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ANSWER_SIZE 4096
#define TRIES 2
#define WAIT_S 2

static void set_port(struct sockaddr_storage *a, unsigned short port)
{
	if(a->ss_family == AF_INET)
		((struct sockaddr_in *)(void *)a)->sin_port = htons(port);
	else
		((struct sockaddr_in6 *)(void *)a)->sin6_port = htons(port);
}

static void add(struct sockaddr_storage *out, size_t *n, int af, const void *ip,
		unsigned short port)
{
	struct sockaddr_storage *a = &out[*n];

	if(*n == RESOLVE_MAX)
		return;
	memset(a, 0, sizeof(*a));
	a->ss_family = (sa_family_t)af;
	if(af == AF_INET)
		memcpy(&((struct sockaddr_in *)(void *)a)->sin_addr, ip, 4);
	else
		memcpy(&((struct sockaddr_in6 *)(void *)a)->sin6_addr, ip, 16);
	set_port(a, port);
	(*n)++;
}

/* --- this host's way -------------------------------------------------------------- */

static size_t by_host(const char *host, unsigned short port,
		struct sockaddr_storage *out, char *why, size_t size)
{
	struct addrinfo hints = {.ai_socktype = SOCK_STREAM}, *list = NULL;
	int err = getaddrinfo(host, NULL, &hints, &list);
	size_t n = 0;

	if(err != 0) {
		(void)!snprintf(why, size, "%s", gai_strerror(err));
		return 0;
	}
	for(struct addrinfo *a = list; a != NULL && n < RESOLVE_MAX; a = a->ai_next) {
		if(a->ai_family != AF_INET && a->ai_family != AF_INET6)
			continue;
		memcpy(&out[n], a->ai_addr, a->ai_addrlen);
		set_port(&out[n++], port);
	}
	freeaddrinfo(list);
	return n;
}

/* --- a given server ---------------------------------------------------------------- */

static bool use_server(res_state res, const char *server)
{
	struct sockaddr_in *first = &res->nsaddr_list[0];
	char host[INET_ADDRSTRLEN];
	const char *colon = strchr(server, ':');
	size_t len = colon != NULL ? (size_t)(colon - server) : strlen(server);
	long port = colon != NULL ? strtol(colon + 1, NULL, 10) : 53;

	if(len >= sizeof(host) || port < 1 || port > 65535)
		return false;
	memcpy(host, server, len);
	host[len] = '\0';
	memset(first, 0, sizeof(*first));
	first->sin_family = AF_INET;
	first->sin_port = htons((unsigned short)port);
	res->nscount = 1;
	res->retrans = WAIT_S;
	res->retry = TRIES;
	return inet_pton(AF_INET, host, &first->sin_addr) == 1;
}

static void take(const unsigned char *answer, int len, int type, unsigned short port,
		struct sockaddr_storage *out, size_t *n)
{
	ns_msg msg;
	ns_rr rr;

	if(ns_initparse(answer, len, &msg) < 0)
		return;
	for(int i = 0; i < ns_msg_count(msg, ns_s_an); i++) {
		if(ns_parserr(&msg, ns_s_an, i, &rr) < 0 || (int)ns_rr_type(rr) != type)
			continue;
		if(type == ns_t_a && ns_rr_rdlen(rr) == 4)
			add(out, n, AF_INET, ns_rr_rdata(rr), port);
		if(type == ns_t_aaaa && ns_rr_rdlen(rr) == 16)
			add(out, n, AF_INET6, ns_rr_rdata(rr), port);
	}
}

static size_t by_server(const char *host, unsigned short port, const char *server,
		struct sockaddr_storage *out, char *why, size_t size)
{
	static const int types[] = {ns_t_a, ns_t_aaaa};
	static unsigned char answer[ANSWER_SIZE];
	struct __res_state res = {0};
	size_t n = 0;

	if(res_ninit(&res) < 0 || !use_server(&res, server)) {
		(void)!snprintf(why, size, "%s is not ADDRESS[:PORT] of a DNS server", server);
		return 0;
	}
	why[0] = '\0';
	for(size_t i = 0; i < 2; i++) {
		int len = res_nquery(&res, host, ns_c_in, types[i], answer, sizeof(answer));

		if(len > 0)
			take(answer, len, types[i], port, out, &n);
		else if(why[0] == '\0')
			(void)!snprintf(why, size, "%s", hstrerror(res.res_h_errno));
	}
	res_nclose(&res);
	return n;
}

size_t resolve_host(const char *host, unsigned short port, const char *nameserver,
		struct sockaddr_storage out[RESOLVE_MAX], char *why, size_t size)
{
	unsigned char ip[16];
	size_t n = 0;

	(void)!snprintf(why, size, "it has no address");
	if(inet_pton(AF_INET, host, ip) == 1)
		add(out, &n, AF_INET, ip, port);
	else if(inet_pton(AF_INET6, host, ip) == 1)
		add(out, &n, AF_INET6, ip, port);
	else if(nameserver != NULL)
		n = by_server(host, port, nameserver, out, why, size);
	else
		n = by_host(host, port, out, why, size);
	return n;
}

const char *resolve_text(const struct sockaddr_storage *a)
{
	static char text[INET6_ADDRSTRLEN];
	const void *ip = a->ss_family == AF_INET
							 ? (const void *)&((const struct sockaddr_in *)(const void *)a)->sin_addr
							 : (const void *)&((const struct sockaddr_in6 *)(const void *)a)->sin6_addr;

	return inet_ntop(a->ss_family, ip, text, sizeof(text)) != NULL ? text : "?";
}

bool resolve_same(const struct sockaddr_storage *a, const struct sockaddr_storage *b)
{
	char first[INET6_ADDRSTRLEN];

	(void)!snprintf(first, sizeof(first), "%s", resolve_text(a));
	return strcmp(first, resolve_text(b)) == 0;
}

static int scope4(uint32_t ip)
{
	if(ip >> 24 == 127)
		return 0;
	/* RFC 1918, link-local, RFC 6598 */
	return ip >> 24 == 10 || ip >> 20 == 0xac1 || ip >> 16 == 0xc0a8
						   || ip >> 16 == 0xa9fe || ip >> 22 == 0x191
				   ? 1
				   : 2;
}

int resolve_scope(const struct sockaddr_storage *a)
{
	const struct in6_addr *six = &((const struct sockaddr_in6 *)(const void *)a)->sin6_addr;

	if(a->ss_family == AF_INET)
		return scope4(ntohl(
				((const struct sockaddr_in *)(const void *)a)->sin_addr.s_addr));
	if(IN6_IS_ADDR_LOOPBACK(six))
		return 0;
	return IN6_IS_ADDR_LINKLOCAL(six) || (six->s6_addr[0] & 0xfe) == 0xfc ? 1 : 2;
}

socklen_t resolve_len(const struct sockaddr_storage *a)
{
	return a->ss_family == AF_INET ? sizeof(struct sockaddr_in)
								   : sizeof(struct sockaddr_in6);
}
