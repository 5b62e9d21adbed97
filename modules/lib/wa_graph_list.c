/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "wa_graph_list.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "wa_err.h"
#include "wa_graph_error.h"
#include "wa_json.h"

#define ANSWER_MAX (1024 * 1024)
#define DIGITS_MIN 5
#define DIGITS_MAX 15

static int complain(char *why, size_t size, const char *what, int err)
{
	if(snprintf(why, size, "%s", what) < 0 && size > 0)
		why[0] = '\0';
	return err;
}

/* Of entry `i` of the list. */
static int complain_at(char *why, size_t size, size_t i, const char *what, int err)
{
	if(snprintf(why, size, "data[%zu]%s", i, what) < 0 && size > 0)
		why[0] = '\0';
	return err;
}

/* The member as text, empty when absent or null. Returns 0 or WA_ETYPE. */
static int text(struct json_object *o, const char *key, wa_sv_t *out)
{
	struct json_object *v;

	*out = (wa_sv_t){"", 0};
	if(!json_object_object_get_ex(o, key, &v) || v == NULL)
		return 0;
	if(!json_object_is_type(v, json_type_string))
		return WA_ETYPE;
	*out = (wa_sv_t){json_object_get_string(v), (size_t)json_object_get_string_len(v)};
	return 0;
}

void wa_listed_digits(char out[WA_DIGITS_SIZE], wa_sv_t display)
{
	size_t n = 0;

	out[0] = '\0';
	for(size_t i = 0; i < display.len; i++)
		if(display.s[i] >= '0' && display.s[i] <= '9') {
			if(n < DIGITS_MAX)
				out[n] = display.s[i];
			n++;
		}
	out[n >= DIGITS_MIN && n <= DIGITS_MAX && out[0] != '0' ? n : 0] = '\0';
}

static bool is_id(wa_sv_t v)
{
	for(size_t i = 0; i < v.len; i++)
		if(v.s[i] < '0' || v.s[i] > '9')
			return false;
	return v.len > 0;
}

static int read_number(
		wa_listed_t *n, struct json_object *o, size_t i, char *why, size_t size)
{
	wa_sv_t id, display, name;

	if(!json_object_is_type(o, json_type_object))
		return complain_at(why, size, i, ": object expected", WA_ETYPE);
	if(text(o, "id", &id) < 0 || !is_id(id))
		return complain_at(
				why, size, i, ".id: a string of digits expected", WA_ETYPE);
	if(wa_sv_copy(n->id, sizeof(n->id), id) < 0)
		return complain_at(why, size, i, ".id: too long", WA_ETOOLONG);
	if(text(o, "display_phone_number", &display) < 0)
		return complain_at(
				why, size, i, ".display_phone_number: string expected", WA_ETYPE);
	wa_listed_digits(n->digits, display);
	if(text(o, "verified_name", &name) < 0)
		return complain_at(
				why, size, i, ".verified_name: string expected", WA_ETYPE);
	wa_graph_printable(n->name, sizeof(n->name), name);
	return 0;
}

/* Meta leaves "next" out on the last page and keeps the cursors. */
static int read_paging(struct json_object *root, char after[WA_CURSOR_SIZE], char *why,
		size_t size)
{
	struct json_object *paging, *cursors = NULL;
	wa_sv_t next, cursor;

	if(!json_object_object_get_ex(root, "paging", &paging) || paging == NULL)
		return 0;
	if(!json_object_is_type(paging, json_type_object) || text(paging, "next", &next) < 0)
		return complain(why, size, "paging: wrong type", WA_ETYPE);
	if(next.len == 0)
		return 0;
	if(!json_object_object_get_ex(paging, "cursors", &cursors)
			|| !json_object_is_type(cursors, json_type_object)
			|| text(cursors, "after", &cursor) < 0 || cursor.len == 0)
		return complain(why, size, "paging.cursors.after: string expected", WA_ETYPE);
	if(wa_sv_copy(after, WA_CURSOR_SIZE, cursor) < 0)
		return complain(why, size, "paging.cursors.after: too long", WA_ETOOLONG);
	return 0;
}

static int read_page(struct json_object *root, int (*cb)(const wa_listed_t *, void *),
		void *arg, char after[WA_CURSOR_SIZE], char *why, size_t size)
{
	struct json_object *data;
	int err = 0;

	if(!json_object_is_type(root, json_type_object)
			|| !json_object_object_get_ex(root, "data", &data)
			|| !json_object_is_type(data, json_type_array))
		return complain(why, size, "data: array expected", WA_ETYPE);
	for(size_t i = 0; !err && i < json_object_array_length(data); i++) {
		wa_listed_t n;

		err = read_number(&n, json_object_array_get_idx(data, i), i, why, size);
		if(!err)
			err = cb(&n, arg);
	}
	return err ? err : read_paging(root, after, why, size);
}

int wa_graph_list_parse(wa_sv_t json, int (*cb)(const wa_listed_t *n, void *arg),
		void *arg, char after[WA_CURSOR_SIZE], char *why, size_t size)
{
	struct json_object *root = NULL;
	int err;

	after[0] = '\0';
	if(json.len > ANSWER_MAX)
		return complain(why, size, "the answer is longer than 1 MiB", WA_ETOOLONG);
	err = wa_json_parse(&root, json);
	if(err)
		return complain(why, size, "the answer is no JSON, or not all of it", err);
	err = read_page(root, cb, arg, after, why, size);
	json_object_put(root);
	return err;
}
