/* The business numbers as Meta knows them.
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "store.h"

#include <errno.h>
#include <string.h>

#include "graph_settings.h"

enum
{
	PASSWORD_BYTES = 24, /* of randomness: 32 characters of base64 */
};

static struct list numbers;

static void server_destructor(void *arg)
{
	struct store_server *s = arg;

	list_unlink(&s->le);
	mem_deref(s->app_id);
	mem_deref(s->hostname);
	mem_deref(s->password);
	json_object_put(s->params);
}

static void number_destructor(void *arg)
{
	struct store_number *n = arg;

	list_unlink(&n->le);
	list_flush(&n->servers);
	mem_deref(n->id);
	mem_deref(n->waba_id);
	mem_deref(n->digits);
	mem_deref(n->display);
	mem_deref(n->verified_name);
	mem_deref(n->account_mode);
	json_object_put(n->calling);
	json_object_put(n->webhook_delivery);
	json_object_put(n->health);
	json_object_put(n->restrictions);
}

int store_init(void)
{
	list_init(&numbers);
	return 0;
}

void store_close(void)
{
	list_flush(&numbers);
}

struct list *store_numbers(void)
{
	return &numbers;
}

int store_str_set(char **dst, const char *text)
{
	char *copy = NULL;
	int err = str_dup(&copy, text);

	if(err)
		return err;
	mem_deref(*dst);
	*dst = copy;
	return 0;
}

int store_new_password(struct store_server *s)
{
	uint8_t raw[PASSWORD_BYTES];
	char text[PASSWORD_BYTES * 2];
	size_t len = sizeof(text) - 1;
	int err;

	rand_bytes(raw, sizeof(raw));
	err = base64_encode(raw, sizeof(raw), text, &len);
	if(err)
		return err;
	text[len] = '\0';
	return store_str_set(&s->password, text);
}

int store_server_add(struct store_server **sp, struct store_number *n,
		const char *app_id, const char *hostname)
{
	struct store_server *s = mem_zalloc(sizeof(*s), server_destructor);
	int err;

	if(s == NULL)
		return ENOMEM;
	err = str_dup(&s->app_id, app_id);
	err |= str_dup(&s->hostname, hostname);
	err |= store_new_password(s);
	if(err) {
		mem_deref(s);
		return ENOMEM;
	}
	s->port = 5061;
	list_append(&n->servers, &s->le, s);
	*sp = s;
	return 0;
}

static const char *member(struct json_object *o, const char *key, const char *def)
{
	struct json_object *v;

	return json_object_object_get_ex(o, key, &v) ? json_object_get_string(v) : def;
}

/* An entry that another app wrote, for tests of "several entries in GET". */
static int add_other_server(struct store_number *n, struct json_object *cfg)
{
	const char *app = member(cfg, "app_id", NULL);
	const char *host = member(cfg, "hostname", NULL);
	const char *password = member(cfg, "password", NULL);
	struct json_object *port;
	struct store_server *s;
	int err;

	if(app == NULL || host == NULL)
		return EINVAL;
	err = store_server_add(&s, n, app, host);
	if(err)
		return err;
	if(json_object_object_get_ex(cfg, "port", &port)) {
		s->port = (uint32_t)json_object_get_int(port);
		s->port_set = true;
	}
	return password ? store_str_set(&s->password, password) : 0;
}

static int add_other_servers(struct store_number *n, struct json_object *cfg)
{
	struct json_object *list;
	int err = 0;

	if(!json_object_object_get_ex(cfg, "other_servers", &list))
		return 0;
	for(size_t i = 0; !err && i < json_object_array_length(list); i++)
		err = add_other_server(n, json_object_array_get_idx(list, i));
	return err;
}

/* What a number shows that nobody has ever configured: calling is off. */
static struct json_object *calling_default(void)
{
	struct json_object *c = json_object_new_object();

	json_object_object_add(c, "status", json_object_new_string("DISABLED"));
	json_object_object_add(c, "call_icon_visibility", json_object_new_string("DEFAULT"));
	json_object_object_add(
			c, "callback_permission_status", json_object_new_string("DISABLED"));
	return c;
}

