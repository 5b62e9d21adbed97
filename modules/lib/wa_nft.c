/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "wa_nft.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <json-c/json.h>

#include "wa_json.h"

#define DEPTH_MAX 16 /* of jumps; the kernel's own bound */
#define STEPS_MAX 1000000

/* What is asked for, and the ruleset it is asked of. */
typedef struct judge
{
	struct json_object *items;
	const char *proto;
	unsigned port;
	unsigned steps; /* chains that jump to each other have an end */
} judge_t;

enum fate
{
	PASSES, /* to the next rule */
	LEAVES, /* the chain, to the rule behind the jump; at least somebody's */
	ALL_LEAVE,
	LET_IN, /* at least somebody's */
	DROPPED /* everybody's */
};

static struct json_object *member(struct json_object *o, const char *name)
{
	struct json_object *v = NULL;

	if(json_object_is_type(o, json_type_object))
		json_object_object_get_ex(o, name, &v);
	return v;
}

static const char *text(struct json_object *o, const char *name)
{
	struct json_object *v = member(o, name);

	return json_object_is_type(v, json_type_string) ? json_object_get_string(v) : "";
}

static size_t count(struct json_object *list)
{
	return json_object_is_type(list, json_type_array) ? json_object_array_length(list) : 0;
}

static bool same_table(struct json_object *a, struct json_object *b)
{
	return strcmp(text(a, "family"), text(b, "family")) == 0
		   && strcmp(text(a, "table"), text(b, "table")) == 0;
}

/* --- values ---------------------------------------------------------------------- */

static bool is_between(struct json_object *range, unsigned port)
{
	return count(range) == 2
		   && json_object_get_int64(json_object_array_get_idx(range, 0)) <= (int64_t)port
		   && json_object_get_int64(json_object_array_get_idx(range, 1)) >= (int64_t)port;
}

/* One value of a match or of a set: a number, a text, a range. */
static bool one_holds(struct json_object *v, const char *word, unsigned port)
{
	struct json_object *inner = member(v, "elem");

	if(inner != NULL) /* with a comment, a time-out, ... */
		v = member(inner, "val") != NULL ? member(inner, "val") : inner;
	if(member(v, "range") != NULL)
		return is_between(member(v, "range"), port);
	if(json_object_is_type(v, json_type_int))
		return json_object_get_int64(v) == (int64_t)port;
	return json_object_is_type(v, json_type_string) && word != NULL
		   && strcmp(json_object_get_string(v), word) == 0;
}

static bool any_holds(struct json_object *list, const char *word, unsigned port)
{
	for(size_t i = 0; i < count(list); i++)
		if(one_holds(json_object_array_get_idx(list, i), word, port))
			return true;
	return false;
}

/* "@name": the elements of a named set of the rule's table. */
static struct json_object *named_set(
		const judge_t *j, struct json_object *rule, const char *name)
{
	for(size_t i = 0; i < count(j->items); i++) {
		struct json_object *set = member(json_object_array_get_idx(j->items, i), "set");

		if(set != NULL && same_table(set, rule) && strcmp(text(set, "name"), name) == 0)
			return member(set, "elem");
	}
	return NULL;
}

static bool holds(const judge_t *j, struct json_object *rule, struct json_object *right,
		const char *word, unsigned port)
{
	if(member(right, "set") != NULL)
		return any_holds(member(right, "set"), word, port);
	if(json_object_is_type(right, json_type_array))
		return any_holds(right, word, port);
	if(json_object_is_type(right, json_type_string)
			&& json_object_get_string(right)[0] == '@')
		return any_holds(
				named_set(j, rule, json_object_get_string(right) + 1), word, port);
	return one_holds(right, word, port);
}

/* --- rules ----------------------------------------------------------------------- */

static bool is_of_protocol(struct json_object *left)
{
	const char *field = text(member(left, "payload"), "field");

	return strcmp(text(member(left, "meta"), "key"), "l4proto") == 0 || strcmp(field, "protocol") == 0
		   || strcmp(field, "nexthdr") == 0;
}

