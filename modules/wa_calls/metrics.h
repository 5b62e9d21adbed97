/* Figures for Prometheus.
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef WA_CALLS_METRICS_H
#define WA_CALLS_METRICS_H

#include "../ksr_compat.h"

#include "../lib/wa_buf.h"

/** All of them in the text form of Prometheus (version 0.0.4), with HELP and
 * TYPE. Nothing in it names a person: no number is a label. */
void metrics_write(wa_buf_t *b);

#endif
