/* Errors of the Graph API.
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "wa_graph_error.h"

#include <ctype.h>
#include <stdio.h>

#include <json-c/json.h>

#include "wa_err.h"
#include "wa_json.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

enum
{
	WORD_MAX = 24, /* ids have 15 to 17 digits, trace ids at most 23 characters */
	HTTP_UNAUTHORIZED = 401,
	HTTP_FORBIDDEN = 403,
	HTTP_TOO_MANY = 429
};

/* Codes by range. A remedy stands in place of Meta's message, which says what
 * happened but not what to do. */
static const struct
{
	long first, last;
	long subcode; /* 0 = any */
	enum wa_graph_class class;
	const char *remedy; /* NULL: Meta's own words */
} table[] = {
		{190, 190, 0, WA_GRAPH_TOKEN,
				"access token refused: put a new one into the token file"},
		{102, 102, 0, WA_GRAPH_TOKEN,
				"access token refused: put a new one into the token file"},
		{3, 3, 0, WA_GRAPH_PERMISSION,
				"the app lacks whatsapp_business_management for this number: grant it"},
		{10, 10, 0, WA_GRAPH_PERMISSION,
				"the app lacks whatsapp_business_management for this number: grant it"},
		{200, 299, 0, WA_GRAPH_PERMISSION,
				"the app lacks whatsapp_business_management for this number: grant it"},
		{100, 100, 33, WA_GRAPH_PERMISSION,
				"no such phone_number_id for this token: check the id, and that the "
				"token covers its WABA"},
		{4, 4, 0, WA_GRAPH_RATE, "too many requests by this app: waiting"},
		{17, 17, 0, WA_GRAPH_RATE, "too many requests: waiting"},
		{32, 32, 0, WA_GRAPH_RATE, "too many requests: waiting"},
		{613, 613, 0, WA_GRAPH_RATE, "too many requests: waiting"},
		{80000, 80014, 0, WA_GRAPH_RATE, "too many requests for this WABA: waiting"},
		{130429, 130429, 0, WA_GRAPH_RATE, "too many requests: waiting"},
		{1, 2, 0, WA_GRAPH_TEMPORARY, "Meta's service failed: trying again"},
		{131000, 131000, 0, WA_GRAPH_TEMPORARY, "Meta's service failed: trying again"},
		{131016, 131016, 0, WA_GRAPH_TEMPORARY, "Meta's service failed: trying again"},
		{2500, 2500, 0, WA_GRAPH_REQUEST,
				"Meta does not know the path: check graph_version and phone_number_id"},
		{2635, 2635, 0, WA_GRAPH_REQUEST,
				"this Graph version has expired: raise graph_version"},
		{131044, 131044, 0, WA_GRAPH_PERMISSION,
				"no payment method on the WABA: add one in WhatsApp Manager"},
		{138000, 138000, 0, WA_GRAPH_PERMISSION, "calling is not enabled on this number"},
};

static long number(struct json_object *o, const char *key)
{
	struct json_object *v;

	if(!json_object_object_get_ex(o, key, &v))
		return 0;
	return (long)json_object_get_int64(v);
}

static bool is_word_char(char c)
{
	return isalnum((unsigned char)c) || c == '_' || c == '-' || c == '|';
}

void wa_graph_printable(char *dst, size_t size, wa_sv_t text)
{
	size_t n = 0;

	for(size_t i = 0; i < text.len && n + 4 < size;) {
		size_t end = i;

		while(end < text.len && is_word_char(text.s[end]))
			end++;
		if(end - i > WORD_MAX) {
			for(int k = 0; k < 3; k++)
				dst[n++] = '*';
			i = end;
			continue;
		}
		do {
			unsigned char c = (unsigned char)text.s[i++];

			dst[n++] = c >= ' ' && c <= '~' ? (char)c : ' ';
		} while(i < end && n + 1 < size);
	}
	dst[n] = '\0';
}

