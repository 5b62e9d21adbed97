/* What is wanted of numbers, and what is being done about it: the documents of
 * wa:wanted:<digits>, in shared memory.
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * No SIP worker reads these, so a lock does; it is held for copies only. The
 * directory process is the only writer.
 */
#ifndef WA_NUMBERS_WANTED_H
#define WA_NUMBERS_WANTED_H

#include "../lib/wa_record.h"
#include "api.h"

/** mod_init only. Returns 0 or -1. */
int wan_wanted_init(void);
void wan_wanted_destroy(void);

/* As wa_numbers_api_t; any process. */
int wan_wanted_get(wa_sv_t digits, wa_wish_t *out);
bool wan_wanted_has(wa_sv_t digits);
int wan_wanted_each(int (*cb)(const wa_wish_t *w, void *arg), void *arg);

/* The directory process. */

/** Puts or replaces a record. Returns 1 = changed, 0 = was the same, or
 * WA_ENOMEM or WA_ETOOLONG (the old one stays). */
int wan_wanted_put(wa_sv_t digits, const wa_pair_t *pairs, size_t n);
/** True when there was one. */
bool wan_wanted_remove(wa_sv_t digits);

/** A full load, as wan_dir_begin() and so on. */
void wan_wanted_begin(void);
void wan_wanted_touch(wa_sv_t digits);
void wan_wanted_sweep(void);

#endif
