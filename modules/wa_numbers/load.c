/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "load.h"

#include <stdio.h>
#include <string.h>

#include "../lib/wa_err.h"
#include "directory.h"
#include "status.h"
#include "wanted.h"

#define NUMBER_PREFIX "wa:number:"
#define TRUNK_PREFIX "wa:trunk:"
#define WANTED_PREFIX "wa:wanted:"
#define PIPELINE 500
#define HASH_PAIRS 64 /* fields we may know, and some that we do not */

wa_sv_t wan_redis_key(const wan_key_t *k, char *buf, size_t size)
{
	static const char *const prefixes[] = {
			[WA_RECORD_NUMBER] = NUMBER_PREFIX,
			[WA_RECORD_TRUNK] = TRUNK_PREFIX,
			[WA_RECORD_WANTED] = WANTED_PREFIX};
	int n = snprintf(buf, size, "%s%.*s", prefixes[k->kind],
			WA_SV_ARG(k->key));

	if(n < 0 || (size_t)n >= size) /* wan_key_is_valid() keeps it from that */
		return (wa_sv_t){NULL, 0};
	return (wa_sv_t){buf, (size_t)n};
}

bool wan_key_is_valid(const wan_key_t *k)
{
	if(k->kind == WA_RECORD_TRUNK)
		return wa_record_is_trunk_name(k->key);
	for(size_t i = 0; i < k->key.len; i++)
		if(k->key.s[i] < '0' || k->key.s[i] > '9')
			return false;
	return k->key.len > 0 && k->key.len < WA_DIGITS_SIZE;
}

size_t wan_reply_pairs(const redisReply *r, wa_pair_t *pairs, size_t max)
{
	size_t n = 0;

	if(r == NULL || r->type != REDIS_REPLY_ARRAY)
		return 0;
	for(size_t i = 0; i + 1 < r->elements && n < max; i += 2, n++)
		pairs[n] = (wa_pair_t){wan_reply_sv(r->element[i]),
				wan_reply_sv(r->element[i + 1])};
	return n;
}

const char *wan_kind_name(enum wa_record_kind kind)
{
	static const char *const names[] = {[WA_RECORD_NUMBER] = "number",
			[WA_RECORD_TRUNK] = "trunk",
			[WA_RECORD_WANTED] = "wanted"};

	return names[kind];
}

static void note_change(const wan_key_t *k, int ret, wa_sv_t bad)
{
	if(ret > 0)
		counter_inc(wan_cnt_changes);
	else if(ret < 0)
		LM_ERR("%s %.*s: cannot be kept: %s\n", wan_kind_name(k->kind),
				WA_SV_ARG(k->key), wa_strerror(ret));
	if(ret > 0 && bad.len > 0) {
		counter_inc(wan_cnt_bad_records);
		LM_WARN("%s %.*s: the field %.*s in Redis cannot be understood and is "
				"ignored\n",
				wan_kind_name(k->kind), WA_SV_ARG(k->key),
				(int)(bad.len < 40 ? bad.len : 40), bad.s);
	}
}

static void apply_number(const wan_key_t *k, const wa_pair_t *pairs, size_t n)
{
	wa_number_t rec;
	wa_sv_t sealed, bad;
	int ret = wa_record_read_number(k->key, pairs, n, &rec, &sealed, &bad);

	if(ret == 0)
		ret = wan_dir_put(&rec, sealed);
	note_change(k, ret, bad);
}

static void apply_trunk(const wan_key_t *k, const wa_pair_t *pairs, size_t n)
{
	wa_trunk_t rec;
	wa_sv_t bad;
	int ret = wa_record_read_trunk(k->key, pairs, n, &rec, &bad);

	if(ret == 0)
		ret = wan_dir_put_trunk(&rec);
	note_change(k, ret, bad);
}

static void apply_wanted(const wan_key_t *k, const wa_pair_t *pairs, size_t n)
{
	note_change(k, wan_wanted_put(k->key, pairs, n), (wa_sv_t){NULL, 0});
}

/* What Redis does not say in a way we understand stays as it is. */
static void touch(const wan_key_t *k)
{
	if(k->kind == WA_RECORD_NUMBER)
		wan_dir_touch(k->key);
	else if(k->kind == WA_RECORD_TRUNK)
		wan_dir_touch_trunk(k->key);
	else
		wan_wanted_touch(k->key);
}

static bool drop(const wan_key_t *k)
{
	if(k->kind == WA_RECORD_NUMBER)
		return wan_dir_remove(k->key);
	if(k->kind == WA_RECORD_TRUNK)
		return wan_dir_remove_trunk(k->key);
	return wan_wanted_remove(k->key);
}

