/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "media_session.h"

#include <string.h>

/* RFC 4733 as Meta does it: clock rate 8000 beside 48000 Hz audio. Timestamps
 * are those of the audio, durations count 8 kHz units (meta-calling.md 2.5). */

enum
{
	FRAME_UNITS = 160,	/* 20 ms */
	EVENT_FRAMES = 5,	/* 100 ms a digit */
	EVENT_ENDS = 3,		/* the last packet, three times */
	PAUSE_FRAMES = 4,	/* 80 ms between digits */
	EVENT_VOLUME = 10,	/* -10 dBm0 */
	EVENT_BYTES = 4
};

static const char digit_names[] = "0123456789*#ABCD";

static uint8_t event_pt(const struct media *m)
{
	return m->event_pt ? m->event_pt : MEDIA_EVENT_PT;
}

/* Without an agreed number it is 126 all the same. */
bool media_dtmf_is_event(const struct media *m, uint8_t pt)
{
	return pt == event_pt(m) && (m->codec == CODEC_NONE || pt != m->codec_pt);
}

static struct media_digit *find(struct media *m, uint32_t ts)
{
	size_t n = m->in.dtmfc;

	/* late packets belong to one of the last digits */
	for(size_t i = n; i > 0 && i + 4 > n; i--) {
		if(m->in.dtmf[i - 1].ts == ts)
			return &m->in.dtmf[i - 1];
	}
	return NULL;
}

static struct media_digit *add(
		struct media *m, char digit, uint32_t ts, uint64_t us)
{
	struct media_digit *d;
	struct json_object *ev;
	char text[2] = {digit, '\0'};

	if(m->in.dtmfc == MEDIA_DTMF_MAX)
		return NULL;
	d = &m->in.dtmf[m->in.dtmfc++];
	*d = (struct media_digit){.digit = digit, .ts = ts, .us = us};
	ev = media_event(m, "media_dtmf");
	if(ev) {
		json_object_object_add(ev, "digit", json_object_new_string(text));
		event_emit(ev);
	}
	return d;
}

void media_dtmf_recv(struct media *m, const struct rtp_header *h,
		const uint8_t *p, size_t len, uint64_t us)
{
	struct media_digit *d;
	unsigned duration;

	if(len < EVENT_BYTES || p[0] >= sizeof(digit_names) - 1) {
		media_violation(m, "dtmf", "malformed event");
		return;
	}
	seq_event(&m->in.seq, h->ts);
	d = find(m, h->ts);
	if(d == NULL)
		d = add(m, digit_names[p[0]], h->ts, us);
	if(d == NULL)
		return;
	if(d->digit != digit_names[p[0]])
		media_violation(m, "dtmf", "two digits at one timestamp");
	duration = (unsigned)p[2] << 8 | p[3];
	if(duration > d->duration)
		d->duration = duration;
	d->end = d->end || (p[1] & 0x80);
	d->packets++;
}

int media_dtmf_queue(struct media *m, const char *digits)
{
	size_t have = strlen(m->out.digits), n = strlen(digits);

	if(n == 0 || strspn(digits, digit_names) != n)
		return EINVAL;
	if(have + n >= sizeof(m->out.digits))
		return EOVERFLOW;
	memcpy(m->out.digits + have, digits, n + 1);
	return 0;
}

static void send_event(struct media *m, unsigned frames, bool end)
{
	unsigned duration = frames * FRAME_UNITS;
	uint8_t p[EVENT_BYTES] = {
			(uint8_t)(strchr(digit_names, m->out.digits[0]) - digit_names),
			(uint8_t)((end ? 0x80 : 0) | EVENT_VOLUME),
			(uint8_t)(duration >> 8), (uint8_t)duration};

	media_rtp_send(m, event_pt(m), frames == 1 && !end, m->out.event_ts, p,
			sizeof(p));
}

static void finish(struct media *m)
{
	for(unsigned i = 0; i < EVENT_ENDS; i++)
		send_event(m, EVENT_FRAMES, true);
	memmove(m->out.digits, m->out.digits + 1, strlen(m->out.digits));
	m->out.digits_sent++;
	m->out.in_event = false;
	m->out.pause_frames = PAUSE_FRAMES;
}

bool media_dtmf_send(struct media *m)
{
	struct media_out *out = &m->out;

	if(!out->in_event) {
		if(out->pause_frames)
			out->pause_frames--;
		if(out->pause_frames || out->digits[0] == '\0')
			return false;
		out->in_event = true;
		out->event_ts = out->ts;
		out->event_frame = 0;
	}
	if(++out->event_frame < EVENT_FRAMES)
		send_event(m, out->event_frame, false);
	else
		finish(m);
	return true;
}
