/* A PBX that has moved to another codec since the call was agreed on.
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Only the maps of the call say so (an entry that leads to or from the agreed payload
 * type has another codec): they lie in its record, the state of the codecs does not. A
 * relay that takes the call over begins with that anew.
 */
#include <stdlib.h>
#include <string.h>

#include "relay.h"

enum wa_codec convert_codec_of_pbx(const struct call *c)
{
	int map = wa_relay_map_find(&c->down, c->stream.pt);
	enum wa_codec codec = map < 0 ? 0 : wa_relay_codec((enum wa_relay_payload)c->down.pt[map].what);

	return codec != 0 ? codec : c->stream.codec;
}

uint32_t convert_clock_of_pbx(const struct call *c)
{
	return wa_rtp_clock(convert_codec_of_pbx(c));
}

/* Made when it is first needed; NULL: out of memory. */
static wa_voice_t *voice(wa_voice_t **v, enum wa_codec from, enum wa_codec to)
{
	if(!wa_voice_is(*v, from, to)) {
		wa_voice_free(*v);
		*v = wa_voice_new(from, to);
	}
	return *v;
}

/* In place; false: it becomes nothing that could be sent. */
static bool convert(wa_voice_t *v, wa_rtp_t *rtp, uint8_t *p)
{
	uint8_t out[WA_VOICE_MAX];
	int len;

	if(v == NULL)
		return false;
	len = wa_voice_convert(v, rtp->ssrc, p + rtp->at, rtp->len, out);
	if(len <= 0 || rtp->at + (size_t)len > PACKET_MAX)
		return false;
	memcpy(p + rtp->at, out, (size_t)len);
	rtp->len = (size_t)len;
	return true;
}

bool convert_up(struct relay *r, struct call *c, enum wa_codec has, uint8_t to,
		wa_rtp_t *rtp, uint8_t *p)
{
	struct voices *v = &r->voices[store_slot(&r->store, c)];

	rtp->ts = wa_rtp_scale(&c->up_scale, rtp->ts, convert_clock_of_pbx(c),
			wa_rtp_clock(c->stream.codec));
	if(has == 0 || has == c->stream.codec || to != c->stream.pt)
		return true;
	return convert(voice(&v->up, has, c->stream.codec), rtp, p);
}

bool convert_down(struct relay *r, struct call *c, enum wa_codec wants, wa_rtp_t *rtp,
		uint8_t *p)
{
	struct voices *v = &r->voices[store_slot(&r->store, c)];

	rtp->ts = wa_rtp_scale(&c->down_scale, rtp->ts, wa_rtp_clock(c->stream.codec),
			convert_clock_of_pbx(c));
	if(wants == 0 || wants == c->stream.codec || rtp->pt != c->stream.pt)
		return true;
	return convert(voice(&v->down, c->stream.codec, wants), rtp, p);
}

void convert_end(struct relay *r, const struct call *c)
{
	struct voices *v = &r->voices[store_slot(&r->store, c)];

	wa_voice_free(v->up);
	wa_voice_free(v->down);
	*v = (struct voices){NULL, NULL};
}