static void text(char *dst, size_t size, struct json_object *o, const char *key)
{
	struct json_object *v;

	dst[0] = '\0';
	if(json_object_object_get_ex(o, key, &v) && json_object_is_type(v, json_type_string))
		wa_graph_printable(dst, size,
				(wa_sv_t){json_object_get_string(v),
						(size_t)json_object_get_string_len(v)});
}

static int read_error(wa_graph_error_t *out, struct json_object *root)
{
	struct json_object *err, *data;
	wa_graph_error_t e = {0};

	if(!json_object_is_type(root, json_type_object))
		return WA_ETYPE;
	if(!json_object_object_get_ex(root, "error", &err) || err == NULL)
		return WA_ENOENT;
	if(!json_object_is_type(err, json_type_object))
		return WA_ETYPE;
	e.code = number(err, "code");
	e.subcode = number(err, "error_subcode");
	text(e.message, sizeof(e.message), err, "message");
	/* seen as an object with "details" and as plain text */
	text(e.details, sizeof(e.details), err, "error_data");
	if(json_object_object_get_ex(err, "error_data", &data)
			&& json_object_is_type(data, json_type_object))
		text(e.details, sizeof(e.details), data, "details");
	*out = e;
	return 0;
}

int wa_graph_error_parse(wa_graph_error_t *out, wa_sv_t json)
{
	struct json_object *root = NULL;
	int err = wa_json_parse(&root, json);

	if(err)
		return err;
	err = read_error(out, root);
	wa_json_wipe(root);
	return err;
}

/* The row of an error, or -1. */
static int find(const wa_graph_error_t *e)
{
	for(size_t i = 0; e && i < COUNT(table); i++)
		if(e->code >= table[i].first && e->code <= table[i].last
				&& (table[i].subcode == 0 || table[i].subcode == e->subcode))
			return (int)i;
	return -1;
}

enum wa_graph_class wa_graph_error_class(long http_status, const wa_graph_error_t *e)
{
	int row = find(e);

	if(http_status == HTTP_TOO_MANY)
		return WA_GRAPH_RATE;
	if(row >= 0)
		return table[row].class;
	if(http_status == HTTP_UNAUTHORIZED)
		return WA_GRAPH_TOKEN;
	if(http_status == HTTP_FORBIDDEN)
		return WA_GRAPH_PERMISSION;
	if(http_status >= 400 && http_status < 500)
		return WA_GRAPH_REQUEST;
	return WA_GRAPH_TEMPORARY;
}

/* For answers without an error form, and for codes that are new to us. */
static const char *remedy_of_class(enum wa_graph_class class)
{
	switch(class) {
		case WA_GRAPH_RATE:
			return "too many requests: waiting";
		case WA_GRAPH_TOKEN:
			return "access token refused: put a new one into the token file";
		case WA_GRAPH_PERMISSION:
			return "refused: check the app's permissions for this number";
		case WA_GRAPH_REQUEST:
			return "request refused";
		case WA_GRAPH_TEMPORARY:
			break;
	}
	return "no usable answer: trying again";
}

void wa_graph_error_text(
		char *buf, size_t size, long http_status, const wa_graph_error_t *e)
{
	int row = find(e);
	const char *remedy = row >= 0 ? table[row].remedy : NULL;
	const char *words = NULL;
	int n;

	if(e && remedy == NULL)
		words = e->details[0] ? e->details : e->message;
	if(remedy == NULL && (words == NULL || words[0] == '\0'))
		words = remedy_of_class(wa_graph_error_class(http_status, e));
	if(e)
		n = snprintf(buf, size, "graph %ld: %s", e->code, remedy ? remedy : words);
	else
		n = snprintf(buf, size, "graph http %ld: %s", http_status, words);
	/* a cut text is still of use; snprintf has ended it */
	if(n < 0 && size > 0)
		buf[0] = '\0';
}
