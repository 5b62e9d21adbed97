/* The configuration file.
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "config.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "args.h"

struct config config;

static const struct arg_member top_members[] = {
	{"sip", json_type_object},
	{"resolve", json_type_object},
	{"timers", json_type_object},
	{"policy", json_type_object},
	{"numbers", json_type_array},
	{"graph", json_type_object},
	{"media", json_type_object},
	{NULL, json_type_null},
};

static const struct arg_member sip_members[] = {
	{"listen", json_type_string},
	{"source", json_type_string},
	{"domain", json_type_string},
	{"proxy", json_type_string},
	{"user_agent", json_type_string},
	{"cert", json_type_string},
	{"key", json_type_string},
	{"ca", json_type_string},
	{"client_cert", json_type_string},
	{"client_key", json_type_string},
	{"tls_min", json_type_string},
	{"tls_max", json_type_string},
	{"trace", json_type_boolean},
	{"reuse_connections", json_type_boolean},
	{"forbid", json_type_array},
	{NULL, json_type_null},
};

static const struct arg_member timer_members[] = {
	{"t1_ms", json_type_int},
	{"t2_ms", json_type_int},
	{"scale", json_type_double},
	{NULL, json_type_null},
};

static int load_file(const char *file, char *why, size_t size)
{
	if(access(file, R_OK) != 0) {
		snprintf(why, size, "%s: %s", file, strerror(errno));
		return EINVAL;
	}
	config.root = json_object_from_file(file);
	if(config.root == NULL) {
		const char *text = json_util_get_last_err();

		snprintf(why, size, "%s: %.200s", file, text ? text : "not JSON");
		why[strcspn(why, "\n")] = '\0';
		return EINVAL;
	}
	return args_check(config.root, top_members, file, why, size);
}

static int readable(const char *what, const char *file, bool required,
		char *why, size_t size)
{
	if(file == NULL && !required)
		return 0;
	if(file == NULL) {
		snprintf(why, size, "sip: \"%s\" is missing", what);
		return EINVAL;
	}
	if(access(file, R_OK) != 0) {
		snprintf(why, size, "sip: \"%s\": %s: %s", what, file, strerror(errno));
		return EINVAL;
	}
	return 0;
}

static bool version_known(const char *v)
{
	return strcmp(v, "1.2") == 0 || strcmp(v, "1.3") == 0;
}

int config_tls(struct tls_files *tls, struct json_object *obj, char *why,
		size_t size)
{
	tls->cert = arg_str(obj, "cert", tls->cert);
	tls->key = arg_str(obj, "key", tls->key);
	tls->ca = arg_str(obj, "ca", tls->ca);
	tls->client_cert = arg_str(obj, "client_cert", tls->client_cert);
	tls->client_key = arg_str(obj, "client_key", tls->client_key);
	tls->min = arg_str(obj, "tls_min", tls->min ? tls->min : "1.2");
	tls->max = arg_str(obj, "tls_max", tls->max ? tls->max : "1.3");

	int err = readable("cert", tls->cert, true, why, size);
	if(!err)
		err = readable("key", tls->key, true, why, size);
	if(!err)
		err = readable("ca", tls->ca, true, why, size);
	if(!err)
		err = readable("client_cert", tls->client_cert, false, why, size);
	if(!err)
		err = readable("client_key", tls->client_key, false, why, size);
	if(!err && (!version_known(tls->min) || !version_known(tls->max))) {
		snprintf(why, size, "sip: tls_min and tls_max are \"1.2\" or \"1.3\"");
		err = EINVAL;
	}
	if(!err && (tls->client_cert == NULL) != (tls->client_key == NULL)) {
		snprintf(why, size, "sip: client_cert and client_key go together");
		err = EINVAL;
	}
	return err;
}

void config_keep_tls(const struct tls_files *tls, struct json_object *owner)
{
	struct json_object *kept = arg_get(config.root, "kept");

	if(kept == NULL) {
		kept = json_object_new_array();
		json_object_object_add(config.root, "kept", kept);
	}
	json_object_array_add(kept, json_object_get(owner));
	config.tls = *tls;
}

static int read_addresses(struct json_object *sip, char *why, size_t size)
{
	const char *text = arg_str(sip, "listen", "");

	if(sa_decode(&config.listen, text, strlen(text)) != 0) {
		snprintf(why, size, "sip: \"listen\" must be \"IP:PORT\", is \"%.60s\"",
				text);
		return EINVAL;
	}
	config.source = config.listen;
	sa_set_port(&config.source, 0);
	text = arg_str(sip, "source", NULL);
	if(text && sa_set_str(&config.source, text, 0) != 0) {
		snprintf(why, size, "sip: \"source\" must be an IP, is \"%.60s\"", text);
		return EINVAL;
	}
	return 0;
}

static int read_sip(char *why, size_t size)
{
	struct json_object *sip = arg_get(config.root, "sip");
	int err;

	if(sip == NULL) {
		snprintf(why, size, "\"sip\" is missing");
		return EINVAL;
	}
	err = args_check(sip, sip_members, "sip", why, size);
	if(err)
		return err;
	config.domain = arg_str(sip, "domain", "wa.meta.vc");
	config.proxy = arg_str(sip, "proxy", "onevc-sip-proxy.fbinfra.net:8191");
	config.user_agent = arg_str(sip, "user_agent", "Facebook SipGateway");
	config.trace = arg_bool(sip, "trace", true);
	config.reuse = arg_bool(sip, "reuse_connections", true);
	config.forbid = arg_get(sip, "forbid");
	err = read_addresses(sip, why, size);
	return err ? err : config_tls(&config.tls, sip, why, size);
}

static int read_timers(char *why, size_t size)
{
	struct json_object *timers = arg_get(config.root, "timers");
	int t1 = arg_int(timers, "t1_ms", 500), t2 = arg_int(timers, "t2_ms", 4000);

	config.scale = arg_double(timers, "scale", 1.0);
	config.t1_ms = t1;
	config.t2_ms = t2;
	if(timers && args_check(timers, timer_members, "timers", why, size) != 0)
		return EINVAL;
	if(t1 < 1 || t2 < t1 || config.scale <= 0 || config.scale > 100) {
		snprintf(why, size,
				"timers: 1 <= t1_ms <= t2_ms and 0 < scale <= 100 are needed");
		return EINVAL;
	}
	return 0;
}

static bool is_place(const char *text)
{
	struct sa sa;

	return text != NULL
		   && (sa_decode(&sa, text, strlen(text)) == 0 || sa_set_str(&sa, text, 0) == 0);
}

int config_move(const char *host, const char *to)
{
	if(config.resolve == NULL || !is_place(to)
			|| json_object_object_get(config.resolve, host) == NULL)
		return ENOENT;
	return json_object_object_add(config.resolve, host, json_object_new_string(to)) == 0
				   ? 0
				   : ENOMEM;
}

/* Every value of "resolve" is "IP" or "IP:PORT". */
static int check_resolve(char *why, size_t size)
{
	config.resolve = arg_get(config.root, "resolve");
	if(config.resolve == NULL)
		return 0;
	json_object_object_foreach(config.resolve, host, val)
	{
		if(!is_place(json_object_get_string(val))) {
			snprintf(why, size, "resolve: \"%.100s\" must be \"IP:PORT\" or \"IP\"",
					host);
			return EINVAL;
		}
	}
	return 0;
}

int config_load(const char *file, char *why, size_t size)
{
	int err = load_file(file, why, size);

	if(!err)
		err = read_sip(why, size);
	if(!err)
		err = read_timers(why, size);
	if(!err)
		err = check_resolve(why, size);
	return err;
}

void config_close(void)
{
	json_object_put(config.root);
	memset(&config, 0, sizeof(config));
}

uint64_t config_ms(unsigned ms)
{
	double scaled = ms * config.scale;

	return scaled < 1 ? 1 : (uint64_t)scaled;
}

int config_resolve(struct sa *sa, const struct pl *host, uint16_t port)
{
	char name[256];
	const char *text;

	if(sa_set(sa, host, port) == 0)
		return 0;
	if(pl_strcpy(host, name, sizeof(name)) != 0)
		return ENOENT;
	text = arg_str(config.resolve, name, NULL);
	if(text == NULL)
		return ENOENT;
	if(sa_decode(sa, text, strlen(text)) == 0 && sa_port(sa) != 0)
		return 0;
	return sa_set_str(sa, text, port) ? ENOENT : 0;
}
