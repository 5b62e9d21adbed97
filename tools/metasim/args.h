/* Members of a JSON object, read with a default; and a check that an object
 * has no member we do not know, so that a misspelt option never passes silently.
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef METASIM_ARGS_H
#define METASIM_ARGS_H

#include <stdbool.h>
#include <stddef.h>

#include <json-c/json.h>

struct arg_member
{
	const char *name;
	enum json_type type; /* json_type_null = any */
};

/** Every member of `obj` is in `known` (ended by {NULL}) and has its type (an
 * integer is a fine double). Returns 0 or EINVAL; `why` then names the member. */
int args_check(struct json_object *obj, const struct arg_member *known,
		const char *where, char *why, size_t size);

/** The member's value, or `def` when absent or null. Text belongs to `obj`. */
const char *arg_str(struct json_object *obj, const char *name, const char *def);
int arg_int(struct json_object *obj, const char *name, int def);
bool arg_bool(struct json_object *obj, const char *name, bool def);
double arg_double(struct json_object *obj, const char *name, double def);
struct json_object *arg_get(struct json_object *obj, const char *name);

#endif
