/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "graph.h"

#include "../ksr_compat.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/crypto.h>

#include "../lib/wa_apps.h"
#include "../lib/wa_err.h"
#include "app.h"
#include "clock.h"
#include "http.h"
#include "params.h"
#include "state.h"

#define URL_PATH_SIZE (WST_GRAPH_PATH_SIZE + 160) /* version and proof */
#define RETRY_AFTER_MAX_S 3600					  /* whatever Meta asks for */

typedef struct queued
{
	struct queued *next;
	wst_app_t *app; /* NULL: there is none */
	wst_answer_h *done;
	void *arg;
	unsigned token;	  /* generation that was sent */
	bool again;		  /* with another token than the first time */
	enum wst_prio prio;
	size_t body_len;
	char path[WST_GRAPH_PATH_SIZE];
	char body[]; /* may hold what nobody else should read: wiped */
} queued_t;

typedef struct queue
{
	queued_t *first, **end;
} queue_t;

/* Of each app and kind, and those without an app. */
static queue_t queues[WA_APPS_MAX][WST_PRIO_COUNT];
static queue_t orphans;
static unsigned turn; /* the app that is asked first */
static unsigned rounds_waiting;

static void release(queued_t *q)
{
	OPENSSL_cleanse(q->body, q->body_len);
	free(q);
}

static void add_last(queue_t *to, queued_t *q)
{
	q->next = NULL;
	if(to->first == NULL)
		to->end = &to->first;
	*to->end = q;
	to->end = &q->next;
}

static void add_first(queue_t *to, queued_t *q)
{
	q->next = to->first;
	if(to->first == NULL)
		to->end = &q->next;
	to->first = q;
}

static queued_t *take_first(queue_t *from)
{
	queued_t *q = from->first;

	if(q != NULL)
		from->first = q->next;
	return q;
}

static unsigned index_of(const wst_app_t *app)
{
	return (unsigned)(app - wst_app_at(0));
}

static void count(const queued_t *q, int by)
{
	q->app->queued += (unsigned)by;
	if(q->prio == WST_PRIO_ROUND)
		rounds_waiting += (unsigned)by;
}

static void enqueue(queued_t *q)
{
	count(q, 1);
	add_last(&queues[index_of(q->app)][q->prio], q);
}

int wst_graph_send(const wst_request_t *r)
{
	size_t path_len = strlen(r->path);
	queued_t *q;

	if(path_len >= sizeof(q->path))
		return WA_ETOOLONG;
	q = malloc(sizeof(*q) + r->body.len);
	if(q == NULL)
		return WA_ENOMEM;
	*q = (queued_t){.app = wst_app_find(r->app_id),
			.done = r->done,
			.arg = r->arg,
			.prio = r->prio,
			.body_len = r->body.len};
	memcpy(q->path, r->path, path_len + 1);
	if(r->body.len > 0)
		memcpy(q->body, r->body.s, r->body.len);
	if(q->app == NULL) {
		add_last(&orphans, q);
		return 0;
	}
	enqueue(q);
	return 0;
}

/* Rounds leave a slot to operators, who would else wait behind a server that
 * does not answer. */
static unsigned room(enum wst_prio prio)
{
	unsigned n = wst_http_room();
	unsigned kept = wst_params.parallel > 1 && prio == WST_PRIO_ROUND ? 1 : 0;

	return n > kept ? n - kept : 0;
}

uint64_t wst_graph_wait_ms(wa_sv_t app_id)
{
	wst_app_t *app = wst_app_find(app_id);

	if(app == NULL)
		return 0;
	if(rounds_waiting >= room(WST_PRIO_ROUND))
		return WST_GRAPH_NO_SLOT;
	return wst_app_wait_ms(app, false, wst_now_ms());
}

unsigned wst_graph_token(wa_sv_t app_id)
{
	const wst_app_t *app = wst_app_find(app_id);

	return app != NULL && app->token.text[0] != '\0' ? app->token.generation : 0;
}

/* Never sent: `why` is the operator's to mend. */
static void fail(queued_t *q, const char *why, enum wa_graph_class class)
{
	wst_answer_t a = {.why = why, .class = class, .token = q->token};

	q->done(&a, q->arg);
	release(q);
}

static int make_path(char *out, size_t size, const queued_t *q)
{
	int n = snprintf(out, size, "/%.*s/%s%s%s", WA_SV_ARG(wst_params.version), q->path,
			q->app->proof[0] == '\0'		  ? ""
			: strchr(q->path, '?') != NULL ? "&appsecret_proof="
										   : "?appsecret_proof=",
			q->app->proof);

	return n > 0 && (size_t)n < size ? 0 : WA_ETOOLONG;
}

static int start_http(queued_t *q)
{
	char path[URL_PATH_SIZE];
	int err = make_path(path, sizeof(path), q);

	if(!err)
		err = wst_http_start(&(wst_http_request_t){.path = path,
				.token = q->app->token.text,
				.body = {q->body, q->body_len},
				.arg = q});
	OPENSSL_cleanse(path, sizeof(path));
	return err;
}

/* False: not now, and not this one's fault. */
static bool start(queued_t *q)
{
	const char *why = wst_app_ready(q->app, false);
	int err;

	if(why == NULL && q->app->gone)
		why = "there is no token for this app any more";
	if(why != NULL) {
		count(q, -1);
		fail(q, why, WA_GRAPH_TOKEN);
		return true;
	}
	q->token = q->app->token.generation;
	err = start_http(q);
	if(err == WA_EBUSY)
		return false;
	count(q, -1);
	if(err < 0) {
		fail(q, "out of memory", WA_GRAPH_TEMPORARY);
		return true;
	}
	wst_app_count(q->app, wst_now_ms());
	q->app->in_flight++;
	counter_inc(wst_cnt_requests);
	return true;
}

