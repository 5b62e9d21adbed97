/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "../ksr_compat.h"

#include "route.h"

#include <kamailio/core/rand/kam_rand.h>

#include "../lib/wa_err.h"
#include "../wa_numbers/api.h"

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
		case ROUTE_BY_NONE:
			break;
	}
	return "none";
}

/* One of those in order[from..n): the place in `order`. */
static unsigned draw(
		const wa_trunk_t *trunk, const unsigned *order, unsigned from, unsigned n)
{
	unsigned long sum = 0, ticket;

	for(unsigned i = from; i < n; i++)
		sum += trunk->gateways[order[i]].weight;
	if(sum == 0)
		return from;
	ticket = (unsigned long)kam_rand() % sum;
	for(unsigned i = from; i < n; i++) {
		if(ticket < trunk->gateways[order[i]].weight)
			return i;
		ticket -= trunk->gateways[order[i]].weight;
	}
	return from;
}

void route_order(const wa_trunk_t *trunk, unsigned order[WA_GATEWAYS_MAX])
{
	unsigned n = trunk->n_gateways;

	for(unsigned i = 0; i < n; i++)
		order[i] = i;
	for(unsigned i = 0; i + 1 < n; i++) {
		unsigned at = draw(trunk, order, i, n), drawn = order[at];

		for(; at > i; at--)
			order[at] = order[at - 1];
		order[i] = drawn;
	}
}
