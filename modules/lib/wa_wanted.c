/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "wa_wanted.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "wa_err.h"
#include "wa_json.h"
#include "wa_record.h"

#define STATUS "ENABLED|DISABLED"

static const char *const entry_members[] = {"number", "phone_number_id", "waba_id",
		"app_id", "trunk", "service", "calling", "sip", "hostname", "port",
		"request_uri_user_params", "srtp", "additional_codecs", "call_icon_visibility",
		"callback_permission", "webhook_delivery", "call_hours", "policy", NULL};
/* what makes a number itself has no default */
static const char *const default_members[] = {"waba_id", "app_id", "trunk", "calling",
		"sip", "hostname", "port", "request_uri_user_params", "srtp",
		"additional_codecs", "call_icon_visibility", "callback_permission",
		"webhook_delivery", "call_hours", "policy", NULL};

/* Where one entry is read: its own members come before the defaults. */
typedef struct entry
{
	wa_jread_t r;
	struct json_object *own;
	struct json_object *defaults; /* may be NULL */
	const char *path;
	wa_wanted_t *w;
} entry_t;

/* The object that says `key`, and its path; the entry itself if none does. */
static struct json_object *place_of(
		const entry_t *e, const char *key, const char **path)
{
	struct json_object *v = NULL;

	*path = e->path;
	if(json_object_object_get_ex(e->own, key, &v) || e->defaults == NULL
			|| !json_object_object_get_ex(e->defaults, key, &v))
		return e->own;
	*path = "defaults";
	return e->defaults;
}

/* A text that the field `field` of a number's record would take. */
static int take_text(const entry_t *e, struct json_object *o, const char *path,
		const char *key, const char *field, char *out, size_t size, bool *said)
{
	char text[WA_RECORD_VALUE_SIZE], err[200], sub[WA_JREAD_PATH];
	struct json_object *v;
	int ret = wa_jread_member(&e->r, o, path, key, json_type_string, &v);

	*said = false;
	if(ret < 0 || v == NULL)
		return ret;
	wa_jread_path(sub, path, key);
	ret = wa_record_check(WA_RECORD_NUMBER, wa_sv_from(field), wa_jread_text(v), text,
			sizeof(text), err, sizeof(err));
	if(ret < 0) /* "field: what it should be" */
		return wa_jread_fail(&e->r, ret, "%s: %s", sub,
				strchr(err, ' ') != NULL ? strchr(err, ' ') + 1 : err);
	if(text[0] == '\0' && strcmp(key, "trunk") != 0)
		return wa_jread_fail(&e->r, WA_EPARSE, "%s: empty", sub);
	*said = true;
	return wa_sv_copy(out, size, wa_sv_from(text));
}

static int take_field(const entry_t *e, const char *key, char *out, size_t size,
		unsigned bit)
{
	const char *path;
	struct json_object *o = place_of(e, key, &path);
	bool said;
	int ret = take_text(e, o, path, key, key, out, size, &said);

	if(ret == 0 && said)
		e->w->said |= bit;
	return ret;
}

static int take_switch(const entry_t *e, const char *key, const char *words,
		int on_is, bool *on, unsigned bit)
{
	const char *path;
	struct json_object *o = place_of(e, key, &path);
	int at, ret = wa_jread_word(&e->r, o, path, key, words, &at);

	if(ret < 0 || at < 0)
		return ret;
	*on = at == on_is;
	e->w->said |= bit;
	return 0;
}

static int take_digits(const entry_t *e)
{
	struct json_object *v;
	char sub[WA_JREAD_PATH];
	wa_sv_t digits;
	int ret = wa_jread_member(
			&e->r, e->own, e->path, "number", json_type_string, &v);

	if(ret < 0)
		return ret;
	wa_jread_path(sub, e->path, "number");
	if(v == NULL)
		return wa_jread_fail(&e->r, WA_EPARSE, "%s: missing", sub);
	if(wa_record_digits(wa_jread_text(v), &digits) < 0)
		return wa_jread_fail(&e->r, WA_EPARSE,
				"%s: 5 to 15 digits with the country code expected", sub);
	return wa_sv_copy(e->w->digits, sizeof(e->w->digits), digits);
}

