/* Sets of addresses: networks as text, merged into sorted ranges.
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * IPv4 addresses are kept as IPv4-mapped IPv6 ones (::ffff:192.0.2.1), so one
 * order holds for both. A set has no pointers: it is copied as it stands.
 */
#ifndef WA_RANGES_H
#define WA_RANGES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "wa_sv.h"

#define WA_ADDR_TEXT 64 /* an address with its mask, and the NUL */

typedef struct wa_addr
{
	uint8_t b[16];
} wa_addr_t;

typedef struct wa_range
{
	wa_addr_t lo, hi; /* both are in it */
} wa_range_t;

/** An address without mask, IPv6 without brackets. Returns 0 or WA_EPARSE. */
int wa_addr_parse(wa_sv_t text, wa_addr_t *out);

/** From the 4 or 16 bytes of a socket address. */
wa_addr_t wa_addr_of(const void *bytes, size_t len);

bool wa_addr_is4(const wa_addr_t *a);

/** The IPv4 address in host order; only for wa_addr_is4(). */
uint32_t wa_addr_v4(const wa_addr_t *a);

/** Writes the address as people do. Returns `out`. */
const char *wa_addr_text(const wa_addr_t *a, char out[WA_ADDR_TEXT]);

/** Addresses and networks, one a line or with commas or spaces between; "#" and
 * "%" begin a comment. The lines of a registry's answer are understood too:
 * of "route: 192.0.2.0/24" and "route6: ..." the network counts, other
 * attributes ("origin: AS64496") are passed over.
 * Returns 0 and `*n` sorted, merged ranges in `out`; WA_EPARSE and `*bad`, the
 * word at fault (empty: there is none at all); WA_ETOOLONG: more than `max`. */
int wa_ranges_read(
		wa_sv_t text, wa_range_t *out, size_t max, size_t *n, wa_sv_t *bad);

/** Whether `a` is in one of `n` sorted, merged ranges. */
bool wa_ranges_has(const wa_range_t *r, size_t n, const wa_addr_t *a);

/** How many IPv4 addresses the ranges hold. */
uint64_t wa_ranges_count4(const wa_range_t *r, size_t n);

/** Is this what one large network on the public Internet may announce? Returns
 * 0, or WA_ERANGE and `*why`, a sentence, and in `*at` the range at fault
 * (NULL: all of them together). */
int wa_ranges_sane(const wa_range_t *r, size_t n, const char **why,
		const wa_range_t **at);

/** The largest network at the start of `*r`, as text; `*r` is shortened by it.
 * Returns false when nothing is left of it. Writes a range as networks:
 *     while(wa_range_next(&r, text)) puts(text); */
bool wa_range_next(wa_range_t *r, char out[WA_ADDR_TEXT]);

#endif