/* All of one app and kind that may start. Returns in how long the next may. */
static uint64_t start_app(unsigned i, enum wst_prio prio)
{
	queue_t *from = &queues[i][prio];
	wst_app_t *app = wst_app_at(i);

	while(from->first != NULL) {
		uint64_t ms = wst_app_wait_ms(app, prio == WST_PRIO_OPERATOR, wst_now_ms());
		queued_t *q;

		if(ms > 0)
			return ms;
		if(room(prio) == 0)
			return WST_GRAPH_NO_SLOT;
		q = take_first(from);
		if(!start(q)) {
			add_first(from, q);
			return WST_GRAPH_NO_SLOT;
		}
	}
	return WST_GRAPH_NO_SLOT;
}

/* Those that are there now: whoever hears of it may send the next. */
static void fail_orphans(void)
{
	queued_t *q = orphans.first;

	orphans.first = NULL;
	while(q != NULL) {
		queued_t *next = q->next;

		fail(q, "no token for this app: give token_file, or a line in apps_file",
				WA_GRAPH_TOKEN);
		q = next;
	}
}

/* Returns in how long something may start that cannot now. */
static uint64_t start_all(void)
{
	uint64_t next = WST_GRAPH_NO_SLOT;
	unsigned n = 0;

	fail_orphans();
	while(wst_app_at(n) != NULL)
		n++;
	turn++; /* so that no app is always first */
	for(int prio = 0; prio < WST_PRIO_COUNT; prio++)
		for(unsigned i = 0; i < n; i++) {
			uint64_t ms = start_app((turn + i) % n, (enum wst_prio)prio);

			next = ms < next ? ms : next;
		}
	return next;
}

/* The file may hold another token by now. */
static bool ask_again(queued_t *q)
{
	if(q->again || wst_app_ready(q->app, true) != NULL
			|| q->app->token.generation == q->token)
		return false;
	q->again = true;
	enqueue(q);
	return true;
}

static uint64_t asked_to_wait(const wst_http_answer_t *h)
{
	uint64_t s = h->retry_after_s < RETRY_AFTER_MAX_S ? h->retry_after_s
													  : RETRY_AFTER_MAX_S;

	return s * 1000;
}

static void refused(wst_answer_t *a, const wst_http_answer_t *h, wst_app_t *app,
		char *why, size_t size)
{
	const wa_graph_error_t *e = a->has_error ? &a->error : NULL;

	a->class = wa_graph_error_class(h->status, e);
	wa_graph_error_text(why, size, h->status, e);
	a->why = why;
	a->wait_ms = asked_to_wait(h);
	if(a->class == WA_GRAPH_RATE) {
		counter_inc(wst_cnt_rate);
		a->wait_ms = wst_app_pause(app, a->wait_ms, wst_now_ms());
	} else if(a->class == WA_GRAPH_PERMISSION) {
		counter_inc(wst_cnt_permission);
	} else if(a->class == WA_GRAPH_TOKEN) {
		counter_inc(wst_cnt_token);
	}
}

/* The answer as the one who asked gets it. */
static void understand(wst_answer_t *a, const wst_http_answer_t *h, wst_app_t *app,
		char *why, size_t size)
{
	a->has_error = h->status != 0 && wa_graph_error_parse(&a->error, h->body) == 0;
	if(h->status == 0) {
		counter_inc(wst_cnt_transport);
		a->class = WA_GRAPH_TEMPORARY;
		a->why = h->error;
	} else if(a->has_error || h->status != 200) {
		refused(a, h, app, why, size);
	} else {
		app->pauses = 0;
	}
}

static void on_answer(const wst_http_answer_t *h, void *arg)
{
	queued_t *q = arg;
	char why[WA_ERROR_SIZE];
	wst_answer_t a = {.why = "",
			.status = h->status,
			.sent = h->sent,
			.body = h->body,
			.took_ms = h->took_ms,
			.token = q->token};

	q->app->in_flight--;
	if(h->usage_known)
		wst_app_usage(q->app, &h->usage, wst_now_ms());
	if(h->clock_known)
		wst_status_clock(h->clock_off);
	understand(&a, h, q->app, why, sizeof(why));
	wst_app_show(q->app);
	if(a.why[0] != '\0' && a.class == WA_GRAPH_TOKEN && ask_again(q))
		return;
	q->done(&a, q->arg);
	release(q);
}

int wst_graph_init(void)
{
	wst_app_init();
	return wst_http_init(on_answer);
}

void wst_graph_run(int fd, uint64_t timeout_ms)
{
	uint64_t next = start_all();

	wst_http_run(fd, (int)(next < timeout_ms ? next : timeout_ms));
}

static bool is_plain(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9')
		   || c == '-' || c == '.' || c == '_' || c == '~' || c == ',';
}

int wst_graph_param(char *path, size_t size, char sep, const char *name, wa_sv_t value)
{
	size_t n = strlen(path);
	int len = snprintf(path + n, size - n, "%c%s=", sep, name);

	if(len < 0 || (size_t)len >= size - n)
		return WA_ETOOLONG;
	n += (size_t)len;
	for(size_t i = 0; i < value.len; i++) {
		bool plain = is_plain(value.s[i]);

		len = snprintf(path + n, size - n, plain ? "%c" : "%%%02X",
				(unsigned char)value.s[i]);
		if(len < 0 || (size_t)len >= size - n)
			return WA_ETOOLONG;
		n += (size_t)len;
	}
	return 0;
}