/* Meta looks the name up in our certificate: an address cannot be right. */
static int check_hostname(const entry_t *e)
{
	const char *last = strrchr(e->w->hostname, '.');

	if(!(e->w->said & WA_SAYS_HOSTNAME)
			|| (last != NULL && strspn(last + 1, "0123456789") != strlen(last + 1)
					&& strstr(e->w->hostname, "..") == NULL))
		return 0;
	return wa_jread_fail(&e->r, WA_EPARSE,
			"%s.hostname: a full host name that the certificate covers, no address",
			e->path);
}

static int take_port(const entry_t *e)
{
	const char *path;
	struct json_object *o = place_of(e, "port", &path), *v;
	int ret = wa_jread_member(&e->r, o, path, "port", json_type_int, &v);

	if(ret < 0 || v == NULL)
		return ret;
	if(json_object_get_int64(v) < 1 || json_object_get_int64(v) > 65535)
		return wa_jread_fail(&e->r, WA_ERANGE, "%s.port: 1 to 65535 expected", path);
	e->w->port = (uint16_t)json_object_get_int64(v);
	e->w->said |= WA_SAYS_PORT;
	return 0;
}

static int take_params(const entry_t *e)
{
	static const char key[] = "request_uri_user_params";
	static const char *const known[] = {"tgrp", "trunk-context", "context", NULL};
	wa_wanted_t *w = e->w;
	const char *path;
	struct json_object *o = place_of(e, key, &path), *v;
	char sub[WA_JREAD_PATH];
	bool said;
	int ret = wa_jread_member(&e->r, o, path, key, json_type_object, &v);

	if(ret < 0 || v == NULL)
		return ret;
	wa_jread_path(sub, path, key);
	ret = wa_jread_known(&e->r, v, sub, known);
	if(ret == 0)
		ret = take_text(e, v, sub, "tgrp", "tgrp", w->tgrp, sizeof(w->tgrp), &said);
	if(ret == 0)
		ret = take_text(e, v, sub, "trunk-context", "context", w->trunk_context,
				sizeof(w->trunk_context), &said);
	if(ret == 0)
		ret = take_text(e, v, sub, "context", "context", w->context,
				sizeof(w->context), &said);
	if(ret == 0)
		w->said |= WA_SAYS_PARAMS;
	return ret;
}

static int take_codecs(const entry_t *e)
{
	static const char key[] = "additional_codecs";
	const char *path;
	struct json_object *o = place_of(e, key, &path), *v;
	int ret = wa_jread_member(&e->r, o, path, key, json_type_array, &v);

	if(ret < 0 || v == NULL)
		return ret;
	e->w->codecs = WA_CODEC_OPUS;
	e->w->said |= WA_SAYS_CODECS;
	for(size_t i = 0; i < json_object_array_length(v); i++) {
		struct json_object *one = json_object_array_get_idx(v, i);
		wa_sv_t name = {"", 0};

		if(json_object_is_type(one, json_type_string))
			name = wa_jread_text(one);
		if(wa_sv_eq(name, WA_SV("PCMA")))
			e->w->codecs |= WA_CODEC_PCMA;
		else if(wa_sv_eq(name, WA_SV("PCMU")))
			e->w->codecs |= WA_CODEC_PCMU;
		else
			return wa_jread_fail(&e->r, WA_EPARSE,
					"%s.%s[%zu]: \"PCMA\" or \"PCMU\" expected (Opus is always there)",
					path, key, i);
	}
	return 0;
}

