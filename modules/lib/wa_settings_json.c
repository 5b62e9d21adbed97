/* Meta's settings answer.
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "wa_settings_json.h"

#include <ctype.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <json-c/json.h>
#include <openssl/crypto.h>

#include "wa_err.h"
#include "wa_graph_error.h"
#include "wa_json.h"

/* Where the parse stands: what it looks for, and where complaints go. */
struct reader
{
	wa_sv_t app_id;
	wa_sv_t hostname;
	char *why;
	size_t size;
};

static int complain(const struct reader *r, int err, const char *fmt, ...)
		__attribute__((format(printf, 3, 4)));

static int complain(const struct reader *r, int err, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	if(vsnprintf(r->why, r->size, fmt, ap) < 0 && r->size > 0)
		r->why[0] = '\0';
	va_end(ap);
	return err;
}

/* The member `key` of `o` into `*v`, NULL when absent or null.
 * Returns 0 or WA_ETYPE. */
static int member(const struct reader *r, struct json_object *o, const char *path,
		const char *key, enum json_type type, struct json_object **v)
{
	*v = NULL;
	if(!json_object_object_get_ex(o, key, v) || *v == NULL)
		return 0;
	if(json_object_is_type(*v, type))
		return 0;
	return complain(r, WA_ETYPE, "%s%s: %s expected, %s found", path, key,
			json_type_to_name(type), json_type_to_name(json_object_get_type(*v)));
}

static wa_sv_t text_of(struct json_object *v)
{
	return v ? (wa_sv_t){json_object_get_string(v), (size_t)json_object_get_string_len(v)}
			 : (wa_sv_t){"", 0};
}

/* "ENABLED"? Anything else, also a word that is new to us, is not. */
static int read_status(
		const struct reader *r, struct json_object *o, const char *path, bool *enabled)
{
	struct json_object *v;
	int err = member(r, o, path, "status", json_type_string, &v);

	*enabled = !err && wa_sv_eq(text_of(v), WA_SV("ENABLED"));
	return err;
}

static int read_srtp(const struct reader *r, struct json_object *calling, enum wa_srtp *srtp)
{
	static const char key[] = "srtp_key_exchange_protocol";
	struct json_object *v;
	int err = member(r, calling, "calling.", key, json_type_string, &v);

	*srtp = WA_SRTP_DTLS;
	if(err || v == NULL || wa_sv_eq(text_of(v), WA_SV("DTLS")))
		return err;
	if(!wa_sv_eq(text_of(v), WA_SV("SDES")))
		return complain(r, WA_EUNSUP, "calling.%s: neither DTLS nor SDES", key);
	*srtp = WA_SRTP_SDES;
	return 0;
}

/* Codecs that we do not know change nothing. */
static int read_codecs(const struct reader *r, struct json_object *calling, unsigned *codecs)
{
	struct json_object *audio, *list = NULL;
	int err = member(r, calling, "calling.", "audio", json_type_object, &audio);

	*codecs = WA_CODEC_OPUS;
	if(!err && audio)
		err = member(r, audio, "calling.audio.", "additional_codecs", json_type_array, &list);
	for(size_t i = 0; !err && list && i < json_object_array_length(list); i++) {
		struct json_object *v = json_object_array_get_idx(list, i);

		if(!json_object_is_type(v, json_type_string))
			err = complain(r, WA_ETYPE,
					"calling.audio.additional_codecs[%zu]: string expected", i);
		else if(wa_sv_eq(text_of(v), WA_SV("PCMA")))
			*codecs |= WA_CODEC_PCMA;
		else if(wa_sv_eq(text_of(v), WA_SV("PCMU")))
			*codecs |= WA_CODEC_PCMU;
	}
	return err;
}

