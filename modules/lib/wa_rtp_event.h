/* The length of a digit, as the payload of telephone-event has it.
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Meta and the PBX count in 8000 (wa_sdp.h). rtpengine is told the clock of the
 * audio beside it, 48000 with Opus, and converts lengths when it transcodes: one
 * of 100 ms would arrive as 600, or as 17. So the relay says it in rtpengine's
 * clock before, and back behind it.
 */
#ifndef WA_RTP_EVENT_H
#define WA_RTP_EVENT_H

#include <stddef.h>
#include <stdint.h>

/** `ticks` of one clock in another, rounded. */
uint32_t wa_rtp_event_ticks(uint32_t ticks, uint32_t from, uint32_t to);

/** The duration in `payload`, or 0. */
uint32_t wa_rtp_event_duration(const uint8_t *payload, size_t len);

/** The duration in `payload` times `to` / `from`, rounded; what does not fit its
 * 16 bits ends there (RFC 4733 2.5.1.3). Anything too short is left alone. */
void wa_rtp_event_scale(uint8_t *payload, size_t len, uint32_t from, uint32_t to);

#endif
