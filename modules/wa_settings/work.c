/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "work_step.h"

#include <kamailio/core/rand/fastrand.h>
#include <openssl/rand.h>

#include "../lib/wa_backoff.h"
#include "../lib/wa_err.h"
#include "../lib/wa_rotation.h"
#include "clock.h"
#include "params.h"
#include "read.h"
#include "state.h"
#include "sync.h"

#define WORKS 32
#define TURN_MS 10 /* while an order is under way */
#define IDLE_MS 1000
#define SETTLE_MS 30000
#define OWNER_SIZE 96

wa_numbers_api_t wst_wan;

static wst_work_t works[WORKS];
static char owner[OWNER_SIZE]; /* of leases: this process and no other, ever */

int wst_work_init(const wa_numbers_api_t *api)
{
	unsigned char r[8];
	char host[48] = "";

	wst_wan = *api;
	if(RAND_bytes(r, sizeof(r)) != 1)
		return -1;
	if(gethostname(host, sizeof(host)) < 0)
		host[0] = '\0';
	host[sizeof(host) - 1] = '\0';
	return snprintf(owner, sizeof(owner), "%s:%d:%02x%02x%02x%02x%02x%02x%02x%02x",
				   host, (int)getpid(), r[0], r[1], r[2], r[3], r[4], r[5], r[6], r[7])
						   < 0
				   ? -1
				   : 0;
}

static wa_sv_t digits_of(const wst_work_t *w)
{
	return wa_sv_from(w->wanted.digits);
}

void wst_say(const wst_work_t *w, const char *step, const char *why)
{
	wst_task_step(w->task, step, why);
	if(why[0] != '\0')
		LM_WARN("number %s: %s, %s: %s\n", w->wanted.digits,
				wst_task_kind_name(w->kind), step, why);
}

void wst_await(wst_work_t *w, uint32_t order, wst_step_h *then)
{
	if(order == 0) {
		wst_fail(w, "the directory's queue is full: try again later");
		return;
	}
	w->order = order;
	w->then = then;
}

void wst_pause(wst_work_t *w, uint64_t ms, wst_step_h *then)
{
	w->at_ms = wst_now_ms() + ms;
	w->then = then;
}

static void release(wst_work_t *w)
{
	const wa_pair_t pair = {WA_SV("owner"), wa_sv_from(owner)};

	if(w->leased && !w->lost)
		wst_wan.queue(WA_ORDER_RELEASE, digits_of(w), &pair, 1);
	w->leased = false;
}

static void end(wst_work_t *w, const char *why)
{
	release(w);
	wst_task_end(w->task, why);
	memset(w, 0, sizeof(*w));
}

void wst_fail(wst_work_t *w, const char *why)
{
	counter_inc(wst_cnt_work_failed);
	LM_WARN("number %s: %s failed: %s\n", w->wanted.digits,
			wst_task_kind_name(w->kind), why);
	end(w, why);
}

static void given_up(wst_work_t *w)
{
	char why[WA_WANTED_WHY_SIZE];

	memcpy(why, w->why, sizeof(why));
	wst_fail(w, why);
}

static void keep_why(wst_work_t *w, const char *why)
{
	if(snprintf(w->why, sizeof(w->why), "%s", why) < 0)
		w->why[0] = '\0';
}

void wst_give_up(wst_work_t *w, const char *why)
{
	keep_why(w, why);
	wst_await(w, wst_order_job(w, false, 0), given_up);
}

void wst_finish(wst_work_t *w)
{
	if(w->kind != WST_TASK_PLAN)
		LM_NOTICE("number %s: %s is done, wanted by %s\n", w->wanted.digits,
				wst_task_kind_name(w->kind), w->by);
	end(w, "");
}

static uint32_t order_lease(wst_work_t *w)
{
	char ms[24];
	const wa_pair_t pairs[] = {
			{WA_SV("owner"), wa_sv_from(owner)}, {WA_SV("ms"), {ms, 0}}};
	wa_pair_t both[2];
	int n = snprintf(ms, sizeof(ms), "%llu", (unsigned long long)wst_params.lease_ms);

	memcpy(both, pairs, sizeof(both));
	both[1].value.len = n > 0 ? (size_t)n : 0;
	w->renewed_ms = wst_now_ms();
	return wst_wan.queue(WA_ORDER_LEASE, digits_of(w), both, 2);
}

