/* From a called number and its parameters to a trunk.
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef WA_TRUNK_ROUTE_H
#define WA_TRUNK_ROUTE_H

#include "../ksr_compat.h"

#include "../lib/wa_number.h"
#include "../lib/wa_uri.h"

/* What selected the trunk. */
enum route_by
{
	ROUTE_BY_NONE = 0,
	ROUTE_BY_GROUP,	 /* tgrp, trunk-context of the Request-URI */
	ROUTE_BY_NUMBER, /* the trunk that the number's record names */
	ROUTE_BY_DEFAULT
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

/** Draws an order of the gateways: each place goes to one of those left, with
 * chances by weight; weight 0 comes last, in order of writing. */
void route_order(const wa_trunk_t *trunk, unsigned order[WA_GATEWAYS_MAX]);

/** Binds wa_numbers. mod_init. Returns 0 or -1. */
int route_init(void);

#endif
