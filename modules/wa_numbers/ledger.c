/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "ledger.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../lib/wa_err.h"
#include "load.h"
#include "status.h"

#define LEASE_PREFIX "wa:lease:"
#define ATTEMPTS 8
#define PAGE_SIZE 32768 /* its answer has to fit one datagram */
#define SCAN_COUNT "500"
#define PAIRS_MAX 16

/* What was read last, for whoever asked: text as <length><bytes> in order. */
typedef struct page
{
	gen_lock_t lock;
	uint32_t job;
	char next[WAN_ID_SIZE];
	size_t len;
	char text[PAGE_SIZE];
} page_t;

static page_t *page = NULL;

int wan_ledger_init(void)
{
	page = shm_malloc(sizeof(*page));
	if(page == NULL) {
		SHM_MEM_ERROR;
		return -1;
	}
	memset(page, 0, sizeof(*page));
	return lock_init(&page->lock) == NULL ? -1 : 0;
}

void wan_ledger_destroy(void)
{
	if(page == NULL)
		return;
	lock_destroy(&page->lock);
	shm_free(page);
	page = NULL;
}

wa_sv_t wan_lease_key(wa_sv_t digits, char *buf, size_t size)
{
	int n = snprintf(buf, size, LEASE_PREFIX "%.*s", WA_SV_ARG(digits));

	if(n < 0 || (size_t)n >= size)
		return (wa_sv_t){NULL, 0};
	return (wa_sv_t){buf, (size_t)n};
}

bool wan_is_ledger_job(const wan_job_view_t *job)
{
	return job->op == WAN_OP_LEASE || job->op == WAN_OP_RELEASE
		   || job->op == WAN_OP_AUDIT || job->op == WAN_OP_AUDIT_READ;
}

static wa_sv_t pair(const wan_job_view_t *job, wa_sv_t name)
{
	for(size_t i = 0; i < job->n; i++)
		if(wa_sv_eq(job->pairs[i].name, name))
			return job->pairs[i].value;
	return (wa_sv_t){NULL, 0};
}

/* A command and its reply. 0 and `*out` (may be NULL: not looked at), WA_EIO, or
 * WA_EBUSY: Redis takes no write for now. */
static int run(wan_link_t *l, const wan_cmd_t *c, redisReply **out)
{
	redisReply *r = wan_link_run(l, c);
	int ret = 0;

	if(r == NULL)
		return WA_EIO;
	if(wan_link_is_refusal(l, r))
		ret = WA_EBUSY;
	if(ret == 0 && out != NULL)
		*out = r;
	else
		freeReplyObject(r);
	return ret;
}

static int run_words(wan_link_t *l, const char *verb, wa_sv_t arg, redisReply **out)
{
	wan_cmd_t c;

	wan_cmd_begin(&c, verb);
	if(arg.len > 0)
		wan_cmd_add(&c, arg);
	return run(l, &c, out);
}

static int run_set(wan_link_t *l, wa_sv_t key, wa_sv_t owner, wa_sv_t ms)
{
	wan_cmd_t c;

	wan_cmd_begin(&c, "SET");
	wan_cmd_add(&c, key);
	wan_cmd_add(&c, owner);
	wan_cmd_add(&c, WA_SV("PX"));
	wan_cmd_add(&c, ms);
	return run(l, &c, NULL);
}

/* Under WATCH: 1 = done, 0 = somebody else was faster, or an error. */
static int change_lease(wan_link_t *l, wa_sv_t key, wa_sv_t owner, wa_sv_t ms)
{
	redisReply *r = NULL;
	int ret = run_words(l, "MULTI", (wa_sv_t){NULL, 0}, NULL);

	if(ret == 0)
		ret = ms.len > 0 ? run_set(l, key, owner, ms) : run_words(l, "DEL", key, NULL);
	if(ret == 0)
		ret = run_words(l, "EXEC", (wa_sv_t){NULL, 0}, &r);
	if(ret < 0)
		return ret;
	ret = r->type == REDIS_REPLY_ARRAY;
	freeReplyObject(r);
	return ret;
}

