/* From the wanted state to what is written: field by field, in order.
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The order is that of the field: settings that concern no call first, then SIP
 * with its server entry, and the key exchange last, in a write of its own,
 * because a write of SIP may put it back to DTLS.
 */
#ifndef WA_PLAN_H
#define WA_PLAN_H

#include "wa_calling.h"
#include "wa_wanted.h"

#define WA_PLAN_TEXT_SIZE 1056 /* of a value; call_hours is the longest */
#define WA_PLAN_BODY_SIZE 5120 /* of a write */

/* Writes, in their order; bits of a plan. */
enum wa_plan_write
{
	WA_WRITE_GENERAL = 1 << 0,
	WA_WRITE_SIP = 1 << 1,
	WA_WRITE_SRTP = 1 << 2
};

/* One field. Values that are not known or not wanted are "". */
typedef struct wa_plan_row
{
	const char *field;
	enum wa_plan_write write; /* which write concerns it; 0 = the directory's own */
	bool said;				  /* the file wants something */
	bool stored_differs, meta_differs; /* from what is wanted */
	char wanted[WA_PLAN_TEXT_SIZE];
	char stored[WA_PLAN_TEXT_SIZE];
	char meta[WA_PLAN_TEXT_SIZE];
} wa_plan_row_t;

typedef int (*wa_plan_row_h)(const wa_plan_row_t *row, void *arg);

/** Calls `cb` for each field, until it returns non-zero. `stored` is what the
 * directory has, `meta` what Meta has; either may be NULL (not known: nothing
 * differs from it). Returns cb's value or 0. */
int wa_plan_rows(const wa_wanted_t *w, const wa_number_t *stored,
		const wa_calling_t *meta, wa_plan_row_h cb, void *arg);

/** Names of the fields in which Meta differs, "a,b", cut at a name where they do
 * not fit. Returns how many. */
unsigned wa_plan_drift(
		const wa_wanted_t *w, const wa_calling_t *meta, char *out, size_t size);

/** A write of SIP must not change what nobody has asked for: where the file says
 * nothing of the key exchange, what Meta has now becomes the wish. */
void wa_plan_keep(wa_wanted_t *w, const wa_calling_t *meta);

/** The writes that make `meta` what is wanted, enum wa_plan_write. */
unsigned wa_plan_writes(const wa_wanted_t *w, const wa_calling_t *meta);

/** The body of one of them. A server entry is written as a whole: what the file
 * does not say of it stays as it is. Returns 0, WA_ETOOLONG, WA_ENOMEM, or
 * WA_EPARSE and `why` when Meta would have to guess. */
int wa_plan_body(enum wa_plan_write write, const wa_wanted_t *w,
		const wa_calling_t *meta, char *out, size_t size, char *why, size_t why_size);

#endif
