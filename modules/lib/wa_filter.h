/* Which numbers a list shows.
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef WA_FILTER_H
#define WA_FILTER_H

#include "wa_record.h"

#define WA_FILTER_MAX 8

/* Terms that all have to match; views of the request. */
typedef struct wa_filter
{
	size_t n;
	struct
	{
		int field;	 /* of wa_record_field(), or one of wa_filter.c's */
		bool prefix; /* the value begins so */
		wa_sv_t value;
	} terms[WA_FILTER_MAX];
} wa_filter_t;

/** Adds "field=value" or "field=beginning*"; the fields are those of a number's
 * record, digits and has_password. Returns 0, or a wa_err and `err`. */
int wa_filter_add(wa_filter_t *f, wa_sv_t text, char *err, size_t size);

bool wa_filter_matches(const wa_filter_t *f, const wa_number_t *n);

#endif
