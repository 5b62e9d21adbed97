/* HTTPS to the Graph API: libcurl's multi interface, connections kept.
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The wire alone: what is asked, by whom and when is graph.h's. All for the
 * settings process only, after the fork.
 */
#ifndef WA_SETTINGS_HTTP_H
#define WA_SETTINGS_HTTP_H

#include <stdbool.h>
#include <stdint.h>

#include "../lib/wa_graph_usage.h"
#include "../lib/wa_number.h"
#include "../lib/wa_sv.h"

typedef struct wst_http_request
{
	const char *path; /* absolute, with parameters; may hold a proof: not for logs */
	const char *token;
	wa_sv_t body; /* JSON, copied; empty: a GET, else a POST */
	void *arg;
} wst_http_request_t;

/* What came of a request. */
typedef struct wst_http_answer
{
	long status;  /* HTTP, 0 = no whole answer */
	wa_sv_t body; /* valid during the call only; wiped after it */
	unsigned took_ms;
	uint64_t retry_after_s; /* 0 = Meta did not say */
	wa_graph_usage_t usage;
	bool usage_known;
	long clock_off; /* s that its Date is ahead of our clock */
	bool clock_known;
	bool sent; /* it may have reached Meta: of a POST nobody knows what was done */
	char error[WA_ERROR_SIZE]; /* why there is no whole answer */
} wst_http_answer_t;

typedef void(wst_http_h)(const wst_http_answer_t *a, void *arg);

/** Sets libcurl up: after the fork, so that OpenSSL's state is this process'
 * own. Returns 0 or -1. */
int wst_http_init(wst_http_h *h);

/** How many requests can start now. */
unsigned wst_http_room(void);

/** Starts a request. Returns 0, WA_EBUSY or WA_ENOMEM; the answer comes out of
 * wst_http_run(). */
int wst_http_start(const wst_http_request_t *r);

/** Waits for the network, for `fd` to become readable, or for `timeout_ms`;
 * hands finished answers to the handler. */
void wst_http_run(int fd, int timeout_ms);

#endif
