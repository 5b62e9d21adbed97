/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "../ksr_compat.h"

#include "resolve.h"

#include <arpa/inet.h>
#include <netdb.h>
#include <resolv.h>
#include <stdio.h>
#include <string.h>

#include <kamailio/core/parser/parse_uri.h>
#include <kamailio/core/resolve.h>

#include "../lib/wa_sv.h"

#define TTL_MIN 10
#define TTL_MAX 3600
#define SRV_MAX 16

typedef struct search
{
	gw_address_t *out;
	unsigned n;
	unsigned ttl;
} search_t;

int resolve_init(const char *server)
{
	struct sockaddr_in *first;
	char host[INET_ADDRSTRLEN];
	wa_sv_t rest = wa_sv_from(server), address;
	unsigned long port = 53;

	if(server[0] == '\0')
		return 0;
	address = wa_sv_cut(&rest, ':');
	if(res_init() < 0)
		return -1;
	first = &_res.nsaddr_list[0];
	if(wa_sv_copy(host, sizeof(host), address) < 0
			|| inet_pton(AF_INET, host, &first->sin_addr) != 1
			|| (rest.len > 0 && wa_sv_ulong(rest, 65535, &port) < 0))
		return -1;
	first->sin_family = AF_INET;
	first->sin_port = htons((uint16_t)port);
	_res.nscount = 1;
	return 0;
}

static void note_ttl(search_t *s, unsigned ttl)
{
	if(ttl < s->ttl)
		s->ttl = ttl;
}

static void add(search_t *s, int af, const void *ip, uint16_t port, char proto)
{
	gw_address_t *a = &s->out[s->n];

	if(s->n == GW_ADDRESSES_MAX)
		return;
	memset(a, 0, sizeof(*a));
	a->ip.af = (unsigned)af;
	a->ip.len = af == AF_INET6 ? 16 : 4;
	memcpy(a->ip.u.addr, ip, a->ip.len);
	a->port = port;
	a->proto = proto;
	s->n++;
}

static void add_records(
		search_t *s, char *name, int type, uint16_t port, char proto)
{
	struct rdata *list = get_record(name, type, 0);

	for(struct rdata *r = list; r != NULL; r = r->next) {
		if(r->type != type || r->rdata == NULL)
			continue;
		note_ttl(s, r->ttl);
		if(type == T_A)
			add(s, AF_INET, ((struct a_rdata *)r->rdata)->ip, port, proto);
		else
			add(s, AF_INET6, ((struct aaaa_rdata *)r->rdata)->ip6, port, proto);
	}
	if(list != NULL)
		free_rdata_list(list);
}

/* What DNS does not know may stand in /etc/hosts. */
static void add_hosts(search_t *s, const char *name, uint16_t port, char proto)
{
	struct addrinfo hints = {.ai_socktype = SOCK_DGRAM}, *list = NULL;

	if(getaddrinfo(name, NULL, &hints, &list) != 0)
		return;
	for(struct addrinfo *a = list; a != NULL; a = a->ai_next)
		if(a->ai_family == AF_INET)
			add(s, AF_INET, &((struct sockaddr_in *)(void *)a->ai_addr)->sin_addr,
					port, proto);
		else if(a->ai_family == AF_INET6)
			add(s, AF_INET6,
					&((struct sockaddr_in6 *)(void *)a->ai_addr)->sin6_addr,
					port, proto);
	freeaddrinfo(list);
}

static unsigned by_address(search_t *s, char *name, uint16_t port, char proto)
{
	unsigned before = s->n;

	add_records(s, name, T_A, port, proto);
	add_records(s, name, T_AAAA, port, proto);
	if(s->n == before)
		add_hosts(s, name, port, proto);
	return s->n - before;
}

/* Lower priority first, of equals the heavier one. */
static bool is_before(const struct srv_rdata *a, const struct srv_rdata *b)
{
	return a->priority != b->priority ? a->priority < b->priority
									  : a->weight > b->weight;
}

static unsigned sorted_srv(struct rdata *list, struct srv_rdata *out[SRV_MAX],
		search_t *s)
{
	unsigned n = 0;

	for(struct rdata *r = list; r != NULL && n < SRV_MAX; r = r->next) {
		struct srv_rdata *srv = r->rdata;
		unsigned at = n;

		if(r->type != T_SRV || srv == NULL || srv->port == 0)
			continue;
		note_ttl(s, r->ttl);
		for(; at > 0 && is_before(srv, out[at - 1]); at--)
			out[at] = out[at - 1];
		out[at] = srv;
		n++;
	}
	return n;
}

