/* health_status of a phone number.
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "graph_health.h"

#include <string.h>

enum
{
	HEALTH_NO_SERVER = 138024, /* of the number */
	HEALTH_NO_APP_SERVER = 138025, /* of the app */
};

static struct json_object *errors_json(int code, const char *description)
{
	struct json_object *list = json_object_new_array();
	struct json_object *err = json_object_new_object();

	json_object_object_add(err, "error_code", json_object_new_int(code));
	json_object_object_add(err, "error_description", json_object_new_string(description));
	json_object_array_add(list, err);
	return list;
}

static void add_entity(struct json_object *list, const char *type, const char *id)
{
	struct json_object *o = json_object_new_object();

	json_object_object_add(o, "entity_type", json_object_new_string(type));
	json_object_object_add(o, "id", json_object_new_string(id));
	json_object_object_add(o, "can_send_message", json_object_new_string("AVAILABLE"));
	json_object_array_add(list, o);
}

/* Only PHONE_NUMBER and APP have can_receive_call_sip. `ok` is what the store
 * makes of it; "graph_health" overrides. */
static void add_sip(struct json_object *list, const struct store_number *n, bool ok,
		int code, const char *description)
{
	struct json_object *o =
			json_object_array_get_idx(list, json_object_array_length(list) - 1);
	const char *type = json_object_get_string(json_object_object_get(o, "entity_type"));
	struct json_object *forced;

	if(n->health && json_object_object_get_ex(n->health, type, &forced)) {
		json_object_object_add(o, "can_receive_call_sip", json_object_get(forced));
		return;
	}
	json_object_object_add(o, "can_receive_call_sip",
			json_object_new_string(ok ? "AVAILABLE" : "BLOCKED"));
	if(!ok)
		json_object_object_add(o, "errors", errors_json(code, description));
}

struct json_object *graph_health(const struct store_number *n, const char *app_id)
{
	struct json_object *health = json_object_new_object();
	struct json_object *list = json_object_new_array();

	add_entity(list, "PHONE_NUMBER", n->id);
	add_sip(list, n, n->sip_enabled && n->servers.head != NULL, HEALTH_NO_SERVER,
			"No SIP server is configured for this phone number");
	add_entity(list, "WABA", n->waba_id);
	add_entity(list, "BUSINESS", "506914307656634");
	if(app_id) {
		add_entity(list, "APP", app_id);
		add_sip(list, n, n->app_authorized && store_server_by_app(n, app_id) != NULL,
				HEALTH_NO_APP_SERVER, "No SIP server is configured by this app");
	}
	json_object_object_add(health, "can_send_message", json_object_new_string("AVAILABLE"));
	json_object_object_add(health, "entities", list);
	return health;
}
