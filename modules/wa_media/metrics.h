/* Figures of the RTP relays for Prometheus.
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef WA_MEDIA_METRICS_H
#define WA_MEDIA_METRICS_H

#include "../ksr_metrics.h"

/** In wa_calls' process for metrics: each relay is asked, and may take
 * relay_timeout to answer. */
void media_metrics_write(wa_buf_t *b);

#endif
