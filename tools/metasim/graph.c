/* The Graph API of the simulator: configuration and commands.
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "graph.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <re/re.h>

#include "event.h"
#include "graph_fault.h"
#include "graph_http.h"
#include "graph_settings.h"
#include "graph_token.h"
#include "store.h"

typedef int(command_h)(struct json_object *cmd, char *why, size_t size);

static const char *text(struct json_object *o, const char *key, const char *def)
{
	struct json_object *v;

	return json_object_object_get_ex(o, key, &v) ? json_object_get_string(v) : def;
}

static bool flag(struct json_object *o, const char *key)
{
	struct json_object *v;

	return json_object_object_get_ex(o, key, &v) && json_object_get_boolean(v);
}

/* "v25.0" -> 25 */
static unsigned version_major(const char *text_version)
{
	return (unsigned)strtoul(text_version + (text_version[0] == 'v'), NULL, 10);
}

static int add_tokens(struct json_object *cfg, char *why, size_t size)
{
	struct json_object *list;

	if(!json_object_object_get_ex(cfg, "tokens", &list))
		return 0;
	for(size_t i = 0; i < json_object_array_length(list); i++) {
		int err = graph_token_add(json_object_array_get_idx(list, i));

		if(err) {
			(void)re_snprintf(why, size,
					"graph.tokens[%zu]: token, app_id and a list of permissions", i);
			return err;
		}
	}
	return 0;
}

int graph_init(struct json_object *cfg, char *why, size_t size)
{
	const char *addr = text(cfg, "listen", "");
	const char *cert = text(cfg, "cert", "");
	struct graph_http_config http = {
			.min_version = version_major(text(cfg, "min_version", "v17.0")),
			.max_version = version_major(text(cfg, "max_version", "v26.0")),
			.trace = !json_object_object_get_ex(cfg, "trace", NULL) || flag(cfg, "trace"),
			.page_size = (unsigned)strtoul(text(cfg, "page_size", "25"), NULL, 10),
	};
	struct sa laddr;
	int err;

	err = sa_decode(&laddr, addr, strlen(addr));
	if(err) {
		(void)re_snprintf(why, size, "graph.listen: \"%s\" is no IP:PORT", addr);
		return err;
	}
	if(http.page_size == 0) {
		(void)re_snprintf(why, size, "graph.page_size: a positive number");
		return EINVAL;
	}
	err = add_tokens(cfg, why, size);
	if(err)
		return err;
	err = graph_http_listen(&laddr, cert, text(cfg, "key", cert), &http);
	if(err)
		(void)re_snprintf(why, size, "graph: %J, certificate %s: %m", &laddr, cert, err);
	return err;
}

void graph_close(void)
{
	graph_http_close();
	graph_fault_clear();
	graph_token_close();
}

/* The number that a command names by "id" (or "digits"). */
static struct store_number *named(struct json_object *cmd, char *why, size_t size)
{
	const char *digits = text(cmd, "digits", "");
	struct store_number *n = store_by_id(text(cmd, "id", ""));
	struct pl pl;

	pl_set_str(&pl, digits);
	if(n == NULL)
		n = store_by_digits(&pl);
	if(n == NULL)
		(void)re_snprintf(why, size, "no such number (\"id\" or \"digits\")");
	return n;
}

/* {"cmd":"graph_settings","id","app_id","calling":{...}}: a change that somebody
 * makes elsewhere, such as in WhatsApp Manager. */
static int cmd_settings(struct json_object *cmd, char *why, size_t size)
{
	struct store_number *n = named(cmd, why, size);
	struct json_object *body = json_object_new_object();
	struct graph_error e;
	int err = n ? 0 : ENOENT;

	json_object_object_add(body, "calling",
			json_object_get(json_object_object_get(cmd, "calling")));
	if(!err && settings_post(n, text(cmd, "app_id", "0"), body, &e)) {
		(void)re_snprintf(why, size, "graph_settings: %s", e.details);
		err = EINVAL;
	}
	json_object_put(body);
	return err;
}

