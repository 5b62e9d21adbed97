/* Copies of messages for Homer, sngrep and their like.
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * From the process that has the message, by a UDP socket of its own that never
 * waits: what does not fit the socket's buffer is dropped and counted.
 */
#ifndef WA_TRACE_HEP_H
#define WA_TRACE_HEP_H

#include "../ksr_compat.h"

#include "../lib/wa_hep.h"

/** Is it "192.0.2.1:9060" or "[2001:db8::1]:9060"? */
bool hep_is_target(const char *text);

/** Sends a copy, redacted, to where the knob says; nowhere: does nothing. */
void hep_send(const wa_hep_t *head, wa_sv_t message);

typedef struct hep_stats
{
	_Atomic uint64_t sent;
	_Atomic uint64_t dropped; /* refused by the socket, or too long */
} hep_stats_t;

/** In memory that processes share, which must be set before the fork. */
extern hep_stats_t *hep_stats;

#endif