static int take_hours(const entry_t *e)
{
	const char *path;
	struct json_object *o = place_of(e, "call_hours", &path), *v;
	char sub[WA_JREAD_PATH];
	int ret = wa_jread_member(&e->r, o, path, "call_hours", json_type_object, &v);

	if(ret < 0 || v == NULL)
		return ret;
	wa_jread_path(sub, path, "call_hours");
	ret = wa_hours_read(&e->r, v, sub, &e->w->hours);
	if(ret == 0)
		e->w->said |= WA_SAYS_HOURS;
	return ret;
}

static int take_rotate(const entry_t *e, struct json_object *policy, const char *path)
{
	struct json_object *v;
	int ret = wa_jread_member(&e->r, policy, path, "rotate_days", json_type_int, &v);

	if(ret < 0 || v == NULL)
		return ret;
	if(json_object_get_int64(v) < 0 || json_object_get_int64(v) > WA_WANTED_ROTATE_MAX)
		return wa_jread_fail(&e->r, WA_ERANGE, "%s.rotate_days: 0 to %d expected", path,
				WA_WANTED_ROTATE_MAX);
	e->w->rotate_days = (unsigned)json_object_get_int64(v);
	e->w->said |= WA_SAYS_ROTATE;
	return 0;
}

static int take_policy(const entry_t *e)
{
	static const char *const known[] = {"drift", "rotate_days", NULL};
	const char *path;
	struct json_object *o = place_of(e, "policy", &path), *v;
	char sub[WA_JREAD_PATH];
	int at = -1, ret = wa_jread_member(&e->r, o, path, "policy", json_type_object, &v);

	if(ret < 0 || v == NULL)
		return ret;
	wa_jread_path(sub, path, "policy");
	ret = wa_jread_known(&e->r, v, sub, known);
	if(ret == 0)
		ret = wa_jread_word(&e->r, v, sub, "drift", "report|repair", &at);
	if(ret < 0)
		return ret;
	if(at >= 0) {
		e->w->repair = at == 1;
		e->w->said |= WA_SAYS_DRIFT;
	}
	return take_rotate(e, v, sub);
}

/* Out of service is one wish: what the defaults say of how to be in service is
 * not for this number, and its own entry must not say both. */
static int take_service(const entry_t *e)
{
	static const char *const others[] = {"calling", "sip", "hostname", "port",
			"request_uri_user_params", NULL};
	struct json_object *v;
	int at, ret = wa_jread_word(&e->r, e->own, e->path, "service", "in|out", &at);

	if(ret < 0 || at != 1)
		return ret;
	for(const char *const *key = others; *key != NULL; key++)
		if(json_object_object_get_ex(e->own, *key, &v) && v != NULL)
			return wa_jread_fail(&e->r, WA_EPARSE,
					"%s.%s: cannot stand beside \"service\": \"out\"", e->path, *key);
	e->w->out = true;
	e->w->calling = e->w->sip = false;
	e->w->hostname[0] = '\0';
	e->w->said |= WA_SAYS_CALLING | WA_SAYS_SIP | WA_SAYS_HOSTNAME;
	e->w->said &= ~(unsigned)(WA_SAYS_PORT | WA_SAYS_PARAMS);
	return 0;
}

static int take_ids(const entry_t *e)
{
	wa_wanted_t *w = e->w;
	int ret = take_field(e, "phone_number_id", w->phone_number_id,
			sizeof(w->phone_number_id), WA_SAYS_PHONE_NUMBER_ID);

	if(ret == 0)
		ret = take_field(
				e, "waba_id", w->waba_id, sizeof(w->waba_id), WA_SAYS_WABA_ID);
	if(ret == 0)
		ret = take_field(e, "app_id", w->app_id, sizeof(w->app_id), WA_SAYS_APP_ID);
	if(ret == 0)
		ret = take_field(e, "trunk", w->trunk, sizeof(w->trunk), WA_SAYS_TRUNK);
	return ret;
}

