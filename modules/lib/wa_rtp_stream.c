/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "wa_rtp_stream.h"

#include <string.h>

#include "wa_err.h"

#define EVENT_CLOCK 8000	/* Meta knows telephone-event/8000 only */
#define EVENT_VOLUME 10		/* -10 dBm0 */
#define END_PACKETS 3		/* RFC 4733 2.5.1.4 */
#define DIGIT_PAUSE 3		/* frames between two digits */
#define ON_TIME 10000		/* us a filled-in packet comes after its time */
#define PATIENCE (WA_RTP_PATIENCE - WA_RTP_FRAME) /* ... and the first one */
#define CATCH_UP 1000000	/* us: a longer hole is stepped over, not filled */
#define STEP_MAX 200	/* sequence numbers left out in a hole, at most */
#define RIVAL_QUIET 40000	/* us the old source is silent before a new one */
#define LATE_FRAMES 10		/* a packet further behind is no late one */
#define LATE_MAX 3			/* at the pace of speech: the source stood still */
#define PACE_MIN 15000		/* us between two packets of speech */
#define PACE_MAX 45000
#define WINDOW 64			/* packets that may come out of order */
#define JUMP_SEQ 250		/* packets lost at once; more is a new start */

uint32_t wa_rtp_clock(enum wa_codec codec)
{
	/* G.722 too: RFC 3551 4.5.2 */
	return codec == WA_CODEC_OPUS ? 48000 : 8000;
}

static uint32_t frame_ticks(const wa_rtp_stream_t *s)
{
	return wa_rtp_clock(s->codec) / (1000000 / WA_RTP_FRAME);
}

/* us that the newest packet lasts */
static int64_t lasts(const wa_rtp_stream_t *s)
{
	return (int64_t)s->ticks * 1000000 / wa_rtp_clock(s->codec);
}

void wa_rtp_stream_init(wa_rtp_stream_t *s, uint32_t ssrc, uint16_t seq, uint32_t ts)
{
	*s = (wa_rtp_stream_t){.ssrc = ssrc, .codec = WA_CODEC_PCMU, .pt = 0,
			.event_pt = WA_RTP_NO_PT, .seq = seq, .ts = ts};
	s->ticks = frame_ticks(s);
}

void wa_rtp_stream_format(wa_rtp_stream_t *s, enum wa_codec codec, uint8_t pt,
		uint8_t event_pt)
{
	bool other = wa_rtp_clock(codec) != wa_rtp_clock(s->codec);

	s->codec = codec;
	s->pt = pt;
	s->event_pt = event_pt;
	if(other) {
		s->ticks = frame_ticks(s);
		wa_rtp_stream_renew(s);
	}
}

void wa_rtp_stream_start(wa_rtp_stream_t *s, int64_t now)
{
	if(s->started)
		return;
	s->started = true;
	s->mark = true;
	s->clock = now;
}

void wa_rtp_stream_renew(wa_rtp_stream_t *s)
{
	s->has_source = false;
	s->rival_at = 0;
	s->event_on = false;
}

uint32_t wa_rtp_stream_now(const wa_rtp_stream_t *s, int64_t now)
{
	int64_t since = now - s->clock;

	return s->ts + (uint32_t)(since * wa_rtp_clock(s->codec) / 1000000);
}

/* --- the source ------------------------------------------------------------ */

/* How many ticks a packet of audio lasts; the codec's frame where its payload
 * does not say. */
