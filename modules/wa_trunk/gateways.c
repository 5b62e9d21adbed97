/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "../ksr_compat.h"

#include "gateways.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

#include <kamailio/core/parser/parse_uri.h>
#include <kamailio/core/resolve.h>

#include "../lib/wa_sv.h"

#define RETRY_DOWN 2 /* seconds to the next question after a silence */
#define RETRY_NAME 10 /* seconds to the next look-up after one in vain */

typedef struct entry
{
	gateway_t g; /* g.uri "" = free */
	uint32_t serial; /* tells an answer for an entry that is gone */
	bool seen;
	bool literal;
	time_t ask_at;
	time_t resolve_at;
} entry_t;

typedef struct table
{
	gen_lock_t lock;
	unsigned max, top; /* entries in use lie below top */
	uint32_t serial;
	entry_t e[];
} table_t;

static table_t *table;

int gateways_init(unsigned max)
{
	size_t size = sizeof(*table) + max * sizeof(entry_t);

	table = shm_malloc(size);
	if(table == NULL) {
		SHM_MEM_ERROR;
		return -1;
	}
	memset(table, 0, size);
	table->max = max;
	return lock_init(&table->lock) == NULL ? -1 : 0;
}

void gateways_destroy(void)
{
	if(table != NULL)
		shm_free(table);
	table = NULL;
}

const char *gateways_state_name(enum gw_state state)
{
	return state == GW_UP ? "up" : state == GW_DOWN ? "down" : "unknown";
}

/* Under the lock. */
static entry_t *find(const char *uri)
{
	for(unsigned i = 0; i < table->top; i++)
		if(strcmp(table->e[i].g.uri, uri) == 0)
			return &table->e[i];
	return NULL;
}

bool gateways_get(const char *uri, gateway_t *out)
{
	entry_t *e;

	lock_get(&table->lock);
	e = find(uri);
	if(e != NULL)
		*out = e->g;
	lock_release(&table->lock);
	return e != NULL;
}

static uint16_t default_port(char proto)
{
	return proto == PROTO_TLS ? SIPS_PORT : SIP_PORT;
}

bool gateways_literal(const char *uri, gw_address_t *out)
{
	struct sip_uri puri;
	struct ip_addr *ip;

	if(parse_uri((char *)(uintptr_t)uri, (int)strlen(uri), &puri) < 0)
		return false;
	ip = str2ip(&puri.host);
	if(ip == NULL)
		ip = str2ip6(&puri.host);
	if(ip == NULL)
		return false;
	out->ip = *ip;
	out->proto = puri.type == SIPS_URI_T	? PROTO_TLS
				 : puri.proto == PROTO_NONE ? PROTO_UDP
											: (char)puri.proto;
	out->port = puri.port_no > 0 ? puri.port_no : default_port(out->proto);
	return true;
}

void gateways_target(const gw_address_t *a, char out[GW_TARGET_SIZE])
{
	const char *proto = a->proto == PROTO_TLS	? "tls"
						: a->proto == PROTO_TCP ? "tcp"
												: "udp";
	struct ip_addr ip = a->ip;

	if(snprintf(out, GW_TARGET_SIZE, "sip:%s%s%s:%u;transport=%s",
			   ip.af == AF_INET6 ? "[" : "", ip_addr2a(&ip),
			   ip.af == AF_INET6 ? "]" : "", a->port, proto)
			< 0)
		out[0] = '\0';
}

void gateways_suspect(const char *uri)
{
	entry_t *e;

	lock_get(&table->lock);
	e = find(uri);
	if(e != NULL && e->g.asked && e->g.state != GW_DOWN)
		e->ask_at = 0;
	lock_release(&table->lock);
}

void gateways_begin(void)
{
	lock_get(&table->lock);
	for(unsigned i = 0; i < table->top; i++)
		table->e[i].seen = false;
	lock_release(&table->lock);
}

/* Under the lock. A place for one more, NULL: there is none. */
static entry_t *place(void)
{
	for(unsigned i = 0; i < table->top; i++)
		if(table->e[i].g.uri[0] == '\0')
			return &table->e[i];
	return table->top < table->max ? &table->e[table->top++] : NULL;
}

/* Under the lock. Two trunks may name one gateway: it is asked if one wants it. */
static bool enter(const wa_gateway_t *gw, bool asked, const gw_address_t *at)
{
	entry_t *e = find(gw->uri);

	if(e == NULL) {
		e = place();
		if(e == NULL)
			return false;
		memset(e, 0, sizeof(*e));
		memcpy(e->g.uri, gw->uri, sizeof(e->g.uri));
		e->serial = ++table->serial;
		e->g.since = time(NULL);
		e->literal = at != NULL;
		if(at != NULL) {
			e->g.addresses[0] = *at;
			e->g.n_addresses = 1;
		}
	}
	e->g.asked = asked || (e->seen && e->g.asked);
	e->seen = true;
	if(!e->g.asked && e->g.state != GW_UNKNOWN) {
		e->g.state = GW_UNKNOWN;
		e->g.since = time(NULL);
	}
	return true;
}