/* The job as its last holder has left it. */
static bool take_over(wst_work_t *w, const wa_wish_t *wish)
{
	wa_job_t job;

	if(wish->job[0] == '\0' || wa_job_parse(&job, wa_sv_from(wish->job)) < 0
			|| job.kind != w->job.kind || job.begun != w->job.begun)
		return false;
	w->job = job;
	return true;
}

static bool rotated_meanwhile(const wst_work_t *w, const wa_wish_t *wish)
{
	/* only the schedule's rotations have days */
	return w->kind == WST_TASK_ROTATE && w->wanted.rotate_days > 0
		   && time(NULL) - wish->rotated
					  < wa_rotation_after(digits_of(w), w->wanted.rotate_days);
}

/* With the lease comes the wish as it stands in Redis. */
static void lease_taken(wst_work_t *w)
{
	static wa_wish_t wish; /* the process has one thread */

	if(wst_wan.wanted(digits_of(w), &wish) < 0)
		memset(&wish, 0, sizeof(wish));
	if(w->resumed ? !take_over(w, &wish) : rotated_meanwhile(w, &wish)) {
		LM_NOTICE("number %s: %s: another node has done it\n", w->wanted.digits,
				wst_task_kind_name(w->kind));
		end(w, "");
	} else if(!w->resumed && wish.job[0] != '\0') {
		wst_fail(w, "there is unfinished work on this number: it is gone on with first");
	} else {
		w->on_lease(w);
	}
}

static void ask_for_lease(wst_work_t *w, wst_step_h *then)
{
	uint32_t order = order_lease(w);

	/* counted from before it was asked for: the safe side */
	w->lease_until_ms = w->renewed_ms + wst_params.lease_ms;
	w->leased = true;
	wst_await(w, order, then);
}

void wst_lease(wst_work_t *w, wst_step_h *then)
{
	w->on_lease = then;
	ask_for_lease(w, lease_taken);
}

/* Redis knows what has become of the work meanwhile, if anybody has done it. */
static void regained(wst_work_t *w)
{
	static wa_wish_t wish; /* the process has one thread */

	if(wst_wan.wanted(digits_of(w), &wish) < 0)
		memset(&wish, 0, sizeof(wish));
	if(wish.job[0] != '\0' ? !take_over(w, &wish) : wish.rotated >= w->job.begun) {
		LM_NOTICE("number %s: %s: another node has done it\n", w->wanted.digits,
				wst_task_kind_name(w->kind));
		end(w, "");
	} else {
		wst_rotate_regained(w);
	}
}

/* A rotation has taken the number out of service, and now the lease is gone. Either
 * another node is at it, or Redis has lost the lease, and the work with it: a replica
 * became the master that had not heard of them, and nobody would bring the number
 * back. Whoever gets the lease knows. */
static bool regain(wst_work_t *w, const char *why)
{
	if(w->kind != WST_TASK_ROTATE || !w->touched || w->then == regained
			|| w->regains++ == WST_ROUNDS)
		return false;
	keep_why(w, why);
	wst_say(w, "lease", why);
	w->renewal = 0;
	w->lost = w->holding = false;
	ask_for_lease(w, regained);
	return true;
}

static void lose(wst_work_t *w, const char *why)
{
	if(!regain(w, why))
		wst_fail(w, w->then == regained ? w->why : why);
}

/* A lease that cannot be renewed is another node's sooner or later. */
static void renew(wst_work_t *w)
{
	char why[WA_ERROR_SIZE];
	int ret;

	if(w->renewal != 0) {
		ret = wst_wan.outcome(w->renewal, why, sizeof(why));
		if(ret == 0)
			return;
		w->renewal = 0;
		if(ret < 0)
			w->lost = true;
		else
			w->lease_until_ms = w->renewed_ms + wst_params.lease_ms;
	} else if(wst_now_ms() - w->renewed_ms > wst_params.lease_ms / 3) {
		w->renewal = order_lease(w);
	}
}

