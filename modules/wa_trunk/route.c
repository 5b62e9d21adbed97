/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "../ksr_compat.h"

#include "route.h"

#include <string.h>

#include <kamailio/core/rand/kam_rand.h>

#include "../lib/wa_err.h"

static wa_numbers_api_t numbers;

int route_init(void)
{
	return wa_numbers_load(&numbers);
}

/* The trunk that the number's record names, if any. */
static int by_number(wa_sv_t digits, wa_trunk_t *trunk)
{
	wa_number_t number;
	int err;

	if(digits.len == 0)
		return WA_ENOENT;
	err = numbers.get(digits, &number);
	if(err == 0 && number.trunk[0] == '\0')
		err = WA_ENOENT;
	return err < 0 ? err : numbers.trunk(wa_sv_from(number.trunk), trunk);
}

int route_find(const wa_uri_user_t *user, wa_sv_t digits, wa_sv_t fallback,
		wa_trunk_t *trunk, enum route_by *by)
{
	int err = WA_ENOENT;

	*by = ROUTE_BY_GROUP;
	if(user->tgrp[0] != '\0')
		err = numbers.trunk_by_group(
				wa_sv_from(user->tgrp), wa_sv_from(user->context), trunk);
	if(err == WA_ENOENT) {
		*by = ROUTE_BY_NUMBER;
		err = by_number(digits, trunk);
	}
	if(err == WA_ENOENT && fallback.len > 0) {
		*by = ROUTE_BY_DEFAULT;
		err = numbers.trunk(fallback, trunk);
	}
	if(err < 0)
		*by = ROUTE_BY_NONE;
	return err;
}

const char *route_by_name(enum route_by by)
{
	switch(by) {
		case ROUTE_BY_GROUP:
			return "group";
		case ROUTE_BY_NUMBER:
			return "number";
		case ROUTE_BY_DEFAULT:
			return "default";
		case ROUTE_BY_PEER:
			return "peer";
		case ROUTE_BY_NONE:
			break;
	}
	return "none";
}

/* One of those in order[from..to), by weight: the place in `order`. */
static unsigned draw(
		const wa_trunk_t *trunk, const unsigned *order, unsigned from, unsigned to)
{
	unsigned long sum = 0, ticket;

	for(unsigned i = from; i < to; i++)
		sum += trunk->gateways[order[i]].weight;
	if(sum == 0)
		return from;
	ticket = (unsigned long)kam_rand() % sum;
	for(unsigned i = from; i < to; i++) {
		if(ticket < trunk->gateways[order[i]].weight)
			return i;
		ticket -= trunk->gateways[order[i]].weight;
	}
	return from;
}

/* By priority, as written among equals. */
static void sort(const wa_trunk_t *trunk, unsigned order[WA_GATEWAYS_MAX])
{
	for(unsigned i = 0; i < trunk->n_gateways; i++) {
		unsigned at = i;

		for(; at > 0
				&& trunk->gateways[i].priority
						   < trunk->gateways[order[at - 1]].priority;
				at--)
			order[at] = order[at - 1];
		order[at] = i;
	}
}

static void put_in_order(
		const wa_trunk_t *trunk, unsigned order[WA_GATEWAYS_MAX])
{
	unsigned n = trunk->n_gateways;

	sort(trunk, order);
	for(unsigned i = 0; i + 1 < n; i++) {
		unsigned to = i + 1, at, drawn;

		while(to < n
				&& trunk->gateways[order[to]].priority
						   == trunk->gateways[order[i]].priority)
			to++;
		at = draw(trunk, order, i, to);
		drawn = order[at];
		for(; at > i; at--)
			order[at] = order[at - 1];
		order[i] = drawn;
	}
}

/* What is known of a gateway. An address needs no entry: it serves before the
 * first look of the process that watches. */
static bool known(const char *uri, gateway_t *g)
{
	if(gateways_get(uri, g))
		return true;
	memset(g, 0, sizeof(*g));
	if(!gateways_literal(uri, &g->addresses[0]))
		return false;
	g->n_addresses = 1;
	return true;
}

unsigned route_attempts(
		const wa_trunk_t *trunk, route_attempt_t out[ROUTE_ATTEMPTS_MAX])
{
	unsigned order[WA_GATEWAYS_MAX], n = 0;
	gateway_t g;

	put_in_order(trunk, order);
	for(unsigned i = 0; i < trunk->n_gateways; i++) {
		if(!known(trunk->gateways[order[i]].uri, &g) || g.state == GW_DOWN)
			continue;
		for(unsigned a = 0; a < g.n_addresses && n < ROUTE_ATTEMPTS_MAX; a++) {
			out[n].gateway = order[i];
			gateways_target(&g.addresses[a], out[n].target);
			n++;
		}
	}
	return n;
}

bool route_is_peer(const wa_trunk_t *trunk, const struct ip_addr *ip)
{
	gateway_t g;

	for(unsigned i = 0; i < trunk->n_gateways; i++) {
		if(!known(trunk->gateways[i].uri, &g))
			continue;
		for(unsigned a = 0; a < g.n_addresses; a++)
			if(ip_addr_cmp(&g.addresses[a].ip, ip))
				return true;
	}
	return false;
}

typedef struct by_peer
{
	const struct ip_addr *ip;
	wa_trunk_t *best;
	bool found;
} by_peer_t;

static int compare(const wa_trunk_t *t, void *arg)
{
	by_peer_t *p = arg;

	if(!route_is_peer(t, p->ip)
			|| (p->found && strcmp(t->name, p->best->name) >= 0))
		return 0;
	*p->best = *t;
	p->found = true;
	return 0;
}

int route_by_peer(const struct ip_addr *ip, wa_trunk_t *trunk)
{
	by_peer_t p = {.ip = ip, .best = trunk};
	int err = numbers.each_trunk(compare, &p);

	return err < 0 ? err : p.found ? 0 : WA_ENOENT;
}

const wa_numbers_api_t *route_numbers(void)
{
	return &numbers;
}