static uint32_t payload_ticks(
		const wa_rtp_stream_t *s, const uint8_t *p, size_t len)
{
	/* RFC 6716 3.1, table 2: duration of a frame by the configuration number */
	static const uint16_t silk[4] = {480, 960, 1920, 2880};
	uint32_t one, frames = 1;
	unsigned config;

	if(s->codec != WA_CODEC_OPUS)
		return len > 0 && len <= 1600 ? (uint32_t)len : frame_ticks(s);
	if(len == 0)
		return frame_ticks(s);
	config = p[0] >> 3;
	if(config < 12)
		one = silk[config & 3];
	else if(config < 16)
		one = config & 1 ? 960 : 480;
	else
		one = 120u << (config & 3);
	if((p[0] & 3) == 3)
		frames = len > 1 ? p[1] & 0x3f : 1;
	else if(p[0] & 3)
		frames = 2;
	one *= frames;
	return one > 0 && one <= 5760 ? one : frame_ticks(s);
}

/* Takes the packet as the next one, whatever it says of itself. */
static void take_up(wa_rtp_stream_t *s, const wa_rtp_t *in)
{
	s->switches += s->has_source;
	s->has_source = true;
	s->src_ssrc = in->ssrc;
	s->src_seq = s->src_first = in->seq;
	s->src_seen = 1;
	s->seq_shift = (uint16_t)(s->seq + 1 - in->seq);
	s->ts_shift = s->ts + s->ticks - in->ts;
	s->late = 0;
	s->mark = true;
	s->event_on = false;
}

/* Two sources at a time would be two voices cut into each other: the one that
 * runs stays until it is silent, or until the other has come twice meanwhile. */
static bool is_rival(wa_rtp_stream_t *s, uint32_t ssrc, int64_t now)
{
	bool again;

	if(!s->has_source || ssrc == s->src_ssrc || now - s->src_at > RIVAL_QUIET)
		return false;
	again = s->rival_at != 0 && s->rival_ssrc == ssrc;
	s->rival_ssrc = ssrc;
	s->rival_at = now;
	return !again;
}

/* Older than the newest: does it still have its place, and not twice? */
static bool fits_behind(wa_rtp_stream_t *s, uint16_t seq)
{
	uint16_t back = (uint16_t)(s->src_seq - seq);

	if(back >= WINDOW || (uint16_t)(seq - s->src_first) > 0x7fff
			|| (s->src_seen >> back & 1))
		return false;
	s->src_seen |= (uint64_t)1 << back;
	return true;
}

static void newest(wa_rtp_stream_t *s, uint16_t seq)
{
	uint16_t step = (uint16_t)(seq - s->src_seq);

	s->src_seen = step < WINDOW ? s->src_seen << step | 1 : 1;
	s->src_seq = seq;
}

enum place
{
	NEXT,	/* goes on where the last one ended */
	BEHIND, /* out of order: only itself is sent */
	AWAY	/* dropped */
};

/* Late packets come in a burst and catch up. A source that stopped its clock,
 * or whose way has become longer, stays behind at the pace of speech. */
static bool stands_behind(wa_rtp_stream_t *s, int64_t since)
{
	s->late += since >= PACE_MIN && since < PACE_MAX;
	return s->late >= LATE_MAX;
}

/* Silence stands where the packet should: is it late, does it go on behind the
 * silence, or has the source stood still meanwhile? */
static enum place after_silence(wa_rtp_stream_t *s, const wa_rtp_t *in,
		enum wa_rtp_kind kind, int64_t now)
{
	int32_t ahead = (int32_t)(in->ts + s->ts_shift - s->ts);
	int32_t frame = (int32_t)frame_ticks(s);
	bool newer = (int16_t)(in->seq - s->src_seq) > 0;

	/* a digit is never late: all of it stands at its begin */
	if(kind == WA_RTP_EVENT && newer) {
		s->seq_shift = (uint16_t)(s->seq + 1 - in->seq);
		s->src_first = in->seq;
		newest(s, in->seq);
		return NEXT;
	}
	if(ahead <= 0 && ahead > -LATE_FRAMES * frame
			&& !stands_behind(s, now - s->src_at)) {
		if(newer)
			newest(s, in->seq);
		return AWAY;
	}
	if(newer && ahead > 0 && ahead <= 2 * frame) {
		s->seq_shift = (uint16_t)(s->seq + 1 - in->seq);
		s->src_first = in->seq;
		newest(s, in->seq);
		return NEXT;
	}
	take_up(s, in);
	return NEXT;
}

