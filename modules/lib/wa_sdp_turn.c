/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "wa_sdp_turn.h"

#include "wa_err.h"
#include "wa_sdp_end.h"
#include "wa_sdp_write.h"

#define CHOSEN_MAX (SDP_CODECS + 2) /* and telephone-event at either clock */

/* RFC 3551 6; of those that have no fixed one our own. */
static const unsigned long own_numbers[] = {[PT_PCMU] = 0, [PT_PCMA] = 8, [PT_G722] = 9,
		[PT_OPUS] = 111, [PT_DTMF_8K] = 101, [PT_DTMF_48K] = 102};

struct chosen
{
	unsigned n;
	unsigned long pt[CHOSEN_MAX];
	enum payload what[CHOSEN_MAX];
	const struct sdp *from; /* says what there is to say of them; NULL: they are our own */
};

static void add(struct chosen *c, unsigned long pt, enum payload what)
{
	c->pt[c->n] = pt;
	c->what[c->n++] = what;
}

static bool has_event(const struct sdp *s)
{
	return sdp_has(s, PT_DTMF_8K) || sdp_has(s, PT_DTMF_48K);
}

/* --- writing ----------------------------------------------------------------- */

static void put_media(wa_buf_t *b, wa_sv_t m, const struct chosen *c)
{
	(void)sdp_put_media(b, m, SDP_SAME_PORT);
	for(unsigned i = 0; i < c->n; i++)
		sdp_put_pt(b, c->pt[i]);
	sdp_end_line(b);
}

/* rtpmap, fmtp and rtcp-fb. */
static bool is_about_payload(const struct line *l)
{
	return l->type == 'a'
		   && (wa_sv_eq(l->name, WA_SV("rtpmap")) || wa_sv_eq(l->name, WA_SV("fmtp"))
				   || wa_sv_eq(l->name, WA_SV("rtcp-fb")));
}

static void put_own(wa_buf_t *b, unsigned long pt, enum payload what)
{
	static const wa_sv_t encodings[] = {[PT_DTMF_8K] = {"telephone-event/8000", 20},
			[PT_DTMF_48K] = {"telephone-event/48000", 21}, [PT_OPUS] = {"opus/48000/1", 12},
			[PT_PCMU] = {"PCMU/8000", 9}, [PT_PCMA] = {"PCMA/8000", 9}, [PT_G722] = {"G722/8000", 9}};

	wa_buf_put(b, WA_SV("a=rtpmap:"));
	wa_buf_num(b, (int64_t)pt);
	wa_buf_put(b, WA_SV(" "));
	wa_buf_put(b, encodings[what]);
	sdp_end_line(b);
}

static void put_theirs(wa_buf_t *b, const struct sdp *s, unsigned long chosen)
{
	for(unsigned i = s->media[s->audio]; i < s->media[s->audio + 1]; i++) {
		wa_sv_t rest = s->line[i].arg;
		unsigned long pt;

		if(is_about_payload(&s->line[i]) && sdp_read_pt(wa_sv_cut(&rest, ' '), &pt)
				&& pt == chosen)
			sdp_put_line(b, &s->line[i]);
	}
}

static int put_all(wa_buf_t *b, const struct sdp *s, const struct chosen *c)
{
	unsigned audio = s->media[s->audio], end = s->media[s->audio + 1];

	for(unsigned i = 0; i < s->n; i++) {
		if(i == audio)
			put_media(b, s->line[i].value, c);
		else if(i < audio || i >= end || !is_about_payload(&s->line[i]))
			sdp_put_line(b, &s->line[i]);
		if(i + 1 != end)
			continue;
		for(unsigned k = 0; k < c->n; k++)
			if(c->from != NULL)
				put_theirs(b, c->from, c->pt[k]);
			else
				put_own(b, c->pt[k], c->what[k]);
	}
	return wa_buf_check(b);
}

/* --- choosing ---------------------------------------------------------------- */

static int read_audio(wa_sv_t text, struct sdp *s)
{
	int err = sdp_read(text, s);

	if(err < 0)
		return err;
	return s->audio < s->n_media ? 0 : WA_EUNSUP;
}

static void add_own(struct chosen *c, enum payload what)
{
	for(unsigned i = 0; i < c->n; i++)
		if(c->what[i] == what)
			return;
	add(c, own_numbers[what], what);
}

int wa_sdp_turn_offer(wa_sv_t text, wa_sv_t codecs, wa_buf_t *out)
{
	struct chosen c = {.n = 0};
	struct sdp s;
	int err = read_audio(text, &s);

	if(err < 0)
		return err;
	while(codecs.len > 0) {
		wa_sv_t name = wa_sv_trim(wa_sv_cut(&codecs, ','));

		for(size_t i = 0; i < SDP_CODECS; i++)
			if(wa_sv_ieq(name, sdp_codecs[i].name))
				add_own(&c, sdp_codecs[i].pt);
	}
	if(c.n == 0)
		return WA_EUNSUP;
	for(unsigned i = 0, n = c.n; i < n && has_event(&s); i++)
		add_own(&c, c.what[i] == PT_OPUS ? PT_DTMF_48K : PT_DTMF_8K);
	return put_all(out, &s, &c);
}

static unsigned bit_of(enum payload p)
{
	for(size_t i = 0; i < SDP_CODECS; i++)
		if(sdp_codecs[i].pt == p)
			return sdp_codecs[i].bit;
	return 0;
}

/* The first codec of the m= line that is in `codecs`; SDP_PTS: there is none. */
static unsigned long first_codec(const struct sdp *s, unsigned codecs)
{
	wa_sv_t kind, port, proto, pts;
	unsigned long pt;

	sdp_read_media(s->line[s->media[s->audio]].value, &kind, &port, &proto, &pts);
	while(pts.len > 0)
		if(sdp_read_pt(wa_sv_cut(&pts, ' '), &pt)
				&& (bit_of((enum payload)s->pt[pt]) & codecs))
			return pt;
	return SDP_PTS;
}

static void add_event_of(struct chosen *c, const struct sdp *offer)
{
	enum payload what = sdp_event_beside(offer, c->what[0]);

	for(unsigned i = 0; i < SDP_PTS; i++)
		if(offer->pt[i] == what) {
			add(c, i, what);
			return;
		}
}

int wa_sdp_turn_answer(wa_sv_t text, wa_sv_t offer_text, unsigned codecs, wa_buf_t *out)
{
	struct chosen c = {.n = 0};
	struct sdp s, offer;
	unsigned long pt;
	int err = read_audio(text, &s);

	if(err == 0)
		err = read_audio(offer_text, &offer);
	if(err < 0)
		return err;
	pt = first_codec(&s, ~0u);
	if(pt < SDP_PTS && (bit_of((enum payload)s.pt[pt]) & codecs)
			&& sdp_has(&offer, (enum payload)s.pt[pt]))
		return wa_sdp_renumber(text, offer_text, out);
	pt = first_codec(&offer, codecs);
	if(pt == SDP_PTS)
		return WA_EUNSUP;
	add(&c, pt, (enum payload)offer.pt[pt]);
	if(has_event(&s))
		add_event_of(&c, &offer);
	c.from = &offer;
	return put_all(out, &s, &c);
}
