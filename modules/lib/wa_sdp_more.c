/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "wa_sdp_more.h"

#include "wa_err.h"
#include "wa_sdp_read.h"

#define MORE 2 /* a codec, and its telephone-event */
#define FIRST_FREE 96 /* of the numbers that mean nothing by themselves */

struct more
{
	bool in_front; /* of what is there */
	unsigned n;
	unsigned long pt[MORE];
	wa_sv_t encoding[MORE];
	const struct sdp *from[MORE]; /* also has an fmtp of it; or NULL */
};

static wa_sv_t payloads_of(const struct sdp *s)
{
	wa_sv_t kind, port, proto, pts;

	sdp_read_media(s->line[s->media[s->audio]].value, &kind, &port, &proto, &pts);
	return pts;
}

/* The argument of that attribute about the payload type, or nothing. */
static wa_sv_t about(const struct sdp *s, wa_sv_t name, unsigned long pt)
{
	for(unsigned i = s->media[s->audio] + 1; i < s->media[s->audio + 1]; i++) {
		wa_sv_t rest = s->line[i].arg;
		unsigned long n;

		if(s->line[i].type == 'a' && wa_sv_eq(s->line[i].name, name)
				&& sdp_read_pt(wa_sv_cut(&rest, ' '), &n) && n == pt)
			return rest;
	}
	return (wa_sv_t){NULL, 0};
}

static bool is_event(const struct sdp *s, unsigned long pt)
{
	return s->pt[pt] == PT_DTMF_8K || s->pt[pt] == PT_DTMF_48K;
}

/* --- writing ----------------------------------------------------------------- */

static void put_number(wa_buf_t *b, unsigned long pt)
{
	wa_buf_put(b, WA_SV(" "));
	wa_buf_num(b, (int64_t)pt);
}

static void put_own(wa_buf_t *b, const struct sdp *s, bool events)
{
	wa_sv_t pts = payloads_of(s);
	unsigned long pt;

	while(pts.len > 0)
		if(sdp_read_pt(wa_sv_cut(&pts, ' '), &pt) && is_event(s, pt) == events)
			put_number(b, pt);
}

/* Codecs first: rtpengine puts its own in front of the first telephone-event. */
static void put_media(wa_buf_t *b, const struct sdp *s, const struct more *m)
{
	wa_sv_t kind, port, proto, pts;

	sdp_read_media(s->line[s->media[s->audio]].value, &kind, &port, &proto, &pts);
	wa_buf_put(b, WA_SV("m="));
	wa_buf_put(b, kind);
	wa_buf_put(b, WA_SV(" "));
	wa_buf_put(b, port);
	wa_buf_put(b, WA_SV(" "));
	wa_buf_put(b, proto);
	if(m->n > 0 && m->in_front)
		put_number(b, m->pt[0]);
	put_own(b, s, false);
	if(m->n > 0 && !m->in_front)
		put_number(b, m->pt[0]);
	put_own(b, s, true);
	if(m->n > 1)
		put_number(b, m->pt[1]);
	wa_buf_put(b, WA_SV("\r\n"));
}

static void put_about(wa_buf_t *b, wa_sv_t name, unsigned long pt, wa_sv_t text)
{
	wa_buf_put(b, WA_SV("a="));
	wa_buf_put(b, name);
	wa_buf_put(b, WA_SV(":"));
	wa_buf_num(b, (int64_t)pt);
	wa_buf_put(b, WA_SV(" "));
	wa_buf_put(b, text);
	wa_buf_put(b, WA_SV("\r\n"));
}

static void put_attributes(wa_buf_t *b, const struct more *m)
{
	for(unsigned i = 0; i < m->n; i++) {
		wa_sv_t fmtp = {NULL, 0};

		/* a fixed number needs none */
		if(m->encoding[i].len > 0)
			put_about(b, WA_SV("rtpmap"), m->pt[i], m->encoding[i]);
		if(m->from[i] != NULL)
			fmtp = about(m->from[i], WA_SV("fmtp"), m->pt[i]);
		if(fmtp.len > 0)
			put_about(b, WA_SV("fmtp"), m->pt[i], fmtp);
	}
}

