/* Faults on order.
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "graph_fault.h"

#include <errno.h>
#include <string.h>

static struct list faults;

static void fault_destructor(void *arg)
{
	struct graph_fault *f = arg;

	list_unlink(&f->le);
	mem_deref(f->id);
	mem_deref(f->edge);
	mem_deref(f->method);
	mem_deref(f->usage);
	mem_deref(f->message);
	mem_deref(f->body);
}

void graph_fault_clear(void)
{
	list_flush(&faults);
}

static int get_text(char **dst, struct json_object *o, const char *key)
{
	struct json_object *v;

	if(!json_object_object_get_ex(o, key, &v))
		return 0;
	return str_dup(dst, json_object_get_string(v));
}

static uint32_t get_u32(struct json_object *o, const char *key, uint32_t def)
{
	struct json_object *v;

	if(!json_object_object_get_ex(o, key, &v))
		return def;
	return (uint32_t)json_object_get_int64(v);
}

static bool has(struct json_object *o, const char *key)
{
	return json_object_object_get_ex(o, key, NULL);
}

static int fault_add(struct json_object *cmd)
{
	struct graph_fault *f = mem_zalloc(sizeof(*f), fault_destructor);
	int err;

	if(f == NULL)
		return ENOMEM;
	err = get_text(&f->id, cmd, "id");
	err |= get_text(&f->edge, cmd, "edge");
	err |= get_text(&f->method, cmd, "method");
	err |= get_text(&f->usage, cmd, "usage");
	err |= get_text(&f->message, cmd, "message");
	err |= get_text(&f->body, cmd, "body");
	f->count = get_u32(cmd, "count", 1);
	if(f->count == 0)
		f->count = UINT32_MAX;
	f->status = (uint16_t)get_u32(cmd, "status", 0);
	f->code = (int)get_u32(cmd, "code", 1);
	f->retry_after = get_u32(cmd, "retry_after", 0);
	f->delay_ms = get_u32(cmd, "delay_ms", 0);
	f->truncate = get_u32(cmd, "truncate", 0);
	f->truncated = has(cmd, "truncate");
	f->pad = get_u32(cmd, "pad", 0);
	f->close = json_object_get_boolean(json_object_object_get(cmd, "close"));
	f->drip = json_object_get_boolean(json_object_object_get(cmd, "drip"));
	if(err)
		mem_deref(f);
	else
		list_append(&faults, &f->le, f);
	return err;
}

/* A name that is none of ours would make a test pass without its fault. */
static bool member_known(const char *key)
{
	static const char *const known[] = {"cmd", "id", "method", "count", "status", "code",
			"message", "retry_after", "delay_ms", "close", "truncate", "body", "pad",
			"edge", "drip", "usage"};

	for(size_t i = 0; i < ARRAY_SIZE(known); i++)
		if(0 == strcmp(key, known[i]))
			return true;
	return false;
}

int graph_fault_command(struct json_object *cmd, char *why, size_t size)
{
	if(0 == strcmp(json_object_get_string(json_object_object_get(cmd, "cmd")),
				"graph_fault_clear")) {
		graph_fault_clear();
		return 0;
	}
	json_object_object_foreach(cmd, key, val)
	{
		(void)val;
		if(!member_known(key)) {
			(void)re_snprintf(why, size, "graph_fault: no such member: %s", key);
			return EINVAL;
		}
	}
	return fault_add(cmd);
}

struct graph_fault *graph_fault_take(
		const char *id, const char *edge, const struct pl *method)
{
	for(struct le *le = faults.head; le; le = le->next) {
		struct graph_fault *f = le->data;

		if(f->id && 0 != strcmp(f->id, id))
			continue;
		if(f->edge && 0 != strcmp(f->edge, edge))
			continue;
		if(f->method && 0 != pl_strcasecmp(method, f->method))
			continue;
		if(f->count != UINT32_MAX && --f->count == 0) {
			list_unlink(&f->le); /* the caller takes over the list's reference */
			return f;
		}
		return mem_ref(f);
	}
	return NULL;
}