static bool lease_is_good(const wst_work_t *w)
{
	return !w->leased || (!w->lost && wst_now_ms() < w->lease_until_ms);
}

static void on_answer(const wst_answer_t *a, void *arg)
{
	wst_work_t *w = arg;
	wst_asked_h *asked = w->asked;

	w->asked = NULL;
	asked(w, a);
}

void wst_ask(wst_work_t *w, const char *body, bool credentials, wst_asked_h *asked)
{
	char path[WST_GRAPH_PATH_SIZE];
	wst_request_t r = {.app_id = wa_sv_from(w->app_id),
			.prio = w->kind == WST_TASK_REPAIR ? WST_PRIO_ROUND : WST_PRIO_OPERATOR,
			.path = path,
			.body = wa_sv_from(body),
			.done = on_answer,
			.arg = w};

	if(!lease_is_good(w)) {
		lose(w, "the lease was lost: another node may be at work on the number");
		return;
	}
	w->asked = asked;
	if(snprintf(path, sizeof(path), "%s/settings%s", w->phone_number_id,
			   credentials ? "?include_sip_credentials=true" : "")
					   < 0
			|| wst_graph_send(&r) < 0) {
		w->asked = NULL;
		wst_fail(w, "out of memory");
	} else if(body != NULL) {
		counter_inc(wst_cnt_writes);
		wst_task_wrote(w->task);
	}
}

bool wst_again(wst_work_t *w, const wst_answer_t *a)
{
	if(a->why[0] == '\0')
		return false;
	return a->class == WA_GRAPH_RATE
		   || (a->class == WA_GRAPH_TEMPORARY && ++w->tries < WST_TRIES);
}

uint64_t wst_retry_ms(const wst_work_t *w, const wst_answer_t *a)
{
	uint64_t ms = wa_backoff(w->tries, wst_params.retry_min_ms,
			wst_params.retry_max_ms, fastrand());

	return ms > a->wait_ms ? ms : a->wait_ms;
}

uint32_t wst_order_job(const wst_work_t *w, bool keep, int64_t rotated)
{
	char text[WA_JOB_TEXT_SIZE] = "", at[24];
	wa_pair_t pairs[3] = {{WA_SV("lease"), wa_sv_from(owner)}};
	size_t n = 2;

	if(keep && wa_job_text(&w->job, text, sizeof(text)) < 0)
		return 0;
	pairs[1] = (wa_pair_t){WA_SV("job"), wa_sv_from(text)};
	if(rotated > 0 && snprintf(at, sizeof(at), "%lld", (long long)rotated) > 0)
		pairs[n++] = (wa_pair_t){WA_SV("rotated"), wa_sv_from(at)};
	return wst_wan.queue(WA_ORDER_WANTED, digits_of(w), pairs, n);
}

uint32_t wst_order_rotating(const wst_work_t *w, bool on)
{
	const wa_pair_t pairs[] = {{WA_SV("lease"), wa_sv_from(owner)},
			{WA_SV("rotating"), on ? WA_SV("1") : (wa_sv_t){"", 0}}};

	return wst_wan.queue(WA_ORDER_FLAG, digits_of(w), pairs, 2);
}

uint32_t wst_order_audit(const wst_work_t *w, const char *field, const char *old,
		const char *now, const char *event)
{
	const wa_pair_t pairs[] = {{WA_SV("event"), wa_sv_from(event)},
			{WA_SV("by"), wa_sv_from(w->by)},
			{WA_SV("kind"), wa_sv_from(wst_task_kind_name(w->kind))},
			{WA_SV("field"), wa_sv_from(field)}, {WA_SV("old"), wa_sv_from(old)},
			{WA_SV("new"), wa_sv_from(now)}};

	return wst_wan.queue(
			WA_ORDER_AUDIT, digits_of(w), pairs, sizeof(pairs) / sizeof(pairs[0]));
}

/* A new number is met as soon as the directory has it: the next walk through a
 * large one may be seconds away. */
