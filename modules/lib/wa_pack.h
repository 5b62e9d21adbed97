/* A wa_number_t with its sealed password in as few bytes as it needs.
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The directory keeps a million of these in shared memory; a wa_number_t has
 * fixed arrays and takes 1.2 kB, the same record packed about 250 bytes.
 */
#ifndef WA_PACK_H
#define WA_PACK_H

#include <stdint.h>

#include "wa_number.h"
#include "wa_sv.h"

/* Header, and each string at its longest. */
#define WA_PACK_MAX 1536
#define WA_PACK_TRUNK_MAX 6144

/** Changes with the layout: what was packed under another one is not read. */
uint32_t wa_pack_layout(void);

/** Packs to `out` (any alignment). A `sealed` of 256 bytes or more cannot be
 * one of ours and is refused. Returns the length, or WA_ETOOLONG. */
int wa_pack_number(
		const wa_number_t *n, wa_sv_t sealed, uint8_t *out, size_t size);

/** Unpacks what wa_pack_number() wrote. `sealed` (may be NULL) is a view into
 * `packed`. Returns 0 or WA_EPARSE. */
int wa_unpack_number(
		const uint8_t *packed, size_t len, wa_number_t *out, wa_sv_t *sealed);

/** The digits of a packed record, without unpacking it; empty if malformed. */
wa_sv_t wa_pack_digits(const uint8_t *packed, size_t len);

/** A trunk as its fields have it in Redis. Returns the length, or
 * WA_ETOOLONG. */
int wa_pack_trunk(const wa_trunk_t *t, uint8_t *out, size_t size);

/** Unpacks what wa_pack_trunk() wrote. Returns 0 or WA_EPARSE. */
int wa_unpack_trunk(const uint8_t *packed, size_t len, wa_trunk_t *out);

#endif