static bool is_of_state(struct json_object *left)
{
	return strcmp(text(member(left, "ct"), "key"), "state") == 0;
}

static bool is_of_port(struct json_object *left)
{
	return strcmp(text(member(left, "payload"), "field"), "dport") == 0;
}

/* What is the same of every new connection to the port, whoever's it is. */
static bool is_of_all(struct json_object *left)
{
	return is_of_port(left) || is_of_protocol(left) || is_of_state(left);
}

/* Could a new connection to the port, from somebody, be what this is of? */
static bool may_be(const judge_t *j, struct json_object *rule, struct json_object *left,
		struct json_object *right, bool negated)
{
	struct json_object *payload = member(left, "payload");
	const char *field = text(payload, "field"), *key = text(member(left, "meta"), "key");
	const char *of = text(payload, "protocol");

	if(is_of_port(left))
		return (strcmp(of, j->proto) == 0 || strcmp(of, "th") == 0)
			   && holds(j, rule, right, NULL, j->port) != negated;
	if(is_of_protocol(left))
		return holds(j, rule, right, j->proto, 0) != negated;
	if(is_of_state(left))
		return holds(j, rule, right, "new", 0) != negated;
	if(strcmp(key, "iif") == 0 || strcmp(key, "iifname") == 0)
		return holds(j, rule, right, "lo", 0) == negated;
	/* icmp type, tcp flags, sport, ...: not said of such a connection; an address
	 * may be anybody's */
	return payload == NULL || strcmp(field, "saddr") == 0 || strcmp(field, "daddr") == 0;
}

static enum fate walk(judge_t *j, struct json_object *of, const char *name, unsigned depth);

/* What a verdict makes of it, of everybody's or only of some. */
static enum fate obey(
		judge_t *j, struct json_object *rule, struct json_object *verdict, bool all, unsigned depth)
{
	static const char *const to[] = {"jump", "goto"};
	struct json_object *v;
	enum fate fate;

	if(!json_object_is_type(verdict, json_type_object))
		return PASSES;
	if(json_object_object_get_ex(verdict, "accept", &v))
		return LET_IN;
	if(json_object_object_get_ex(verdict, "return", &v))
		return all ? ALL_LEAVE : LEAVES;
	if(json_object_object_get_ex(verdict, "drop", &v)
			|| json_object_object_get_ex(verdict, "reject", &v))
		return all ? DROPPED : PASSES;
	for(int i = 0; i < 2; i++) {
		if(member(verdict, to[i]) == NULL)
			continue;
		fate = walk(j, rule, text(member(verdict, to[i]), "target"), depth + 1);
		return fate == DROPPED && !all ? PASSES : fate;
	}
	return PASSES;
}

/* The pairs of a verdict map, written in the rule or named. */
static struct json_object *pairs_of(const judge_t *j, struct json_object *rule, struct json_object *data)
{
	const char *name = json_object_is_type(data, json_type_string) ? json_object_get_string(data) : "";

	if(*name != '@')
		return member(data, "set");
	for(size_t i = 0; i < count(j->items); i++) {
		struct json_object *map = member(json_object_array_get_idx(j->items, i), "map");

		if(map != NULL && same_table(map, rule) && strcmp(text(map, "name"), name + 1) == 0)
			return member(map, "elem");
	}
	return NULL;
}

static enum fate look_up(
		judge_t *j, struct json_object *rule, struct json_object *vmap, bool all, unsigned depth)
{
	struct json_object *key = member(vmap, "key"), *pairs = pairs_of(j, rule, member(vmap, "data"));
	enum fate fate = PASSES;

	for(size_t i = 0; i < count(pairs) && fate == PASSES; i++) {
		struct json_object *pair = json_object_array_get_idx(pairs, i);

		if(count(pair) == 2 && may_be(j, rule, key, json_object_array_get_idx(pair, 0), false))
			fate = obey(j, rule, json_object_array_get_idx(pair, 1), all && is_of_all(key), depth);
	}
	return fate;
}

