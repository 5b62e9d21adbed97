/* Query parameters and JSON bodies of requests.
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef METASIM_GRAPH_QUERY_H
#define METASIM_GRAPH_QUERY_H

#include <stdbool.h>

#include <json-c/json.h>
#include <re/re.h>

/** Is there such a parameter in `prm` ("?a=b&c=d")? */
bool query_has(const struct pl *prm, const char *key);

/** Its decoded value into `*valp`, to be mem_deref()ed; untouched if absent. */
void query_param(char **valp, const struct pl *prm, const char *key);

/** The body as JSON, a new object, or NULL when it is none. */
struct json_object *query_body_json(const struct mbuf *mb);

/** Takes the value of every member named like a secret away, at any depth. */
void query_redact(struct json_object *o);

#endif
