/* What mod_init has made of the parameters; read by every process, changed by
 * none after the fork.
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef WA_SETTINGS_PARAMS_H
#define WA_SETTINGS_PARAMS_H

#include <stdbool.h>
#include <stdint.h>

#include "../lib/wa_sv.h"

typedef struct wst_params
{
	wa_sv_t graph_url; /* without a slash at the end */
	wa_sv_t version;   /* "v25.0" */
	wa_sv_t app_id;	   /* for numbers that have none of their own */
	wa_sv_t hostname;
	const char *token_file;	 /* of app_id, NULL = none */
	const char *secret_file; /* of app_id, NULL: no appsecret_proof */
	const char *apps_file;	 /* further apps, NULL = none */
	const char *ca_file;	/* NULL: libcurl's own */
	uint64_t interval_ms;
	uint64_t health_interval_ms; /* 0 = only when somebody asks */
	uint64_t retry_min_ms, retry_max_ms;
	uint64_t sync_gap_ms;
	uint64_t lease_ms; /* of work on a number */
	long timeout_ms;
	unsigned parallel;
	unsigned rate; /* requests of a round per second and app, 0 = no limit */
} wst_params_t;

extern wst_params_t wst_params;

/** Whether anything is ever asked of Meta. */
static inline bool wst_enabled(void)
{
	return wst_params.token_file != NULL || wst_params.apps_file != NULL;
}

#endif