/* Neither a verdict nor what only counts or tells: a rate, a quota, ... chooses among
 * connections. */
static bool chooses(struct json_object *e)
{
	static const char *const others[] = {
			"accept", "drop", "reject", "jump", "goto", "counter", "log", "return", "continue"};
	struct json_object *v;

	for(size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++)
		if(json_object_is_type(e, json_type_object)
				&& json_object_object_get_ex(e, others[i], &v))
			return false;
	return true;
}

static enum fate apply(judge_t *j, struct json_object *rule, unsigned depth)
{
	struct json_object *expr = member(rule, "expr");
	enum fate fate = PASSES;
	bool all = true;

	for(size_t i = 0; i < count(expr) && fate == PASSES; i++) {
		struct json_object *e = json_object_array_get_idx(expr, i), *m = member(e, "match");

		if(m != NULL) {
			if(!may_be(j, rule, member(m, "left"), member(m, "right"),
					   strcmp(text(m, "op"), "!=") == 0))
				return PASSES;
			all = all && is_of_all(member(m, "left"));
		} else if(member(e, "vmap") != NULL)
			fate = look_up(j, rule, member(e, "vmap"), all, depth);
		else if(chooses(e))
			all = false;
		else
			fate = obey(j, rule, e, all, depth);
	}
	return fate;
}

/* The rules of the chain `name` of the table that `of` is in, one after the other. */
static enum fate walk(judge_t *j, struct json_object *of, const char *name, unsigned depth)
{
	enum fate fate = PASSES;
	bool left = false;

	if(depth > DEPTH_MAX)
		return PASSES;
	for(size_t i = 0; i < count(j->items) && fate == PASSES && j->steps < STEPS_MAX; i++) {
		struct json_object *rule = member(json_object_array_get_idx(j->items, i), "rule");

		j->steps++;
		if(rule != NULL && same_table(rule, of) && strcmp(text(rule, "chain"), name) == 0)
			fate = apply(j, rule, depth);
		left = left || fate == LEAVES;
		if(fate == LEAVES)
			fate = PASSES;
	}
	return fate == ALL_LEAVE || (fate == DROPPED && left) ? PASSES : fate;
}

/* Does the base chain end it? */
static bool ends(judge_t *j, struct json_object *chain)
{
	enum fate fate = walk(j, chain, text(chain, "name"), 0);

	return fate == DROPPED || (fate == PASSES && strcmp(text(chain, "policy"), "drop") == 0);
}

static enum wa_nft_verdict judge(judge_t *j, char *why, size_t size)
{
	for(size_t i = 0; i < count(j->items); i++) {
		struct json_object *chain = member(json_object_array_get_idx(j->items, i), "chain");

		if(chain == NULL || strcmp(text(chain, "hook"), "input") != 0
				|| strcmp(text(chain, "type"), "filter") != 0 || !ends(j, chain))
			continue;
		if(snprintf(why, size, "chain %.40s %.40s %.40s drops it", text(chain, "family"),
				   text(chain, "table"), text(chain, "name"))
				< 0)
			why[0] = '\0';
		return WA_NFT_SHUT;
	}
	return WA_NFT_OPEN;
}

enum wa_nft_verdict wa_nft_judge(
		wa_sv_t json, const char *proto, unsigned port, char *why, size_t size)
{
	struct json_object *root = NULL;
	judge_t j = {.proto = proto, .port = port};
	enum wa_nft_verdict v = WA_NFT_UNKNOWN;

	if(snprintf(why, size, "nft's answer is no ruleset") < 0)
		why[0] = '\0';
	if(wa_json_parse(&root, json) < 0)
		return WA_NFT_UNKNOWN;
	j.items = member(root, "nftables");
	if(json_object_is_type(j.items, json_type_array))
		v = judge(&j, why, size);
	json_object_put(root);
	return v;
}
