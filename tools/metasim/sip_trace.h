/* The wire as events.
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef METASIM_SIP_TRACE_H
#define METASIM_SIP_TRACE_H

#include "config.h"

/** {"event":"sip","dir":..,"call":..,"peer":..,"text":..} unless tracing is off. */
void sip_trace(const char *dir, const char *call, const struct sa *peer,
		const uint8_t *buf, size_t len);

/** Emits a violation for each text of config.forbid that the message holds. */
void sip_trace_forbidden(const char *call, const uint8_t *buf, size_t len);

#endif