/* One attempt; `ms` empty = give it back. 2 = another has it, else as above. */
static int try_lease(wan_link_t *l, wa_sv_t key, wa_sv_t owner, wa_sv_t ms)
{
	redisReply *r = NULL;
	bool free_, ours;
	int ret = run_words(l, "WATCH", key, NULL);

	if(ret == 0)
		ret = run_words(l, "GET", key, &r);
	if(ret < 0)
		return ret;
	free_ = r->type == REDIS_REPLY_NIL;
	ours = wa_sv_eq(wan_reply_sv(r), owner);
	freeReplyObject(r);
	if(ours || (free_ && ms.len > 0))
		return change_lease(l, key, owner, ms);
	ret = run_words(l, "UNWATCH", (wa_sv_t){NULL, 0}, NULL);
	return ret < 0 ? ret : 2;
}

static int lease_job(wan_link_t *l, const wan_job_view_t *job)
{
	const wan_key_t wish = {WA_RECORD_WANTED, job->key};
	char buf[WAN_REDIS_KEY_SIZE];
	wa_sv_t key = wan_lease_key(job->key, buf, sizeof(buf));
	int ret = 0;

	for(int i = 0; ret == 0 && i < ATTEMPTS; i++)
		ret = try_lease(l, key, pair(job, WA_SV("owner")),
				job->op == WAN_OP_LEASE ? pair(job, WA_SV("ms"))
										: (wa_sv_t){NULL, 0});
	if(ret < 0)
		return ret;
	/* what its last holder has left: the stream may be behind */
	if(ret == 1 && job->op == WAN_OP_LEASE && wan_fetch(l, &wish, 1) < 0)
		return WA_EIO;
	/* what is not ours any more needs no giving back */
	if(ret == 1 || job->op == WAN_OP_RELEASE)
		wan_result_set(job->id, WAN_JOB_DONE, NULL);
	else
		wan_result_set(job->id, WAN_JOB_FAILED, "another node is at work on the number");
	return 0;
}

static int audit_job(wan_link_t *l, const wan_job_view_t *job)
{
	wan_cmd_t c;
	int ret;

	wan_cmd_begin_entry(&c, WA_SV(WAN_AUDIT), WA_SV(WAN_AUDIT_CAP));
	wan_cmd_add(&c, WA_SV("number"));
	wan_cmd_add(&c, job->key);
	for(size_t i = 0; i < job->n; i++) {
		wan_cmd_add(&c, job->pairs[i].name);
		wan_cmd_add(&c, job->pairs[i].value);
	}
	ret = run(l, &c, NULL);
	if(ret == 0)
		wan_result_set(job->id, WAN_JOB_DONE, NULL);
	return ret;
}

static bool put_text(wa_sv_t v)
{
	uint16_t len = (uint16_t)v.len;

	if(v.len > UINT16_MAX || page->len + sizeof(len) + v.len > sizeof(page->text))
		return false;
	memcpy(page->text + page->len, &len, sizeof(len));
	if(v.len > 0)
		memcpy(page->text + page->len + sizeof(len), v.s, v.len);
	page->len += sizeof(len) + v.len;
	return true;
}

/* An entry as a whole, or nothing of it: false. */
static bool put_entry(wa_sv_t id, const wa_pair_t *pairs, size_t n)
{
	size_t before = page->len;
	char count = (char)n;
	bool ok = put_text(id) && put_text((wa_sv_t){&count, 1});

	for(size_t i = 0; ok && i < n; i++)
		ok = put_text(pairs[i].name) && put_text(pairs[i].value);
	if(!ok)
		page->len = before;
	return ok;
}

static bool is_about(const wa_pair_t *pairs, size_t n, wa_sv_t digits)
{
	for(size_t i = 0; i < n; i++)
		if(wa_sv_eq(pairs[i].name, WA_SV("number")))
			return digits.len == 0 || wa_sv_eq(pairs[i].value, digits);
	return false;
}

