/* What has to be repeated to rtpengine of a call, as a text: the relay keeps it,
 * and so it outlives Kamailio.
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * A dictionary in bencode. It holds Meta's keys where they are SDES, so it goes
 * nowhere but to the relay, whose file only it can read.
 */
#ifndef WA_GUARD_PLAN_H
#define WA_GUARD_PLAN_H

#include "wa_buf.h"
#include "wa_guard.h"

/** Writes the plan of an answered call (WA_GUARD_WATCH). Returns 0 or
 * WA_ETOOLONG. */
int wa_guard_plan_write(const wa_guard_job_t *job, wa_buf_t *out);

/** Reads one; texts point into `plan`, call-id and relay are left empty. Returns
 * 0 or WA_EPARSE: no plan, or one without tags. */
int wa_guard_plan_read(wa_sv_t plan, wa_guard_job_t *out);

#endif