static void settled(wst_work_t *w)
{
	const wst_number_t *n = wst_sync_meet(digits_of(w));

	if(wst_now_ms() > w->settle_until_ms)
		wst_fail(w, "Meta has it all, but reading it into the directory takes long: see "
					"wasbcctl number show");
	else if(n == NULL || n->show.in_flight || n->show.reads == w->reads)
		wst_pause(w, TURN_MS, settled);
	else
		wst_finish(w);
}

void wst_settle(wst_work_t *w)
{
	wst_number_t *n = wst_sync_meet(digits_of(w));

	wst_say(w, "reading", "");
	w->settle_until_ms = wst_now_ms() + SETTLE_MS;
	w->reads = n != NULL ? n->show.reads : 0;
	if(n != NULL)
		wst_read_now(n, true);
	wst_pause(w, 0, settled);
}

bool wst_work_has(wa_sv_t digits)
{
	for(size_t i = 0; i < WORKS; i++)
		if(works[i].busy && works[i].kind != WST_TASK_PLAN
				&& wa_sv_eq(digits_of(&works[i]), digits))
			return true;
	return false;
}

static wst_work_t *free_work(void)
{
	for(size_t i = 0; i < WORKS; i++)
		if(!works[i].busy)
			return &works[i];
	return NULL;
}

static void copy(char *out, size_t size, const char *a, const char *b)
{
	if(wa_sv_copy(out, size, wa_sv_from(a[0] != '\0' ? a : b)) < 0)
		out[0] = '\0';
}

/* What the file says comes first, then what the directory has. */
static const char *identify(wst_work_t *w)
{
	char app[WA_ID_SIZE] = "", host[WA_HOST_SIZE] = "";
	wa_number_t n;

	if(wst_wan.get(digits_of(w), &n) < 0)
		memset(&n, 0, sizeof(n));
	wa_sv_copy(app, sizeof(app), wst_params.app_id);
	wa_sv_copy(host, sizeof(host), wst_params.hostname);
	copy(w->phone_number_id, sizeof(w->phone_number_id), w->wanted.phone_number_id,
			n.phone_number_id);
	copy(w->app_id, sizeof(w->app_id), w->wanted.app_id, n.app_id);
	if(w->app_id[0] == '\0')
		copy(w->app_id, sizeof(w->app_id), app, "");
	copy(w->hostname, sizeof(w->hostname), host, n.hostname);
	if(w->hostname[0] == '\0')
		copy(w->hostname, sizeof(w->hostname), w->wanted.hostname, "");
	return w->phone_number_id[0] != '\0'
				   ? NULL
				   : "phone_number_id: neither the file nor the directory says it";
}

typedef struct owner
{
	const wst_work_t *w;
	wa_number_t n; /* "" = nobody */
} owner_t;

static void look_for_owner(const wst_number_t *n, void *arg)
{
	owner_t *o = arg;

	if(o->n.digits[0] != '\0'
			|| strcmp(n->show.digits, o->w->wanted.digits) == 0)
		return;
	/* as it is now: it may be gone, or have another id */
	if(wst_wan.get(wa_sv_from(n->show.digits), &o->n) < 0
			|| strcmp(o->n.phone_number_id, o->w->phone_number_id) != 0)
		o->n.digits[0] = '\0';
}

/* A wrong id in the file must not write to another number of ours. */
static bool id_is_free(wst_work_t *w)
{
	char why[WA_WANTED_WHY_SIZE];
	owner_t o = {.w = w, .n = {.digits = ""}};

	wst_state_of_id(w->phone_number_id, look_for_owner, &o);
	if(o.n.digits[0] == '\0')
		return true;
	snprintf(why, sizeof(why), "phone_number_id: %s is number %s's already",
			w->phone_number_id, o.n.digits);
	wst_fail(w, why);
	return false;
}

static void begin(wst_work_t *w)
{
	const char *why = identify(w);

	/* what has begun is ended: the number may be out of service */
	if(why == NULL && !w->resumed && !id_is_free(w))
		return;
	if(why != NULL)
		wst_fail(w, why);
	else if(w->kind == WST_TASK_PLAN)
		wst_plan_begin(w);
	else if(w->kind == WST_TASK_ROTATE)
		wst_rotate_begin(w);
	else
		wst_apply_begin(w);
}

