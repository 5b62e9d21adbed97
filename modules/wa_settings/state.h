/* How the sync of each number is doing: in shared memory, written by the
 * settings process, shown by RPCs. And the module's counters.
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The lock is held for copies and pointer swings only.
 */
#ifndef WA_SETTINGS_STATE_H
#define WA_SETTINGS_STATE_H

#include <stdbool.h>
#include <stdint.h>

#include "../ksr_compat.h"

#include <kamailio/core/counters.h>

#include "../lib/wa_apps.h"
#include "../lib/wa_due.h"
#include "../lib/wa_graph_error.h"
#include "../lib/wa_graph_health.h"
#include "../lib/wa_number.h"

/* Of one number; what RPCs show. Times are of the wall clock, 0 = never. */
typedef struct wst_show
{
	char digits[WA_DIGITS_SIZE];
	time_t tried;	  /* last request */
	time_t synced;	  /* last success */
	time_t next;	  /* earliest next request */
	unsigned took_ms; /* the last request */
	unsigned failures; /* in a row */
	unsigned reads;	   /* that went well, ever */
	unsigned answered; /* the last wst_state_ask() whose outcome this is */
	long http_status; /* of the last answer, 0 = there was none */
	long code;		  /* Meta's error code, 0 = none */
	bool in_flight;
	char error[WA_ERROR_SIZE]; /* of the last request, "" = it went well */

	unsigned restricted;	 /* enum wa_restriction bits, as last read */
	time_t restricted_until; /* 0 = Meta does not say */
	char restriction[WA_ERROR_SIZE];

	wa_graph_health_t health;
	time_t health_at;	/* last successful look at it */
	bool health_asked;	/* a request is in flight */
	unsigned health_answered; /* the last wst_state_ask() whose outcome this is */
	char health_error[WA_ERROR_SIZE]; /* why the last look failed, "" = it went well */

	char drift[WA_ERROR_SIZE]; /* fields that Meta has otherwise than wanted */
	time_t drift_since;
} wst_show_t;

/* One number. All but `show` and `asked` is the settings process' own. */
typedef struct wst_number
{
	struct wst_number *next;
	wst_show_t show;
	unsigned asked;		/* by wst_state_ask(), under the lock */
	unsigned answering; /* `asked` when the request in flight was made */
	struct wst_number *next_of_id;
	char phone_number_id[WA_ID_SIZE]; /* by wst_state_set_id() alone */
	char waba_id[WA_ID_SIZE];
	char app_id[WA_ID_SIZE];
	char hostname[WA_HOST_SIZE];
	wa_due_t read_due; /* monotonic ms; in no heap while a read is in flight */
	uint64_t asked_ms; /* monotonic; the script asked, and was heard */
	bool urgent;	   /* an operator waits for the next read */
	wa_due_t health_due;
	bool health_urgent, health_again;
	unsigned health_answering, health_failures;
	unsigned token;	   /* generation of the token that was sent */
	enum wa_graph_class class; /* of the last failure */
	bool again;		   /* asked for while a request was in flight */
	uint64_t repair_at_ms; /* monotonic; drift is not repaired before */
	unsigned repairs;	   /* in a row */
	unsigned mark;	   /* the last walk through the directory that met it */
} wst_number_t;

/* One app; what RPCs show. */
typedef struct wst_app_show
{
	char id[WA_ID_SIZE];
	char error[WA_ERROR_SIZE]; /* why its token cannot be used, "" = it can */
	bool secret;			   /* requests carry appsecret_proof */
	bool gone;				   /* no longer configured */
	unsigned tokens;		   /* how many different ones there have been */
	unsigned usage;			   /* per cent of its allowance, as Meta last said */
	unsigned in_flight, queued;
	time_t paused_until; /* Meta asked to be left alone */
} wst_app_show_t;

