/* The text form that Prometheus reads (version 0.0.4).
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 *     wa_prom_family(&b, "wasbc_calls", "gauge", "calls there are now");
 *     wa_prom_value(&b, "wasbc_calls", "direction=\"in\"", 3);
 */
#ifndef WA_PROM_H
#define WA_PROM_H

#include "wa_buf.h"
#include "wa_histogram.h"

/** HELP and TYPE; every family once, before its values. */
void wa_prom_family(
		wa_buf_t *b, const char *name, const char *type, const char *help);

/** One value; `labels` are name="value" pairs with commas, or "". */
void wa_prom_value(
		wa_buf_t *b, const char *name, const char *labels, int64_t value);

/** Buckets, sum and count; wa_prom_family() with "histogram" first. `bounds` as
 * they were counted with. */
void wa_prom_histogram(wa_buf_t *b, const char *name, const char *labels,
		const int64_t bounds[WA_HISTOGRAM_BUCKETS], const wa_histogram_t *h);

/** `text` as a label's value, quotes and what else needs it escaped; cut to fit.
 * Returns `out`. */
const char *wa_prom_label(char *out, size_t size, wa_sv_t text);

/** Appends `text` as a part of a name: what may not be in one becomes "_". */
void wa_prom_name(wa_buf_t *b, wa_sv_t text);

#endif