static unsigned by_srv(search_t *s, char *name, char proto)
{
	struct rdata *list = get_record(name, T_SRV, 0);
	struct srv_rdata *srv[SRV_MAX];
	unsigned before = s->n, n = sorted_srv(list, srv, s);

	for(unsigned i = 0; i < n; i++)
		by_address(s, srv[i]->name, srv[i]->port, proto);
	if(list != NULL)
		free_rdata_list(list);
	return s->n - before;
}

static unsigned by_service(search_t *s, const char *host, char proto)
{
	const char *prefix = proto == PROTO_TLS	   ? "_sips._tcp."
						 : proto == PROTO_TCP ? "_sip._tcp."
											  : "_sip._udp.";
	char name[WA_HOST_SIZE + 16];

	if(snprintf(name, sizeof(name), "%s%s", prefix, host) < 0)
		return 0;
	return by_srv(s, name, proto);
}

static char naptr_proto(const struct naptr_rdata *n)
{
	wa_sv_t service = {n->services, n->services_len};

	if(n->flags_len != 1 || (n->flags[0] != 's' && n->flags[0] != 'S'))
		return PROTO_NONE;
	return wa_sv_ieq(service, WA_SV("SIP+D2U"))	   ? PROTO_UDP
		   : wa_sv_ieq(service, WA_SV("SIP+D2T"))  ? PROTO_TCP
		   : wa_sv_ieq(service, WA_SV("SIPS+D2T")) ? PROTO_TLS
												   : PROTO_NONE;
}

/* The service that the domain prefers, of those we speak. */
static struct naptr_rdata *best_naptr(struct rdata *list, search_t *s)
{
	struct naptr_rdata *best = NULL;

	for(struct rdata *r = list; r != NULL; r = r->next) {
		struct naptr_rdata *n = r->rdata;

		if(r->type != T_NAPTR || n == NULL || naptr_proto(n) == PROTO_NONE)
			continue;
		note_ttl(s, r->ttl);
		if(best == NULL || n->order < best->order
				|| (n->order == best->order && n->pref < best->pref))
			best = n;
	}
	return best;
}

static unsigned by_naptr(search_t *s, char *host)
{
	struct rdata *list = get_record(host, T_NAPTR, 0);
	struct naptr_rdata *best = best_naptr(list, s);
	unsigned n = best == NULL ? 0 : by_srv(s, best->repl, naptr_proto(best));

	if(list != NULL)
		free_rdata_list(list);
	return n;
}

static uint16_t port_of(char proto)
{
	return proto == PROTO_TLS ? SIPS_PORT : SIP_PORT;
}

/* RFC 3263 4.1 and 4.2 */
static void search(search_t *s, const struct sip_uri *uri, char *host)
{
	char proto = uri->type == SIPS_URI_T ? PROTO_TLS : (char)uri->proto;

	if(uri->port_no > 0) {
		by_address(s, host, uri->port_no,
				proto == PROTO_NONE ? PROTO_UDP : proto);
		return;
	}
	if(proto != PROTO_NONE) {
		if(by_service(s, host, proto) == 0)
			by_address(s, host, port_of(proto), proto);
		return;
	}
	if(by_naptr(s, host) > 0 || by_service(s, host, PROTO_UDP) > 0
			|| by_service(s, host, PROTO_TCP) > 0
			|| by_service(s, host, PROTO_TLS) > 0)
		return;
	by_address(s, host, SIP_PORT, PROTO_UDP);
}

unsigned resolve_uri(const char *uri, gw_address_t out[GW_ADDRESSES_MAX],
		unsigned *ttl, const char **why)
{
	search_t s = {.out = out, .ttl = TTL_MAX};
	char host[WA_HOST_SIZE];
	struct sip_uri puri;

	*why = "the URI cannot be read";
	if(parse_uri((char *)(uintptr_t)uri, (int)strlen(uri), &puri) < 0
			|| wa_sv_copy(host, sizeof(host), KSR_SV(&puri.host)) < 0)
		return 0;
	search(&s, &puri, host);
	*why = "no address in DNS for its name";
	*ttl = s.ttl < TTL_MIN ? TTL_MIN : s.ttl;
	return s.n;
}
