/* Which numbers has a WABA? Asked page by page, found.h has the answer.
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef WA_SETTINGS_DISCOVER_H
#define WA_SETTINGS_DISCOVER_H

#include "wake.h"

/** Begins to ask for the numbers of the WABA `w->key` with the token of
 * `w->app_id`, else of the app of a number that we know of this WABA, else of the
 * default app. The settings process only. */
void wst_discover(const wst_wake_t *w);

#endif
