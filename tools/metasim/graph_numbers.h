/* /<WABA id>/phone_numbers and /<phone number id>?fields=...
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Facts: meta-calling.md 1.1, 1.3. Pure functions on the store, no HTTP.
 */
#ifndef METASIM_GRAPH_NUMBERS_H
#define METASIM_GRAPH_NUMBERS_H

#include <json-c/json.h>

#include "graph_error.h"
#include "store.h"

/* Query parameters as they came, decoded; NULL = absent. */
struct numbers_query
{
	const char *url; /* of the list, without parameters */
	const char *fields;
	const char *filtering;
	const char *limit;
	const char *after;
	const char *before;
};

/** One page of a WABA's numbers. Returns 0 with a new object in `*bodyp`, or
 * EPROTO with `e` filled. */
int numbers_list(struct json_object **bodyp, const char *waba_id,
		const struct numbers_query *q, unsigned page_size, struct graph_error *e);

/** One number; `fields` NULL gives the default ones, `app_id` is whom
 * health_status speaks about. Returns as numbers_list(). */
int numbers_get(struct json_object **bodyp, const struct store_number *n,
		const char *fields, const char *app_id, struct graph_error *e);

#endif
