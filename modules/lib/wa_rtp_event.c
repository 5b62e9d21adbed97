/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "wa_rtp_event.h"

uint32_t wa_rtp_event_ticks(uint32_t ticks, uint32_t from, uint32_t to)
{
	return from > 0 ? (uint32_t)(((uint64_t)ticks * to + from / 2) / from) : ticks;
}

uint32_t wa_rtp_event_duration(const uint8_t *payload, size_t len)
{
	return len < 4 ? 0 : (uint32_t)payload[2] << 8 | payload[3];
}

void wa_rtp_event_scale(uint8_t *payload, size_t len, uint32_t from, uint32_t to)
{
	uint32_t ticks;

	if(len < 4 || from == to || from == 0)
		return;
	ticks = wa_rtp_event_ticks(wa_rtp_event_duration(payload, len), from, to);
	if(ticks > 0xffff)
		ticks = 0xffff;
	payload[2] = (uint8_t)(ticks >> 8);
	payload[3] = (uint8_t)ticks;
}