static int put_all(wa_buf_t *b, const struct sdp *s, const struct more *m)
{
	for(unsigned i = 0; i < s->n; i++) {
		char head[2] = {s->line[i].type, '='};

		if(i == s->media[s->audio]) {
			put_media(b, s, m);
		} else {
			wa_buf_put(b, (wa_sv_t){head, 2});
			wa_buf_put(b, s->line[i].value);
			wa_buf_put(b, WA_SV("\r\n"));
		}
		if(i + 1 == s->media[s->audio + 1])
			put_attributes(b, m);
	}
	return wa_buf_check(b);
}

/* --- choosing ---------------------------------------------------------------- */

static bool has(const struct sdp *s, enum payload p)
{
	for(unsigned i = 0; i < SDP_PTS; i++)
		if(s->pt[i] == p)
			return true;
	return false;
}

static void add(struct more *m, unsigned long pt, wa_sv_t encoding, const struct sdp *from)
{
	m->pt[m->n] = pt;
	m->encoding[m->n] = encoding;
	m->from[m->n++] = from;
}

/* Under a number that the SDP does not use. */
static int add_own(struct more *m, const struct sdp *s, wa_sv_t encoding)
{
	for(unsigned long pt = FIRST_FREE; pt < SDP_PTS; pt++)
		if(s->pt[pt] == PT_NONE && (m->n == 0 || pt != m->pt[0])) {
			add(m, pt, encoding, NULL);
			return 0;
		}
	return WA_EUNSUP;
}

/* By the number of `from`, where `s` has nothing of that number. */
static void add_theirs(struct more *m, const struct sdp *s, const struct sdp *from,
		unsigned long pt)
{
	wa_sv_t encoding = about(from, WA_SV("rtpmap"), pt);

	if(s->pt[pt] == PT_NONE)
		add(m, pt, encoding, from);
}

/* The offer's first codec, or its last one; SDP_PTS: it has none. */
static unsigned long codec_of(const struct sdp *s, bool last)
{
	wa_sv_t pts = payloads_of(s);
	unsigned long pt, found = SDP_PTS;

	while(pts.len > 0)
		if(sdp_read_pt(wa_sv_cut(&pts, ' '), &pt) && !is_event(s, pt)
				&& (last || found == SDP_PTS))
			found = pt;
	return found;
}

/* The telephone-event of Opus, else that of all others. */
static void add_event(struct more *m, const struct sdp *s, const struct sdp *from,
		enum payload codec)
{
	enum payload event = codec == PT_OPUS ? PT_DTMF_48K : PT_DTMF_8K;

	if(has(s, event) || (!has(s, PT_DTMF_8K) && !has(s, PT_DTMF_48K)))
		return;
	for(unsigned long pt = 0; pt < SDP_PTS && m->n < MORE; pt++)
		if(from->pt[pt] == event)
			add_theirs(m, s, from, pt);
}

static int read_audio(wa_sv_t text, struct sdp *s)
{
	int err = sdp_read(text, s);

	if(err < 0)
		return err;
	return s->audio < s->n_media ? 0 : WA_EUNSUP;
}

int wa_sdp_add_opus(wa_sv_t text, wa_buf_t *out)
{
	struct more m = {.in_front = false};
	struct sdp s;
	int err = read_audio(text, &s);

	if(err == 0 && !has(&s, PT_OPUS)) {
		err = add_own(&m, &s, WA_SV("opus/48000/1"));
		if(err == 0 && has(&s, PT_DTMF_8K) && !has(&s, PT_DTMF_48K))
			err = add_own(&m, &s, WA_SV("telephone-event/48000"));
	}
	return err < 0 ? err : put_all(out, &s, &m);
}

static int add_of_offer(wa_sv_t text, wa_sv_t offer_text, bool last, wa_buf_t *out)
{
	struct more m = {.in_front = !last};
	struct sdp s, offer;
	unsigned long codec;
	int err = read_audio(text, &s);

	if(err == 0)
		err = read_audio(offer_text, &offer);
	if(err < 0)
		return err;
	codec = codec_of(&offer, last);
	if(codec < SDP_PTS)
		add_theirs(&m, &s, &offer, codec);
	if(m.n > 0 && !last)
		add_event(&m, &s, &offer, (enum payload)offer.pt[codec]);
	return put_all(out, &s, &m);
}

int wa_sdp_add_first(wa_sv_t text, wa_sv_t offer, wa_buf_t *out)
{
	return add_of_offer(text, offer, false, out);
}

int wa_sdp_add_last(wa_sv_t text, wa_sv_t offer, wa_buf_t *out)
{
	return add_of_offer(text, offer, true, out);
}
