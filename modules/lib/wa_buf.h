/* Text built into a buffer of fixed size, with one check at the end.
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 *     char mem[256];
 *     wa_buf_t b = wa_buf_on(mem, sizeof(mem));
 *     wa_buf_put(&b, WA_SV("a=ptime:"));
 *     wa_buf_num(&b, 20);
 *     if(wa_buf_check(&b) < 0) return WA_ETOOLONG;
 */
#ifndef WA_BUF_H
#define WA_BUF_H

#include <stdbool.h>
#include <stdint.h>

#include "wa_sv.h"

typedef struct wa_buf
{
	char *s;
	size_t size;
	size_t len;
	bool full; /* something did not fit; what follows is ignored too */
} wa_buf_t;

/** An empty buffer on the caller's memory. */
wa_buf_t wa_buf_on(char *mem, size_t size);

/** Appends; what does not fit as a whole is not written and sets `full`. */
void wa_buf_put(wa_buf_t *b, wa_sv_t v);

/** Appends a decimal number. */
void wa_buf_num(wa_buf_t *b, int64_t n);

/** Appends `n` as `width` hexadecimal digits. */
void wa_buf_hex(wa_buf_t *b, uint64_t n, unsigned width);

/** Returns 0, or WA_ETOOLONG when anything did not fit. */
int wa_buf_check(const wa_buf_t *b);

/** What was written, as a view. */
wa_sv_t wa_buf_sv(const wa_buf_t *b);

#endif
