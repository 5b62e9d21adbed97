/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "writer.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

#include <openssl/crypto.h>

#include "../lib/wa_err.h"
#include "directory.h"
#include "keys.h"
#include "ledger.h"
#include "load.h"
#include "params.h"
#include "status.h"

#define ATTEMPTS 8
#define STORED_PAIRS 64

/* What a job changes in a record as it stands in Redis. */
typedef struct changes
{
	wa_pair_t set[WA_RECORD_FIELDS_MAX + 1]; /* value empty: delete */
	size_t n;
	char sealed[WA_SEAL_TEXT_SIZE];
	char since[24];
} changes_t;

/* One attempt to carry out a job. */
typedef struct wan_try
{
	wan_link_t *link;
	const wan_job_view_t *job;
	wa_sv_t key;	/* in Redis */
	bool *in_doubt; /* EXEC was sent and its answer has not come */
} wan_try_t;

static wa_sv_t stored(const wa_pair_t *pairs, size_t n, wa_sv_t name)
{
	for(size_t i = 0; i < n; i++)
		if(wa_sv_eq(pairs[i].name, name))
			return pairs[i].value;
	return (wa_sv_t){NULL, 0};
}

static void change(changes_t *ch, wa_sv_t name, wa_sv_t old, wa_sv_t value)
{
	if(!wa_sv_eq(old, value))
		ch->set[ch->n++] = (wa_pair_t){name, value};
}

/* Seals anew when the password is another one, or was sealed with a key that is
 * no longer the current one; the age belongs to the password, not to the seal.
 */
static int change_password(changes_t *ch, const wan_job_view_t *job,
		wa_sv_t plain, const wa_pair_t *pairs, size_t n)
{
	wa_sv_t old = stored(pairs, n, WA_SV("password"));
	wa_sv_t since = stored(pairs, n, WA_SV("password_since"));
	char aad[WA_SEAL_AAD_SIZE];
	wa_secret_t current;
	bool same;
	int ret;

	if(plain.len == 0) {
		change(ch, WA_SV("password"), old, plain);
		change(ch, WA_SV("password_since"), since, plain);
		return 0;
	}
	ret = wan_password_aad(job->kind, job->key, aad, sizeof(aad));
	if(ret < 0)
		return ret;
	same = wa_seal_open(&wan_params.ring, old, wa_sv_from(aad), &current) == 0
		   && wa_sv_eq((wa_sv_t){current.s, current.len}, plain);
	OPENSSL_cleanse(&current, sizeof(current));
	if(same && wa_seal_is_current(&wan_params.ring, old))
		return 0;
	ret = wa_seal(&wan_params.ring, plain, wa_sv_from(aad), ch->sealed,
			sizeof(ch->sealed));
	if(ret < 0)
		return ret;
	change(ch, WA_SV("password"), old, wa_sv_from(ch->sealed));
	if(same && since.len > 0)
		return 0;
	snprintf(ch->since, sizeof(ch->since), "%lld", (long long)time(NULL));
	change(ch, WA_SV("password_since"), since, wa_sv_from(ch->since));
	return 0;
}

/* The same password as it stands there now, under the current key. */
static int reseal_password(changes_t *ch, const wan_job_view_t *job,
		const wa_pair_t *pairs, size_t n)
{
	wa_sv_t old = stored(pairs, n, WA_SV("password"));
	char aad[WA_SEAL_AAD_SIZE];
	wa_secret_t secret;
	int ret;

	if(old.len == 0 || wa_seal_is_current(&wan_params.ring, old))
		return 0;
	ret = wan_password_aad(job->kind, job->key, aad, sizeof(aad));
	if(ret < 0)
		return ret;
	ret = wa_seal_open(&wan_params.ring, old, wa_sv_from(aad), &secret);
	if(ret == 0)
		ret = change_password(
				ch, job, (wa_sv_t){secret.s, secret.len}, pairs, n);
	OPENSSL_cleanse(&secret, sizeof(secret));
	return ret;
}