static enum place in_flow(
		wa_rtp_stream_t *s, const wa_rtp_t *in, enum wa_rtp_kind kind)
{
	int16_t step = (int16_t)(in->seq - s->src_seq);
	int32_t ahead = (int32_t)(in->ts + s->ts_shift - s->ts);
	int32_t second = (int32_t)wa_rtp_clock(s->codec);
	/* an event has moved the clock for the audio beside it, too */
	int32_t floor = s->after_event ? -2 * (int32_t)frame_ticks(s) : 0;

	if(step <= 0 && step > -WINDOW)
		return fits_behind(s, in->seq) ? BEHIND : AWAY;
	/* an event keeps the time of its begin, audio has to move */
	if(step > 0 && step < JUMP_SEQ && ahead < 5 * second
			&& ahead > (kind == WA_RTP_EVENT ? -8 * second : floor)) {
		newest(s, in->seq);
		return NEXT;
	}
	take_up(s, in);
	return NEXT;
}

/* All packets of an event carry the time of its begin (RFC 4733 2.3). */
static uint32_t event_time(wa_rtp_stream_t *s, const wa_rtp_t *in)
{
	if(!s->event_on || in->ts != s->event_src) {
		uint32_t ts = in->ts + s->ts_shift;

		if((int32_t)(ts - s->ts) < 0)
			ts = s->ts + s->ticks;
		s->event_on = true;
		s->event_src = in->ts;
		s->event_ts = ts;
	}
	return s->event_ts;
}

/* The stream's clock goes on by what the event lasts, no faster than its
 * packets come: a false duration must not send it into the future. */
static void event_lasts(wa_rtp_stream_t *s, const uint8_t *payload, size_t len)
{
	uint32_t frame = frame_ticks(s), ticks, end;

	if(len < 4)
		return;
	ticks = ((uint32_t)payload[2] << 8 | payload[3])
			* (wa_rtp_clock(s->codec) / EVENT_CLOCK);
	end = s->event_ts + ticks - frame;
	if((int32_t)(end - s->ts) > (int32_t)frame)
		end = s->ts + frame;
	if((int32_t)(end - s->ts) > 0)
		s->ts = end;
	s->ticks = frame;
}

static void sent(wa_rtp_stream_t *s, uint16_t seq, size_t len, int64_t now)
{
	s->begun = true;
	s->seq = seq;
	s->clock = now;
	s->packets++;
	s->octets += (uint32_t)len;
}

static void set_out(const wa_rtp_stream_t *s, const wa_rtp_t *in, uint8_t pt,
		wa_rtp_t *out)
{
	*out = *in;
	out->pt = pt;
	out->ssrc = s->ssrc;
	out->seq = (uint16_t)(in->seq + s->seq_shift);
	out->ts = in->ts + s->ts_shift;
}

/* A packet that comes while we press a digit: the source goes on unheard. */
static bool under_digit(wa_rtp_stream_t *s, const wa_rtp_t *in)
{
	if(s->press_step == 0)
		return false;
	if(s->has_source && in->ssrc == s->src_ssrc
			&& (int16_t)(in->seq - s->src_seq) > 0)
		newest(s, in->seq);
	return true;
}

static bool take(wa_rtp_stream_t *s, const wa_rtp_t *in, const uint8_t *payload,
		enum wa_rtp_kind kind, uint8_t pt, int64_t now, wa_rtp_t *out)
{
	enum place place = NEXT;