void gateways_enter(const wa_trunk_t *trunk)
{
	for(unsigned i = 0; i < trunk->n_gateways; i++) {
		const wa_gateway_t *gw = &trunk->gateways[i];
		gw_address_t at;
		bool literal = gateways_literal(gw->uri, &at), fits;

		lock_get(&table->lock);
		fits = enter(gw, trunk->options, literal ? &at : NULL);
		lock_release(&table->lock);
		if(!fits)
			LM_ERR("no room for gateway %s: raise max_gateways\n", gw->uri);
	}
}

void gateways_end(void)
{
	lock_get(&table->lock);
	for(unsigned i = 0; i < table->top; i++)
		if(!table->e[i].seen)
			table->e[i].g.uri[0] = '\0';
	while(table->top > 0 && table->e[table->top - 1].g.uri[0] == '\0')
		table->top--;
	lock_release(&table->lock);
}

bool gateways_due(unsigned *cursor, unsigned interval, gateway_t *out,
		uint32_t *ticket)
{
	time_t now = time(NULL);
	bool found = false;

	lock_get(&table->lock);
	for(; *cursor < table->top && !found; ++*cursor) {
		entry_t *e = &table->e[*cursor];

		if(e->g.uri[0] == '\0' || !e->g.asked || e->g.n_addresses == 0
				|| e->ask_at > now)
			continue;
		e->ask_at = now + (time_t)interval;
		*out = e->g;
		*ticket = e->serial;
		found = true;
	}
	lock_release(&table->lock);
	return found;
}

/* Anything but silence and 503 shows a SIP stack that is at work. */
static bool is_alive(int code)
{
	return code != 408 && code != 503 && code != 477 && code != 478;
}

/* Under the lock. Whether the state has changed. */
static bool judge(entry_t *e, int code, unsigned down_after)
{
	enum gw_state before = e->g.state;

	e->g.last_code = code;
	e->g.last_at = time(NULL);
	if(is_alive(code)) {
		e->g.failures = 0;
		e->g.state = GW_UP;
	} else {
		e->g.failures++;
		if(e->g.failures >= down_after)
			e->g.state = GW_DOWN;
		else if(e->ask_at > e->g.last_at + RETRY_DOWN)
			e->ask_at = e->g.last_at + RETRY_DOWN;
	}
	if(e->g.state == before)
		return false;
	e->g.since = e->g.last_at;
	return true;
}

void gateways_answered(uint32_t ticket, int code, unsigned down_after)
{
	gateway_t now;
	bool changed = false;

	lock_get(&table->lock);
	for(unsigned i = 0; i < table->top; i++) {
		entry_t *e = &table->e[i];

		if(e->g.uri[0] == '\0' || e->serial != ticket || !e->g.asked)
			continue;
		changed = judge(e, code, down_after);
		now = e->g;
		break;
	}
	lock_release(&table->lock);
	if(changed && now.state == GW_DOWN)
		LM_WARN("gateway %s is down: %d to %u OPTIONS in a row\n", now.uri,
				now.last_code, now.failures);
	else if(changed)
		LM_NOTICE("gateway %s is up: %d to OPTIONS\n", now.uri, now.last_code);
}

bool gateways_unresolved(unsigned *cursor, char *uri, size_t size)
{
	time_t now = time(NULL);
	bool found = false;

	lock_get(&table->lock);
	for(; *cursor < table->top && !found; ++*cursor) {
		entry_t *e = &table->e[*cursor];

		if(e->g.uri[0] == '\0' || e->literal || e->resolve_at > now)
			continue;
		e->resolve_at = now + RETRY_NAME;
		found = wa_sv_copy(uri, size, wa_sv_from(e->g.uri)) == 0;
	}
	lock_release(&table->lock);
	return found;
}

/* Under the lock. */
static void keep_error(entry_t *e, const char *error)
{
	size_t n = strlen(error);

	n = n < sizeof(e->g.error) ? n : sizeof(e->g.error) - 1;
	memcpy(e->g.error, error, n);
	e->g.error[n] = '\0';
}

void gateways_resolved(const char *uri, const gw_address_t *found, unsigned n,
		unsigned ttl, const char *error)
{
	bool news = false;
	entry_t *e;

	lock_get(&table->lock);
	e = find(uri);
	if(e != NULL && n > 0) {
		memcpy(e->g.addresses, found, n * sizeof(*found));
		e->g.n_addresses = n;
		e->g.resolved_at = time(NULL);
		e->resolve_at = e->g.resolved_at + (time_t)ttl;
		e->g.error[0] = '\0';
	} else if(e != NULL) {
		news = strcmp(e->g.error, error) != 0;
		keep_error(e, error);
	}
	lock_release(&table->lock);
	if(news)
		LM_WARN("gateway %s has no address: %s\n", uri, error);
}
