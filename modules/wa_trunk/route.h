/* From a called number and its parameters to a trunk.
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef WA_TRUNK_ROUTE_H
#define WA_TRUNK_ROUTE_H

#include "../ksr_compat.h"

#include "../lib/wa_number.h"
#include "../lib/wa_uri.h"
#include "../wa_numbers/api.h"
#include "gateways.h"

/* What selected the trunk. */
enum route_by
{
	ROUTE_BY_NONE = 0,
	ROUTE_BY_GROUP,	 /* tgrp, trunk-context of the Request-URI */
	ROUTE_BY_NUMBER, /* the trunk that the number's record names */
	ROUTE_BY_DEFAULT,
	ROUTE_BY_PEER /* whose gateway the sender is */
};

/** Finds the trunk for a call to or from `digits`: by the group in `user`, else
 * by the number's record, else the one called `fallback` ("" = none). Any
 * process; reads shared memory only.
 * Returns 0, WA_ENOENT (none of the three names a trunk that exists) or
 * WA_ENOTREADY (directory not loaded). */
int route_find(const wa_uri_user_t *user, wa_sv_t digits, wa_sv_t fallback,
		wa_trunk_t *trunk, enum route_by *by);

/** "group", "number", "default" or "none". */
const char *route_by_name(enum route_by by);

#define ROUTE_ATTEMPTS_MAX 16

/* One try to bring a call to the PBX. */
typedef struct route_attempt
{
	unsigned gateway;			 /* place in the trunk's list */
	char target[GW_TARGET_SIZE]; /* where it is: an address, as a URI */
} route_attempt_t;

/** Where to try, one after the other: by priority, within one drawn by weight,
 * of a name each of its addresses. Gateways that are down, and names without an
 * address, are left out. Returns how many; 0: none is up. */
unsigned route_attempts(
		const wa_trunk_t *trunk, route_attempt_t out[ROUTE_ATTEMPTS_MAX]);

/** Whether a gateway of the trunk is at this address. */
bool route_is_peer(const wa_trunk_t *trunk, const struct ip_addr *ip);

/** The trunk, the first by name, that has a gateway at this address. Returns 0,
 * WA_ENOENT or WA_ENOTREADY. */
int route_by_peer(const struct ip_addr *ip, wa_trunk_t *trunk);

/** The C API of wa_numbers. */
const wa_numbers_api_t *route_numbers(void);

/** Binds wa_numbers. mod_init. Returns 0 or -1. */
int route_init(void);

#endif