	if(!s->started || (kind == WA_RTP_AUDIO && in->len == 0)
			|| is_rival(s, in->ssrc, now))
		return false;
	if(!s->has_source || in->ssrc != s->src_ssrc)
		take_up(s, in);
	else if(under_digit(s, in))
		place = AWAY;
	else if(s->filling)
		place = after_silence(s, in, kind, now);
	else
		place = in_flow(s, in, kind);
	s->src_at = now;
	s->rival_at = 0;
	if(place == AWAY || s->press_step > 0)
		return false;
	set_out(s, in, pt, out);
	if(place == BEHIND) {
		if(kind == WA_RTP_EVENT && s->event_on && in->ts == s->event_src)
			out->ts = s->event_ts;
		s->packets++;
		s->octets += (uint32_t)in->len;
		return true;
	}
	if(kind == WA_RTP_EVENT) {
		out->ts = event_time(s, in);
		if(!s->begun)
			s->ts = out->ts;
		event_lasts(s, payload, in->len);
	} else {
		out->marker = in->marker || s->mark;
		s->mark = false;
		s->pause -= s->pause > 0;
		s->ts = out->ts;
		s->ticks = payload_ticks(s, payload, in->len);
	}
	s->late = 0;
	s->filling = false;
	s->after_event = kind == WA_RTP_EVENT;
	sent(s, out->seq, in->len, now);
	return true;
}

bool wa_rtp_stream_take(wa_rtp_stream_t *s, const wa_rtp_t *in,
		const uint8_t *payload, enum wa_rtp_kind kind, uint8_t pt, int64_t now,
		wa_rtp_t *out)
{
	bool send = take(s, in, payload, kind, pt, now, out);

	s->dropped += !send;
	return send;
}

/* --- what we make ------------------------------------------------------------ */

/* `len` octets where an octet is a tick. */
static size_t silence(const wa_rtp_stream_t *s, uint8_t *p, size_t len)
{
	/* CELT, mono, 20 ms, and a first bit that says silence (RFC 6716 4.3) */
	static const uint8_t opus[] = {0xf8, 0xff, 0xfe};

	switch(s->codec) {
		case WA_CODEC_OPUS:
			memcpy(p, opus, sizeof(opus));
			return sizeof(opus);
		case WA_CODEC_PCMA:
			memset(p, 0xd5, len);
			return len;
		case WA_CODEC_G722:
			/* the smallest step of either band */
			memset(p, 0xfe, len);
			return len;
		default:
			memset(p, 0xff, len);
			return len;
	}
}

static size_t make(wa_rtp_stream_t *s, wa_rtp_t *rtp, size_t len, uint8_t *p)
{
	rtp->seq = (uint16_t)(s->seq + 1);
	rtp->ssrc = s->ssrc;
	wa_rtp_write(p, rtp);
	s->packets++;
	s->octets += (uint32_t)len;
	s->seq = rtp->seq;
	s->begun = true;
	s->filling = true;
	return WA_RTP_HEAD + len;
}

static size_t make_silence(wa_rtp_stream_t *s, uint8_t *p)
{
	wa_rtp_t rtp = {.pt = s->pt, .marker = s->mark, .ts = s->ts};
	size_t len = silence(s, p + WA_RTP_HEAD, frame_ticks(s));

	s->mark = false;
	s->silent++;
	s->pause -= s->pause > 0;
	return make(s, &rtp, len, p);
}

static void put_event(uint8_t *p, uint8_t digit, bool end, unsigned ticks)
{
	p[0] = digit;
	p[1] = (uint8_t)(EVENT_VOLUME | (end ? 0x80 : 0));
	p[2] = (uint8_t)(ticks >> 8);
	p[3] = (uint8_t)ticks;
}

static unsigned press_frames(const wa_rtp_stream_t *s)
{
	return (s->digit_ms[0] + 19u) / 20;
}

