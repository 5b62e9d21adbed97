/* What is read when: the main loop of the settings process.
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef WA_SETTINGS_SYNC_H
#define WA_SETTINGS_SYNC_H

#include "../wa_numbers/api.h"
#include "state.h"

/** Reads the settings of every number of the directory, at its time, until the
 * process is ended. `api` is copied. All Graph traffic happens here, so no call
 * ever waits for it. */
void wst_sync_run(const wa_numbers_api_t *api) __attribute__((noreturn));

/** The number as the process knows it; one that has just come into the directory
 * is met now rather than at the next walk through it. NULL: the directory does not
 * have it. The settings process only. */
wst_number_t *wst_sync_meet(wa_sv_t digits);

#endif
