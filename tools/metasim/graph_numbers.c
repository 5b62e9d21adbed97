/* A WABA's list of numbers, and what one number says of itself.
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "graph_numbers.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "graph_health.h"

static const char default_fields[] = "verified_name,code_verification_status,"
									 "display_phone_number,quality_rating,"
									 "platform_type,throughput,webhook_configuration,id";

static struct json_object *one_string(const char *key, const char *value)
{
	struct json_object *o = json_object_new_object();

	json_object_object_add(o, key, json_object_new_string(value));
	return o;
}

/* NULL: Graph knows no such field. */
static struct json_object *field_value(
		const struct store_number *n, const char *field, const char *app_id)
{
	static const struct
	{
		const char *field, *value;
	} fixed[] = {
			{"code_verification_status", "VERIFIED"},
			{"quality_rating", "GREEN"},
			{"platform_type", "CLOUD_API"},
			{"name_status", "APPROVED"},
			{"status", "CONNECTED"},
	};

	for(size_t i = 0; i < ARRAY_SIZE(fixed); i++)
		if(0 == strcmp(field, fixed[i].field))
			return json_object_new_string(fixed[i].value);
	if(0 == strcmp(field, "id"))
		return json_object_new_string(n->id);
	if(0 == strcmp(field, "display_phone_number"))
		return json_object_new_string(n->display);
	if(0 == strcmp(field, "verified_name"))
		return json_object_new_string(n->verified_name);
	if(0 == strcmp(field, "account_mode"))
		return json_object_new_string(n->account_mode);
	if(0 == strcmp(field, "throughput"))
		return one_string("level", "STANDARD");
	if(0 == strcmp(field, "webhook_configuration"))
		return one_string("application", "https://hooks.example.com/whatsapp");
	if(0 == strcmp(field, "health_status"))
		return graph_health(n, app_id);
	return NULL;
}

int numbers_get(struct json_object **bodyp, const struct store_number *n,
		const char *fields, const char *app_id, struct graph_error *e)
{
	struct json_object *body = json_object_new_object();
	char *list = strdup(fields ? fields : default_fields);
	char *save = NULL;
	int err = list ? 0 : graph_error_set(e, 500, GRAPH_UNKNOWN, "An unknown error occurred");

	for(char *f = list ? strtok_r(list, ",", &save) : NULL; f && !err;
			f = strtok_r(NULL, ",", &save)) {
		struct json_object *v = field_value(n, f, app_id);

		if(v)
			json_object_object_add(body, f, v);
		else
			err = graph_error_set(e, 400, GRAPH_PARAMETER,
					"(#100) Tried accessing nonexisting field (%.60s)", f);
	}
	/* the id is always there, asked for or not */
	if(!err)
		json_object_object_add(body, "id", json_object_new_string(n->id));
	free(list);
	if(err)
		json_object_put(body);
	else
		*bodyp = body;
	return err;
}

/* filtering=[{"field":"account_mode","operator":"EQUAL","value":"LIVE"}] */
static int parse_filter(
		struct json_object **modep, const char *filtering, struct graph_error *e)
{
	struct json_object *list = json_tokener_parse(filtering);
	struct json_object *item = NULL, *field, *op, *value;
	int err = 0;

	if(json_object_is_type(list, json_type_array) && json_object_array_length(list) == 1)
		item = json_object_array_get_idx(list, 0);
	if(json_object_is_type(item, json_type_object)
			&& json_object_object_get_ex(item, "field", &field)
			&& json_object_object_get_ex(item, "operator", &op)
			&& json_object_object_get_ex(item, "value", &value)
			&& 0 == strcmp(json_object_get_string(field), "account_mode")
			&& 0 == strcmp(json_object_get_string(op), "EQUAL"))
		*modep = json_object_get(value);
	else
		err = graph_error_parameter(e, "filtering: only account_mode EQUAL is known");
	json_object_put(list);
	return err;
}

/* A cursor names the place of one entry in the list; opaque to clients. */
static struct json_object *cursor_new(size_t pos)
{
	char raw[24], text[48];
	size_t len = sizeof(text);
	int n = re_snprintf(raw, sizeof(raw), "pos:%zu", pos);

	if(base64_encode((uint8_t *)raw, (size_t)n, text, &len))
		return NULL;
	return json_object_new_string_len(text, (int)len);
}

