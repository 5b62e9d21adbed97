/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "wa_numbers_rpc.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include <openssl/crypto.h>

#include "../ksr_rpc.h"
#include "../lib/wa_err.h"
#include "../lib/wa_filter.h"
#include "../lib/wa_record.h"
#include "directory.h"
#include "job.h"
#include "keys.h"
#include "ledger.h"
#include "params.h"
#include "status.h"
#include "wanted.h"

#define LOOK_STEP 100
#define LOOK_MAX 20000 /* numbers that one page looks at: some 40 ms */
#define ERR_SIZE 256

static void fault(rpc_t *rpc, void *ctx, int err, const char *what)
{
	switch(err) {
		case WA_ENOENT:
			rpc->fault(ctx, 404, "no such %s", what);
			break;
		case WA_ENOTREADY:
			rpc->fault(ctx, 500, "the directory is not loaded yet");
			break;
		case WA_EBUSY:
			rpc->fault(ctx, 500, "the job queue is full: try again later");
			break;
		default:
			rpc->fault(ctx, 500, "%s", wa_strerror(err));
	}
}

/* UTC as in RFC 3339, "" for never. */
static void show_time(time_t t, char *out, size_t size)
{
	struct tm tm;

	out[0] = '\0';
	if(t > 0 && gmtime_r(&t, &tm) != NULL
			&& strftime(out, size, "%Y-%m-%dT%H:%M:%SZ", &tm) == 0)
		out[0] = '\0';
}

static int age_of(time_t t)
{
	time_t now = time(NULL);

	return t > 0 && t <= now ? (int)(now - t) : 0;
}

static bool scan_digits(rpc_t *rpc, void *ctx, wa_sv_t *digits)
{
	str s;

	if(!rpc_text(rpc, ctx, &s)) {
		rpc->fault(ctx, 400, "digits: missing");
		return false;
	}
	if(wa_record_digits(KSR_SV(&s), digits) < 0) {
		rpc->fault(ctx, 400,
				"digits: 5 to 15 digits with the country code (in kamcmd: "
				"s:15550001111)");
		return false;
	}
	return true;
}

static bool scan_name(rpc_t *rpc, void *ctx, wa_sv_t *name)
{
	str s;

	if(!rpc_text(rpc, ctx, &s)) {
		rpc->fault(ctx, 400, "name: missing");
		return false;
	}
	*name = KSR_SV(&s);
	if(!wa_record_is_trunk_name(*name)) {
		rpc->fault(ctx, 400, "name: 1 to 63 letters, digits, '.', '_' or '-'");
		return false;
	}
	return true;
}

/* The first line of a small file that the operator names: a password does not
 * pass through a command line, nor through a request that the core may log. */