static int number_alloc(struct store_number **np, struct json_object *cfg)
{
	const char *id = member(cfg, "id", NULL);
	const char *digits = member(cfg, "digits", NULL);
	struct store_number *n;
	int err;

	if(id == NULL || digits == NULL)
		return EINVAL;
	n = mem_zalloc(sizeof(*n), number_destructor);
	if(n == NULL)
		return ENOMEM;
	err = str_dup(&n->id, id);
	err |= str_dup(&n->digits, digits);
	err |= str_dup(&n->waba_id, member(cfg, "waba_id", "0"));
	err |= str_dup(&n->verified_name, member(cfg, "verified_name", "Example"));
	err |= str_dup(&n->account_mode, member(cfg, "account_mode", "LIVE"));
	err |= re_sdprintf(&n->display, "%s%s", member(cfg, "display", NULL) ? "" : "+",
			member(cfg, "display", digits));
	n->calling = calling_default();
	n->app_authorized = true;
	if(err)
		mem_deref(n);
	else
		*np = n;
	return err;
}

/* The initial settings, by the same door as a POST. */
static int apply_settings(
		struct store_number *n, struct json_object *cfg, char *why, size_t size)
{
	const char *app = member(cfg, "app_id", "0");
	const char *password = member(cfg, "password", NULL);
	struct graph_error ge;
	struct json_object *settings;
	struct store_server *s;

	if(json_object_object_get_ex(cfg, "settings", &settings)
			&& settings_post(n, app, settings, &ge)) {
		(void)re_snprintf(why, size, "number %s: settings: %s", n->digits, ge.details);
		return EINVAL;
	}
	if(password == NULL)
		return 0;
	s = store_server_by_app(n, app);
	if(s == NULL) {
		(void)re_snprintf(why, size, "number %s: a password, but no server of app %s",
				n->digits, app);
		return EINVAL;
	}
	return store_str_set(&s->password, password);
}

int store_add(struct json_object *cfg, char *why, size_t size)
{
	struct store_number *n = NULL;
	int err;

	(void)re_snprintf(why, size, "numbers: id and digits are required");
	err = number_alloc(&n, cfg);
	if(err)
		return err;
	if(store_by_id(n->id)) {
		(void)re_snprintf(why, size, "numbers: id %s is there twice", n->id);
		err = EEXIST;
		goto out;
	}
	(void)re_snprintf(why, size, "number %s: other_servers: app_id and hostname are required",
			n->digits);
	err = add_other_servers(n, cfg);
	if(err)
		goto out;
	err = apply_settings(n, cfg, why, size);

out:
	if(err)
		mem_deref(n);
	else
		list_append(&numbers, &n->le, n);
	return err;
}

struct store_number *store_by_id(const char *id)
{
	for(struct le *le = numbers.head; le; le = le->next) {
		struct store_number *n = le->data;

		if(0 == strcmp(n->id, id))
			return n;
	}
	return NULL;
}

struct store_number *store_by_digits(const struct pl *digits)
{
	for(struct le *le = numbers.head; le; le = le->next) {
		struct store_number *n = le->data;

		if(0 == pl_strcmp(digits, n->digits))
			return n;
	}
	return NULL;
}

/* `host` is `configured` or a parent domain of it: Meta takes "foo.com" in From
 * for a configured "bar.foo.com" (meta-calling.md 3.1). A name without a dot
 * would match every number below that top-level domain. */
static bool host_covers(const struct pl *host, const char *configured)
{
	size_t len = strlen(configured);
	struct pl tail;

	if(0 == pl_strcasecmp(host, configured))
		return true;
	if(host->l + 1 >= len || pl_strchr(host, '.') == NULL)
		return false;
	if(configured[len - host->l - 1] != '.')
		return false;
	pl_set_str(&tail, configured + len - host->l);
	return 0 == pl_casecmp(&tail, host);
}

struct store_server *store_server_by_host(
		const struct store_number *n, const struct pl *hostname)
{
	for(struct le *le = n->servers.head; le; le = le->next) {
		struct store_server *s = le->data;

		if(host_covers(hostname, s->hostname))
			return s;
	}
	return NULL;
}

struct store_server *store_server_by_app(
		const struct store_number *n, const char *app_id)
{
	for(struct le *le = n->servers.head; le; le = le->next) {
		struct store_server *s = le->data;

		if(0 == strcmp(s->app_id, app_id))
			return s;
	}
	return NULL;
}
