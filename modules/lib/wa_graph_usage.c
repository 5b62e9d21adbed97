/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "wa_graph_usage.h"

#include <stdbool.h>
#include <string.h>

#include "wa_err.h"
#include "wa_json.h"

#define PERCENT_MAX 1000
#define MINUTES_MAX (24 * 60)

/* Not negative, at most `max`; what is no number counts as 0. */
static unsigned clamp(struct json_object *v, unsigned max)
{
	int64_t n = json_object_is_type(v, json_type_int)
							|| json_object_is_type(v, json_type_double)
						? json_object_get_int64(v)
						: 0;

	return n < 0 ? 0 : n > max ? max : (unsigned)n;
}

static void highest(unsigned *best, unsigned n)
{
	if(n > *best)
		*best = n;
}

static void read_counts(wa_graph_usage_t *u, struct json_object *o)
{
	json_object_object_foreach(o, key, v)
	{
		if(strcmp(key, "call_count") == 0 || strcmp(key, "total_time") == 0
				|| strcmp(key, "total_cputime") == 0)
			highest(&u->percent, clamp(v, PERCENT_MAX));
		else if(strcmp(key, "estimated_time_to_regain_access") == 0)
			highest(&u->regain_minutes, clamp(v, MINUTES_MAX));
	}
}

static void read_business(wa_graph_usage_t *u, struct json_object *list)
{
	for(size_t i = 0; i < json_object_array_length(list); i++) {
		struct json_object *o = json_object_array_get_idx(list, i);

		if(json_object_is_type(o, json_type_object))
			read_counts(u, o);
	}
}

int wa_graph_usage_parse(wa_graph_usage_t *out, wa_sv_t value)
{
	struct json_object *root = NULL;
	int err;

	*out = (wa_graph_usage_t){0, 0};
	err = wa_json_parse(&root, value);
	if(err)
		return err;
	if(!json_object_is_type(root, json_type_object)) {
		json_object_put(root);
		return WA_ETYPE;
	}
	read_counts(out, root);
	json_object_object_foreach(root, key, v)
	{
		(void)key;
		if(json_object_is_type(v, json_type_array))
			read_business(out, v);
	}
	json_object_put(root);
	return 0;
}
