/* Calls: what both directions share.
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "sip_call.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "args.h"
#include "event.h"

enum
{
	HASH_SIZE = 1024,
};

static struct list calls;
static struct hash *by_callid;
static unsigned serial;

static const struct arg_member media_members[] = {
	{"srtp", json_type_string},
	{"tone_hz", json_type_double},
	{"tone_dbov", json_type_double},
	{"send_first", json_type_boolean},
	{"setup", json_type_string},
	{"stun_before_answer", json_type_boolean},
	{"dtls_before_answer", json_type_boolean},
	{"dtls_after_nomination", json_type_boolean},
	{"refuse_before_answer", json_type_boolean},
	{"loss", json_type_double},
	{"reorder", json_type_double},
	{"dtls_lost", json_type_int},
	{"jitter_ms", json_type_int},
	{"first_ts", json_type_double},
	{"pulse_ms", json_type_int},
	{"crypto_tag", json_type_int},
	{"crypto_suite", json_type_string},
	{"record", json_type_string},
	{NULL, json_type_null},
};

static void call_destructor(void *arg)
{
	struct call *c = arg;

	tmr_cancel(&c->tmr);
	tmr_cancel(&c->tmr_answer);
	tmr_cancel(&c->tmr_linger);
	list_unlink(&c->le);
	hash_unlink(&c->he);
	mem_deref(c->media);
	mem_deref(c->invite_ct);
	mem_deref(c->cancel_ct);
	mem_deref(c->bye_ct);
	mem_deref(c->conn);
	mem_deref(c->invite);
	mem_deref(c->name);
	mem_deref(c->callid);
	mem_deref(c->wacid);
	mem_deref(c->hostname);
	mem_deref(c->user);
	mem_deref(c->user_id);
	mem_deref(c->user_name);
	mem_deref(c->parent_user_id);
	mem_deref(c->local);
	mem_deref(c->remote);
	mem_deref(c->ltag);
	mem_deref(c->rtag);
	mem_deref(c->contact);
	mem_deref(c->rcontact);
	mem_deref(c->route);
	mem_deref(c->next_hop);
	mem_deref(c->sentby);
	mem_deref(c->ack);
	mem_deref(c->sdp);
	json_object_put(c->options);
	json_object_put(c->options_hangup);
	json_object_put(c->final_stats);
}

int call_init(void)
{
	list_init(&calls);
	return hash_alloc(&by_callid, HASH_SIZE);
}

void call_close(void)
{
	list_flush(&calls);
	by_callid = mem_deref(by_callid);
}

int call_set_callid(struct call *c, const char *prefix, const char *rest)
{
	int err = re_sdprintf(&c->callid, "%s%s", prefix, rest);

	if(!err)
		hash_append(by_callid, hash_joaat_str(c->callid), &c->he, c);
	return err;
}

static int set_names(struct call *c, const char *name, const char *callid)
{
	char sentby[64];
	int err = 0;

	if(name)
		err = str_dup(&c->name, name);
	else
		err = re_sdprintf(
				&c->name, "%c%u", c->by_user ? 'u' : 'b', ++serial);
	if(callid)
		err |= call_set_callid(c, "", callid);
	sip_sentby(sentby, sizeof(sentby), (uint16_t)(32768 + rand_u16() % 28000));
	return err | str_dup(&c->sentby, sentby);
}

int call_new(struct call **cp, bool by_user, const char *name, const char *callid)
{
	struct call *c;
	int err;

	if(name && call_by_name(name))
		return EEXIST;
	c = mem_zalloc(sizeof(*c), call_destructor);
	if(c == NULL)
		return ENOMEM;
	c->by_user = by_user;
	tmr_init(&c->tmr);
	tmr_init(&c->tmr_answer);
	tmr_init(&c->tmr_linger);
	err = set_names(c, name, callid);
	if(err) {
		mem_deref(c);
		return err;
	}
	list_append(&calls, &c->le, c);
	*cp = c;
	return 0;
}

static bool callid_is(struct le *le, void *arg)
{
	const struct call *c = le->data;

	return pl_strcmp(arg, c->callid) == 0;
}

struct call *call_by_callid(const struct pl *callid)
{
	struct pl key = *callid;

	return list_ledata(
			hash_lookup(by_callid, hash_joaat_pl(&key), callid_is, &key));
}

struct call *call_by_name(const char *name)
{
	struct le *le;

	LIST_FOREACH(&calls, le)
	{
		struct call *c = le->data;

		if(strcmp(c->name, name) == 0)
			return c;
	}
	return NULL;
}

const char *call_name(const struct pl *callid)
{
	const struct call *c = call_by_callid(callid);

	return c ? c->name : NULL;
}

const char *call_next_name(void)
{
	static char name[16];

	re_snprintf(name, sizeof(name), "b%u", serial + 1);
	return name;
}

unsigned call_count(const struct store_number *n, const char *user)
{
	unsigned count = 0;
	struct le *le;

	LIST_FOREACH(&calls, le)
	{
		const struct call *c = le->data;

		if(c->state == CALL_OVER || c->state == CALL_CHALLENGED
				|| (n && c->number != n))
			continue;
		if(user == NULL || (c->user && strcmp(c->user, user) == 0))
			count++;
	}
	return count;
}

struct json_object *call_event(const struct call *c, const char *name)
{
	struct json_object *ev = event_new(name);

	event_str(ev, "call", c->name);
	event_str(ev, "direction", c->by_user ? "user" : "business");
	return ev;
}

static void linger_over(void *arg)
{
	mem_deref(arg);
}

static void release(void *arg)
{
	struct call *c = arg;

	c->media = mem_deref(c->media);
	c->conn = mem_deref(c->conn);
	c->invite = mem_deref(c->invite);
}

void call_over(struct call *c, const char *by, unsigned code, const char *reason)
{
	struct json_object *ev;

	if(c->state == CALL_OVER)
		return;
	c->state = CALL_OVER;
	tmr_cancel(&c->tmr);
	tmr_cancel(&c->tmr_answer);
	ev = call_event(c, "call_ended");
	event_str(ev, "by", by);
	json_object_object_add(ev, "code", json_object_new_int((int)code));
	event_str(ev, "reason", reason);
	json_object_object_add(ev, "duration_ms",
			json_object_new_int64(
					c->answered_at ? (int64_t)(tmr_jiffies() - c->answered_at)
								   : 0));
	c->final_stats = c->media ? media_stats(c->media) : NULL;
	json_object_object_add(ev, "media", json_object_get(c->final_stats));
	event_emit(ev);
	/* The call may be ending inside a handler of its own media or transaction:
	 * what they own is let go from the loop. */
	tmr_start(&c->tmr_linger, config_ms(64 * config.t1_ms), linger_over, c);
	tmr_start(&c->tmr, 0, release, c);
}

