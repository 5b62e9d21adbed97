/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "wa_nft.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <json-c/json.h>

#include "wa_json.h"

/* What is asked for, and the ruleset it is asked of. */
typedef struct judge
{
	struct json_object *items;
	const char *proto;
	unsigned port;
} judge_t;

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

/* Could a new connection to the port, from somebody, be what this match is of? */
static bool match_fits(const judge_t *j, struct json_object *rule, struct json_object *m)
{
	struct json_object *left = member(m, "left"), *right = member(m, "right");
	struct json_object *payload = member(left, "payload"), *meta = member(left, "meta");
	bool negated = strcmp(text(m, "op"), "!=") == 0;
	const char *field = text(payload, "field"), *key = text(meta, "key");

	if(strcmp(field, "dport") == 0) {
		const char *of = text(payload, "protocol");

		return (strcmp(of, j->proto) == 0 || strcmp(of, "th") == 0)
			   && holds(j, rule, right, NULL, j->port) != negated;
	}
	if(strcmp(key, "l4proto") == 0 || strcmp(field, "protocol") == 0
			|| strcmp(field, "nexthdr") == 0)
		return holds(j, rule, right, j->proto, 0) != negated;
	if(strcmp(text(member(left, "ct"), "key"), "state") == 0)
		return holds(j, rule, right, "new", 0) != negated;
	if(strcmp(key, "iif") == 0 || strcmp(key, "iifname") == 0)
		return holds(j, rule, right, "lo", 0) == negated;
	/* icmp type, tcp flags, sport, ...: not said of such a connection; an address
	 * may be anybody's */
	return payload == NULL || strcmp(field, "saddr") == 0 || strcmp(field, "daddr") == 0;
}

static bool has_verdict(struct json_object *expr, const char *a, const char *b)
{
	for(size_t i = 0; i < count(expr); i++) {
		struct json_object *e = json_object_array_get_idx(expr, i), *v;

		if(json_object_is_type(e, json_type_object)
				&& (json_object_object_get_ex(e, a, &v)
						|| (b != NULL && json_object_object_get_ex(e, b, &v))))
			return true;
	}
	return false;
}

static bool fits(const judge_t *j, struct json_object *rule)
{
	struct json_object *expr = member(rule, "expr");

	for(size_t i = 0; i < count(expr); i++) {
		struct json_object *m = member(json_object_array_get_idx(expr, i), "match");

		if(m != NULL && !match_fits(j, rule, m))
			return false;
	}
	return true;
}

static bool has_match(struct json_object *rule)
{
	return has_verdict(member(rule, "expr"), "match", NULL);
}

/* Does the chain end what nothing has accepted? */
static bool is_closed(const judge_t *j, struct json_object *chain)
{
	if(strcmp(text(chain, "policy"), "drop") == 0)
		return true;
	for(size_t i = 0; i < count(j->items); i++) {
		struct json_object *rule = member(json_object_array_get_idx(j->items, i), "rule");

		if(rule != NULL && same_table(rule, chain)
				&& strcmp(text(rule, "chain"), text(chain, "name")) == 0
				&& !has_match(rule)
				&& has_verdict(member(rule, "expr"), "drop", "reject"))
			return true;
	}
	return false;
}

static bool is_let_in(const judge_t *j, struct json_object *chain)
{
	for(size_t i = 0; i < count(j->items); i++) {
		struct json_object *rule = member(json_object_array_get_idx(j->items, i), "rule");

		if(rule != NULL && same_table(rule, chain)
				&& has_verdict(member(rule, "expr"), "accept", NULL) && fits(j, rule))
			return true;
	}
	return false;
}

static enum wa_nft_verdict judge(const judge_t *j, char *why, size_t size)
{
	for(size_t i = 0; i < count(j->items); i++) {
		struct json_object *chain = member(json_object_array_get_idx(j->items, i), "chain");

		if(chain == NULL || strcmp(text(chain, "hook"), "input") != 0
				|| strcmp(text(chain, "type"), "filter") != 0 || !is_closed(j, chain)
				|| is_let_in(j, chain))
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
