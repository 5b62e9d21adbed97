/* HTTPS requests to the Graph API: libcurl's multi interface, connections kept.
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * All for the settings process only, after the fork.
 */
#ifndef WA_SETTINGS_HTTP_H
#define WA_SETTINGS_HTTP_H

#include <stdbool.h>
#include <stdint.h>

#include "../lib/wa_number.h"
#include "../lib/wa_sv.h"

/* What came of a request. */
typedef struct wst_answer
{
	const char *digits; /* whose request it was */
	long status;		/* HTTP, 0 = no whole answer */
	wa_sv_t body;		/* valid during the call only; wiped after it */
	unsigned took_ms;
	uint64_t retry_after_s;	   /* 0 = Meta did not say */
	char error[WA_ERROR_SIZE]; /* why there is no whole answer */
} wst_answer_t;

typedef void(wst_answer_h)(const wst_answer_t *a);

/** Sets libcurl up: after the fork, so that OpenSSL's state is this process'
 * own. Returns 0 or -1. */
int wst_http_init(wst_answer_h *h);

/** Whether another request can start now. */
bool wst_http_free(void);

/** Starts GET `path` (absolute, with parameters) on behalf of `digits`.
 * Returns 0, WA_EBUSY or WA_ENOMEM; the answer comes out of wst_http_run(). */
int wst_http_get(const char *digits, const char *path, const char *token);

/** Waits for the network, for `fd` to become readable, or for `timeout_ms`;
 * hands finished answers to the handler. */
void wst_http_run(int fd, int timeout_ms);

#endif
