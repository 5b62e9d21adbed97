/* call_hours of Meta's settings: when users may call.
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Kept in order (days of the week from Monday, dates), so that two that mean the
 * same have the same text. A time is hours * 100 + minutes, a date is
 * yyyymmdd.
 */
#ifndef WA_HOURS_H
#define WA_HOURS_H

#include <stdint.h>

#include "wa_jread.h"

#define WA_HOURS_SLOTS_MAX 14 /* two a day */
#define WA_HOURS_HOLIDAYS_MAX 20
#define WA_HOURS_ZONE_SIZE 64
#define WA_HOURS_TEXT_SIZE 1024 /* the longest has about 900 */

typedef struct wa_hours_slot
{
	uint32_t day; /* 0 = Monday; of a holiday: the date */
	uint16_t from, to;
} wa_hours_slot_t;

/* What is not said is left alone where it is written. */
typedef struct wa_hours
{
	bool has_status, has_zone, has_week, has_holidays;
	bool enabled;
	char zone[WA_HOURS_ZONE_SIZE];
	unsigned n_week, n_holidays;
	wa_hours_slot_t week[WA_HOURS_SLOTS_MAX];
	wa_hours_slot_t holidays[WA_HOURS_HOLIDAYS_MAX];
} wa_hours_t;

/** Reads an object. With r->strict also what Meta would refuse is refused: more
 * than two slots a day, overlaps, a slot that ends before it begins.
 * Returns 0, or a wa_err with r->why naming the member. */
int wa_hours_read(const wa_jread_t *r, struct json_object *o, const char *path,
		wa_hours_t *out);

/** `wanted`, with what it does not say taken from `seen`. */
void wa_hours_merge(wa_hours_t *out, const wa_hours_t *wanted, const wa_hours_t *seen);

/** The object to write, the caller's to put; NULL: out of memory. */
struct json_object *wa_hours_json(const wa_hours_t *h);

/** "ENABLED; Europe/Berlin; Mon 0900-1730, ...; holidays 2026-12-25 0000-2359".
 * An empty list is left out: Meta does not tell it from none. Returns 0 or WA_ETOOLONG. */
int wa_hours_text(const wa_hours_t *h, char *out, size_t size);

#endif
