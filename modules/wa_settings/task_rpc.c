/* RPCs that compare, write and rotate: each starts a task and returns at once.
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "task_rpc.h"

#include <string.h>
#include <time.h>

#include "../ksr_rpc.h"
#include "../lib/wa_err.h"
#include "params.h"
#include "task.h"

static wa_numbers_api_t wan;

void wst_task_rpc_bind(const wa_numbers_api_t *api)
{
	wan = *api;
}

/* Who wants it, as the tool says: for the audit stream. */
static bool scan_by(rpc_t *rpc, void *ctx, char *by, size_t size)
{
	str s = STR_STATIC_INIT("rpc");

	rpc_text(rpc, ctx, &s);
	for(int i = 0; i < s.len; i++) {
		if(s.s[i] > ' ' && s.s[i] <= '~' && s.s[i] != '"')
			continue;
		rpc->fault(ctx, 400, "by: a word without spaces");
		return false;
	}
	if(s.len > 0 && wa_sv_copy(by, size, KSR_SV(&s)) == 0)
		return true;
	rpc->fault(ctx, 400, "by: 1 to %d characters", (int)size - 1);
	return false;
}

static bool is_enabled(rpc_t *rpc, void *ctx)
{
	if(wst_enabled())
		return true;
	rpc->fault(ctx, 500,
			"Meta is not asked for anything: neither token_file nor apps_file is set");
	return false;
}

static void send_order(rpc_t *rpc, void *ctx, wst_task_order_t *o)
{
	void *h;

	o->id = wst_task_new(
			o->kind, wa_sv_from(o->wanted.digits), wa_sv_from(o->by));
	if(o->id == 0 || wst_task_send(o) < 0) {
		rpc->fault(ctx, 500, "too many tasks at once: try again later");
		return;
	}
	if(rpc->add(ctx, "{", &h) == 0)
		rpc->struct_add(h, "ds", "task", (int)o->id, "number", o->wanted.digits);
}

/* Parameters: a number's entry of the wanted file as JSON text, who wants it. */
static void start_wanted(rpc_t *rpc, void *ctx, enum wst_task_kind kind)
{
	char why[WA_WANTED_WHY_SIZE];
	wst_task_order_t o = {.kind = kind};
	str s;

	if(!is_enabled(rpc, ctx))
		return;
	if(!rpc_text(rpc, ctx, &s)) {
		rpc->fault(ctx, 400, "wanted: a number's entry as JSON");
		return;
	}
	if(wa_wanted_parse(&o.wanted, KSR_SV(&s), why, sizeof(why)) < 0) {
		rpc->fault(ctx, 400, "%s", why);
		return;
	}
	if(scan_by(rpc, ctx, o.by, sizeof(o.by)))
		send_order(rpc, ctx, &o);
}

static const char *rpc_plan_doc[] = {
		"Compares what is wanted of a number with the directory and with Meta.",
		"Parameters: the number's entry of the wanted file as JSON text, who asks.",
		"Answers with a task: see wa_settings.task.", 0};

static void rpc_plan(rpc_t *rpc, void *ctx)
{
	start_wanted(rpc, ctx, WST_TASK_PLAN);
}

static const char *rpc_apply_doc[] = {
		"Keeps what is wanted of a number, and writes to Meta what differs there.",
		"Parameters and answer as wa_settings.plan.", 0};

static void rpc_apply(rpc_t *rpc, void *ctx)
{
	start_wanted(rpc, ctx, WST_TASK_APPLY);
}

static bool scan_number(rpc_t *rpc, void *ctx, char *digits, size_t size)
{
	wa_number_t n;
	wa_sv_t v;
	str s;
	int err;

	if(!rpc_text(rpc, ctx, &s) || wa_record_digits(KSR_SV(&s), &v) < 0) {
		rpc->fault(ctx, 400, "digits: 5 to 15 digits (in kamcmd: s:15550001111)");
		return false;
	}
	err = wan.get(v, &n);
	if(err == 0 && wa_sv_copy(digits, size, v) == 0)
		return true;
	if(err == WA_ENOENT)
		rpc->fault(ctx, 404, "no such number");
	else
		rpc->fault(ctx, 500, "%s", wa_strerror(err));
	return false;
}

static const char *rpc_rotate_doc[] = {
		"Has Meta make a new SIP password for a number, which is out of service for",
		"that moment. Parameters: digits, who asks. Answers with a task.", 0};

static void rpc_rotate(rpc_t *rpc, void *ctx)
{
	wst_task_order_t o = {.kind = WST_TASK_ROTATE};

	if(is_enabled(rpc, ctx)
			&& scan_number(rpc, ctx, o.wanted.digits, sizeof(o.wanted.digits))
			&& scan_by(rpc, ctx, o.by, sizeof(o.by)))
		send_order(rpc, ctx, &o);
}

static const char *rpc_forget_doc[] = {
		"Nothing is wanted of the number any more: its drift is not looked at. What",
		"Meta and the directory have stays. Parameters: digits, who asks.", 0};

