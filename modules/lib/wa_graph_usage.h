/* How much of its allowance an app has used: headers of Graph API answers.
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * X-App-Usage: {"call_count":28,"total_time":25,"total_cputime":25}
 * X-Business-Use-Case-Usage: {"<business id>":[{"type":"...","call_count":100,
 *     "total_cputime":25,"total_time":25,"estimated_time_to_regain_access":19}]}
 *
 * Numbers are per cent of the allowance, and minutes.
 */
#ifndef WA_GRAPH_USAGE_H
#define WA_GRAPH_USAGE_H

#include "wa_sv.h"

typedef struct wa_graph_usage
{
	unsigned percent;		 /* the highest that the header names */
	unsigned regain_minutes; /* until the app may ask again, 0 = it may now */
} wa_graph_usage_t;

/** Reads the value of either header. Returns 0, WA_EPARSE, WA_ETYPE or
 * WA_ENOMEM, with `*out` zeroed. */
int wa_graph_usage_parse(wa_graph_usage_t *out, wa_sv_t value);

#endif