static int compare(changes_t *ch, const wan_job_view_t *job,
		const wa_pair_t *pairs, size_t n)
{
	ch->n = 0;
	for(size_t i = 0; i < job->n; i++) {
		wa_sv_t name = job->pairs[i].name;
		wa_sv_t value = job->pairs[i].value;
		int ret = 0;

		if(wa_sv_eq(name, WA_SV(WAN_PAIR_LEASE)))
			continue; /* a condition, not a field */
		if(job->op == WAN_OP_RESEAL)
			ret = reseal_password(ch, job, pairs, n);
		else if(wa_sv_eq(name, WA_SV("password")))
			ret = change_password(ch, job, value, pairs, n);
		else
			change(ch, name, stored(pairs, n, name), value);
		if(ret < 0)
			return ret;
	}
	return 0;
}

static int append(wan_link_t *l, const wan_cmd_t *c, unsigned *queued)
{
	++*queued;
	return wan_link_append(l, c);
}

static int append_simple(wan_link_t *l, const char *verb, wa_sv_t arg,
		unsigned *queued)
{
	wan_cmd_t c;

	wan_cmd_begin(&c, verb);
	if(arg.len > 0)
		wan_cmd_add(&c, arg);
	return append(l, &c, queued);
}

static int append_event(wan_link_t *l, const wan_job_view_t *job, bool del,
		unsigned *queued)
{
	wan_cmd_t c;

	wan_cmd_begin_entry(&c, WA_SV(WAN_STREAM), WA_SV(WAN_STREAM_CAP));
	wan_cmd_add(&c, WA_SV("kind"));
	wan_cmd_add(&c, wa_sv_from(wan_kind_name(job->kind)));
	wan_cmd_add(&c, WA_SV("key"));
	wan_cmd_add(&c, job->key);
	wan_cmd_add(&c, WA_SV("op"));
	wan_cmd_add(&c, del ? WA_SV("del") : WA_SV("set"));
	return append(l, &c, queued);
}

static int append_fields(wan_link_t *l, wa_sv_t key, const changes_t *ch,
		unsigned *queued)
{
	wan_cmd_t set, del, version;

	wan_cmd_begin(&set, "HSET");
	wan_cmd_begin(&del, "HDEL");
	wan_cmd_begin(&version, "HINCRBY");
	wan_cmd_add(&set, key);
	wan_cmd_add(&del, key);
	wan_cmd_add(&version, key);
	for(size_t i = 0; i < ch->n; i++) {
		wan_cmd_t *c = ch->set[i].value.len > 0 ? &set : &del;

		wan_cmd_add(c, ch->set[i].name);
		if(c == &set)
			wan_cmd_add(c, ch->set[i].value);
	}
	wan_cmd_add(&version, WA_SV("version"));
	wan_cmd_add(&version, WA_SV("1"));
	if((set.argc > 2 && append(l, &set, queued) < 0)
			|| (del.argc > 2 && append(l, &del, queued) < 0))
		return WA_EIO;
	return append(l, &version, queued);
}

/* Reads `n` replies and hands out the last. Returns 0, WA_EIO, or WA_EBUSY: Redis
 * takes no write for now, and has done nothing. */
static int last_reply(wan_link_t *l, unsigned n, redisReply **out)
{
	bool refused = false;

	*out = NULL;
	while(n-- > 0) {
		if(*out != NULL)
			freeReplyObject(*out);
		*out = wan_link_reply(l);
		if(*out == NULL)
			return WA_EIO;
		refused = wan_link_is_refusal(l, *out) || refused;
	}
	if(!refused)
		return 0;
	freeReplyObject(*out);
	*out = NULL;
	return WA_EBUSY;
}

/* A refused job; its result says why. */
static int refuse(const wan_job_view_t *job, const char *why)
{
	counter_inc(wan_cnt_jobs_failed);
	LM_WARN("%s %.*s: change refused: %s\n",
			wan_kind_name(job->kind), WA_SV_ARG(job->key), why);
	wan_result_set(job->id, WAN_JOB_FAILED, why);
	return 0;
}

