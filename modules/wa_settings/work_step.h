/* A piece of work and its steps: what work*.c share.
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * A step ends by naming the next one: wst_await(), wst_pause() or wst_ask() and
 * return. wst_finish() and wst_fail() end the work.
 */
#ifndef WA_SETTINGS_WORK_STEP_H
#define WA_SETTINGS_WORK_STEP_H

#include "../lib/wa_job.h"
#include "../lib/wa_plan.h"
#include "graph.h"
#include "work.h"

#define WST_TRIES 3 /* of a request that must not be tried for ever */
#define WST_ROUNDS 3 /* of writing and looking whether Meta keeps it */

typedef struct wst_work wst_work_t;
typedef void(wst_step_h)(wst_work_t *w);
typedef void(wst_asked_h)(wst_work_t *w, const wst_answer_t *a);

struct wst_work
{
	bool busy;
	uint32_t task;
	enum wst_task_kind kind;
	char by[WST_BY_SIZE];
	wa_wanted_t wanted; /* digits of any work */
	char phone_number_id[WA_ID_SIZE];
	char app_id[WA_ID_SIZE];
	char hostname[WA_HOST_SIZE]; /* ours, among the server entries */

	/* the next step, and what it waits for */
	wst_step_h *then;
	uint32_t order; /* 0 = none */
	uint64_t at_ms;
	wst_asked_h *asked; /* a request is under way */

	/* the lease: held while the work lasts */
	bool leased, holding, lost; /* asked for; had; had once */
	uint32_t renewal;		 /* an order, 0 = none */
	uint64_t renewed_ms;	 /* when it was sent */
	uint64_t lease_until_ms; /* monotonic */
	wst_step_h *on_lease;
	unsigned regains; /* how often it was gone and taken again */

	unsigned tries;	 /* of the present request, failed ones */
	unsigned rounds; /* of writing */
	wa_calling_t meta; /* as last read */
	unsigned writes; /* enum wa_plan_write: still to do */
	enum wa_plan_write writing;
	wst_step_h *write; /* the request after the audit lines */
	char body[WA_PLAN_BODY_SIZE];

	wa_job_t job;
	bool resumed;	/* found in Redis */
	bool touched;	/* Meta may have done something already */
	char why[WA_WANTED_WHY_SIZE]; /* what it is given up for */
	unsigned reads; /* of the number, before the last one was asked for */
	uint64_t settle_until_ms;
};

extern wa_numbers_api_t wst_wan;

/** Waits until the directory has carried the order out, then `then`. An order
 * that could not be queued (0) is a failure. */
void wst_await(wst_work_t *w, uint32_t order, wst_step_h *then);
void wst_pause(wst_work_t *w, uint64_t ms, wst_step_h *then);

/** A request about the number: a GET of its settings (`body` NULL), or a POST of
 * `body`. Nothing is sent without the lease while the work has one. */
void wst_ask(wst_work_t *w, const char *body, bool credentials, wst_asked_h *asked);

/** Of an answer: is the request made again? When Meta asks for patience always,
 * when its service fails WST_TRIES times. */
bool wst_again(wst_work_t *w, const wst_answer_t *a);

/** Of a failed request: in how many ms it is tried again. */
uint64_t wst_retry_ms(const wst_work_t *w, const wst_answer_t *a);

void wst_say(const wst_work_t *w, const char *step, const char *why);
void wst_fail(wst_work_t *w, const char *why);
/** Fails too, with no more to do: first the job goes, so that nobody resumes it. */
void wst_give_up(wst_work_t *w, const char *why);
void wst_finish(wst_work_t *w);

/** Takes the lease, then `then`, unless the number's work stands otherwise by now:
 * what was to be resumed is done, or somebody else has begun. */
void wst_lease(wst_work_t *w, wst_step_h *then);

/** Orders that need the lease. Each returns the number of the order, 0 = not
 * queued. */
uint32_t wst_order_job(const wst_work_t *w, bool keep, int64_t rotated);
uint32_t wst_order_rotating(const wst_work_t *w, bool on);
uint32_t wst_order_audit(const wst_work_t *w, const char *field, const char *old,
		const char *now, const char *event);

/** Has the number read again, waits until that is in the directory, then ends. */
void wst_settle(wst_work_t *w);

/* The lease was gone in the middle of it, and is held again. */
wst_step_h wst_rotate_regained;

/* Beginnings; identity and hostname are known. */
wst_step_h wst_plan_begin, wst_apply_begin, wst_rotate_begin;

#endif
