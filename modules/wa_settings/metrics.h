/* Figures of the sync for Prometheus.
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef WA_SETTINGS_METRICS_H
#define WA_SETTINGS_METRICS_H

#include "../ksr_metrics.h"

/** In wa_calls' process for metrics. */
void wst_metrics_write(wa_buf_t *b);

#endif