static size_t make_event(wa_rtp_stream_t *s, uint8_t *p)
{
	unsigned frames = press_frames(s), step = s->press_step;
	bool end = step >= frames;
	unsigned ticks = (end ? frames : step) * (EVENT_CLOCK / 50);
	wa_rtp_t rtp = {.pt = s->event_pt, .marker = step == 1, .ts = s->press_ts};

	put_event(p + WA_RTP_HEAD, s->digit[0], end, ticks);
	return make(s, &rtp, 4, p);
}

static void next_digit(wa_rtp_stream_t *s)
{
	s->n_digits--;
	memmove(s->digit, s->digit + 1, s->n_digits * sizeof(s->digit[0]));
	memmove(s->digit_ms, s->digit_ms + 1, s->n_digits * sizeof(s->digit_ms[0]));
	s->press_step = 0;
	s->pause = DIGIT_PAUSE;
	s->mark = true;
}

/* The next packet of a digit, or 0 when none is to be pressed now. */
static size_t press(wa_rtp_stream_t *s, uint8_t *p)
{
	size_t len;

	if(s->n_digits == 0 || s->pause > 0)
		return 0;
	if(s->press_step == 0)
		s->press_ts = s->ts;
	s->press_step++;
	len = make_event(s, p);
	if(s->press_step >= press_frames(s) + END_PACKETS - 1)
		next_digit(s);
	return len;
}

/* Another host may have gone on with the stream meanwhile: what it has sent is left
 * out, for SRTP takes a number that was used for a replay (RFC 3711 3.3.2). */
static uint16_t skipped(const wa_rtp_stream_t *s, int64_t hole)
{
	int64_t n = hole / lasts(s);

	return (uint16_t)(n > STEP_MAX ? STEP_MAX : n);
}

/* The stream's time of the packet to be made now: one frame on, or many if
 * nobody was here to make them. */
static void advance(wa_rtp_stream_t *s, int64_t now)
{
	int64_t frames = 1, hole = now - s->clock;

	if(!s->begun) {
		s->clock = now;
		return;
	}
	if(hole > CATCH_UP) {
		frames = hole / WA_RTP_FRAME;
		s->seq += skipped(s, hole);
		s->mark = true;
	}
	s->clock += lasts(s) + (frames - 1) * WA_RTP_FRAME;
	s->ts += s->ticks + (uint32_t)(frames - 1) * frame_ticks(s);
	s->ticks = frame_ticks(s);
}

/* A digit that waits takes the turn of the source's next packet. */
static int64_t due(const wa_rtp_stream_t *s)
{
	if(!s->begun)
		return s->clock;
	if(s->filling)
		return s->clock + lasts(s) + ON_TIME;
	if(s->n_digits > 0 && s->pause == 0)
		return s->clock + lasts(s) / 2;
	return s->clock + lasts(s) + PATIENCE;
}

size_t wa_rtp_stream_fill(wa_rtp_stream_t *s, int64_t now, uint8_t *p)
{
	size_t len;

	if(!s->started || now < due(s))
		return 0;
	advance(s, now);
	len = press(s, p);
	return len > 0 ? len : make_silence(s, p);
}

int64_t wa_rtp_stream_due(const wa_rtp_stream_t *s)
{
	return s->started ? due(s) : -1;
}

int wa_rtp_stream_press(wa_rtp_stream_t *s, char digit, unsigned ms)
{
	static const char digits[] = "0123456789*#ABCD";
	const char *at = memchr(digits, digit, sizeof(digits) - 1);

	if(digit >= 'a' && digit <= 'd')
		at = digits + 12 + (digit - 'a');
	if(at == NULL)
		return WA_EPARSE;
	if(!s->started || s->event_pt == WA_RTP_NO_PT)
		return WA_EUNSUP;
	if(s->n_digits >= WA_RTP_DIGITS)
		return WA_EBUSY;
	s->digit[s->n_digits] = (uint8_t)(at - digits);
	s->digit_ms[s->n_digits] = (uint16_t)(ms < 40 ? 40 : ms > 6000 ? 6000 : ms);
	s->n_digits++;
	return 0;
}