/* Integer or string, as text; "" when absent. */
static int read_app_id(const struct reader *r, struct json_object *server, const char *path,
		char *buf, size_t size)
{
	struct json_object *v;
	int n = 0;

	buf[0] = '\0';
	if(!json_object_object_get_ex(server, "app_id", &v) || v == NULL)
		return 0;
	if(json_object_is_type(v, json_type_int))
		n = snprintf(buf, size, "%" PRId64, json_object_get_int64(v));
	else if(json_object_is_type(v, json_type_string))
		return wa_sv_copy(buf, size, text_of(v)) ? complain(r, WA_ETOOLONG,
					   "%sapp_id: longer than %zu characters", path, size - 1)
												 : 0;
	else
		return complain(r, WA_ETYPE, "%sapp_id: integer or string expected", path);
	return n > 0 && (size_t)n < size ? 0 : complain(r, WA_ERANGE, "%sapp_id", path);
}

static int read_port(const struct reader *r, struct json_object *server, const char *path,
		uint16_t *port)
{
	struct json_object *v;
	unsigned long n;

	*port = WA_SETTINGS_PORT;
	if(!json_object_object_get_ex(server, "port", &v) || v == NULL)
		return 0;
	if(!json_object_is_type(v, json_type_int) && !json_object_is_type(v, json_type_string))
		return complain(r, WA_ETYPE, "%sport: integer or string expected", path);
	/* an integer's text is read by the same rule as a string */
	if(wa_sv_ulong(wa_sv_from(json_object_get_string(v)), UINT16_MAX, &n) || n == 0)
		return complain(r, WA_ERANGE, "%sport: not 1 to 65535", path);
	*port = (uint16_t)n;
	return 0;
}

/* What goes into SIP messages and log lines must not carry line breaks, quotes
 * or other bytes that mean something there. */
static bool is_word(wa_sv_t v)
{
	for(size_t i = 0; i < v.len; i++)
		if(v.s[i] <= ' ' || v.s[i] > '~' || strchr("\"<>\\", v.s[i]))
			return false;
	return true;
}

static bool is_hostname(wa_sv_t v)
{
	for(size_t i = 0; i < v.len; i++)
		if(!isalnum((unsigned char)v.s[i]) && v.s[i] != '.' && v.s[i] != '-')
			return false;
	return v.len > 0;
}

static int read_hostname(const struct reader *r, struct json_object *server,
		const char *path, char *buf)
{
	struct json_object *v;
	int err = member(r, server, path, "hostname", json_type_string, &v);

	if(err)
		return err;
	if(!is_hostname(text_of(v)))
		return complain(r, WA_EPARSE, "%shostname: missing, or no host name", path);
	if(wa_sv_copy(buf, WA_HOST_SIZE, text_of(v)))
		return complain(r, WA_ETOOLONG, "%shostname: too long", path);
	return 0;
}

/* One of request_uri_user_params; SIP parameter names have no case. */
static int read_param(const struct reader *r, struct json_object *params,
		const char *path, wa_sv_t name, char *buf)
{
	buf[0] = '\0';
	json_object_object_foreach(params, key, v)
	{
		if(!wa_sv_ieq(wa_sv_from(key), name) || v == NULL)
			continue;
		if(!json_object_is_type(v, json_type_string))
			return complain(r, WA_ETYPE, "%s.%s: string expected", path, key);
		if(!is_word(text_of(v)))
			return complain(r, WA_EPARSE, "%s.%s: spaces or control characters", path, key);
		if(wa_sv_copy(buf, WA_PARAM_SIZE, text_of(v)))
			return complain(r, WA_ETOOLONG, "%s.%s: longer than 128 characters", path, key);
	}
	return 0;
}

static int read_params(const struct reader *r, struct json_object *server,
		const char *path, wa_settings_t *s)
{
	static const char key[] = "request_uri_user_params";
	struct json_object *v;
	char sub[96];
	int err = member(r, server, path, key, json_type_object, &v);

	if(err || v == NULL)
		return err;
	if(snprintf(sub, sizeof(sub), "%s%s", path, key) < 0)
		return WA_EPARSE;
	err = read_param(r, v, sub, WA_SV("tgrp"), s->tgrp);
	if(!err)
		err = read_param(r, v, sub, WA_SV("trunk-context"), s->context);
	if(!err && s->context[0] == '\0')
		err = read_param(r, v, sub, WA_SV("context"), s->context);
	return err;
}