/* Sends a transaction of `queued` commands and EXEC. Returns 1 = done, 0 =
 * somebody else was faster, or an error as last_reply(). An error of Redis means
 * that nothing was done, and is put to `why`. */
static int execute(wan_try_t *t, unsigned queued, const char **why)
{
	redisReply *r;
	int ret;

	*why = NULL;
	if(append_simple(t->link, "EXEC", (wa_sv_t){NULL, 0}, &queued) < 0)
		return WA_EIO;
	*t->in_doubt = true;
	ret = last_reply(t->link, queued, &r);
	if(ret == WA_EIO)
		return ret;
	*t->in_doubt = false;
	if(ret < 0)
		return ret;
	if(r->type == REDIS_REPLY_ERROR)
		*why = "Redis refused the transaction";
	else if(r->type != REDIS_REPLY_NIL)
		ret = 1;
	freeReplyObject(r);
	return ret;
}

/* Writes under the WATCH that read_watched() has set. */
static int commit(wan_try_t *t, const changes_t *ch, const char **why)
{
	unsigned queued = 0;

	*why = NULL;
	if(append_simple(t->link, "MULTI", (wa_sv_t){NULL, 0}, &queued) < 0
			|| append_fields(t->link, t->key, ch, &queued) < 0
			|| append_event(t->link, t->job, false, &queued) < 0)
		return WA_EIO;
	return execute(t, queued, why);
}

/* WATCH and one reading command. 0, or as last_reply(). */
static int read_watched(wan_try_t *t, const char *verb, redisReply **out)
{
	unsigned queued = 0;

	if(append_simple(t->link, "WATCH", t->key, &queued) < 0
			|| append_simple(t->link, verb, t->key, &queued) < 0)
		return WA_EIO;
	return last_reply(t->link, queued, out);
}

static int unwatch(wan_link_t *l)
{
	unsigned queued = 0;
	redisReply *r;
	int ret;

	if(append_simple(l, "UNWATCH", (wa_sv_t){NULL, 0}, &queued) < 0)
		return WA_EIO;
	ret = last_reply(l, queued, &r);
	if(r != NULL)
		freeReplyObject(r);
	return ret;
}

/* One attempt on what was read: 1 = done, 0 = try again, or an error. `why` is
 * set when the job is refused for good, which counts as done. */
static int attempt(
		wan_try_t *t, const redisReply *r, changes_t *ch, const char **why)
{
	wa_pair_t pairs[STORED_PAIRS];
	size_t n = wan_reply_pairs(r, pairs, STORED_PAIRS);
	int ret;

	*why = NULL;
	if(r->type != REDIS_REPLY_ARRAY)
		*why = "what stands under this key in Redis is not a hash";
	else if(n == 0 && t->job->op != WAN_OP_SET)
		*why = "no such number (any more)";
	else if((ret = compare(ch, t->job, pairs, n)) < 0)
		*why = wa_strerror(ret);
	else if(ch->n > 0 || n == 0) {
		ret = commit(t, ch, why);
		if(ret > 0 && *why == NULL)
			counter_inc(wan_cnt_writes);
		return *why != NULL ? 1 : ret;
	} else
		counter_inc(wan_cnt_unchanged);
	return unwatch(t->link) < 0 ? WA_EIO : 1;
}

/* A job may depend on a lease: its owner works on the number, and must not have
 * lost it to another node meanwhile. Returns 0 = held (and watched), 1 = lost, or
 * as last_reply(). */
static int check_lease(wan_try_t *t)
{
	char buf[WAN_REDIS_KEY_SIZE];
	unsigned queued = 0;
	wa_sv_t owner = stored(t->job->pairs, t->job->n, WA_SV(WAN_PAIR_LEASE)), key;
	redisReply *r;
	int ret;

	if(owner.len == 0)
		return 0;
	key = wan_lease_key(t->job->key, buf, sizeof(buf));
	if(append_simple(t->link, "WATCH", key, &queued) < 0
			|| append_simple(t->link, "GET", key, &queued) < 0)
		return WA_EIO;
	ret = last_reply(t->link, queued, &r);
	if(ret < 0)
		return ret;
	ret = wa_sv_eq(wan_reply_sv(r), owner) ? 0 : 1;
	freeReplyObject(r);
	return ret;
}