static int read_password(wa_sv_t path, wa_secret_t *out, char *err, size_t size)
{
	char name[256], text[WA_PASSWORD_SIZE + 2];
	wa_sv_t rest, line;
	struct stat st;
	ssize_t n = -1;
	int fd, ret = WA_EIO;

	if(wa_sv_copy(name, sizeof(name), path) < 0) {
		snprintf(err, size, "password_file: the path is too long");
		return WA_ETOOLONG;
	}
	fd = open(name, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	if(fd >= 0 && fstat(fd, &st) == 0 && S_ISREG(st.st_mode))
		n = read(fd, text, sizeof(text));
	snprintf(err, size, "password_file: %s",
			fd < 0 ? strerror(errno) : "not a regular file");
	if(fd >= 0)
		close(fd);
	if(n < 0)
		return ret;
	rest = (wa_sv_t){text, (size_t)n};
	line = wa_sv_trim(wa_sv_cut(&rest, '\n'));
	ret = line.len == 0 ? WA_EPARSE
						: wa_sv_copy(out->s, sizeof(out->s), line);
	out->len = ret == 0 ? line.len : 0;
	OPENSSL_cleanse(text, sizeof(text));
	if(ret < 0)
		snprintf(err, size,
				"password_file: the first line must have 1 to 128 characters");
	return ret;
}

static int add_password(wan_job_t *j, wa_sv_t path, char *err, size_t size)
{
	wa_secret_t secret = {.len = 0};
	int ret = 0;

	if(path.len > 0)
		ret = read_password(path, &secret, err, size);
	if(ret == 0)
		ret = wan_job_add(
				j, WA_SV("password"), (wa_sv_t){secret.s, secret.len});
	OPENSSL_cleanse(&secret, sizeof(secret));
	return ret;
}

/* One "field=value". */
static int add_assignment(wan_job_t *j, enum wa_record_kind kind,
		wa_sv_t text, char *err, size_t size)
{
	char value[WA_RECORD_VALUE_SIZE];
	wa_sv_t name = wa_sv_cut(&text, '=');
	int ret;

	if(name.s + name.len == text.s) { /* no '=' */
		snprintf(err, size, "%.*s: expected field=value",
				(int)(name.len < 40 ? name.len : 40), name.s);
		return WA_EPARSE;
	}
	if(wa_sv_eq(name, WA_SV("password_file")))
		return add_password(j, text, err, size);
	if(wa_sv_eq(name, WA_SV("password"))) {
		snprintf(err, size, "password: only from a file: password_file=path");
		return WA_EPARSE;
	}
	ret = wa_record_check(kind, name, text, value, sizeof(value), err, size);
	if(ret == 0 && wan_job_add(j, name, wa_sv_from(value)) < 0) {
		snprintf(err, size, "too many fields");
		ret = WA_ETOOLONG;
	}
	return ret;
}

/* Queues and answers with the job's number; wa_numbers.job tells the outcome. */
static void send_job(rpc_t *rpc, void *ctx, wan_job_t *j, uint32_t id)
{
	wan_status_t st;
	void *s;
	int ret = wan_job_send(j);

	if(ret < 0) {
		wan_result_set(id, WAN_JOB_FAILED, "the job queue was full");
		fault(rpc, ctx, ret, "");
		return;
	}
	wan_status_get(&st);
	if(rpc->add(ctx, "{", &s) == 0)
		rpc->struct_add(s, "dss", "job", (int)id, "state", "queued", "redis",
				st.connected ? "connected" : "away: done once it is back");
}

static void set_record(
		rpc_t *rpc, void *ctx, enum wa_record_kind kind, wa_sv_t key)
{
	wan_job_t j;
	char err[ERR_SIZE] = "";
	uint32_t id = wan_result_new();
	int ret = 0;
	str s;

	wan_job_begin(&j, WAN_OP_SET, kind, id, key);
	while(ret == 0 && rpc_text(rpc, ctx, &s))
		ret = add_assignment(&j, kind, KSR_SV(&s), err, sizeof(err));
	if(ret == 0) {
		send_job(rpc, ctx, &j, id);
		return;
	}
	OPENSSL_cleanse(&j, sizeof(j));
	wan_result_set(id, WAN_JOB_FAILED, err);
	rpc->fault(ctx, 400, "%s", err);
}

static const char *rpc_set_doc[] = {
		"Sets fields of a number, and makes the number if there is none.",
		"Parameters: digits, then field=value ...; fields: phone_number_id",
		"waba_id app_id trunk, password_file (a path), and what a sync with",
		"Meta brings by itself: hostname port srtp codecs tgrp context calling",
		"sip. An empty value removes the field. Answers with a job number.", 0};

static void rpc_set(rpc_t *rpc, void *ctx)
{
	wa_sv_t digits;

	if(scan_digits(rpc, ctx, &digits))
		set_record(rpc, ctx, WA_RECORD_NUMBER, digits);
}

static const char *rpc_trunk_set_doc[] = {
		"Sets fields of a trunk, and makes the trunk if there is none.",
		"Parameters: name, then field=value ...; fields: gateways (up to 8, by",
		"spaces: sip:host[:port][;transport=udp|tcp|tls][;;weight[;;priority]]),",
		"codecs, tgrp, context, pstn, options, format, country, prefix, identity,",
		"params, headers, username, password_file (a path), challenge. An empty",
		"value removes the field. Answers with a job number.", 0};

static void rpc_trunk_set(rpc_t *rpc, void *ctx)
{
	wa_sv_t name;

	if(scan_name(rpc, ctx, &name))
		set_record(rpc, ctx, WA_RECORD_TRUNK, name);
}

static void remove_record(
		rpc_t *rpc, void *ctx, enum wa_record_kind kind, wa_sv_t key)
{
	uint32_t id = wan_result_new();
	wan_job_t j;

	wan_job_begin(&j, WAN_OP_REMOVE, kind, id, key);
	send_job(rpc, ctx, &j, id);
}

/* What was wanted of the number goes with it. */
static void forget_wish(wa_sv_t digits)
{
	wan_job_t j;

	if(!wan_wanted_has(digits))
		return;
	wan_job_begin(&j, WAN_OP_REMOVE, WA_RECORD_WANTED, 0, digits);
	if(wan_job_send(&j) < 0)
		LM_WARN("number %.*s: what is wanted of it stays: the queue is full\n",
				WA_SV_ARG(digits));
}

static const char *rpc_remove_doc[] = {
		"Removes a number with all its fields, and what is wanted of it.",
		"Parameter: digits.", 0};

static void rpc_remove(rpc_t *rpc, void *ctx)
{
	wa_sv_t digits;
	wa_number_t n;
	int ret;

	if(!scan_digits(rpc, ctx, &digits))
		return;
	ret = wan_dir_get(digits, &n, NULL);
	if(ret < 0) {
		fault(rpc, ctx, ret, "number");
		return;
	}
	forget_wish(digits);
	remove_record(rpc, ctx, WA_RECORD_NUMBER, digits);
}

static const char *rpc_trunk_remove_doc[] = {
		"Removes a trunk. Numbers that name it keep the name. Parameter: name.",
		0};

static void rpc_trunk_remove(rpc_t *rpc, void *ctx)
{
	wa_sv_t name;
	wa_trunk_t t;
	int ret;

	if(!scan_name(rpc, ctx, &name))
		return;
	ret = wan_dir_trunk(name, &t);
	if(ret < 0)
		fault(rpc, ctx, ret, "trunk");
	else
		remove_record(rpc, ctx, WA_RECORD_TRUNK, name);
}

/* What can be shown of a number; the password never is. */
static int add_number(rpc_t *rpc, void *s, const wa_number_t *n, bool all)
{
	char text[WA_HOST_SIZE + 1], synced[32], since[32];
	const char *name;

	rpc->struct_add(s, "s", "digits", n->digits);
	for(size_t i = 0;
			(name = wa_record_field(WA_RECORD_NUMBER, i, NULL)) != NULL; i++) {
		if(strcmp(name, "synced") == 0 || strcmp(name, "password_since") == 0)
			continue;
		if(!all && (strcmp(name, "waba_id") == 0 || strcmp(name, "app_id") == 0
						   || strcmp(name, "version") == 0))
			continue;
		if(wa_record_number_text(n, i, text, sizeof(text)) == 0)
			rpc->struct_add(s, "s", name, text);
	}
	show_time(n->synced, synced, sizeof(synced));
	rpc->struct_add(s, "sd", "synced", synced, "has_password",
			n->has_password ? 1 : 0);
	if(!all || !n->has_password)
		return 0;
	show_time(n->password_since, since, sizeof(since));
	return rpc->struct_add(s, "sd", "password_since", since, "password_age",
			age_of(n->password_since));
}

static const char *rpc_show_doc[] = {
		"Shows all that is known of a number, without its password.",
		"Parameter: digits.", 0};

static void rpc_show(rpc_t *rpc, void *ctx)
{
	wa_sv_t digits;
	wa_number_t n;
	void *s;
	int ret;

	if(!scan_digits(rpc, ctx, &digits))
		return;
	ret = wan_dir_get(digits, &n, NULL);
	if(ret < 0)
		fault(rpc, ctx, ret, "number");
	else if(rpc->add(ctx, "{", &s) == 0)
		add_number(rpc, s, &n, true);
}

typedef struct list
{
	rpc_t *rpc;
	void *array;
	const wa_filter_t *filter; /* NULL: all */
	size_t shown;
	size_t looked_at;
} list_t;

/* Members of the head that are known only at the end are added to it then. */
static bool open_list(rpc_t *rpc, void *ctx, const char *name, void **head,
		void **array)
{
	if(rpc->add(ctx, "{", head) == 0
			&& rpc->struct_add(*head, "[", name, array) == 0)
		return true;
	rpc->fault(ctx, 500, "out of memory");
	return false;
}

static int list_number(const wa_number_t *n, void *arg)
{
	list_t *l = arg;
	void *s;

	l->looked_at++;
	if(!wa_filter_matches(l->filter, n))
		return 0;
	if(l->rpc->array_add(l->array, "{", &s) < 0)
		return WA_ENOMEM;
	l->shown++;
	return add_number(l->rpc, s, n, false);
}

/* A page of what the filter lets through, or of as much as there is in a part of
 * the table: with a filter that few match, no request takes long. */
static int list_some(uint32_t *cursor, size_t limit, list_t *l)
{
	int ret;

	do {
		size_t left = limit - l->shown;

		ret = wan_dir_page(
				cursor, left < LOOK_STEP ? left : LOOK_STEP, list_number, l);
	} while(ret == 0 && *cursor != 0 && l->shown < limit
			&& l->looked_at < LOOK_MAX);
	return ret;
}

/* The rest of the parameters. */
static bool scan_filter(rpc_t *rpc, void *ctx, wa_filter_t *filter)
{
	char err[ERR_SIZE];
	str s;

	filter->n = 0;
	while(rpc_text(rpc, ctx, &s)) {
		if(wa_filter_add(filter, KSR_SV(&s), err, sizeof(err)) < 0) {
			rpc->fault(ctx, 400, "%s", err);
			return false;
		}
	}
	return true;
}

static const char *rpc_list_doc[] = {
		"Lists numbers, a page at a time, in no order.",
		"Parameters: cursor (0, or `next` of the page before), limit (default",
		"100, at most 250), field=value ... (only numbers with these values; "
		"value*",
		"= begins so). The last page has next 0; with a filter a page may be "
		"short,",
		"or empty, and not be the last.", 0};

static void rpc_list(rpc_t *rpc, void *ctx)
{
	wa_filter_t filter;
	list_t l = {.rpc = rpc, .filter = &filter};
	uint32_t cursor;
	size_t limit;
	void *head;
	int ret;

	if(!rpc_page(rpc, ctx, &cursor, &limit)
			|| !scan_filter(rpc, ctx, &filter))
		return;
	if(!wan_dir_ready()) {
		fault(rpc, ctx, WA_ENOTREADY, "");
		return;
	}
	if(!open_list(rpc, ctx, "numbers", &head, &l.array))
		return;
	ret = list_some(&cursor, limit, &l);
	if(ret < 0)
		fault(rpc, ctx, ret, "");
	else
		rpc->struct_add(head, "dd", "total", (int)wan_dir_numbers(), "next",
				(int)cursor);
}

static int list_trunk(const wa_trunk_t *t, void *arg)
{
	list_t *l = arg;
	char text[WA_RECORD_VALUE_SIZE];
	const char *name;
	unsigned flags;
	void *s;

	if(l->rpc->array_add(l->array, "{", &s) < 0)
		return WA_ENOMEM;
	l->rpc->struct_add(s, "s", "name", t->name);
	for(size_t i = 0;
			(name = wa_record_field(WA_RECORD_TRUNK, i, &flags)) != NULL; i++)
		if(!(flags & WA_RECORD_SECRET)
				&& wa_record_trunk_text(t, i, text, sizeof(text)) == 0)
			l->rpc->struct_add(s, "s", name, text);
	l->rpc->struct_add(s, "d", "has_password", t->sealed[0] != '\0');
	return 0;
}

static const char *rpc_trunk_list_doc[] = {
		"Lists trunks, a page at a time. Parameters: cursor, limit, as list.",
		0};

static void rpc_trunk_list(rpc_t *rpc, void *ctx)
{
	list_t l = {.rpc = rpc};
	uint32_t cursor;
	size_t limit;
	void *head;
	int ret;

	if(!rpc_page(rpc, ctx, &cursor, &limit))
		return;
	if(!wan_dir_ready()) {
		fault(rpc, ctx, WA_ENOTREADY, "");
		return;
	}
	if(!open_list(rpc, ctx, "trunks", &head, &l.array))
		return;
	ret = wan_dir_trunk_page(&cursor, limit, list_trunk, &l);
	if(ret < 0)
		fault(rpc, ctx, ret, "");
	else
		rpc->struct_add(head, "dd", "total", (int)wan_dir_trunks(), "next",
				(int)cursor);
}

static const char *rpc_reload_doc[] = {
		"Loads all records from Redis anew; the present ones serve meanwhile.",
		"Parameter: force = also when Redis holds no number any more.", 0};

static void rpc_reload(rpc_t *rpc, void *ctx)
{
	uint32_t id;
	wan_job_t j;
	wa_sv_t how = {NULL, 0};
	str s;

	if(rpc_text(rpc, ctx, &s)) {
		how = KSR_SV(&s);
		if(!wa_sv_eq(how, WA_SV("force"))) {
			rpc->fault(ctx, 400, "the only parameter is: force");
			return;
		}
	}
	id = wan_result_new();
	wan_job_begin(&j, WAN_OP_RELOAD, WA_RECORD_NUMBER, id, how);
	send_job(rpc, ctx, &j, id);
}

static void send_plain(rpc_t *rpc, void *ctx, enum wan_op op)
{
	uint32_t id = wan_result_new();
	wan_job_t j;

	wan_job_begin(&j, op, WA_RECORD_NUMBER, id, (wa_sv_t){NULL, 0});
	send_job(rpc, ctx, &j, id);
}

static const char *rpc_keys_doc[] = {
		"Reads the key file again: what it holds now opens, its first key "
		"seals.",
		0};

static void rpc_keys(rpc_t *rpc, void *ctx)
{
	send_plain(rpc, ctx, WAN_OP_KEYS);
}

static const char *rpc_reseal_doc[] = {
		"Reads the key file again, and begins to seal all passwords anew under",
		"its first key; wa_numbers.status tells how far it is.", 0};

static void rpc_reseal(rpc_t *rpc, void *ctx)
{
	send_plain(rpc, ctx, WAN_OP_RESEAL_ALL);
}

static const char *rpc_job_doc[] = {
		"What became of a job: queued, done or failed, and why.",
		"Parameter: job number. The last 256 are remembered.", 0};

static void rpc_job(rpc_t *rpc, void *ctx)
{
	static const char *const names[] = {
			[WAN_JOB_UNKNOWN] = "unknown",
			[WAN_JOB_QUEUED] = "queued",
			[WAN_JOB_DONE] = "done",
			[WAN_JOB_FAILED] = "failed"};
	char text[WAN_TEXT_SIZE];
	unsigned long id;
	enum wan_job_state state;
	void *h;
	str s;

	if(!rpc_text(rpc, ctx, &s)
			|| wa_sv_ulong(KSR_SV(&s), UINT32_MAX, &id) < 0) {
		rpc->fault(ctx, 400, "job: a number");
		return;
	}
	state = wan_result_get((uint32_t)id, text);
	if(state == WAN_JOB_UNKNOWN)
		fault(rpc, ctx, WA_ENOENT, "job");
	else if(rpc->add(ctx, "{", &h) == 0)
		rpc->struct_add(h, "dss", "job", (int)id, "state", names[state],
				"error", text);
}

static const char *rpc_audit_doc[] = {
		"Has a page of the audit stream read, newest first. Parameters: digits (or",
		"- for all), id (only entries before it, as `next` of the page before).",
		"Answers with a job number, for wa_numbers.audit_page when it is done.", 0};

static void rpc_audit(rpc_t *rpc, void *ctx)
{
	wa_sv_t digits = {NULL, 0}, before = {NULL, 0};
	uint32_t id;
	wan_job_t j;
	str s;

	if(rpc_text(rpc, ctx, &s) && !wa_sv_eq(KSR_SV(&s), WA_SV("-"))
			&& wa_record_digits(KSR_SV(&s), &digits) < 0) {
		rpc->fault(ctx, 400, "digits: 5 to 15 digits, or -");
		return;
	}
	if(rpc_text(rpc, ctx, &s))
		before = KSR_SV(&s);
	for(size_t i = 0; i < before.len; i++) {
		if(before.len < WAN_ID_SIZE
				&& ((before.s[i] >= '0' && before.s[i] <= '9') || before.s[i] == '-'))
			continue;
		rpc->fault(ctx, 400, "id: as `next` of the page before");
		return;
	}
	id = wan_result_new();
	wan_job_begin(&j, WAN_OP_AUDIT_READ, WA_RECORD_NUMBER, id, digits);
	if(before.len > 0 && wan_job_add(&j, WA_SV("before"), before) < 0)
		return;
	send_job(rpc, ctx, &j, id);
}

static int add_audit(wa_sv_t entry, const wa_pair_t *pairs, size_t n, void *arg)
{
	list_t *l = arg;
	char at[32], name[32], *end;
	str text = KSR_STR(entry);
	void *s;

	if(l->rpc->array_add(l->array, "{", &s) < 0)
		return WA_ENOMEM;
	/* ids begin with Redis' time in ms */
	show_time((time_t)(strtoull(entry.s, &end, 10) / 1000), at, sizeof(at));
	l->rpc->struct_add(s, "Ss", "id", &text, "at", at);
	for(size_t i = 0; i < n; i++) {
		text = KSR_STR(pairs[i].value);
		if(wa_sv_copy(name, sizeof(name), pairs[i].name) == 0)
			l->rpc->struct_add(s, "S", name, &text);
	}
	return 0;
}

static const char *rpc_audit_page_doc[] = {
		"The page that wa_numbers.audit has had read: entries, next (empty after the",
		"last). Parameter: job number. Only the page that was read last is kept.", 0};

static void rpc_audit_page(rpc_t *rpc, void *ctx)
{
	char next[WAN_ID_SIZE] = "";
	list_t l = {.rpc = rpc};
	unsigned long id;
	void *head;
	str s;
	int ret;

	if(!rpc_text(rpc, ctx, &s)
			|| wa_sv_ulong(KSR_SV(&s), UINT32_MAX, &id) < 0) {
		rpc->fault(ctx, 400, "job: a number");
		return;
	}
	if(!open_list(rpc, ctx, "entries", &head, &l.array))
		return;
	ret = wan_audit_page((uint32_t)id, next, add_audit, &l);
	if(ret == WA_ENOENT)
		rpc->fault(ctx, 404, "not read, or another page has been read since");
	else if(ret < 0)
		fault(rpc, ctx, ret, "");
	else
		rpc->struct_add(head, "s", "next", next);
}

static void add_snapshot(rpc_t *rpc, void *s, const wan_snapshot_status_t *snap)
{
	char written[32], taken[32];

	show_time(snap->written_at, written, sizeof(written));
	show_time(snap->taken_from, taken, sizeof(taken));
	rpc->struct_add(s, "sdss", "snapshot_written", written, "snapshot_kbytes",
			(int)snap->kbytes, "snapshot_error", snap->error,
			"snapshot_taken_from", taken);
}

static void add_reseal(rpc_t *rpc, void *s, const wan_reseal_status_t *r)
{
	static const char *const states[] = {[WAN_RESEAL_NEVER] = "never",
			[WAN_RESEAL_RUNNING] = "running",
			[WAN_RESEAL_DONE] = "done"};
	char started[32], finished[32];

	show_time(r->started_at, started, sizeof(started));
	show_time(r->finished_at, finished, sizeof(finished));
	rpc->struct_add(s, "sssddd", "reseal", states[r->state], "reseal_started",
			started, "reseal_finished", finished, "reseal_seen", (int)r->seen,
			"resealed", (int)r->resealed, "reseal_failed", (int)r->failed);
}

static int clip(uint64_t n)
{
	return n < INT_MAX ? (int)n : INT_MAX;
}

/* A histogram as Prometheus has them: how many up to each bound. */
static void add_visible(rpc_t *rpc, void *s, const wan_status_t *st)
{
	static const unsigned bounds[WAN_VISIBLE_N] = WAN_VISIBLE_BOUNDS;
	char name[32];
	void *h;

	if(rpc->struct_add(s, "{", "visible_ms", &h) < 0)
		return;
	for(size_t i = 0; i < WAN_VISIBLE_N; i++)
		if(snprintf(name, sizeof(name), "le_%u", bounds[i]) > 0)
			rpc->struct_add(h, "d", name, clip(st->visible[i]));
	rpc->struct_add(h, "dd", "count", clip(st->visible[WAN_VISIBLE_N]), "sum",
			clip(st->visible_ms));
}

static const char *rpc_status_doc[] = {
		"How the directory is doing: Redis, the load, sizes, the last error.",
		0};

static void rpc_status(rpc_t *rpc, void *ctx)
{
	char url[320] = "", loaded[32], connected[32], error_at[32];
	wan_status_t st;
	void *s;

	wan_status_get(&st);
	if(wan_redis_conf_show(&wan_params.redis, url, sizeof(url)) < 0
			|| rpc->add(ctx, "{", &s) < 0)
		return;
	show_time(st.loaded_at, loaded, sizeof(loaded));
	show_time(st.connected ? st.connected_at : 0, connected,
			sizeof(connected));
	show_time(st.error_at, error_at, sizeof(error_at));
	rpc->struct_add(s, "ddd", "ready", wan_dir_ready() ? 1 : 0, "connected",
			st.connected ? 1 : 0, "loading", st.loading ? 1 : 0);
	rpc->struct_add(s, "sss", "redis", url, "connected_since", connected,
			"last_id", st.last_id);
	rpc->struct_add(s, "ddd", "numbers", (int)wan_dir_numbers(), "trunks",
			(int)wan_dir_trunks(), "kbytes", (int)(wan_dir_bytes() / 1024));
	rpc->struct_add(s, "sd", "loaded", loaded, "load_ms", (int)st.load_ms);
	add_snapshot(rpc, s, &st.snapshot);
	add_reseal(rpc, s, &st.reseal);
	add_visible(rpc, s, &st);
	rpc->struct_add(s, "sss", "seal_key", wan_keys()->keys[0].id,
			"last_error", st.error, "last_error_at", error_at);
}

rpc_export_t wan_rpcs[] = {{"wa_numbers.set", rpc_set, rpc_set_doc, 0},
		{"wa_numbers.remove", rpc_remove, rpc_remove_doc, 0},
		{"wa_numbers.list", rpc_list, rpc_list_doc, 0},
		{"wa_numbers.show", rpc_show, rpc_show_doc, 0},
		{"wa_numbers.trunk_set", rpc_trunk_set, rpc_trunk_set_doc, 0},
		{"wa_numbers.trunk_remove", rpc_trunk_remove, rpc_trunk_remove_doc, 0},
		{"wa_numbers.trunk_list", rpc_trunk_list, rpc_trunk_list_doc, 0},
		{"wa_numbers.reload", rpc_reload, rpc_reload_doc, 0},
		{"wa_numbers.keys", rpc_keys, rpc_keys_doc, 0},
		{"wa_numbers.reseal", rpc_reseal, rpc_reseal_doc, 0},
		{"wa_numbers.job", rpc_job, rpc_job_doc, 0},
		{"wa_numbers.audit", rpc_audit, rpc_audit_doc, 0},
		{"wa_numbers.audit_page", rpc_audit_page, rpc_audit_page_doc, 0},
		{"wa_numbers.status", rpc_status, rpc_status_doc, 0},
		{NULL, NULL, NULL, 0}};
