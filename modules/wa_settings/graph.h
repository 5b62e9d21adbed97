/* Requests to the Graph API: the engine that reading, writing, rotation, health
 * and discovery use.
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * A request is made for an app: the engine has the token (and the proof), keeps
 * within what Meta allows that app, and reads answers in Meta's error form. An
 * operator's requests go before those of a round, and one slot is always theirs.
 *
 *     static void read_back(const wst_answer_t *a, void *arg)
 *     {
 *         if(a->why[0] != '\0')
 *             ... a->class says what to do, a->why is for the operator
 *         else
 *             ... a->body, valid during this call only
 *     }
 *     wst_request_t r = {.app_id = wa_sv_from(n->app_id), .prio = WST_PRIO_OPERATOR,
 *             .path = "106540352242922/settings?include_sip_credentials=true",
 *             .done = read_back, .arg = job};
 *     err = wst_graph_send(&r);
 *
 * All for the settings process only.
 */
#ifndef WA_SETTINGS_GRAPH_H
#define WA_SETTINGS_GRAPH_H

#include <stdbool.h>
#include <stdint.h>

#include "../lib/wa_graph_error.h"
#include "../lib/wa_number.h"
#include "../lib/wa_sv.h"

#define WST_GRAPH_PATH_SIZE 512
#define WST_GRAPH_NO_SLOT UINT64_MAX

enum wst_prio
{
	WST_PRIO_OPERATOR, /* somebody waits: an RPC, a job of plan, apply, rotate */
	WST_PRIO_ROUND,	   /* at its time */
	WST_PRIO_COUNT
};

typedef struct wst_answer
{
	const char *why;  /* "" = status 200 and no error; else one line for the operator */
	long status;	  /* HTTP, 0 = no whole answer, or never asked */
	bool sent;		  /* false: it cannot have reached Meta, so nothing was done */
	wa_sv_t body;	  /* valid during the call only; wiped after it */
	bool has_error;	  /* the answer has Meta's error form: */
	wa_graph_error_t error;
	enum wa_graph_class class; /* of a failure */
	uint64_t wait_ms;		   /* of a failure: Meta asks for no request before */
	unsigned took_ms;
	unsigned token; /* generation of the token that was sent */
} wst_answer_t;

typedef void(wst_answer_h)(const wst_answer_t *a, void *arg);

typedef struct wst_request
{
	wa_sv_t app_id; /* "" = the default app */
	enum wst_prio prio;
	const char *path; /* below the version, with parameters, escaped */
	wa_sv_t body;	  /* empty: GET; else JSON to POST */
	wst_answer_h *done;
	void *arg;
} wst_request_t;

/** After the fork. Returns 0 or -1. */
int wst_graph_init(void);

/** Queues a request; everything is copied. `done` is called exactly once, out of
 * wst_graph_run() and never from here: also when there is no token for the app
 * (then class is WA_GRAPH_TOKEN, status 0 and sent false). It may send the next
 * request. A token that Meta refuses is read again, and if it has changed the
 * request is made once more before `done` hears of it.
 * There is no other repetition: a request that Meta refuses for its rate (class
 * WA_GRAPH_RATE) may be sent again at once, and then waits here until the app
 * may ask again. Returns 0, WA_ETOOLONG or WA_ENOMEM. */
int wst_graph_send(const wst_request_t *r);

/** How long a request of a round should wait until it could leave, in ms: 0 =
 * it leaves at once; WST_GRAPH_NO_SLOT = an answer has to come first. Rounds ask
 * before they send, so that the queue is short. */
uint64_t wst_graph_wait_ms(wa_sv_t app_id);

/** Generation of the app's token, 0 = there is none. */
unsigned wst_graph_token(wa_sv_t app_id);

/** Starts what may start, waits at most `timeout_ms` for the network or `fd`, and
 * hands out answers. */
void wst_graph_run(int fd, uint64_t timeout_ms);

/** Appends to `path` (of `size`) the parameter `name` with an escaped value; `sep`
 * is '?' or '&'. Returns 0 or WA_ETOOLONG. */
int wst_graph_param(char *path, size_t size, char sep, const char *name, wa_sv_t value);

#endif