static int write_once(wan_try_t *t, const char **why)
{
	redisReply *r;
	changes_t ch;
	int ret = check_lease(t);

	if(ret > 0) {
		*why = "the lease was lost: another node may be at work on the number";
		return unwatch(t->link) < 0 ? WA_EIO : 1;
	}
	if(ret == 0)
		ret = read_watched(t, "HGETALL", &r);
	if(ret < 0)
		return ret;
	ret = attempt(t, r, &ch, why);
	freeReplyObject(r);
	return ret;
}

/* A removal whose EXEC got no answer on the last connection has been done if the
 * record is gone: that is no error of whoever asked for it. */
static int remove_once(wan_try_t *t, const char **why)
{
	bool was_sent = *t->in_doubt;
	unsigned queued = 0;
	redisReply *r;
	bool exists;
	int ret = read_watched(t, "EXISTS", &r);

	*why = NULL;
	if(ret < 0)
		return ret;
	exists = r->type == REDIS_REPLY_INTEGER && r->integer > 0;
	freeReplyObject(r);
	if(!exists) {
		if(was_sent)
			counter_inc(wan_cnt_writes);
		else
			*why = "no such record in Redis";
		return unwatch(t->link) < 0 ? WA_EIO : 1;
	}
	if(append_simple(t->link, "MULTI", (wa_sv_t){NULL, 0}, &queued) < 0
			|| append_simple(t->link, "DEL", t->key, &queued) < 0
			|| append_event(t->link, t->job, true, &queued) < 0)
		return WA_EIO;
	ret = execute(t, queued, why);
	if(ret > 0)
		counter_inc(wan_cnt_writes);
	return *why != NULL ? 1 : ret;
}

/* A call's record: no record of the directory, nobody waits for its result. An
 * answer that gets lost on the way makes two entries with one id. */
static int write_cdr(wan_link_t *l, const wan_job_view_t *job)
{
	wan_cmd_t c;
	redisReply *r;
	int ret = 0;

	wan_cmd_begin_entry(&c, WA_SV(WAN_CDR_STREAM), job->key);
	wan_cmd_add(&c, job->pairs[0].name);
	wan_cmd_add(&c, job->pairs[0].value);
	r = wan_link_run(l, &c);
	if(r == NULL)
		return WA_EIO;
	if(wan_link_is_refusal(l, r)) {
		ret = WA_EBUSY;
	} else if(r->type == REDIS_REPLY_ERROR) {
		counter_inc(wan_cnt_jobs_failed);
		LM_ERR(WAN_CDR_STREAM ": a call's record is refused: %s\n", r->str);
	}
	freeReplyObject(r);
	return ret;
}

int wan_write(wan_link_t *l, const wan_job_view_t *job, bool *in_doubt)
{
	char buf[WAN_REDIS_KEY_SIZE];
	wan_key_t k = {job->kind, job->key};
	wan_try_t t = {.link = l, .job = job, .in_doubt = in_doubt};
	const char *why = NULL;
	int ret = 0;

	if(job->op == WAN_OP_CDR)
		return job->n == 1 ? write_cdr(l, job) : 0;
	if(!wan_key_is_valid(&k))
		return refuse(job, "no such record can exist");
	t.key = wan_redis_key(&k, buf, sizeof(buf));
	for(int i = 0; ret == 0 && i < ATTEMPTS; i++)
		ret = job->op == WAN_OP_REMOVE ? remove_once(&t, &why)
									   : write_once(&t, &why);
	if(ret < 0)
		return ret;
	if(ret == 0)
		why = "others change this record all the time";
	/* as it stands now, in the directory too */
	if(wan_fetch(l, &k, 1) < 0)
		return WA_EIO;
	if(why != NULL)
		return refuse(job, why);
	wan_result_set(job->id, WAN_JOB_DONE, NULL);
	return 0;
}