/* Of the process as a whole. */
typedef struct wst_status
{
	wst_app_show_t apps[WA_APPS_MAX];
	unsigned n_apps;
	char apps_error[WA_ERROR_SIZE]; /* of apps_file; "" = none */
	unsigned numbers;
	unsigned failing;
	unsigned blocked;	 /* of which Meta says that they get no calls */
	unsigned restricted; /* by Meta, in one direction or both */
	unsigned drifting;
	unsigned in_flight;
	long clock_off;	 /* s that Meta's clock is ahead of ours */
	time_t clock_at; /* when it was seen, 0 = never */
} wst_status_t;

extern counter_handle_t wst_cnt_requests;
extern counter_handle_t wst_cnt_ok;
extern counter_handle_t wst_cnt_changed;
extern counter_handle_t wst_cnt_unchanged;
extern counter_handle_t wst_cnt_failed;
extern counter_handle_t wst_cnt_transport;
extern counter_handle_t wst_cnt_token;
extern counter_handle_t wst_cnt_permission;
extern counter_handle_t wst_cnt_rate;
extern counter_handle_t wst_cnt_bad_answers;
extern counter_handle_t wst_cnt_health;
extern counter_handle_t wst_cnt_health_failed;
extern counter_handle_t wst_cnt_wakes_dropped;
extern counter_handle_t wst_cnt_drift_seen;
extern counter_handle_t wst_cnt_writes;
extern counter_handle_t wst_cnt_repairs;
extern counter_handle_t wst_cnt_rotations;
extern counter_handle_t wst_cnt_work_failed;

/** mod_init only. Returns 0 or -1. */
int wst_state_init(void);
void wst_state_destroy(void);

/* Any process. */

void wst_status_get(wst_status_t *out);

unsigned wst_status_numbers(void);

/** Copies one number's state. Returns 0 or WA_ENOENT. */
int wst_state_get(wa_sv_t digits, wst_show_t *out);

/** Counts that somebody is about to ask for a read. `show.answered` reaches what
 * is put to `*ticket` with the outcome of a read that began afterwards.
 * Returns 0 or WA_ENOENT. */
int wst_state_ask(wa_sv_t digits, unsigned *ticket);

/** Calls `cb` with copies of those that `match` (NULL = all), beginning at bucket
 * `*cursor`, until it returns non-zero or, at the end of a bucket, `limit` were
 * shown; `*cursor` is then the bucket to go on with, 0 after the last. `match` is
 * called under the lock. Returns cb's value, 0 or WA_ENOMEM. */
int wst_state_page(unsigned *cursor, size_t limit, bool (*match)(const wst_show_t *s),
		int (*cb)(const wst_show_t *s, void *arg), void *arg);

/* The settings process only. */

/** The number, or NULL. */
wst_number_t *wst_state_find(wa_sv_t digits);

/** How often wst_state_ask() was called for it. */
unsigned wst_state_asked(const wst_number_t *n);

/** A new entry, which the table owns, or NULL (out of shared memory). */
wst_number_t *wst_state_add(wa_sv_t digits);

/** Sets its phone_number_id, of at most WA_ID_SIZE - 1 characters. */
void wst_state_set_id(wst_number_t *n, const char *id);

/** Calls `cb` for each number of that phone_number_id. */
void wst_state_of_id(const char *id, void (*cb)(const wst_number_t *n, void *arg), void *arg);

/** Calls `cb` for each entry; it may change everything but `show` and `next`. */
void wst_state_each(void (*cb)(wst_number_t *n, void *arg), void *arg);

/** Removes the entries whose mark is not `mark` and for which no answer is awaited, after
 * `forget` has taken them out of what else refers to them. */
void wst_state_sweep(unsigned mark, void (*forget)(wst_number_t *n));

/** Replaces what is shown of the number. */
void wst_state_show(wst_number_t *n, const wst_show_t *show);

void wst_status_app(unsigned i, const wst_app_show_t *show);
void wst_status_apps(const char *error);
void wst_status_clock(long off);

#endif
