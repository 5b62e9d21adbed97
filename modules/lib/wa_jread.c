/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "wa_jread.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "wa_err.h"

int wa_jread_fail(const wa_jread_t *r, int err, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	if(vsnprintf(r->why, r->size, fmt, ap) < 0 && r->size > 0)
		r->why[0] = '\0';
	va_end(ap);
	return err;
}

void wa_jread_path(char buf[WA_JREAD_PATH], const char *path, const char *key)
{
	if(snprintf(buf, WA_JREAD_PATH, "%s%s%s", path, *path != '\0' ? "." : "", key) < 0)
		buf[0] = '\0';
}

void wa_jread_item(char buf[WA_JREAD_PATH], const char *path, size_t i)
{
	if(snprintf(buf, WA_JREAD_PATH, "%s[%zu]", path, i) < 0)
		buf[0] = '\0';
}

static int wrong_type(const wa_jread_t *r, const char *path, enum json_type want,
		struct json_object *found)
{
	return wa_jread_fail(r, WA_ETYPE, "%s: %s expected, %s found",
			*path != '\0' ? path : "the text", json_type_to_name(want),
			json_type_to_name(json_object_get_type(found)));
}

static bool is_known(const char *const *known, const char *key)
{
	while(*known != NULL && strcmp(*known, key) != 0)
		known++;
	return *known != NULL;
}

int wa_jread_known(const wa_jread_t *r, struct json_object *o, const char *path,
		const char *const *known)
{
	char sub[WA_JREAD_PATH];

	if(!json_object_is_type(o, json_type_object))
		return wrong_type(r, path, json_type_object, o);
	if(!r->strict)
		return 0;
	json_object_object_foreach(o, key, v)
	{
		(void)v;
		if(is_known(known, key))
			continue;
		wa_jread_path(sub, path, key);
		return wa_jread_fail(r, WA_ENOENT, "%s: no such field", sub);
	}
	return 0;
}

int wa_jread_member(const wa_jread_t *r, struct json_object *o, const char *path,
		const char *key, enum json_type type, struct json_object **v)
{
	char sub[WA_JREAD_PATH];

	*v = NULL;
	if(!json_object_object_get_ex(o, key, v) || *v == NULL)
		return 0;
	if(json_object_is_type(*v, type))
		return 0;
	wa_jread_path(sub, path, key);
	return wrong_type(r, sub, type, *v);
}

int wa_jread_word(const wa_jread_t *r, struct json_object *o, const char *path,
		const char *key, const char *words, int *at)
{
	wa_sv_t rest = wa_sv_from(words), text;
	char sub[WA_JREAD_PATH];
	struct json_object *v;
	int err = wa_jread_member(r, o, path, key, json_type_string, &v);

	*at = -1;
	if(err || v == NULL)
		return err;
	text = wa_jread_text(v);
	for(int i = 0; rest.len > 0; i++) {
		if(!wa_sv_eq(wa_sv_cut(&rest, '|'), text))
			continue;
		*at = i;
		return 0;
	}
	wa_jread_path(sub, path, key);
	return wa_jread_fail(r, WA_EPARSE, "%s: one of %s expected", sub, words);
}

wa_sv_t wa_jread_text(struct json_object *v)
{
	return (wa_sv_t){
			json_object_get_string(v), (size_t)json_object_get_string_len(v)};
}
