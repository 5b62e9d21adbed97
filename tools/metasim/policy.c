/* What Meta allows and how its users behave.
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "policy.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "args.h"

static const struct arg_member members[] = {
	{"permitted", json_type_null},
	{"challenge", json_type_null},
	{"nonce_reuse", json_type_boolean},
	{"nonce_ttl_ms", json_type_int},
	{"wrong_answer", json_type_int},
	{"action", json_type_string},
	{"ringing", json_type_boolean},
	{"ring_ms", json_type_int},
	{"hangup_ms", json_type_int},
	{"user_id", json_type_string},
	{"user_name", json_type_string},
	{"parent_user_id", json_type_string},
	{"refuse", json_type_object},
	{"day_limit", json_type_int},
	{"capacity", json_type_int},
	{"media", json_type_object},
	{NULL, json_type_null},
};

static const struct arg_member refuse_members[] = {
	{"code", json_type_int},
	{"reason", json_type_string},
	{"warning", json_type_string},
	{"count", json_type_int},
	{NULL, json_type_null},
};

static struct json_object *users;
static struct json_object *configured; /* what "users" began with, or NULL */
static struct json_object *connected; /* "digits>user": count */

static bool challenge_ok(const char *text)
{
	static const char *const words[] = {
			"none", "md5", "sha256", "both", "md5+stale", "sha256+stale",
			"both+stale", "401", "401+stale", NULL};

	for(size_t i = 0; words[i]; i++)
		if(text && strcmp(text, words[i]) == 0)
			return true;
	return false;
}

static int check_challenge(struct json_object *val, char *why, size_t size)
{
	bool ok = true;

	if(json_object_is_type(val, json_type_array)) {
		for(size_t i = 0; i < json_object_array_length(val); i++)
			ok = ok
				 && challenge_ok(json_object_get_string(
						 json_object_array_get_idx(val, i)));
	} else if(val) {
		ok = challenge_ok(json_object_get_string(val));
	}
	if(ok)
		return 0;
	snprintf(why, size,
			"policy: \"challenge\" is one or a list of none, md5, sha256, both, "
			"401, each but none also with +stale");
	return EINVAL;
}

static int check(struct json_object *set, char *why, size_t size)
{
	static const char *const actions[] = {
			"answer", "decline", "noanswer", "ring", NULL};
	const char *action = arg_str(set, "action", "answer");
	struct json_object *refuse = arg_get(set, "refuse");
	size_t i = 0;
	int err = args_check(set, members, "policy", why, size);

	if(!err)
		err = check_challenge(arg_get(set, "challenge"), why, size);
	if(!err && refuse)
		err = args_check(refuse, refuse_members, "policy refuse", why, size);
	if(err)
		return err;
	while(actions[i] && strcmp(actions[i], action) != 0)
		i++;
	if(actions[i])
		return 0;
	snprintf(why, size,
			"policy: \"action\" is one of answer, decline, noanswer, ring");
	return EINVAL;
}

int policy_set(const char *user, struct json_object *set, char *why, size_t size)
{
	struct json_object *to = arg_get(users, user), *copy = NULL;
	int err = check(set, why, size);

	if(err)
		return err;
	if(to == NULL) {
		to = json_object_new_object();
		json_object_object_add(users, user, to);
	}
	json_object_object_foreach(set, key, val)
	{
		if(val == NULL) {
			json_object_object_del(to, key);
			continue;
		}
		copy = NULL;
		if(json_object_deep_copy(val, &copy, NULL) != 0)
			return ENOMEM;
		json_object_object_add(to, key, copy);
	}
	return 0;
}

int policy_init(struct json_object *cfg, char *why, size_t size)
{
	policy_close();
	users = json_object_new_object();
	connected = json_object_new_object();
	configured = json_object_get(cfg);
	if(users == NULL || connected == NULL)
		return ENOMEM;
	if(cfg == NULL)
		return 0;
	json_object_object_foreach(cfg, user, set)
	{
		int err = policy_set(user, set, why, size);

		if(err)
			return err;
	}
	return 0;
}

void policy_close(void)
{
	json_object_put(users);
	json_object_put(connected);
	json_object_put(configured);
	users = connected = configured = NULL;
}

/* The configuration was found good before. */
static void clear_all(void)
{
	struct json_object *cfg = json_object_get(configured);
	char why[1];

	policy_init(cfg, why, sizeof(why));
	json_object_put(cfg);
}

void policy_clear(const char *user)
{
	size_t len = user ? strlen(user) : 0;
	struct json_object_iterator it, end;

	if(user == NULL) {
		clear_all();
		return;
	}
	json_object_object_del(users, user);
	end = json_object_iter_end(connected);
	it = json_object_iter_begin(connected);
	while(!json_object_iter_equal(&it, &end)) {
		const char *key = json_object_iter_peek_name(&it);
		size_t n = strlen(key);
		bool his = n > len && key[n - len - 1] == '>'
				   && strcmp(key + n - len, user) == 0;

		json_object_iter_next(&it);
		if(his)
			json_object_object_del(connected, key);
	}
}

struct json_object *policy_get(const char *user, const char *name)
{
	struct json_object *val = arg_get(arg_get(users, user), name);

	return val ? val : arg_get(arg_get(users, "*"), name);
}

const char *policy_str(const char *user, const char *name, const char *def)
{
	struct json_object *val = policy_get(user, name);

	return val ? json_object_get_string(val) : def;
}

int policy_int(const char *user, const char *name, int def)
{
	struct json_object *val = policy_get(user, name);

	return val ? json_object_get_int(val) : def;
}

bool policy_bool(const char *user, const char *name, bool def)
{
	struct json_object *val = policy_get(user, name);

	return val ? json_object_get_boolean(val) : def;
}

bool policy_permitted(const char *user, const char *digits)
{
	struct json_object *val = policy_get(user, "permitted");

	if(!json_object_is_type(val, json_type_array))
		return val == NULL || json_object_get_boolean(val);
	for(size_t i = 0; i < json_object_array_length(val); i++)
		if(strcmp(digits, json_object_get_string(
								   json_object_array_get_idx(val, i)))
				== 0)
			return true;
	return false;
}

struct json_object *policy_take_refusal(const char *user)
{
	struct json_object *refuse = policy_get(user, "refuse");
	int count = arg_int(refuse, "count", -1);

	if(refuse == NULL || count == 0)
		return NULL;
	if(count > 0)
		json_object_object_add(
				refuse, "count", json_object_new_int(count - 1));
	return refuse;
}

static const char *pair(char *key, size_t size, const char *user, const char *digits)
{
	snprintf(key, size, "%s>%s", digits, user);
	return key;
}

void policy_connected(const char *user, const char *digits)
{
	char key[320];
	int n = policy_connected_count(user, digits);

	json_object_object_add(connected, pair(key, sizeof(key), user, digits),
			json_object_new_int(n + 1));
}

int policy_connected_count(const char *user, const char *digits)
{
	char key[320];

	return arg_int(connected, pair(key, sizeof(key), user, digits), 0);
}