/* sip_user_password; one SDK knows it as "password". */
static int read_password(const struct reader *r, struct json_object *server,
		const char *path, wa_secret_t *secret)
{
	struct json_object *v;
	wa_sv_t text;
	int err = member(r, server, path, "sip_user_password", json_type_string, &v);

	if(!err && v == NULL)
		err = member(r, server, path, "password", json_type_string, &v);
	if(err || v == NULL)
		return err;
	text = text_of(v);
	if(text.len >= sizeof(secret->s))
		return complain(r, WA_ETOOLONG, "%ssip_user_password: too long", path);
	if(text.len > 0 && memchr(text.s, '\0', text.len))
		return complain(r, WA_EPARSE, "%ssip_user_password: holds a NUL", path);
	memcpy(secret->s, text.s, text.len);
	secret->len = text.len;
	return 0;
}

/* How well an entry fits: 0 = not ours. */
enum fit
{
	FIT_NONE,
	FIT_ONLY,
	FIT_HOSTNAME,
	FIT_APP
};

static int server_fit(const struct reader *r, struct json_object *server, const char *path,
		bool only, enum fit *fit)
{
	char app_id[WA_ID_SIZE];
	struct json_object *host;
	bool unknown; /* nothing says whose entry it is */
	int err = read_app_id(r, server, path, app_id, sizeof(app_id));

	if(!err)
		err = member(r, server, path, "hostname", json_type_string, &host);
	if(err)
		return err;
	unknown = r->app_id.len == 0 || app_id[0] == '\0';
	*fit = FIT_NONE;
	if(!unknown && wa_sv_eq(r->app_id, wa_sv_from(app_id)))
		*fit = FIT_APP;
	else if(unknown && r->hostname.len > 0 && wa_sv_ieq(r->hostname, text_of(host)))
		*fit = FIT_HOSTNAME;
	else if(unknown && only)
		*fit = FIT_ONLY;
	return 0;
}

static int read_server(const struct reader *r, struct json_object *server,
		const char *path, wa_settings_t *s)
{
	int err = read_hostname(r, server, path, s->hostname);

	if(!err)
		err = read_port(r, server, path, &s->port);
	if(!err)
		err = read_params(r, server, path, s);
	if(!err)
		err = read_password(r, server, path, &s->password);
	s->found = !err;
	return err;
}

static void server_path(char *buf, size_t size, size_t i)
{
	if(snprintf(buf, size, "calling.sip.servers[%zu].", i) < 0)
		buf[0] = '\0';
}

static int read_servers(const struct reader *r, struct json_object *list, wa_settings_t *s)
{
	size_t n = json_object_array_length(list), best_i = 0;
	enum fit best = FIT_NONE;
	char path[64];

	s->n_servers = (unsigned)n;
	for(size_t i = 0; i < n; i++) {
		struct json_object *server = json_object_array_get_idx(list, i);
		enum fit fit;
		int err;

		server_path(path, sizeof(path), i);
		if(!json_object_is_type(server, json_type_object))
			return complain(r, WA_ETYPE, "%s: object expected", path);
		err = server_fit(r, server, path, n == 1, &fit);
		if(err)
			return err;
		if(fit > best) {
			best = fit;
			best_i = i;
		}
	}
	if(best == FIT_NONE)
		return 0;
	s->server = best_i;
	server_path(path, sizeof(path), best_i);
	return read_server(r, json_object_array_get_idx(list, best_i), path, s);
}

