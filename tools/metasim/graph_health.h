/* health_status of a phone number: can it take part in SIP calls?
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Facts: meta-calling.md 1.1 (self-diagnosis), 1.4 (138024, 138025).
 */
#ifndef METASIM_GRAPH_HEALTH_H
#define METASIM_GRAPH_HEALTH_H

#include <json-c/json.h>

#include "store.h"

/** A new object; `app_id` NULL leaves the APP entity out. */
struct json_object *graph_health(const struct store_number *n, const char *app_id);

#endif