static bool start(const wst_task_order_t *o, const wa_job_t *job)
{
	wst_work_t *w = free_work();

	if(w == NULL || (o->kind != WST_TASK_PLAN && wst_work_has(wa_sv_from(o->wanted.digits))))
		return false;
	memset(w, 0, sizeof(*w));
	w->busy = true;
	w->task = o->id;
	w->kind = o->kind;
	w->wanted = o->wanted;
	memcpy(w->by, o->by, sizeof(w->by));
	if(job != NULL) {
		w->job = *job;
		w->resumed = true;
	}
	wst_pause(w, 0, begin);
	return true;
}

bool wst_work_begin(enum wst_task_kind kind, const wa_wanted_t *wanted, const char *by)
{
	wst_task_order_t o = {.kind = kind, .wanted = *wanted};

	if(wa_sv_copy(o.by, sizeof(o.by), wa_sv_from(by)) < 0 || free_work() == NULL
			|| wst_work_has(wa_sv_from(wanted->digits)))
		return false;
	o.id = wst_task_new(kind, wa_sv_from(wanted->digits), wa_sv_from(o.by));
	return o.id != 0 && start(&o, NULL);
}

/* Without a task: nobody waits for it, and most tries find another node's lease. */
bool wst_work_resume(const wa_wish_t *wish)
{
	static const enum wst_task_kind kinds[] = {[WA_JOB_APPLY] = WST_TASK_APPLY,
			[WA_JOB_REPAIR] = WST_TASK_REPAIR,
			[WA_JOB_ROTATE] = WST_TASK_ROTATE};
	char why[WA_WANTED_WHY_SIZE];
	wst_task_order_t o = {.id = 0};
	wa_job_t job;

	if(wst_work_has(wa_sv_from(wish->digits)))
		return false;
	if(wa_job_parse(&job, wa_sv_from(wish->job)) < 0) {
		LM_ERR("number %s: the work in Redis cannot be understood and stays undone\n",
				wish->digits);
		return false;
	}
	o.kind = kinds[job.kind];
	memcpy(o.by, job.by, sizeof(o.by));
	if(wish->doc[0] == '\0'
			|| wa_wanted_parse(&o.wanted, wa_sv_from(wish->doc), why, sizeof(why)) < 0)
		memset(&o.wanted, 0, sizeof(o.wanted));
	memcpy(o.wanted.digits, wish->digits, sizeof(o.wanted.digits));
	return start(&o, &job);
}

/* One step, if it is time for it. */
static void go_on(wst_work_t *w)
{
	char why[WA_ERROR_SIZE];
	wst_step_h *then = w->then;
	int ret;

	if(w->leased && w->order == 0)
		renew(w);
	if(w->asked != NULL || then == NULL)
		return;
	if(w->order != 0) {
		ret = wst_wan.outcome(w->order, why, sizeof(why));
		if(ret == 0)
			return;
		w->order = 0;
		w->lost = w->lost || ret < 0;
		if(ret < 0) {
			if(w->resumed && !w->holding)
				memset(w, 0, sizeof(*w)); /* another node is at it: fine */
			else
				lose(w, why);
			return;
		}
		w->holding = w->leased;
	} else if(wst_now_ms() < w->at_ms) {
		return;
	}
	w->then = NULL;
	then(w);
}

static void take_tasks(void)
{
	wst_task_order_t o;

	while(free_work() != NULL && wst_task_take(&o))
		if(!start(&o, NULL))
			wst_task_end(o.id, "there is work on this number already: try again later");
}

uint64_t wst_work_turn(void)
{
	uint64_t idle = IDLE_MS, now;

	take_tasks();
	for(size_t i = 0; i < WORKS; i++) {
		wst_work_t *w = &works[i];

		if(w->busy)
			go_on(w);
	}
	now = wst_now_ms();
	for(size_t i = 0; i < WORKS; i++) {
		const wst_work_t *w = &works[i];
		uint64_t wait = w->order != 0 || w->at_ms <= now ? TURN_MS : w->at_ms - now;

		if(w->busy && w->asked == NULL && wait < idle)
			idle = wait;
	}
	return idle;
}
