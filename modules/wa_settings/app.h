/* The apps: whose token asks for which number, and when Meta may be asked.
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * All for the settings process only; what RPCs show of them is in state.h.
 */
#ifndef WA_SETTINGS_APP_H
#define WA_SETTINGS_APP_H

#include <stdbool.h>
#include <stdint.h>

#include "../lib/wa_graph_usage.h"
#include "../lib/wa_proof.h"
#include "../lib/wa_sv.h"
#include "secret_file.h"

typedef struct wst_app
{
	char id[WA_ID_SIZE]; /* "" = the app without a name, which serves all */
	wst_secret_file_t token;
	wst_secret_file_t secret; /* path "" = no appsecret_proof */
	char proof[WA_PROOF_SIZE];
	unsigned proof_token, proof_secret; /* generations it was made from */

	uint64_t paused_until_ms; /* monotonic: no request of any kind before */
	uint64_t slow_until_ms;	  /* no request of a round before */
	uint64_t next_ms;		  /* of a round: the app's own rate */
	unsigned pauses;		  /* in a row */
	unsigned usage;			  /* per cent, as Meta last said */
	unsigned in_flight, queued;
	bool gone; /* no longer configured: nothing new is started */
} wst_app_t;

/** Sets up the apps of the parameters and of apps_file. */
void wst_app_init(void);

/** Reads apps_file, tokens and secrets again if they have changed. */
void wst_app_refresh(void);

/** The app called `id`, else the one without a name; "" gives the first.
 * NULL: there is no token for it. An app that was found once stays where it is. */
wst_app_t *wst_app_find(wa_sv_t id);

/** The one at `i`, NULL after the last. */
wst_app_t *wst_app_at(unsigned i);

/** Reads its token and secret again (`force`: even if the files look the same)
 * and makes the proof. Returns NULL when it can be used, else why not. */
const char *wst_app_ready(wst_app_t *app, bool force);

/** How long a request of a round (or, with `urgent`, any) has to wait, in ms. */
uint64_t wst_app_wait_ms(const wst_app_t *app, bool urgent, uint64_t now);

/** A request is about to leave: its share of the app's rate. */
void wst_app_count(wst_app_t *app, uint64_t now);

/** Meta asks to be left alone for `ms`, or for a time that grows (0).
 * Returns for how long. */
uint64_t wst_app_pause(wst_app_t *app, uint64_t ms, uint64_t now);

/** What an answer said of the app's allowance. */
void wst_app_usage(wst_app_t *app, const wa_graph_usage_t *u, uint64_t now);

/** Shows the app as it is now to other processes. */
void wst_app_show(const wst_app_t *app);

#endif
