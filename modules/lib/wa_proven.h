/* When a number's password was last proven right, or wrong, and by whom.
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Two proofs: Meta took (or refused) our answer to its challenge, and Meta's
 * answer to our challenge was right (or wrong). In memory that the caller gives,
 * under the caller's lock; it never grows: where it is too small, the number
 * that was heard of longest ago is forgotten.
 */
#ifndef WA_PROVEN_H
#define WA_PROVEN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "wa_number.h"
#include "wa_sv.h"

enum wa_proof_of
{
	WA_PROVEN_OURS,	 /* what we answered Meta with */
	WA_PROVEN_METAS, /* what Meta answered us with */
	WA_PROOFS
};

/* Milliseconds since 1970, 0 = not seen. */
typedef struct wa_proven
{
	char number[WA_DIGITS_SIZE]; /* "": free */
	int64_t right[WA_PROOFS];
	int64_t wrong[WA_PROOFS];
} wa_proven_t;

typedef struct wa_proven_table wa_proven_table_t;

/** Bytes needed for at least `numbers`; 0 if that is out of range (1 to
 * 1048576). */
size_t wa_proven_size(unsigned numbers);

/** Makes an empty table in `block`, aligned as malloc() does it. */
wa_proven_table_t *wa_proven_init(void *block, unsigned numbers);

/** Notes one proof. A number of no length, or too long, is nobody's. */
void wa_proven_put(wa_proven_table_t *t, wa_sv_t number, enum wa_proof_of of,
		bool right, int64_t now);

/** What is known of a number; nothing is all zero. */
void wa_proven_get(
		const wa_proven_table_t *t, wa_sv_t number, wa_proven_t *out);

#endif
