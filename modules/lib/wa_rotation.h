/* When a number's password is due to be changed by schedule.
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Thousands of numbers that were connected on one day would all be due in the
 * same minute, and each is out of service while it is changed. So each number is
 * due somewhat earlier than its policy demands, by a share of the interval that
 * follows from its digits: the same on every node, after every restart, and in
 * every interval, so that numbers drift further apart.
 */
#ifndef WA_ROTATION_H
#define WA_ROTATION_H

#include <stdint.h>

#include "wa_sv.h"

/** Seconds after the last change at which the next one is due: more than three
 * quarters of `days`, and never more than `days`. 0 for 0 days. */
int64_t wa_rotation_after(wa_sv_t digits, unsigned days);

#endif