static int take_switches(const entry_t *e)
{
	wa_wanted_t *w = e->w;
	bool sdes = false;
	int ret = take_switch(e, "calling", STATUS, 0, &w->calling, WA_SAYS_CALLING);

	if(ret == 0)
		ret = take_switch(e, "sip", STATUS, 0, &w->sip, WA_SAYS_SIP);
	if(ret == 0)
		ret = take_switch(e, "srtp", "DTLS|SDES", 1, &sdes, WA_SAYS_SRTP);
	w->srtp = sdes ? WA_SRTP_SDES : WA_SRTP_DTLS;
	if(ret == 0)
		ret = take_switch(e, "call_icon_visibility", "DEFAULT|DISABLE_ALL", 1,
				&w->icon_hidden, WA_SAYS_ICON);
	if(ret == 0)
		ret = take_switch(
				e, "callback_permission", STATUS, 0, &w->callback, WA_SAYS_CALLBACK);
	if(ret == 0)
		ret = take_switch(
				e, "webhook_delivery", STATUS, 0, &w->webhook, WA_SAYS_WEBHOOK);
	return ret;
}

static int take_server(const entry_t *e)
{
	int ret = take_field(e, "hostname", e->w->hostname, sizeof(e->w->hostname),
			WA_SAYS_HOSTNAME);

	if(ret == 0)
		ret = check_hostname(e);
	if(ret == 0)
		ret = take_port(e);
	return ret == 0 ? take_params(e) : ret;
}

static int read_entry(const entry_t *of, wa_wanted_t *out)
{
	wa_wanted_t w;
	entry_t in = *of;
	const entry_t *e = &in;
	int ret;

	memset(&w, 0, sizeof(w));
	in.w = &w;
	ret = wa_jread_known(&e->r, e->own, e->path, entry_members);
	if(ret == 0)
		ret = take_digits(e);
	if(ret == 0)
		ret = take_ids(e);
	if(ret == 0)
		ret = take_switches(e);
	if(ret == 0)
		ret = take_server(e);
	if(ret == 0)
		ret = take_codecs(e);
	if(ret == 0)
		ret = take_hours(e);
	if(ret == 0)
		ret = take_policy(e);
	if(ret == 0)
		ret = take_service(e);
	if(ret == 0)
		*out = w;
	return ret;
}

static int parse(struct json_object **root, const wa_jread_t *r, wa_sv_t text)
{
	int ret = wa_json_parse(root, text);

	return ret < 0 ? wa_jread_fail(r, ret, "no JSON, or not all of it") : 0;
}

int wa_wanted_parse(wa_wanted_t *out, wa_sv_t json, char *why, size_t size)
{
	entry_t e = {.r = {true, why, size}, .path = ""};
	int ret = parse(&e.own, &e.r, json);

	if(ret == 0)
		ret = read_entry(&e, out);
	json_object_put(e.own);
	return ret;
}

/* Members are added in a fixed order; what was not said is not there. */
static void add_text(struct json_object *o, const char *key, const char *text, bool said)
{
	if(said)
		json_object_object_add(o, key, json_object_new_string(text));
}

static void add_status(struct json_object *o, const char *key, bool on, bool said)
{
	add_text(o, key, on ? "ENABLED" : "DISABLED", said);
}

static void add_params(struct json_object *o, const wa_wanted_t *w)
{
	struct json_object *p = json_object_new_object();

	add_text(p, "tgrp", w->tgrp, w->tgrp[0] != '\0');
	add_text(p, "trunk-context", w->trunk_context, w->trunk_context[0] != '\0');
	add_text(p, "context", w->context, w->context[0] != '\0');
	json_object_object_add(o, "request_uri_user_params", p);
}

static void add_codecs(struct json_object *o, unsigned codecs)
{
	struct json_object *a = json_object_new_array();

	if(codecs & WA_CODEC_PCMA)
		json_object_array_add(a, json_object_new_string("PCMA"));
	if(codecs & WA_CODEC_PCMU)
		json_object_array_add(a, json_object_new_string("PCMU"));
	json_object_object_add(o, "additional_codecs", a);
}