static void rpc_forget(rpc_t *rpc, void *ctx)
{
	static const wa_pair_t pairs[] = {{{"doc", 3}, {"", 0}}, {{"by", 2}, {"", 0}},
			{{"at", 2}, {"", 0}}};
	char digits[WA_DIGITS_SIZE], by[WST_BY_SIZE];
	wa_wish_t wish;
	uint32_t job;
	void *h;

	if(!scan_number(rpc, ctx, digits, sizeof(digits))
			|| !scan_by(rpc, ctx, by, sizeof(by)))
		return;
	if(wan.wanted(wa_sv_from(digits), &wish) < 0 || wish.doc[0] == '\0') {
		rpc->fault(ctx, 404, "nothing is wanted of this number");
		return;
	}
	{
		const wa_pair_t line[] = {{WA_SV("event"), WA_SV("forget")},
				{WA_SV("by"), wa_sv_from(by)}, {WA_SV("kind"), WA_SV("forget")}};

		wan.queue(WA_ORDER_AUDIT, wa_sv_from(digits), line, 3);
	}
	job = wan.queue(WA_ORDER_WANTED, wa_sv_from(digits), pairs, 3);
	if(job == 0)
		rpc->fault(ctx, 500, "the job queue is full: try again later");
	else if(rpc->add(ctx, "{", &h) == 0)
		rpc->struct_add(h, "ds", "job", (int)job, "state", "queued");
}

static const char *const states[] = {[WST_TASK_FREE] = "free",
		[WST_TASK_RUNNING] = "running",
		[WST_TASK_DONE] = "done",
		[WST_TASK_FAILED] = "failed"};

static void add_task(rpc_t *rpc, void *s, const wst_task_t *t)
{
	time_t end = t->ended != 0 ? t->ended : time(NULL);

	rpc->struct_add(s, "dssss", "task", (int)t->id, "number", t->digits, "kind",
			wst_task_kind_name(t->kind), "by", t->by, "state", states[t->state]);
	rpc->struct_add(s, "ssddd", "step", t->step, "error", t->why, "seconds",
			end > t->begun ? (int)(end - t->begun) : 0, "writes", (int)t->writes,
			"differs", t->differs_stored || t->differs_meta);
}

static void add_rows(rpc_t *rpc, void *s, const wst_task_t *t)
{
	const char *texts[5];
	size_t at = 0;
	void *list, *row;

	if(rpc->struct_add(s, "[", "fields", &list) < 0)
		return;
	while(wst_task_row(t, &at, texts))
		if(rpc->array_add(list, "{", &row) == 0)
			rpc->struct_add(row, "sssss", "field", texts[0], "wanted", texts[1],
					"stored", texts[2], "meta", texts[3], "differs", texts[4]);
}

static const char *rpc_task_doc[] = {
		"How a task goes: state (running, done, failed), step, error, and field by",
		"field what is wanted, stored, and Meta's when it began. Parameter: its number.", 0};

static void rpc_task(rpc_t *rpc, void *ctx)
{
	wst_task_t *t = pkg_malloc(sizeof(*t));
	unsigned long id = 0;
	void *s;
	str text;

	if(t == NULL) {
		rpc->fault(ctx, 500, "out of memory");
		return;
	}
	if(!rpc_text(rpc, ctx, &text) || wa_sv_ulong(KSR_SV(&text), INT32_MAX, &id) < 0) {
		rpc->fault(ctx, 400, "task: a number");
	} else if(wst_task_get((uint32_t)id, t) < 0) {
		rpc->fault(ctx, 404, "no such task (any more; a restart forgets them, and goes "
							 "on with the work)");
	} else if(rpc->add(ctx, "{", &s) == 0) {
		add_task(rpc, s, t);
		add_rows(rpc, s, t);
	}
	pkg_free(t);
}

typedef struct list
{
	rpc_t *rpc;
	void *array;
} list_t;

static void list_task(const wst_task_t *t, void *arg)
{
	list_t *l = arg;
	void *s;

	if(l->rpc->array_add(l->array, "{", &s) == 0)
		add_task(l->rpc, s, t);
}

static const char *rpc_tasks_doc[] = {"Lists the tasks that are running.", 0};

static void rpc_tasks(rpc_t *rpc, void *ctx)
{
	wst_task_t *room = pkg_malloc(sizeof(*room));
	list_t l = {rpc, NULL};
	void *head;

	if(room == NULL) {
		rpc->fault(ctx, 500, "out of memory");
		return;
	}
	if(rpc->add(ctx, "{", &head) == 0
			&& rpc->struct_add(head, "[", "tasks", &l.array) == 0)
		wst_task_each(room, list_task, &l);
	pkg_free(room);
}

rpc_export_t wst_task_rpcs[] = {{"wa_settings.plan", rpc_plan, rpc_plan_doc, 0},
		{"wa_settings.apply", rpc_apply, rpc_apply_doc, 0},
		{"wa_settings.rotate", rpc_rotate, rpc_rotate_doc, 0},
		{"wa_settings.forget", rpc_forget, rpc_forget_doc, 0},
		{"wa_settings.task", rpc_task, rpc_task_doc, 0},
		{"wa_settings.tasks", rpc_tasks, rpc_tasks_doc, 0},
		{NULL, NULL, NULL, 0}};