void wan_apply(const wan_key_t *k, const redisReply *r)
{
	wa_pair_t pairs[HASH_PAIRS];
	size_t n = wan_reply_pairs(r, pairs, HASH_PAIRS);

	if(r == NULL || r->type != REDIS_REPLY_ARRAY) {
		/* most likely WRONGTYPE: the record as last read serves on */
		counter_inc(wan_cnt_bad_records);
		LM_WARN("%s %.*s: not readable in Redis and ignored: %s\n",
				wan_kind_name(k->kind), WA_SV_ARG(k->key),
				wan_reply_is_error(r, "") ? r->str : "unexpected reply");
		touch(k);
	} else if(n > 0) {
		if(k->kind == WA_RECORD_NUMBER)
			apply_number(k, pairs, n);
		else if(k->kind == WA_RECORD_TRUNK)
			apply_trunk(k, pairs, n);
		else
			apply_wanted(k, pairs, n);
	} else if(drop(k)) {
		counter_inc(wan_cnt_changes);
	}
}

static int append_hgetall(wan_link_t *l, const wan_key_t *k)
{
	char buf[WAN_REDIS_KEY_SIZE];
	wan_cmd_t c;

	wan_cmd_begin(&c, "HGETALL");
	wan_cmd_add(&c, wan_redis_key(k, buf, sizeof(buf)));
	return wan_link_append(l, &c);
}

int wan_fetch(wan_link_t *l, const wan_key_t *keys, size_t n)
{
	for(size_t i = 0; i < n; i++)
		if(append_hgetall(l, &keys[i]) < 0)
			return WA_EIO;
	for(size_t i = 0; i < n; i++) {
		redisReply *r = wan_link_reply(l);

		if(r == NULL)
			return WA_EIO;
		wan_apply(&keys[i], r);
		freeReplyObject(r);
	}
	return 0;
}

static bool take_prefix(wa_sv_t v, wa_sv_t prefix, wa_sv_t *rest)
{
	if(v.len < prefix.len || memcmp(v.s, prefix.s, prefix.len) != 0)
		return false;
	*rest = (wa_sv_t){v.s + prefix.len, v.len - prefix.len};
	return true;
}

/* False: not one of ours. */
static bool parse_key(wa_sv_t text, wan_key_t *k)
{
	if(take_prefix(text, WA_SV(NUMBER_PREFIX), &k->key))
		k->kind = WA_RECORD_NUMBER;
	else if(take_prefix(text, WA_SV(TRUNK_PREFIX), &k->key))
		k->kind = WA_RECORD_TRUNK;
	else if(take_prefix(text, WA_SV(WANTED_PREFIX), &k->key))
		k->kind = WA_RECORD_WANTED;
	else
		return false;
	if(wan_key_is_valid(k))
		return true;
	counter_inc(wan_cnt_bad_records);
	LM_WARN("the Redis key %.*s names no number or trunk and is ignored\n",
			(int)(text.len < 80 ? text.len : 80), text.s);
	return false;
}

static int fetch_scanned(
		wan_load_t *load, wan_link_t *l, const redisReply *names)
{
	wan_key_t keys[PIPELINE];
	size_t n = 0;

	for(size_t i = 0; i < names->elements; i++) {
		if(!parse_key(wan_reply_sv(names->element[i]), &keys[n]))
			continue;
		if(keys[n].kind == WA_RECORD_NUMBER)
			load->numbers++;
		else if(keys[n].kind == WA_RECORD_TRUNK)
			load->trunks++;
		if(++n < PIPELINE)
			continue;
		if(wan_fetch(l, keys, n) < 0)
			return WA_EIO;
		n = 0;
	}
	return wan_fetch(l, keys, n);
}

void wan_load_begin(wan_load_t *load)
{
	*load = (wan_load_t){.cursor = "0"};
	wan_dir_begin();
	wan_wanted_begin();
}

int wan_load_step(wan_load_t *load, wan_link_t *l)
{
	wan_cmd_t c;
	redisReply *r;
	int ret = WA_EIO;

	wan_cmd_begin(&c, "SCAN");
	wan_cmd_add(&c, wa_sv_from(load->cursor));
	wan_cmd_add(&c, WA_SV("MATCH"));
	wan_cmd_add(&c, WA_SV("wa:[ntw]*"));
	wan_cmd_add(&c, WA_SV("COUNT"));
	wan_cmd_add(&c, WA_SV("1000"));
	r = wan_link_run(l, &c);
	if(r != NULL && r->type == REDIS_REPLY_ARRAY && r->elements == 2
			&& r->element[1]->type == REDIS_REPLY_ARRAY
			&& wa_sv_copy(load->cursor, sizeof(load->cursor),
					   wan_reply_sv(r->element[0]))
					   == 0)
		ret = fetch_scanned(load, l, r->element[1]);
	else if(r != NULL && !wan_link_is_refusal(l, r))
		snprintf(l->why, sizeof(l->why), "SCAN: %s",
				wan_reply_is_error(r, "") ? r->str : "unexpected reply");
	if(r != NULL)
		freeReplyObject(r);
	if(ret < 0)
		return ret;
	return strcmp(load->cursor, "0") == 0;
}
