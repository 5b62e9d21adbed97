/* Lines of a log that hold text from outside.
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Kamailio's parsers log what displeases them as it came, line breaks and all:
 * anybody could write lines into our log, or fill the disk with it.
 */
#ifndef WA_LOGLINE_H
#define WA_LOGLINE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "wa_sv.h"

#define WA_LOGLINE_MAX 2048

/** Writes `line` to `out` with each control byte as \xNN, without the line break
 * it may end with, cut to WA_LOGLINE_MAX bytes ("..." says so). NUL-terminated.
 * Returns the length. */
size_t wa_logline_clean(char out[WA_LOGLINE_MAX + 8], wa_sv_t line);

/** How many lines of errors one process may still write within this second. */
typedef struct wa_logline_budget
{
	int64_t second;
	unsigned used;
	unsigned left_out;
} wa_logline_budget_t;

/** False: this line is one too many. `*before`: how many were left out in the
 * seconds before, told once. */
bool wa_logline_take(wa_logline_budget_t *b, int64_t now, unsigned limit,
		unsigned *before);

/** Whether Kamailio gives this line, as written to standard error, as an error
 * or warning. */
bool wa_logline_is_error(wa_sv_t line);

#endif
