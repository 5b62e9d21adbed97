/* Why a call did not come about, or ended: one dictionary for the CDR, metrics,
 * Reason and Warning headers, and the answer to the PBX.
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Meta tells most refusals apart by the reason phrase alone (facts 3.3), which
 * may change its wording; what stands here does not change. The table is in
 * cfg/README.md for people.
 */
#ifndef WA_REASON_H
#define WA_REASON_H

#include <stdbool.h>
#include <stddef.h>

#include "wa_sv.h"

#define WA_REASON_CODE_SIZE 32

/* Who can do something about it. */
enum wa_reason_class
{
	WA_REASON_NORMAL,	/* nothing went wrong */
	WA_REASON_USER,		/* the WhatsApp user: not there, not willing */
	WA_REASON_SETTINGS, /* our numbers, trunks and settings at Meta */
	WA_REASON_LIMIT,	/* a limit, Meta's or ours */
	WA_REASON_META,		/* Meta itself */
	WA_REASON_PBX,		/* the PBX, or what it sent */
	WA_REASON_SBC		/* this host and what it depends on */
};

typedef struct wa_reason
{
	const char *code;
	unsigned sip; /* status of the answer, 0 = ends a call that was answered */
	enum wa_reason_class class;
	const char *text;	/* for a person */
	const char *remedy; /* what to do, "" = nothing */
} wa_reason_t;

/** Row `i` of the dictionary, from 0; NULL after the last. */
const wa_reason_t *wa_reason_row(size_t i);

/** The row of a code; NULL: there is none. */
const wa_reason_t *wa_reason_find(wa_sv_t code);

/** Place of a code in the dictionary, for counters; of an unknown one that of
 * "unknown". Never fails. */
size_t wa_reason_index(wa_sv_t code);

/** Number of rows. */
size_t wa_reason_count(void);

/** Meta's final answer to a call of the business: its status, reason phrase and
 * the value of its Warning header (empty if it has none). Never NULL. */
const wa_reason_t *wa_reason_of_meta(
		unsigned status, wa_sv_t phrase, wa_sv_t warning);

/** The PBX's final answer to a call of a WhatsApp user. Never NULL. */
const wa_reason_t *wa_reason_of_pbx(unsigned status);

const char *wa_reason_class_name(enum wa_reason_class class);

#endif