/* Newest first; what does not fit is for the next page. */
static void fill_page(const redisReply *r, const wan_job_view_t *job)
{
	wa_pair_t pairs[PAIRS_MAX];
	wa_sv_t id = {NULL, 0};
	size_t i;

	page->job = job->id;
	page->len = 0;
	page->next[0] = '\0';
	for(i = 0; i < r->elements; i++) {
		const redisReply *e = r->element[i];
		size_t n;

		if(e->type != REDIS_REPLY_ARRAY || e->elements != 2)
			continue;
		n = wan_reply_pairs(e->element[1], pairs, PAIRS_MAX);
		if(is_about(pairs, n, job->key)
				&& !put_entry(wan_reply_sv(e->element[0]), pairs, n))
			break;
		id = wan_reply_sv(e->element[0]);
	}
	if((i < r->elements || i >= (size_t)strtoul(SCAN_COUNT, NULL, 10))
			&& wa_sv_copy(page->next, sizeof(page->next), id) < 0)
		page->next[0] = '\0';
}

static int audit_read_job(wan_link_t *l, const wan_job_view_t *job)
{
	char end[WAN_ID_SIZE + 1] = "+";
	wa_sv_t before = pair(job, WA_SV("before"));
	redisReply *r = NULL;
	wan_cmd_t c;
	int ret;

	if(before.len > 0)
		snprintf(end, sizeof(end), "(%.*s", WA_SV_ARG(before));
	wan_cmd_begin(&c, "XREVRANGE");
	wan_cmd_add(&c, WA_SV(WAN_AUDIT));
	wan_cmd_add(&c, wa_sv_from(end));
	wan_cmd_add(&c, WA_SV("-"));
	wan_cmd_add(&c, WA_SV("COUNT"));
	wan_cmd_add(&c, WA_SV(SCAN_COUNT));
	ret = run(l, &c, &r);
	if(ret < 0)
		return ret;
	if(r->type != REDIS_REPLY_ARRAY) {
		wan_result_set(job->id, WAN_JOB_FAILED,
				wan_reply_is_error(r, "") ? r->str : "unexpected reply");
	} else {
		lock_get(&page->lock);
		fill_page(r, job);
		lock_release(&page->lock);
		wan_result_set(job->id, WAN_JOB_DONE, NULL);
	}
	freeReplyObject(r);
	return 0;
}

int wan_ledger_job(wan_link_t *l, const wan_job_view_t *job)
{
	switch(job->op) {
		case WAN_OP_AUDIT:
			return audit_job(l, job);
		case WAN_OP_AUDIT_READ:
			return audit_read_job(l, job);
		default:
			return lease_job(l, job);
	}
}

static bool take_text(wa_sv_t *rest, wa_sv_t *v)
{
	uint16_t len;

	if(rest->len < sizeof(len))
		return false;
	memcpy(&len, rest->s, sizeof(len));
	*v = (wa_sv_t){rest->s + sizeof(len), len};
	*rest = (wa_sv_t){v->s + len, rest->len - sizeof(len) - len};
	return true;
}

int wan_audit_page(uint32_t id, char next[48],
		int (*cb)(wa_sv_t entry, const wa_pair_t *pairs, size_t n, void *arg),
		void *arg)
{
	page_t *copy = pkg_malloc(sizeof(*copy));
	wa_pair_t pairs[PAIRS_MAX];
	wa_sv_t rest, entry, count;
	int ret = 0;

	if(copy == NULL) {
		PKG_MEM_ERROR;
		return WA_ENOMEM;
	}
	lock_get(&page->lock);
	memcpy(copy, page, sizeof(*copy));
	lock_release(&page->lock);
	rest = (wa_sv_t){copy->text, copy->len};
	if(copy->job != id)
		ret = WA_ENOENT;
	else
		memcpy(next, copy->next, sizeof(copy->next));
	while(ret == 0 && take_text(&rest, &entry) && take_text(&rest, &count)) {
		size_t n = count.len == 1 ? (size_t)count.s[0] : 0;

		for(size_t i = 0; i < n && i < PAIRS_MAX; i++)
			if(!take_text(&rest, &pairs[i].name) || !take_text(&rest, &pairs[i].value))
				n = i;
		ret = cb(entry, pairs, n, arg);
	}
	pkg_free(copy);
	return ret;
}
