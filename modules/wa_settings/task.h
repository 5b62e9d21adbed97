/* Work that somebody asked for: plan, apply, rotate. In shared memory, so that
 * RPCs start it and see how it goes; done by the settings process (work.h).
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef WA_SETTINGS_TASK_H
#define WA_SETTINGS_TASK_H

#include <stdbool.h>
#include <stdint.h>

#include "../ksr_compat.h"

#include "../lib/wa_plan.h"

#define WST_TASKS 128 /* running, and as many ended ones as there is room for */
#define WST_TASK_ROWS_SIZE 8192
#define WST_BY_SIZE 64

enum wst_task_kind
{
	WST_TASK_PLAN,
	WST_TASK_APPLY,
	WST_TASK_REPAIR,
	WST_TASK_ROTATE
};

enum wst_task_state
{
	WST_TASK_FREE = 0,
	WST_TASK_RUNNING, /* or about to */
	WST_TASK_DONE,
	WST_TASK_FAILED
};

typedef struct wst_task
{
	uint32_t id;
	enum wst_task_kind kind;
	enum wst_task_state state;
	char digits[WA_DIGITS_SIZE];
	char by[WST_BY_SIZE];
	char step[16];
	char why[WA_WANTED_WHY_SIZE]; /* what it failed of, or waits for */
	time_t begun, ended;
	unsigned writes;			 /* sent to Meta */
	bool differs_stored, differs_meta; /* when it began */
	size_t rows_len;
	char rows[WST_TASK_ROWS_SIZE]; /* see wst_task_row() */
} wst_task_t;

/* What goes to the settings process. */
typedef struct wst_task_order
{
	uint32_t id;
	enum wst_task_kind kind;
	char by[WST_BY_SIZE];
	wa_wanted_t wanted; /* of a rotation only the digits */
} wst_task_order_t;

/** mod_init only. Returns 0 or -1. */
int wst_task_init(void);
void wst_task_destroy(void);

/* Any process. */

/** A task that is running from now on. Returns its number, or 0: as many are
 * running as there is room for. */
uint32_t wst_task_new(enum wst_task_kind kind, wa_sv_t digits, wa_sv_t by);

/** Hands the order to the settings process. Returns 0 or WA_EBUSY; the task has
 * failed then. */
int wst_task_send(const wst_task_order_t *o);

/** Copies it. Returns 0 or WA_ENOENT. */
int wst_task_get(uint32_t id, wst_task_t *out);

/** Calls `cb` with a copy of each that is running; `room` is for the copy. */
void wst_task_each(wst_task_t *room, void (*cb)(const wst_task_t *t, void *arg), void *arg);

/** Takes the next row: five texts with a NUL each, field, wanted, stored, meta, and
 * of which it differs ("stored", "meta", "both", ""). False: no more. */
bool wst_task_row(const wst_task_t *t, size_t *at, const char *texts[5]);

/* The settings process. */

bool wst_task_take(wst_task_order_t *out);
void wst_task_step(uint32_t id, const char *step, const char *why);
void wst_task_wrote(uint32_t id);
void wst_task_add_row(uint32_t id, const wa_plan_row_t *row);
void wst_task_end(uint32_t id, const char *why); /* "" = done */

const char *wst_task_kind_name(enum wst_task_kind kind);

#endif