static void add_policy(struct json_object *o, const wa_wanted_t *w)
{
	struct json_object *p;

	if(!(w->said & (WA_SAYS_DRIFT | WA_SAYS_ROTATE)))
		return;
	p = json_object_new_object();
	add_text(p, "drift", w->repair ? "repair" : "report", w->said & WA_SAYS_DRIFT);
	if(w->said & WA_SAYS_ROTATE)
		json_object_object_add(
				p, "rotate_days", json_object_new_int((int)w->rotate_days));
	json_object_object_add(o, "policy", p);
}

static void add_server(struct json_object *o, const wa_wanted_t *w)
{
	if(w->out) {
		add_text(o, "service", "out", true);
		return;
	}
	add_status(o, "calling", w->calling, w->said & WA_SAYS_CALLING);
	add_status(o, "sip", w->sip, w->said & WA_SAYS_SIP);
	add_text(o, "hostname", w->hostname, w->said & WA_SAYS_HOSTNAME);
	if(w->said & WA_SAYS_PORT)
		json_object_object_add(o, "port", json_object_new_int(w->port));
	if(w->said & WA_SAYS_PARAMS)
		add_params(o, w);
}

int wa_wanted_text(const wa_wanted_t *w, char *out, size_t size)
{
	struct json_object *o = json_object_new_object();
	int ret;

	if(o == NULL)
		return WA_ENOMEM;
	add_text(o, "number", w->digits, true);
	add_text(o, "phone_number_id", w->phone_number_id,
			w->said & WA_SAYS_PHONE_NUMBER_ID);
	add_text(o, "waba_id", w->waba_id, w->said & WA_SAYS_WABA_ID);
	add_text(o, "app_id", w->app_id, w->said & WA_SAYS_APP_ID);
	add_text(o, "trunk", w->trunk, w->said & WA_SAYS_TRUNK);
	add_server(o, w);
	add_text(o, "srtp", w->srtp == WA_SRTP_SDES ? "SDES" : "DTLS",
			w->said & WA_SAYS_SRTP);
	if(w->said & WA_SAYS_CODECS)
		add_codecs(o, w->codecs);
	add_text(o, "call_icon_visibility", w->icon_hidden ? "DISABLE_ALL" : "DEFAULT",
			w->said & WA_SAYS_ICON);
	add_status(o, "callback_permission", w->callback, w->said & WA_SAYS_CALLBACK);
	add_status(o, "webhook_delivery", w->webhook, w->said & WA_SAYS_WEBHOOK);
	if(w->said & WA_SAYS_HOURS)
		json_object_object_add(o, "call_hours", wa_hours_json(&w->hours));
	add_policy(o, w);
	ret = wa_sv_copy(out, size,
			wa_sv_from(json_object_to_json_string_ext(
					o, JSON_C_TO_STRING_PLAIN | JSON_C_TO_STRING_NOSLASHESCAPE)));
	json_object_put(o);
	return ret;
}

static int entry_at(const wa_wanted_file_t *f, size_t i, wa_jread_t r, wa_wanted_t *out)
{
	char path[WA_JREAD_PATH];
	entry_t e = {.r = r, .own = json_object_array_get_idx(f->numbers, i),
			.defaults = f->defaults, .path = path};

	wa_jread_item(path, "numbers", i);
	return read_entry(&e, out);
}

/* For finding the same number twice. */
typedef struct key
{
	char text[WA_ID_SIZE];
	size_t at;
} key_t_;

static int compare_keys(const void *a, const void *b)
{
	const key_t_ *x = a, *y = b;
	int ret = strcmp(x->text, y->text);

	if(ret != 0)
		return ret;
	return x->at < y->at ? -1 : x->at > y->at;
}

static int check_unique(
		key_t_ *keys, size_t n, const char *member, const wa_jread_t *r)
{
	qsort(keys, n, sizeof(*keys), compare_keys);
	for(size_t i = 1; i < n; i++)
		if(keys[i].text[0] != '\0' && strcmp(keys[i].text, keys[i - 1].text) == 0)
			return wa_jread_fail(r, WA_EPARSE, "numbers[%zu].%s: the same as numbers[%zu]'s",
					keys[i].at, member, keys[i - 1].at);
	return 0;
}