static int read_sip(const struct reader *r, struct json_object *calling, wa_settings_t *s)
{
	struct json_object *sip, *list = NULL;
	int err = member(r, calling, "calling.", "sip", json_type_object, &sip);

	if(err || sip == NULL)
		return err;
	err = read_status(r, sip, "calling.sip.", &s->sip_enabled);
	if(!err)
		err = member(r, sip, "calling.sip.", "servers", json_type_array, &list);
	return err || list == NULL ? err : read_servers(r, list, s);
}

static unsigned restriction_of(wa_sv_t type)
{
	if(wa_sv_eq(type, WA_SV("RESTRICTED_BUSINESS_INITIATED_CALLING")))
		return WA_RESTRICTED_BUSINESS;
	if(wa_sv_eq(type, WA_SV("RESTRICTED_USER_INITIATED_CALLING")))
		return WA_RESTRICTED_USER;
	return WA_RESTRICTED_OTHER;
}

static int read_restriction(
		const struct reader *r, struct json_object *o, size_t i, wa_settings_t *s)
{
	char path[80];
	struct json_object *type, *reason, *until;
	int err;

	if(snprintf(path, sizeof(path), "calling.restrictions.restrictions_list[%zu].", i) < 0)
		return WA_EPARSE;
	if(!json_object_is_type(o, json_type_object))
		return complain(r, WA_ETYPE, "%s: object expected", path);
	err = member(r, o, path, "type", json_type_string, &type);
	if(!err)
		err = member(r, o, path, "reason", json_type_string, &reason);
	if(!err)
		err = member(r, o, path, "expiration", json_type_int, &until);
	if(err)
		return err;
	s->restricted |= restriction_of(text_of(type));
	if(i == 0)
		wa_graph_printable(s->restriction, sizeof(s->restriction), text_of(reason));
	if(until && json_object_get_int64(until) > s->restricted_until)
		s->restricted_until = (time_t)json_object_get_int64(until);
	return 0;
}

static int read_restrictions(
		const struct reader *r, struct json_object *calling, wa_settings_t *s)
{
	struct json_object *o, *list = NULL;
	int err = member(r, calling, "calling.", "restrictions", json_type_object, &o);

	if(!err && o)
		err = member(r, o, "calling.restrictions.", "restrictions_list", json_type_array,
				&list);
	for(size_t i = 0; !err && list && i < json_object_array_length(list); i++)
		err = read_restriction(r, json_object_array_get_idx(list, i), i, s);
	return err;
}

static int read_calling(const struct reader *r, struct json_object *root, wa_settings_t *s)
{
	struct json_object *calling;
	int err;

	if(!json_object_is_type(root, json_type_object))
		return complain(r, WA_ETYPE, "the answer: object expected");
	err = member(r, root, "", "calling", json_type_object, &calling);
	if(err)
		return err;
	/* A strange answer with status 200 must not read as "all is off". */
	if(calling == NULL)
		return complain(r, WA_EPARSE, "calling: missing");
	err = read_status(r, calling, "calling.", &s->calling_enabled);
	if(!err)
		err = read_srtp(r, calling, &s->srtp);
	if(!err)
		err = read_codecs(r, calling, &s->codecs);
	if(!err)
		err = read_restrictions(r, calling, s);
	return err ? err : read_sip(r, calling, s);
}

int wa_settings_parse(wa_settings_t *out, wa_sv_t json, wa_sv_t app_id,
		wa_sv_t hostname, char *why, size_t size)
{
	struct reader r = {app_id, hostname, why, size};
	struct json_object *root = NULL;
	wa_settings_t s = {.port = WA_SETTINGS_PORT, .codecs = WA_CODEC_OPUS};
	int err;

	if(json.len > WA_SETTINGS_JSON_MAX)
		return complain(&r, WA_ETOOLONG, "the answer is longer than 1 MiB");
	err = wa_json_parse(&root, json);
	if(err)
		return complain(&r, err, "the answer is no JSON, or not all of it");
	err = read_calling(&r, root, &s);
	wa_json_wipe(root);
	if(!err)
		*out = s;
	OPENSSL_cleanse(&s, sizeof(s));
	return err;
}
