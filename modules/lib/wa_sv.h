/* String views: a pointer and a length, never owned, not NUL-terminated.
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Everything in lib/ takes and returns text as views, so that a header value
 * inside a SIP message or a field inside a Redis reply is never copied merely
 * to be looked at. A view is valid as long as the text it points into.
 */
#ifndef WA_SV_H
#define WA_SV_H

#include <stdbool.h>
#include <stddef.h>

typedef struct wa_sv
{
	const char *s;
	size_t len;
} wa_sv_t;

/* A view of a string literal: wa_sv_eq(v, WA_SV("md5")). */
#define WA_SV(lit) ((wa_sv_t){"" lit, sizeof(lit) - 1})

/* printf("%.*s", WA_SV_ARG(v)) */
#define WA_SV_ARG(v) (int)(v).len, (v).s

/** View of a NUL-terminated string; NULL gives an empty view. */
wa_sv_t wa_sv_from(const char *cstr);

/** Same bytes. */
bool wa_sv_eq(wa_sv_t a, wa_sv_t b);

/** Same bytes, ASCII letters compared without case. */
bool wa_sv_ieq(wa_sv_t a, wa_sv_t b);

/** `v` without leading and trailing space, tab, CR and LF. */
wa_sv_t wa_sv_trim(wa_sv_t v);

/** Cuts `*rest` at the first `sep`: returns what stands before it and leaves
 * in `*rest` what follows; without `sep`, returns all and leaves it empty. */
wa_sv_t wa_sv_cut(wa_sv_t *rest, char sep);

/** Decimal digits only, no sign, no space, up to `max`.
 * Returns 0, or WA_EPARSE (empty or a non-digit) or WA_ERANGE. */
int wa_sv_ulong(wa_sv_t v, unsigned long max, unsigned long *out);

/** Copies `v` to `dst` with a terminating NUL.
 * Returns 0, or WA_ETOOLONG when `size` is too small (`dst` is then ""). */
int wa_sv_copy(char *dst, size_t size, wa_sv_t v);

#endif