static int check_entries(const wa_wanted_file_t *f, const wa_jread_t *r)
{
	key_t_ *numbers = calloc(f->n + 1, sizeof(*numbers));
	key_t_ *ids = calloc(f->n + 1, sizeof(*ids));
	wa_wanted_t w;
	int ret = 0;

	if(numbers == NULL || ids == NULL) {
		free(numbers);
		free(ids);
		return wa_jread_fail(r, WA_ENOMEM, "out of memory");
	}
	for(size_t i = 0; ret == 0 && i < f->n; i++) {
		ret = entry_at(f, i, *r, &w);
		if(ret < 0)
			break;
		wa_sv_copy(numbers[i].text, sizeof(numbers[i].text), wa_sv_from(w.digits));
		wa_sv_copy(ids[i].text, sizeof(ids[i].text), wa_sv_from(w.phone_number_id));
		numbers[i].at = ids[i].at = i;
	}
	if(ret == 0)
		ret = check_unique(numbers, f->n, "number", r);
	if(ret == 0)
		ret = check_unique(ids, f->n, "phone_number_id", r);
	free(numbers);
	free(ids);
	return ret;
}

/* The defaults are checked even where no number takes them. */
static int check_defaults(const wa_wanted_file_t *f, const wa_jread_t *r)
{
	wa_wanted_t w;
	entry_t e = {.r = *r, .own = f->defaults, .path = "defaults", .w = &w};
	int ret;

	memset(&w, 0, sizeof(w));
	if(f->defaults == NULL)
		return 0;
	ret = wa_jread_known(r, f->defaults, "defaults", default_members);
	if(ret == 0)
		ret = take_ids(&e);
	if(ret == 0)
		ret = take_switches(&e);
	if(ret == 0)
		ret = take_server(&e);
	if(ret == 0)
		ret = take_codecs(&e);
	if(ret == 0)
		ret = take_hours(&e);
	return ret == 0 ? take_policy(&e) : ret;
}

static int read_file(wa_wanted_file_t *f, const wa_jread_t *r)
{
	static const char *const known[] = {"$schema", "defaults", "numbers", NULL};
	int ret = wa_jread_known(r, f->root, "", known);

	if(ret == 0)
		ret = wa_jread_member(
				r, f->root, "", "defaults", json_type_object, &f->defaults);
	if(ret == 0)
		ret = wa_jread_member(r, f->root, "", "numbers", json_type_array, &f->numbers);
	if(ret == 0 && f->numbers == NULL)
		return wa_jread_fail(r, WA_EPARSE, "numbers: missing");
	if(ret < 0)
		return ret;
	f->n = json_object_array_length(f->numbers);
	ret = check_defaults(f, r);
	return ret == 0 ? check_entries(f, r) : ret;
}

int wa_wanted_open(wa_wanted_file_t *f, wa_sv_t text, char *why, size_t size)
{
	wa_jread_t r = {true, why, size};
	int ret;

	memset(f, 0, sizeof(*f));
	if(text.len > WA_WANTED_FILE_MAX)
		return wa_jread_fail(&r, WA_ETOOLONG, "the file is longer than 64 MiB");
	ret = parse(&f->root, &r, text);
	if(ret == 0)
		ret = read_file(f, &r);
	if(ret < 0)
		wa_wanted_close(f);
	return ret;
}

void wa_wanted_get(const wa_wanted_file_t *f, size_t i, wa_wanted_t *out)
{
	char why[WA_WANTED_WHY_SIZE];

	memset(out, 0, sizeof(*out));
	/* it was read once by wa_wanted_open() */
	entry_at(f, i, (wa_jread_t){true, why, sizeof(why)}, out);
}

void wa_wanted_close(wa_wanted_file_t *f)
{
	json_object_put(f->root);
	memset(f, 0, sizeof(*f));
}
