/* Errors in Meta's form.
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "graph_error.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>

#include <re/re.h>

int graph_error_set(struct graph_error *e, uint16_t status, int code, const char *fmt, ...)
{
	va_list ap;

	*e = (struct graph_error){.status = status, .code = code};
	va_start(ap, fmt);
	(void)vsnprintf(e->message, sizeof(e->message), fmt, ap);
	va_end(ap);
	return EPROTO;
}

int graph_error_parameter(struct graph_error *e, const char *fmt, ...)
{
	va_list ap;

	(void)graph_error_set(e, 400, GRAPH_PARAMETER, "(#100) Invalid parameter");
	va_start(ap, fmt);
	(void)vsnprintf(e->details, sizeof(e->details), fmt, ap);
	va_end(ap);
	return EPROTO;
}

static void add_str(struct json_object *o, const char *key, const char *text)
{
	json_object_object_add(o, key, json_object_new_string(text));
}

struct json_object *graph_error_json(const struct graph_error *e)
{
	struct json_object *body = json_object_new_object();
	struct json_object *err = json_object_new_object();
	char trace[24];

	add_str(err, "message", e->message);
	add_str(err, "type", "OAuthException");
	json_object_object_add(err, "code", json_object_new_int(e->code));
	if(e->subcode)
		json_object_object_add(err, "error_subcode", json_object_new_int(e->subcode));
	if(e->details[0]) {
		struct json_object *data = json_object_new_object();

		add_str(data, "messaging_product", "whatsapp");
		add_str(data, "details", e->details);
		json_object_object_add(err, "error_data", data);
	}
	rand_str(trace, sizeof(trace));
	add_str(err, "fbtrace_id", trace);
	json_object_object_add(body, "error", err);
	return body;
}
