/* A PBX without Meta's codec, or that has moved to another since the call was agreed on.
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Only the maps of the call say so (an entry has another codec at either end): they lie in
 * its record, the state of the codecs does not. A relay that takes the call over begins
 * with that anew.
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
	len = wa_voice_convert(v, rtp->ssrc, rtp->seq, p + rtp->at, rtp->len, out);
	if(len <= 0 || rtp->at + (size_t)len > PACKET_MAX)
		return false;
	memcpy(p + rtp->at, out, (size_t)len);
	rtp->len = (size_t)len;
	return true;
}

static enum wa_codec pbx_codec(const wa_relay_map_t *m, int entry)
{
	return wa_relay_codec((enum wa_relay_payload)m->pt[entry].what);
}

static enum wa_codec engine_codec(const wa_relay_map_t *m, int entry)
{
	return wa_relay_codec((enum wa_relay_payload)m->pt[entry].engine);
}

bool convert_up(struct relay *r, struct call *c, int entry, wa_rtp_t *rtp, uint8_t *p)
{
	struct voices *v = &r->voices[store_slot(&r->store, c)];
	enum wa_codec from = pbx_codec(&c->up, entry), to = engine_codec(&c->up, entry);

	rtp->ts = wa_rtp_scale(&c->up_scale, rtp->ts, convert_clock_of_pbx(c),
			wa_rtp_clock(c->stream.codec));
	return from == to || convert(voice(&v->up, from, to), rtp, p);
}

bool convert_down(struct relay *r, struct call *c, int entry, wa_rtp_t *rtp, uint8_t *p)
{
	struct voices *v = &r->voices[store_slot(&r->store, c)];
	enum wa_codec from = engine_codec(&c->down, entry), to = pbx_codec(&c->down, entry);

	/* digits go by the clock of the audio beside them */
	rtp->ts = wa_rtp_scale(&c->down_scale, rtp->ts, wa_rtp_clock(from ? from : c->meta),
			convert_clock_of_pbx(c));
	return from == to || convert(voice(&v->down, from, to), rtp, p);
}

void convert_end(struct relay *r, const struct call *c)
{
	struct voices *v = &r->voices[store_slot(&r->store, c)];

	wa_voice_free(v->up);
	wa_voice_free(v->down);
	*v = (struct voices){NULL, NULL};
}
