/* Members of a JSON object.
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "args.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

static bool type_fits(enum json_type wanted, struct json_object *val)
{
	if(wanted == json_type_null || val == NULL)
		return true;
	if(wanted == json_type_double && json_object_is_type(val, json_type_int))
		return true;
	return json_object_is_type(val, wanted);
}

int args_check(struct json_object *obj, const struct arg_member *known,
		const char *where, char *why, size_t size)
{
	if(!json_object_is_type(obj, json_type_object)) {
		snprintf(why, size, "%s: not a JSON object", where);
		return EINVAL;
	}
	json_object_object_foreach(obj, key, val)
	{
		const struct arg_member *m = known;

		while(m->name && strcmp(m->name, key) != 0)
			m++;
		if(m->name == NULL) {
			snprintf(why, size, "%s: unknown member \"%s\"", where, key);
			return EINVAL;
		}
		if(!type_fits(m->type, val)) {
			snprintf(why, size, "%s: \"%s\" must be of type %s", where, key,
					json_type_to_name(m->type));
			return EINVAL;
		}
	}
	return 0;
}

struct json_object *arg_get(struct json_object *obj, const char *name)
{
	struct json_object *val = NULL;

	if(obj == NULL || !json_object_object_get_ex(obj, name, &val))
		return NULL;
	return val;
}

const char *arg_str(struct json_object *obj, const char *name, const char *def)
{
	struct json_object *val = arg_get(obj, name);

	return json_object_is_type(val, json_type_string)
				   ? json_object_get_string(val)
				   : def;
}

int arg_int(struct json_object *obj, const char *name, int def)
{
	struct json_object *val = arg_get(obj, name);

	return val ? json_object_get_int(val) : def;
}

bool arg_bool(struct json_object *obj, const char *name, bool def)
{
	struct json_object *val = arg_get(obj, name);

	return val ? json_object_get_boolean(val) : def;
}

double arg_double(struct json_object *obj, const char *name, double def)
{
	struct json_object *val = arg_get(obj, name);

	return val ? json_object_get_double(val) : def;
}
