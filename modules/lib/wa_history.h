/* How calls went, minute by minute, for as long as a day.
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Plain data of a fixed size; the lock around every function is the caller's.
 */
#ifndef WA_HISTORY_H
#define WA_HISTORY_H

#include <stddef.h>
#include <stdint.h>

#define WA_HISTORY_MINUTES 1440

enum wa_history_count
{
	WA_HISTORY_ATTEMPTS, /* offered to the other side */
	WA_HISTORY_ANSWERED,
	WA_HISTORY_FAILED, /* refused by us, or by the other side or on the way */
	WA_HISTORY_ENDED,
	WA_HISTORY_COUNTS
};

typedef struct wa_minute
{
	int64_t minute; /* since 1970; another than asked for: nothing is known */
	uint32_t count[WA_HISTORY_COUNTS];
	uint32_t calls; /* at once, at most */
	uint32_t mos_n;
	uint64_t mos_sum; /* thousandths */
} wa_minute_t;

typedef struct wa_history
{
	wa_minute_t minutes[WA_HISTORY_MINUTES];
} wa_history_t;

/** Counts one in the minute of `ms`, ms since 1970. */
void wa_history_count(wa_history_t *h, int64_t ms, enum wa_history_count what);

/** So many calls there are now. */
void wa_history_calls(wa_history_t *h, int64_t ms, uint32_t calls);

/** A call of this quality ended, in thousandths. */
void wa_history_mos(wa_history_t *h, int64_t ms, int64_t mos);

/** What is known of a minute; of one that is not known, an empty one. */
wa_minute_t wa_history_get(const wa_history_t *h, int64_t minute);

#endif
