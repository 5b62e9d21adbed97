/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "wa_rtp_scale.h"

uint32_t wa_rtp_scale(wa_rtp_scale_t *s, uint32_t ts, uint32_t from, uint32_t to)
{
	int32_t way, whole;

	if(from == to) {
		s->on = false;
		return ts;
	}
	if(!s->on)
		*s = (wa_rtp_scale_t){.on = true, .in = ts, .out = ts};
	way = (int32_t)(ts - s->in);
	if(from < to) {
		s->in = ts;
		s->out += (uint32_t)way * (to / from);
		return s->out;
	}
	/* what is not a whole tick yet stays for the next one */
	whole = way / (int32_t)(from / to);
	s->in += (uint32_t)whole * (from / to);
	s->out += (uint32_t)whole;
	return s->out;
}
