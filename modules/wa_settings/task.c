/* SPDX-License-Identifier: GPL-2.0-or-later */
#define _GNU_SOURCE /* pipe2 */
#include "task.h"

#include <fcntl.h>
#include <limits.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "../lib/wa_buf.h"
#include "../lib/wa_err.h"
#include "wake.h"

_Static_assert(sizeof(wst_task_order_t) <= PIPE_BUF, "an order is one write");

typedef struct shared
{
	gen_lock_t lock;
	uint32_t last;
	wst_task_t tasks[WST_TASKS];
} shared_t;

static shared_t *sh = NULL;
static int ends[2] = {-1, -1};

int wst_task_init(void)
{
	sh = shm_malloc(sizeof(*sh));
	if(sh == NULL) {
		SHM_MEM_ERROR;
		return -1;
	}
	memset(sh, 0, sizeof(*sh));
	if(lock_init(&sh->lock) == NULL)
		return -1;
	if(pipe2(ends, O_NONBLOCK | O_CLOEXEC) == 0)
		return 0;
	LM_ERR("pipe: %s\n", strerror(errno));
	return -1;
}

void wst_task_destroy(void)
{
	if(sh == NULL)
		return;
	lock_destroy(&sh->lock);
	shm_free(sh);
	sh = NULL;
}

/* A free place, else that of the task that ended longest ago. */
static wst_task_t *place(void)
{
	wst_task_t *best = NULL;

	for(size_t i = 0; i < WST_TASKS; i++) {
		wst_task_t *t = &sh->tasks[i];

		if(t->state == WST_TASK_FREE)
			return t;
		if(t->state != WST_TASK_RUNNING && (best == NULL || t->id < best->id))
			best = t;
	}
	return best;
}

static wst_task_t *find(uint32_t id)
{
	for(size_t i = 0; i < WST_TASKS; i++)
		if(sh->tasks[i].id == id && sh->tasks[i].state != WST_TASK_FREE)
			return &sh->tasks[i];
	return NULL;
}

uint32_t wst_task_new(enum wst_task_kind kind, wa_sv_t digits, wa_sv_t by)
{
	wst_task_t *t;
	uint32_t id = 0;

	lock_get(&sh->lock);
	t = place();
	if(t != NULL) {
		memset(t, 0, sizeof(*t));
		id = t->id = sh->last = sh->last < INT32_MAX ? sh->last + 1 : 1;
		t->kind = kind;
		t->state = WST_TASK_RUNNING;
		t->begun = time(NULL);
		/* who asks has checked both */
		wa_sv_copy(t->digits, sizeof(t->digits), digits);
		wa_sv_copy(t->by, sizeof(t->by), by);
		wa_sv_copy(t->step, sizeof(t->step), WA_SV("queued"));
	}
	lock_release(&sh->lock);
	return id;
}

int wst_task_send(const wst_task_order_t *o)
{
	if(write(ends[1], o, sizeof(*o)) == (ssize_t)sizeof(*o)) {
		/* should this one be lost, the loop turns once a second */
		wst_wake_send(WST_ASK_TASK, WA_SV(""), WA_SV(""), 0);
		return 0;
	}
	wst_task_end(o->id, "too many tasks at once: try again later");
	return WA_EBUSY;
}

int wst_task_get(uint32_t id, wst_task_t *out)
{
	const wst_task_t *t;

	lock_get(&sh->lock);
	t = find(id);
	if(t != NULL)
		*out = *t;
	lock_release(&sh->lock);
	return t != NULL ? 0 : WA_ENOENT;
}

void wst_task_each(wst_task_t *room, void (*cb)(const wst_task_t *t, void *arg), void *arg)
{
	for(size_t i = 0; i < WST_TASKS; i++) {
		lock_get(&sh->lock);
		*room = sh->tasks[i];
		lock_release(&sh->lock);
		if(room->state == WST_TASK_RUNNING)
			cb(room, arg);
	}
}

bool wst_task_row(const wst_task_t *t, size_t *at, const char *texts[5])
{
	if(*at >= t->rows_len)
		return false;
	for(size_t i = 0; i < 5; i++) {
		texts[i] = t->rows + *at;
		*at += strlen(texts[i]) + 1;
	}
	return true;
}

bool wst_task_take(wst_task_order_t *out)
{
	return read(ends[0], out, sizeof(*out)) == (ssize_t)sizeof(*out);
}

static void put_text(char *out, size_t size, const char *text)
{
	size_t len = strlen(text);

	if(len >= size)
		len = size - 1;
	memcpy(out, text, len);
	out[len] = '\0';
}

void wst_task_step(uint32_t id, const char *step, const char *why)
{
	wst_task_t *t;

	lock_get(&sh->lock);
	t = find(id);
	if(t != NULL) {
		put_text(t->step, sizeof(t->step), step);
		put_text(t->why, sizeof(t->why), why);
	}
	lock_release(&sh->lock);
}

void wst_task_wrote(uint32_t id)
{
	wst_task_t *t;

	lock_get(&sh->lock);
	t = find(id);
	if(t != NULL)
		t->writes++;
	lock_release(&sh->lock);
}

static const char *differs(const wa_plan_row_t *row)
{
	if(row->stored_differs)
		return row->meta_differs ? "both" : "stored";
	return row->meta_differs ? "meta" : "";
}

/* A row as a whole; the longest plan fits. */
static void add_row(wst_task_t *t, const wa_plan_row_t *row)
{
	const char *const texts[5] = {
			row->field, row->wanted, row->stored, row->meta, differs(row)};
	wa_buf_t b = wa_buf_on(t->rows + t->rows_len, sizeof(t->rows) - t->rows_len);

	for(size_t i = 0; i < 5; i++)
		wa_buf_put(&b, (wa_sv_t){texts[i], strlen(texts[i]) + 1});
	if(wa_buf_check(&b) == 0)
		t->rows_len += b.len;
	t->differs_stored = t->differs_stored || row->stored_differs;
	t->differs_meta = t->differs_meta || row->meta_differs;
}

void wst_task_add_row(uint32_t id, const wa_plan_row_t *row)
{
	wst_task_t *t;

	lock_get(&sh->lock);
	t = find(id);
	if(t != NULL)
		add_row(t, row);
	lock_release(&sh->lock);
}

void wst_task_end(uint32_t id, const char *why)
{
	wst_task_t *t;

	lock_get(&sh->lock);
	t = find(id);
	if(t != NULL) {
		t->state = *why == '\0' ? WST_TASK_DONE : WST_TASK_FAILED;
		put_text(t->why, sizeof(t->why), why);
		t->ended = time(NULL);
	}
	lock_release(&sh->lock);
}

const char *wst_task_kind_name(enum wst_task_kind kind)
{
	static const char *const names[] = {"plan", "apply", "repair", "rotate"};

	return names[kind];
}