/* {"cmd":"graph_password","id","app_id"[,"password"]}: Meta's side has a new one. */
static int cmd_password(struct json_object *cmd, char *why, size_t size)
{
	struct store_number *n = named(cmd, why, size);
	const char *password = text(cmd, "password", NULL);
	struct store_server *s;

	if(n == NULL)
		return ENOENT;
	s = store_server_by_app(n, text(cmd, "app_id", "0"));
	if(s == NULL) {
		(void)re_snprintf(why, size, "no server of that app");
		return ENOENT;
	}
	return password ? store_str_set(&s->password, password) : store_new_password(s);
}

/* {"cmd":"graph_option","flip_srtp":true,"clock_off_s":90}: what is absent is as
 * it was. */
static int cmd_option(struct json_object *cmd, char *why, size_t size)
{
	struct json_object *v;

	(void)why;
	(void)size;
	if(json_object_object_get_ex(cmd, "flip_srtp", &v))
		settings_flip_srtp(json_object_get_boolean(v));
	if(json_object_object_get_ex(cmd, "clock_off_s", &v))
		graph_http_clock(json_object_get_int(v));
	return 0;
}

/* {"cmd":"graph_authorize","id","authorized":false}: the app that wrote the
 * server has no whatsapp_business_messaging on the number. */
static int cmd_authorize(struct json_object *cmd, char *why, size_t size)
{
	struct store_number *n = named(cmd, why, size);

	if(n == NULL)
		return ENOENT;
	n->app_authorized = flag(cmd, "authorized");
	return 0;
}

/* {"cmd":"graph_health","id","can_receive_call_sip":{"APP":"BLOCKED"}}; without
 * the member, back to what the store makes of it. */
static int cmd_health(struct json_object *cmd, char *why, size_t size)
{
	struct store_number *n = named(cmd, why, size);

	if(n == NULL)
		return ENOENT;
	json_object_put(n->health);
	n->health = json_object_get(json_object_object_get(cmd, "can_receive_call_sip"));
	return 0;
}

/* {"cmd":"graph_restrict","id","restrictions":[{"type","reason","expiration"}]};
 * without the member there are none any more. */
static int cmd_restrict(struct json_object *cmd, char *why, size_t size)
{
	struct store_number *n = named(cmd, why, size);

	if(n == NULL)
		return ENOENT;
	json_object_put(n->restrictions);
	n->restrictions = json_object_get(json_object_object_get(cmd, "restrictions"));
	return 0;
}

/* {"cmd":"graph_number","number":{...}}: as a member of "numbers" in the
 * configuration. */
static int cmd_number(struct json_object *cmd, char *why, size_t size)
{
	return store_add(json_object_object_get(cmd, "number"), why, size);
}

/* {"cmd":"graph_release"} */
static int cmd_release(struct json_object *cmd, char *why, size_t size)
{
	(void)cmd;
	(void)why;
	(void)size;
	graph_http_release();
	return 0;
}

static const struct
{
	const char *name;
	command_h *h;
} commands[] = {
		{"graph_fault", graph_fault_command},
		{"graph_fault_clear", graph_fault_command},
		{"graph_release", cmd_release},
		{"graph_token", graph_token_command},
		{"graph_settings", cmd_settings},
		{"graph_password", cmd_password},
		{"graph_option", cmd_option},
		{"graph_authorize", cmd_authorize},
		{"graph_health", cmd_health},
		{"graph_restrict", cmd_restrict},
		{"graph_number", cmd_number},
};

int graph_command(struct json_object *cmd, char *why, size_t size)
{
	const char *name = text(cmd, "cmd", "");

	for(size_t i = 0; i < ARRAY_SIZE(commands); i++)
		if(0 == strcmp(name, commands[i].name))
			return commands[i].h(cmd, why, size);
	(void)re_snprintf(why, size, "no such command: %s", name);
	return ENOSYS;
}
