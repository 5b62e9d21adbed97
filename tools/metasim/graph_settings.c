/* /<phone number id>/settings: what GET shows, what POST changes.
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "graph_settings.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static bool flip_srtp;

void settings_flip_srtp(bool on)
{
	flip_srtp = on;
}

static bool is_enabled(struct json_object *v)
{
	return 0 == strcmp(json_object_get_string(v), "ENABLED");
}

static struct json_object *status_json(bool enabled)
{
	return json_object_new_string(enabled ? "ENABLED" : "DISABLED");
}

/* app_id and port are integers in the one GET that was seen in the field; port
 * stands there only when it was written. */
static struct json_object *server_json(const struct store_server *s, bool credentials)
{
	struct json_object *o = json_object_new_object();
	long long app_id = strtoll(s->app_id, NULL, 10);

	json_object_object_add(o, "hostname", json_object_new_string(s->hostname));
	if(s->port_set)
		json_object_object_add(o, "port", json_object_new_int((int)s->port));
	if(s->params)
		json_object_object_add(
				o, "request_uri_user_params", json_object_get(s->params));
	json_object_object_add(o, "app_id", json_object_new_int64(app_id));
	if(credentials)
		json_object_object_add(
				o, "sip_user_password", json_object_new_string(s->password));
	return o;
}

static struct json_object *sip_json(const struct store_number *n, bool credentials)
{
	struct json_object *sip = json_object_new_object();
	struct json_object *servers = json_object_new_array();

	json_object_object_add(sip, "status", status_json(n->sip_enabled));
	if(n->webhook_delivery)
		json_object_object_add(
				sip, "webhook_delivery", json_object_get(n->webhook_delivery));
	for(struct le *le = n->servers.head; le; le = le->next)
		json_object_array_add(servers, server_json(le->data, credentials));
	if(json_object_array_length(servers) > 0)
		json_object_object_add(sip, "servers", servers);
	else
		json_object_put(servers);
	return sip;
}

struct json_object *settings_get(const struct store_number *n, bool credentials)
{
	struct json_object *body = json_object_new_object();
	struct json_object *calling = json_object_new_object();

	json_object_object_foreach(n->calling, key, val)
		json_object_object_add(calling, key, json_object_get(val));
	json_object_object_add(calling, "sip", sip_json(n, credentials));
	if(n->srtp_ever_set)
		json_object_object_add(calling, "srtp_key_exchange_protocol",
				json_object_new_string(n->sdes ? "SDES" : "DTLS"));
	if(n->restrictions) {
		struct json_object *o = json_object_new_object();

		json_object_object_add(o, "restrictions_list", json_object_get(n->restrictions));
		json_object_object_add(calling, "restrictions", o);
	}
	json_object_object_add(body, "calling", calling);
	return body;
}

/* While SIP is enabled at least one server, of any app, must exist. */
static int check_server_left(const struct store_number *n, const char *app_id,
		struct json_object *sip, struct graph_error *e)
{
	struct json_object *v;
	bool enabled = n->sip_enabled;
	size_t own = store_server_by_app(n, app_id) ? 1 : 0;
	size_t others = list_count(&n->servers) - own;

	if(json_object_object_get_ex(sip, "status", &v))
		enabled = is_enabled(v);
	if(json_object_object_get_ex(sip, "servers", &v))
		own = json_object_array_length(v);
	if(enabled && own + others == 0)
		return graph_error_parameter(e,
				"calling.sip: at least one server is required while SIP is enabled");
	return 0;
}

/* One entry per number and app; its password lives as long as the entry, so
 * that clearing and writing it again is what changes the password. */
static int write_server(
		struct store_number *n, const char *app_id, struct json_object *server)
{
	const char *hostname =
			json_object_get_string(json_object_object_get(server, "hostname"));
	struct store_server *s = store_server_by_app(n, app_id);
	struct json_object *v;
	int err;

	err = s ? store_str_set(&s->hostname, hostname)
			: store_server_add(&s, n, app_id, hostname);
	if(err)
		return err;
	s->port_set = json_object_object_get_ex(server, "port", &v);
	s->port = s->port_set ? (uint32_t)json_object_get_int(v) : 5061;
	json_object_put(s->params);
	s->params = NULL;
	if(json_object_object_get_ex(server, "request_uri_user_params", &v))
		s->params = json_object_get(v);
	return 0;
}

/* Only the entry of the calling app is touched. */
static int apply_servers(
		struct store_number *n, const char *app_id, struct json_object *servers)
{
	if(json_object_array_length(servers) == 0) {
		mem_deref(store_server_by_app(n, app_id));
		return 0;
	}
	return write_server(n, app_id, json_object_array_get_idx(servers, 0));
}

static int apply_sip(struct store_number *n, const char *app_id, struct json_object *sip)
{
	struct json_object *v;

	if(json_object_object_get_ex(sip, "status", &v))
		n->sip_enabled = is_enabled(v);
	if(json_object_object_get_ex(sip, "webhook_delivery", &v)) {
		json_object_put(n->webhook_delivery);
		n->webhook_delivery = json_object_get(v);
	}
	if(json_object_object_get_ex(sip, "servers", &v))
		return apply_servers(n, app_id, v);
	return 0;
}

/* "audio" as it now stands in `calling`: the SIP side reads the flags. */
static void note_codecs(struct store_number *n)
{
	struct json_object *audio, *list;

	n->pcma = n->pcmu = false;
	if(!json_object_object_get_ex(n->calling, "audio", &audio)
			|| !json_object_object_get_ex(audio, "additional_codecs", &list))
		return;
	for(size_t i = 0; i < json_object_array_length(list); i++) {
		const char *name = json_object_get_string(json_object_array_get_idx(list, i));

		n->pcma |= 0 == strcmp(name, "PCMA");
		n->pcmu |= 0 == strcmp(name, "PCMU");
	}
}

static int apply(struct store_number *n, const char *app_id, struct json_object *calling)
{
	struct json_object *sip = NULL, *v;
	int err = 0;

	json_object_object_foreach(calling, key, val)
	{
		if(0 == strcmp(key, "sip"))
			sip = val;
		else if(0 != strcmp(key, "srtp_key_exchange_protocol"))
			json_object_object_add(n->calling, key, json_object_get(val));
	}
	n->calling_enabled = is_enabled(json_object_object_get(n->calling, "status"));
	note_codecs(n);
	if(json_object_object_get_ex(calling, "srtp_key_exchange_protocol", &v)) {
		n->sdes = 0 == strcmp(json_object_get_string(v), "SDES");
		n->srtp_ever_set = true;
	}
	if(sip) {
		err = apply_sip(n, app_id, sip);
		if(flip_srtp)
			n->sdes = false;
	}
	return err;
}

int settings_post(struct store_number *n, const char *app_id, struct json_object *body,
		struct graph_error *e)
{
	struct json_object *calling, *sip;

	if(!json_object_is_type(body, json_type_object))
		return graph_error_parameter(e, "the body must be a JSON object");
	json_object_object_foreach(body, key, val)
	{
		(void)val;
		if(0 != strcmp(key, "calling"))
			return graph_error_parameter(e, "Unexpected key \"%.60s\"", key);
	}
	if(!json_object_object_get_ex(body, "calling", &calling))
		return graph_error_parameter(e, "calling is required");
	if(settings_check(calling, e))
		return EPROTO;
	if(json_object_object_get_ex(calling, "sip", &sip)
			&& check_server_left(n, app_id, sip, e))
		return EPROTO;
	if(apply(n, app_id, calling))
		return graph_error_set(e, 500, GRAPH_UNKNOWN, "An unknown error occurred");
	return 0;
}
