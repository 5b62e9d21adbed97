/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "wa_graph_health.h"

#include <stdio.h>

#include "wa_err.h"
#include "wa_graph_error.h"
#include "wa_graph_list.h"
#include "wa_json.h"

#define ANSWER_MAX (1024 * 1024)

static const char *const names[] = {
		[WA_HEALTH_UNKNOWN] = "",
		[WA_HEALTH_AVAILABLE] = "AVAILABLE",
		[WA_HEALTH_LIMITED] = "LIMITED",
		[WA_HEALTH_BLOCKED] = "BLOCKED",
};

/* Where the parse stands: the entity, and where complaints go. */
struct reader
{
	size_t i;
	char *why;
	size_t size;
};

const char *wa_health_name(enum wa_health_level level)
{
	return names[level];
}

static int complain(const struct reader *r, const char *key, const char *expected)
{
	if(snprintf(r->why, r->size, "health_status.entities[%zu].%s: %s expected", r->i, key,
			   expected)
					< 0
			&& r->size > 0)
		r->why[0] = '\0';
	return WA_ETYPE;
}

/* Text of a member, empty when absent or null. Returns 0 or WA_ETYPE. */
static int text(const struct reader *r, struct json_object *o, const char *key, wa_sv_t *out)
{
	struct json_object *v;

	*out = (wa_sv_t){"", 0};
	if(!json_object_object_get_ex(o, key, &v) || v == NULL)
		return 0;
	if(!json_object_is_type(v, json_type_string))
		return complain(r, key, "string");
	*out = (wa_sv_t){json_object_get_string(v), (size_t)json_object_get_string_len(v)};
	return 0;
}

static int level(const struct reader *r, struct json_object *o, const char *key,
		enum wa_health_level *out)
{
	wa_sv_t v;
	int err = text(r, o, key, &v);

	*out = WA_HEALTH_UNKNOWN;
	for(unsigned i = WA_HEALTH_AVAILABLE; i <= WA_HEALTH_BLOCKED; i++)
		if(!err && wa_sv_eq(v, wa_sv_from(names[i])))
			*out = (enum wa_health_level)i;
	return err;
}

/* What can be done says more than what has happened. */
static int read_error(const struct reader *r, struct json_object *e, wa_graph_health_t *h)
{
	struct json_object *code;
	wa_sv_t words;
	int err;

	if(!json_object_is_type(e, json_type_object))
		return complain(r, "errors", "list of objects");
	if(json_object_object_get_ex(e, "error_code", &code))
		h->code = (long)json_object_get_int64(code);
	err = text(r, e, "possible_solution", &words);
	if(!err && words.len == 0)
		err = text(r, e, "error_description", &words);
	if(!err)
		wa_graph_printable(h->text, sizeof(h->text), words);
	return err;
}

static int read_errors(const struct reader *r, struct json_object *o, wa_graph_health_t *h)
{
	struct json_object *list;

	h->code = 0;
	h->text[0] = '\0';
	if(!json_object_object_get_ex(o, "errors", &list) || list == NULL)
		return 0;
	if(!json_object_is_type(list, json_type_array))
		return complain(r, "errors", "array");
	if(json_object_array_length(list) == 0)
		return 0;
	return read_error(r, json_object_array_get_idx(list, 0), h);
}

static int read_entity(const struct reader *r, struct json_object *o, wa_graph_health_t *h)
{
	enum wa_health_level sip = WA_HEALTH_UNKNOWN;
	wa_sv_t type;
	int err;

	if(!json_object_is_type(o, json_type_object))
		return complain(r, "", "object");
	err = text(r, o, "entity_type", &type);
	if(!err)
		err = level(r, o, "can_receive_call_sip", &sip);
	if(err || sip <= h->sip)
		return err;
	h->sip = sip;
	wa_graph_printable(h->entity, sizeof(h->entity), type);
	return read_errors(r, o, h);
}

/* Of the health it is no part: what is none is as if it were absent. */
static void read_number(struct json_object *root, wa_graph_health_t *h)
{
	struct json_object *v;

	if(json_object_object_get_ex(root, "display_phone_number", &v)
			&& json_object_is_type(v, json_type_string))
		wa_listed_digits(h->number, (wa_sv_t){json_object_get_string(v),
				(size_t)json_object_get_string_len(v)});
}

static int read_health(struct reader *r, struct json_object *root, wa_graph_health_t *h)
{
	struct json_object *health, *list;
	int err;

	if(!json_object_is_type(root, json_type_object)
			|| !json_object_object_get_ex(root, "health_status", &health)
			|| !json_object_is_type(health, json_type_object)
			|| !json_object_object_get_ex(health, "entities", &list)
			|| !json_object_is_type(list, json_type_array)) {
		if(snprintf(r->why, r->size, "health_status.entities: array expected") < 0
				&& r->size > 0)
			r->why[0] = '\0';
		return WA_ETYPE;
	}
	read_number(root, h);
	err = level(r, health, "can_send_message", &h->message);
	for(; !err && r->i < json_object_array_length(list); r->i++)
		err = read_entity(r, json_object_array_get_idx(list, r->i), h);
	return err;
}

int wa_graph_health_parse(wa_graph_health_t *out, wa_sv_t json, char *why, size_t size)
{
	struct reader r = {0, why, size};
	struct json_object *root = NULL;
	wa_graph_health_t h = {.sip = WA_HEALTH_UNKNOWN};
	int err = json.len > ANSWER_MAX ? WA_ETOOLONG : wa_json_parse(&root, json);

	if(err) {
		if(snprintf(why, size, "%s", err == WA_ETOOLONG ? "the answer is longer than 1 MiB"
											: "the answer is no JSON, or not all of it")
						< 0
				&& size > 0)
			why[0] = '\0';
		return err;
	}
	err = read_health(&r, root, &h);
	json_object_put(root);
	if(!err)
		*out = h;
	return err;
}
