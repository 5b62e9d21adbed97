/* What a discovery has found: in shared memory, filled by the settings process,
 * shown by RPCs.
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * One at a time: a new one takes the place of the one before.
 */
#ifndef WA_SETTINGS_FOUND_H
#define WA_SETTINGS_FOUND_H

#include <stdbool.h>
#include <stddef.h>
#include <time.h>

#include "../lib/wa_graph_list.h"
#include "../lib/wa_sv.h"

#define WST_FOUND_MAX 100000

typedef struct wst_found
{
	unsigned ticket; /* of the discovery, 0 = there was none */
	bool running;
	char waba_id[WA_ID_SIZE];
	char app_id[WA_ID_SIZE]; /* whose token was used */
	unsigned pages;
	size_t numbers;
	time_t ended;
	char error[WA_ERROR_SIZE]; /* "" = all of it was read */
} wst_found_t;

/** mod_init only. Returns 0 or -1. */
int wst_found_init(void);
void wst_found_destroy(void);

/* Any process. */

/** Forgets the last discovery and begins another. Returns its ticket, or 0 when
 * `waba_id` is too long. */
unsigned wst_found_begin(wa_sv_t waba_id);

void wst_found_get(wst_found_t *out);

/** Copies up to `max` numbers from `first` on. Returns how many. */
size_t wst_found_copy(size_t first, wa_listed_t *out, size_t max);

/* The settings process only. Each is passed over when `ticket` is not the
 * current discovery's. */

/** Returns 0, WA_ESTALE, WA_ENOMEM or WA_ERANGE (too many). */
int wst_found_add(unsigned ticket, const wa_listed_t *n);

void wst_found_page(unsigned ticket, const char *app_id);

/** `error` "" = well. */
void wst_found_end(unsigned ticket, const char *error);

#endif
