/* What Meta itself says about whether a number gets its calls.
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * All for the settings process only.
 */
#ifndef WA_SETTINGS_HEALTH_H
#define WA_SETTINGS_HEALTH_H

#include <stdint.h>

#include "state.h"

/** Of a number that is new: some time within the interval, so that a thousand
 * numbers do not ask at once and their settings come first. */
void wst_health_soon(wst_number_t *n);

/** As soon as Meta may be asked; `urgent`: before what is asked in a round. */
void wst_health_now(wst_number_t *n, bool urgent);

/** Nothing more is asked of a number that is about to go. */
void wst_health_drop(wst_number_t *n);

/** Sends what is due. Returns in how many ms something else is. */
uint64_t wst_health_start(void);

#endif
