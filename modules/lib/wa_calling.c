/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "wa_calling.h"

#include <stdlib.h>
#include <string.h>

#include <openssl/crypto.h>

#include "wa_buf.h"
#include "wa_err.h"
#include "wa_json.h"
#include "wa_settings_json.h"

#define PARAMS_MAX 32

static struct json_object *sub(struct json_object *o, const char *key)
{
	struct json_object *v = NULL;

	if(o == NULL || !json_object_is_type(o, json_type_object))
		return NULL;
	json_object_object_get_ex(o, key, &v);
	return v;
}

/* A switch that only the comparison needs: an unknown word is not the one asked
 * for. */
static bool is_word(struct json_object *o, const char *key, const char *word)
{
	struct json_object *v = sub(o, key);

	return v != NULL && json_object_is_type(v, json_type_string)
		   && wa_sv_eq(wa_jread_text(v), wa_sv_from(word));
}

static int read_params(const wa_jread_t *r, struct json_object *server, wa_calling_t *c)
{
	struct json_object *v = sub(server, "request_uri_user_params");

	if(v == NULL || json_object_object_length(v) == 0)
		return 0;
	if(json_object_object_length(v) > PARAMS_MAX
			|| wa_sv_copy(c->params, sizeof(c->params),
					   wa_sv_from(json_object_to_json_string_ext(
							   v, JSON_C_TO_STRING_PLAIN)))
					   < 0)
		return wa_jread_fail(r, WA_ETOOLONG,
				"calling.sip.servers: request_uri_user_params are too long");
	return 0;
}

static int read_rest(const wa_jread_t *r, struct json_object *root,
		const wa_settings_t *s, wa_calling_t *c)
{
	struct json_object *calling = sub(root, "calling"), *sip = sub(calling, "sip");
	struct json_object *hours = sub(calling, "call_hours");
	int ret = 0;

	c->icon_hidden = is_word(calling, "call_icon_visibility", "DISABLE_ALL");
	c->callback = is_word(calling, "callback_permission_status", "ENABLED");
	c->webhook = is_word(sip, "webhook_delivery", "ENABLED");
	if(hours != NULL)
		ret = wa_hours_read(r, hours, "calling.call_hours", &c->hours);
	c->hours.has_status = true; /* never set is off */
	if(ret == 0 && s->found)
		ret = read_params(r, json_object_array_get_idx(sub(sip, "servers"), s->server), c);
	return ret;
}

static void take(wa_calling_t *c, const wa_settings_t *s)
{
	memset(c, 0, sizeof(*c));
	c->calling = s->calling_enabled;
	c->sip = s->sip_enabled;
	c->found = s->found;
	c->n_servers = s->n_servers;
	memcpy(c->hostname, s->hostname, sizeof(c->hostname));
	c->port = s->port;
	c->srtp = s->srtp;
	c->codecs = s->codecs;
}

int wa_calling_parse(wa_calling_t *out, wa_sv_t json, wa_sv_t app_id, wa_sv_t hostname,
		char *why, size_t size)
{
	wa_jread_t r = {false, why, size};
	struct json_object *root = NULL;
	wa_settings_t s;
	wa_calling_t c;
	int ret = wa_settings_parse(&s, json, app_id, hostname, why, size);

	if(ret < 0)
		return ret;
	take(&c, &s);
	ret = wa_json_parse(&root, json);
	if(ret == 0)
		ret = read_rest(&r, root, &s, &c);
	OPENSSL_cleanse(&s, sizeof(s));
	wa_json_wipe(root);
	if(ret == 0)
		*out = c;
	return ret;
}

static int compare_names(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static void put_params(wa_buf_t *b, struct json_object *o)
{
	const char *names[PARAMS_MAX];
	size_t n = 0;

	json_object_object_foreach(o, key, v)
	{
		(void)v;
		if(n < PARAMS_MAX)
			names[n++] = key;
	}
	qsort(names, n, sizeof(*names), compare_names);
	for(size_t i = 0; i < n; i++) {
		if(i > 0)
			wa_buf_put(b, WA_SV(";"));
		wa_buf_put(b, wa_sv_from(names[i]));
		wa_buf_put(b, WA_SV("="));
		wa_buf_put(b, wa_sv_from(json_object_get_string(sub(o, names[i]))));
	}
}

int wa_calling_params_text(const char *params, char *out, size_t size)
{
	wa_buf_t b = wa_buf_on(out, size > 0 ? size - 1 : 0);
	struct json_object *o = NULL;
	int ret;

	if(wa_json_parse(&o, wa_sv_from(params)) == 0
			&& json_object_is_type(o, json_type_object))
		put_params(&b, o);
	json_object_put(o);
	ret = wa_buf_check(&b);
	if(size > 0)
		out[ret == 0 ? b.len : 0] = '\0';
	return ret;
}
