/* A walk over the headers of a SIP message that lies in a buffer.
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * For messages nobody has parsed, or whose parsed form must not be touched: a
 * reply cloned to shared memory, a request as it went out. Nothing is copied,
 * allocated or written.
 *
 *     wa_headers_t walk;
 *     wa_sv_t name, value;
 *
 *     wa_headers_begin(&walk, message);
 *     while(wa_headers_next(&walk, &name, &value))
 *         if(wa_sv_ieq(name, WA_SV("CSeq")))
 *             ...
 */
#ifndef WA_HEADERS_H
#define WA_HEADERS_H

#include <stdbool.h>

#include "wa_sv.h"

typedef struct wa_headers
{
	const char *p;
	const char *end;
} wa_headers_t;

/** Puts `walk` behind the first line of `message`. */
void wa_headers_begin(wa_headers_t *walk, wa_sv_t message);

/** The next header: its name, and its value without surrounding space. A folded
 * value (RFC 3261 7.3.1) is one value, its line ends still in it. Lines without
 * a colon are skipped. Returns false at the empty line or the end. */
bool wa_headers_next(wa_headers_t *walk, wa_sv_t *name, wa_sv_t *value);

/** Value of the first header called `name` (without case); empty if none. */
wa_sv_t wa_headers_find(wa_sv_t message, wa_sv_t name);

/** What follows the empty line of `message`; empty if nothing does. */
wa_sv_t wa_headers_body(wa_sv_t message);

#endif
