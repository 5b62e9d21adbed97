/* How many calls each business number and each trunk has had, and what became of
 * them.
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Memory and lock are the caller's. Where there are more keys than places, the
 * one that was counted longest ago gives way.
 */
#ifndef WA_TALLY_H
#define WA_TALLY_H

#include <stdbool.h>
#include <stdint.h>

#include "wa_reason.h"
#include "wa_sv.h"

enum wa_tally_what
{
	WA_TALLY_ATTEMPTS, /* offered to the other side */
	WA_TALLY_ANSWERED,
	WA_TALLY_FAILED, /* refused by us, or by the other side */
	WA_TALLY_WHATS
};

#define WA_TALLY_PLACES 2048

typedef struct wa_tally_key
{
	char name[64]; /* "" = unused */
	bool trunk;	   /* else a number */
	int64_t seen;
	int64_t failed_at; /* 0 = never */
	char cause[WA_REASON_CODE_SIZE]; /* of the last failure */
	uint32_t n[WA_TALLY_WHATS];
} wa_tally_key_t;

typedef struct wa_tally
{
	uint64_t seed;
	wa_tally_key_t keys[WA_TALLY_PLACES];
} wa_tally_t;

/** Counts one; `cause` is of a failure. A name of no length, or too long, is
 * nobody's. */
void wa_tally_count(wa_tally_t *t, wa_sv_t name, bool trunk,
		enum wa_tally_what what, wa_sv_t cause, int64_t now);

#endif