static int cursor_parse(size_t *pos, const char *text, struct graph_error *e)
{
	uint8_t raw[48];
	size_t len = sizeof(raw) - 1;

	if(strlen(text) < sizeof(raw) && !base64_decode(text, strlen(text), raw, &len)) {
		raw[len] = '\0';
		if(sscanf((char *)raw, "pos:%zu", pos) == 1)
			return 0;
	}
	return graph_error_parameter(e, "Invalid cursor");
}

static size_t select_numbers(const struct store_number **sel, size_t max,
		const char *waba_id, struct json_object *mode)
{
	size_t n = 0;

	for(struct le *le = store_numbers()->head; le && n < max; le = le->next) {
		const struct store_number *num = le->data;

		if(0 != strcmp(num->waba_id, waba_id))
			continue;
		if(mode && 0 != strcmp(json_object_get_string(mode), num->account_mode))
			continue;
		sel[n++] = num;
	}
	return n;
}

/* `first` and `*count` of the page; `total` is how many there are. */
static int page_bounds(size_t *first, size_t *count, size_t total,
		const struct numbers_query *q, unsigned page_size, struct graph_error *e)
{
	size_t limit = q->limit ? strtoul(q->limit, NULL, 10) : page_size;
	size_t pos;

	if(limit == 0)
		return graph_error_parameter(e, "limit must be a positive number");
	*first = 0;
	if(q->after) {
		if(cursor_parse(&pos, q->after, e))
			return EPROTO;
		*first = min(pos + 1, total);
	} else if(q->before) {
		if(cursor_parse(&pos, q->before, e))
			return EPROTO;
		pos = min(pos, total);
		*first = pos > limit ? pos - limit : 0;
		limit = pos - *first;
	}
	*count = min(limit, total - *first);
	return 0;
}

/* The URL of a neighbouring page, by a cursor; without the token, which a
 * client has to send in the header again. */
static void add_page_url(struct json_object *paging, const char *key, const char *dir,
		struct json_object *cursor, const struct numbers_query *q)
{
	char *url = NULL;

	if(re_sdprintf(&url, "%s?%s=%s%s%s%s%s", q->url, dir, json_object_get_string(cursor),
			   q->limit ? "&limit=" : "", q->limit ? q->limit : "",
			   q->fields ? "&fields=" : "", q->fields ? q->fields : ""))
		return;
	json_object_object_add(paging, key, json_object_new_string(url));
	mem_deref(url);
}

/* "next" and "previous" are there only where there is such a page. */
static struct json_object *paging_json(
		size_t first, size_t count, size_t total, const struct numbers_query *q)
{
	struct json_object *paging = json_object_new_object();
	struct json_object *cursors = json_object_new_object();
	struct json_object *before = cursor_new(first);
	struct json_object *after = cursor_new(first + count - 1);

	json_object_object_add(cursors, "before", before);
	json_object_object_add(cursors, "after", after);
	json_object_object_add(paging, "cursors", cursors);
	if(first + count < total)
		add_page_url(paging, "next", "after", after, q);
	if(first > 0)
		add_page_url(paging, "previous", "before", before, q);
	return paging;
}

static int page_json(struct json_object **bodyp, const struct store_number **sel,
		size_t total, const struct numbers_query *q, unsigned page_size,
		struct graph_error *e)
{
	struct json_object *data = json_object_new_array();
	struct json_object *body = json_object_new_object();
	size_t first = 0, count = 0;
	int err = page_bounds(&first, &count, total, q, page_size, e);

	json_object_object_add(body, "data", data);
	for(size_t i = 0; !err && i < count; i++) {
		struct json_object *item = NULL;

		err = numbers_get(&item, sel[first + i], q->fields, NULL, e);
		if(!err)
			json_object_array_add(data, item);
	}
	if(err) {
		json_object_put(body);
		return err;
	}
	if(count > 0)
		json_object_object_add(body, "paging", paging_json(first, count, total, q));
	*bodyp = body;
	return 0;
}

int numbers_list(struct json_object **bodyp, const char *waba_id,
		const struct numbers_query *q, unsigned page_size, struct graph_error *e)
{
	size_t max = list_count(store_numbers());
	const struct store_number **sel = calloc(max ? max : 1, sizeof(*sel));
	struct json_object *mode = NULL;
	int err = 0;

	if(sel == NULL)
		return graph_error_set(e, 500, GRAPH_UNKNOWN, "An unknown error occurred");
	if(q->filtering)
		err = parse_filter(&mode, q->filtering, e);
	if(!err)
		err = page_json(bodyp, sel, select_numbers(sel, max, waba_id, mode), q,
				page_size, e);
	json_object_put(mode);
	free(sel);
	return err;
}