static void media_params(const struct call *c, struct json_object *opt,
		struct media_params *prm)
{
	const char *srtp = arg_str(opt, "srtp", NULL);

	memset(prm, 0, sizeof(*prm));
	prm->sdes = srtp ? strcmp(srtp, "SDES") == 0 : c->number->sdes;
	prm->pcmu = c->number->pcmu;
	prm->pcma = c->number->pcma;
	prm->tone_hz = arg_double(opt, "tone_hz", 0);
	prm->tone_dbov = arg_double(opt, "tone_dbov", -20);
	prm->send_first = arg_bool(opt, "send_first", false);
	prm->setup = arg_str(opt, "setup", NULL);
	prm->stun_before_answer = arg_bool(opt, "stun_before_answer", false);
	prm->dtls_before_answer = arg_bool(opt, "dtls_before_answer", false);
	prm->dtls_after_nomination = arg_bool(opt, "dtls_after_nomination", false);
	prm->refuse_before_answer = arg_bool(opt, "refuse_before_answer", false);
	prm->loss = arg_double(opt, "loss", 0);
	prm->reorder = arg_double(opt, "reorder", 0);
	prm->dtls_lost = (unsigned)arg_int(opt, "dtls_lost", 0);
	prm->jitter_ms = (unsigned)arg_int(opt, "jitter_ms", 0);
	prm->first_ts = (int64_t)arg_double(opt, "first_ts", -1);
	prm->pulse_ms = (unsigned)arg_int(opt, "pulse_ms", 0);
	prm->crypto_tag = (unsigned)arg_int(opt, "crypto_tag", 0);
	prm->crypto_suite = arg_str(opt, "crypto_suite", NULL);
	prm->record = arg_str(opt, "record", NULL);
}

/* Meta gives up: no media for 20 s at the start, 30 s later. */
static void media_gave_up(const char *reason, void *arg)
{
	sip_hangup(arg, reason);
}

int call_media_alloc(struct call *c, struct json_object *opt, char *why, size_t size)
{
	struct media_params prm;
	int err;

	if(opt && args_check(opt, media_members, "media", why, size) != 0)
		return EINVAL;
	media_params(c, opt, &prm);
	err = media_alloc(&c->media, c->name, &prm, media_gave_up, c);
	if(err)
		snprintf(why, size, "media: %s", strerror(err));
	return err;
}

struct json_object *call_stats(const struct call *c)
{
	return c->media ? media_stats(c->media) : json_object_get(c->final_stats);
}

int call_write_identity(struct mbuf *mb, const struct call *c)
{
	int err = 0;

	if(c->user_id)
		err |= mbuf_printf(mb, "x-wa-meta-user-id: %s\r\n", c->user_id);
	if(c->parent_user_id)
		err |= mbuf_printf(
				mb, "x-wa_meta-parent-user-id: %s\r\n", c->parent_user_id);
	if(c->user_name)
		err |= mbuf_printf(mb, "x-wa-meta-user-name: %s\r\n", c->user_name);
	return err;
}

void call_forget_all(void)
{
	struct le *le;

	LIST_FOREACH(&calls, le)
	call_over(le->data, "meta", 0, "forgotten");
}
