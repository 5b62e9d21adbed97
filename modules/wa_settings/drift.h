/* Does Meta still have what is wanted? After each read of a number.
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * All for the settings process only.
 */
#ifndef WA_SETTINGS_DRIFT_H
#define WA_SETTINGS_DRIFT_H

#include "../wa_numbers/api.h"

/** Has every read compared with what is wanted: reported, repaired where the
 * number's policy says so, and a password changed that is old enough. */
void wst_drift_init(const wa_numbers_api_t *api);

/** Looks, once in a while, for work that another node, or this one before, has left
 * half done. */
void wst_drift_turn(void);

#endif
