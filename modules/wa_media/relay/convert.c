/* A PBX without Meta's codec, or that has moved to another since the call was agreed on.
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Only the maps of the call say so (an entry has another codec at either end): they lie in
 * its record, the state of the codecs does not. A relay that takes the call over begins
 * with that anew.
 */
#include <stdlib.h>
#include <string.h>

#include "../../lib/wa_err.h"
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

static enum wa_codec pbx_codec(const wa_relay_map_t *m, int entry)
{
	return wa_relay_codec((enum wa_relay_payload)m->pt[entry].what);
}

static enum wa_codec engine_codec(const wa_relay_map_t *m, int entry)
{
	return wa_relay_codec((enum wa_relay_payload)m->pt[entry].engine);
}

bool convert_is_same(const wa_relay_map_t *m, int entry)
{
	return m->pt[entry].what == m->pt[entry].engine;
}

bool convert_by_crew(const struct relay *r, const struct call *c)
{
	return r->crew != NULL && c->stream.codec == WA_CODEC_OPUS
		   && convert_codec_of_pbx(c) != WA_CODEC_OPUS;
}

unsigned convert_loss(const struct call *c)
{
	return c->with_engine.fraction * 100u / 256;
}

void convert_clock_up(struct call *c, wa_rtp_t *rtp)
{
	rtp->ts = wa_rtp_scale(&c->up_scale, rtp->ts, convert_clock_of_pbx(c),
			wa_rtp_clock(c->stream.codec));
}

int convert_up(struct relay *r, struct call *c, int entry, const wa_rtp_t *rtp,
		const uint8_t *payload, wa_voice_packet_t *out)
{
	struct voices *s = &r->voices[store_slot(&r->store, c)];
	wa_voice_t *v = wa_voice_for(&s->up, pbx_codec(&c->up, entry), engine_codec(&c->up, entry));

	if(v == NULL)
		return WA_ENOMEM;
	wa_voice_expect_loss(v, convert_loss(c));
	return wa_voice_convert(v, rtp->ssrc, rtp->seq, payload, rtp->len, out);
}

bool convert_down(struct relay *r, struct call *c, int entry, wa_rtp_t *rtp, uint8_t *p)
{
	static wa_voice_packet_t made[WA_VOICE_PACKETS];
	struct voices *s = &r->voices[store_slot(&r->store, c)];
	enum wa_codec from = engine_codec(&c->down, entry), to = pbx_codec(&c->down, entry);
	wa_voice_t *v;

	/* digits go by the clock of the audio beside them */
	rtp->ts = wa_rtp_scale(&c->down_scale, rtp->ts,
			wa_rtp_clock(from ? from : c->stream.codec), convert_clock_of_pbx(c));
	if(from == to)
		return true;
	v = wa_voice_for(&s->down, from, to);
	if(v == NULL || wa_voice_convert(v, rtp->ssrc, rtp->seq, p + rtp->at, rtp->len, made) != 1
			|| rtp->at + made[0].len > PACKET_MAX)
		return false;
	memcpy(p + rtp->at, made[0].data, made[0].len);
	rtp->len = made[0].len;
	return true;
}

void convert_end(struct relay *r, const struct call *c)
{
	struct voices *v = &r->voices[store_slot(&r->store, c)];

	wa_voice_free(v->up);
	wa_voice_free(v->down);
	if(v->crew)
		crew_forget(r->crew, store_slot(&r->store, c));
	*v = (struct voices){.serial = v->serial + 1};
}
