/* Reading the settings of each number, at its time.
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * All for the settings process only.
 */
#ifndef WA_SETTINGS_READ_H
#define WA_SETTINGS_READ_H

#include <stdint.h>

#include "../lib/wa_settings_json.h"
#include "../wa_numbers/api.h"
#include "state.h"

/* Hears of each read that went well: `s` and `body` hold a password, and are
 * valid during the call only; `show` is what will be shown of the number. */
typedef void(wst_read_h)(
		wst_number_t *n, wst_show_t *show, const wa_settings_t *s, wa_sv_t body);

/** What a read brings to the directory; `s` may hold a password, `seen` does
 * then. Any process. */
void wst_read_seen(wa_seen_t *seen, wa_sv_t digits, const wa_settings_t *s);

void wst_read_init(const wa_numbers_api_t *api);

/** Has `h` hear of every read; one at most. */
void wst_read_watch(wst_read_h *h);

/** As soon as Meta may be asked; `urgent`: before what is read in a round. */
void wst_read_now(wst_number_t *n, bool urgent);

/** Nothing more is read of a number that is about to go. */
void wst_read_drop(wst_number_t *n);

/** A number that waits for a token is read as soon as there is another one. */
void wst_read_new_token(wst_number_t *n);

/** Sends what is due. Returns in how many ms something else is. */
uint64_t wst_read_start(void);

#endif
