/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "wa_sdp_end.h"

#include <string.h>

#include "wa_err.h"
#include "wa_sdp_write.h"

/* --- reading ----------------------------------------------------------------- */

static enum wa_relay_payload what_of(unsigned char pt)
{
	if(pt == PT_DTMF_8K || pt == PT_DTMF_48K)
		return WA_RELAY_EVENT;
	for(size_t i = 0; i < SDP_CODECS; i++)
		if(sdp_codecs[i].pt == pt)
			return wa_relay_payload_of((enum wa_codec)sdp_codecs[i].bit);
	return WA_RELAY_DROP;
}

/* "53020" or "53020 IN IP4 192.0.2.1" (RFC 3605) */
static void read_rtcp(const struct sdp *s, wa_sdp_end_t *e)
{
	const struct line *l = sdp_attr(s, WA_SV("rtcp"));
	unsigned long port;
	wa_endpoint_t at;
	wa_sv_t rest;

	if(l == NULL)
		return;
	rest = l->arg;
	if(wa_sv_ulong(wa_sv_cut(&rest, ' '), 65535, &port) < 0 || port == 0)
		return;
	at = e->rtp;
	if(rest.len > 0 && sdp_read_connection(rest, &at) < 0)
		return;
	at.port = (uint16_t)port;
	e->rtcp = at;
}

static void read_direction(const struct sdp *s, wa_sdp_end_t *e)
{
	bool inactive = sdp_attr(s, WA_SV("inactive")) != NULL;

	e->sends = !inactive && sdp_attr(s, WA_SV("recvonly")) == NULL;
	e->hears = !inactive && sdp_attr(s, WA_SV("sendonly")) == NULL
			   && !wa_endpoint_is_any(&e->rtp);
}

static int end_of(const struct sdp *s, wa_sdp_end_t *e)
{
	wa_sv_t kind, port, proto, pts;
	unsigned long n;

	*e = (wa_sdp_end_t){.n = 0};
	if(sdp_place(s, &e->rtp) < 0)
		return WA_EUNSUP;
	sdp_read_media(s->line[s->media[s->audio]].value, &kind, &port, &proto, &pts);
	while(pts.len > 0 && e->n < WA_RELAY_PAYLOADS) {
		if(!sdp_read_pt(wa_sv_cut(&pts, ' '), &n) || what_of(s->pt[n]) == WA_RELAY_DROP)
			continue;
		e->pt[e->n].pt = (uint8_t)n;
		e->pt[e->n++].what = what_of(s->pt[n]);
	}
	read_rtcp(s, e);
	read_direction(s, e);
	return 0;
}

int wa_sdp_end(wa_sv_t text, wa_sdp_end_t *out)
{
	struct sdp s;
	int err = sdp_read(text, &s);

	*out = (wa_sdp_end_t){.n = 0};
	return err < 0 ? err : end_of(&s, out);
}

int wa_sdp_end_pt(const wa_sdp_end_t *e, enum wa_relay_payload what)
{
	for(unsigned i = 0; i < e->n; i++)
		if(e->pt[i].what == what)
			return e->pt[i].pt;
	return -1;
}

int wa_sdp_end_same(const wa_sdp_end_t *e, uint8_t pt, enum wa_relay_payload what)
{
	for(unsigned i = 0; i < e->n; i++)
		if(e->pt[i].pt == pt && e->pt[i].what == what)
			return pt;
	return wa_sdp_end_pt(e, what);
}

enum wa_codec wa_sdp_end_codec(const wa_sdp_end_t *e, unsigned codecs)
{
	for(unsigned i = 0; i < e->n; i++)
		if(wa_relay_codec(e->pt[i].what) & codecs)
			return wa_relay_codec(e->pt[i].what);
	return (enum wa_codec)0;
}

/* --- writing ----------------------------------------------------------------- */

static void put_connection(wa_buf_t *b, const wa_endpoint_t *e)
{
	wa_buf_put(b, e->family == 6 ? WA_SV("c=IN IP6 ") : WA_SV("c=IN IP4 "));
	wa_endpoint_put_address(e, b);
	wa_buf_put(b, WA_SV("\r\n"));
}

static void put_media(wa_buf_t *b, wa_sv_t m, uint16_t port, wa_sv_t pts)
{
	wa_sv_t rest = sdp_put_media(b, m, port);

	wa_buf_put(b, WA_SV(" "));
	wa_buf_put(b, pts.len > 0 ? pts : rest);
	sdp_end_line(b);
}

int wa_sdp_move(wa_sv_t text, const wa_endpoint_t *to, wa_buf_t *out)
{
	struct sdp s;
	int err = sdp_read(text, &s);

	if(err < 0)
		return err;
	if(s.audio >= s.n_media || sdp_connection(&s) == NULL)
		return WA_EUNSUP;
	for(unsigned i = 0; i < s.n; i++) {
		const struct line *l = &s.line[i];
		bool audio = i >= s.media[s.audio] && i < s.media[s.audio + 1];

		if(l->type == 'c' && (audio || i < s.media[0]))
			put_connection(out, to);
		else if(i == s.media[s.audio])
			put_media(out, l->value, to->port, (wa_sv_t){NULL, 0});
		else if(!audio || l->type != 'a' || !wa_sv_eq(l->name, WA_SV("rtcp")))
			sdp_put(out, l->type, l->value);
	}
	return wa_buf_check(out);
}

/* --- other numbers ------------------------------------------------------------ */

/* to[pt]: what becomes of each payload type; -1: it is there already. */
static void number_like(const struct sdp *s, const wa_sdp_end_t *like, wa_sv_t pts,
		int to[SDP_PTS])
{
	bool taken[SDP_PTS] = {false};

	for(int i = 0; i < SDP_PTS; i++)
		to[i] = -1;
	while(pts.len > 0) {
		unsigned long pt;
		int n;

		if(!sdp_read_pt(wa_sv_cut(&pts, ' '), &pt))
			continue;
		n = what_of(s->pt[pt]) == WA_RELAY_DROP
					? -1
					: wa_sdp_end_same(like, (uint8_t)pt, what_of(s->pt[pt]));
		if(n < 0)
			n = (int)pt;
		if(!taken[n])
			to[pt] = n;
		taken[n] = true;
	}
}

static void put_numbers(wa_buf_t *b, wa_sv_t m, const int to[SDP_PTS])
{
	wa_sv_t pts = sdp_put_media(b, m, SDP_SAME_PORT);
	unsigned long pt;

	while(pts.len > 0)
		if(sdp_read_pt(wa_sv_cut(&pts, ' '), &pt) && to[pt] >= 0)
			sdp_put_pt(b, (unsigned long)to[pt]);
	sdp_end_line(b);
}

/* "a=rtpmap:97 telephone-event/8000" under another number. */
static void put_renumbered(wa_buf_t *b, const struct line *l, const int to[SDP_PTS])
{
	wa_sv_t rest = l->arg;
	unsigned long pt;

	if(l->type != 'a'
			|| (!wa_sv_eq(l->name, WA_SV("rtpmap")) && !wa_sv_eq(l->name, WA_SV("fmtp")))
			|| !sdp_read_pt(wa_sv_cut(&rest, ' '), &pt)) {
		sdp_put(b, l->type, l->value);
		return;
	}
	if(to[pt] < 0)
		return;
	wa_buf_put(b, WA_SV("a="));
	wa_buf_put(b, l->name);
	wa_buf_put(b, WA_SV(":"));
	wa_buf_num(b, to[pt]);
	wa_buf_put(b, WA_SV(" "));
	wa_buf_put(b, rest);
	wa_buf_put(b, WA_SV("\r\n"));
}

int wa_sdp_renumber(wa_sv_t text, wa_sv_t like_text, wa_buf_t *out)
{
	wa_sv_t kind, port, proto, pts;
	int to[SDP_PTS];
	struct sdp s;
	wa_sdp_end_t like;
	int err = sdp_read(text, &s);

	if(err == 0)
		err = wa_sdp_end(like_text, &like);
	if(err < 0)
		return err;
	if(s.audio >= s.n_media)
		return WA_EUNSUP;
	sdp_read_media(s.line[s.media[s.audio]].value, &kind, &port, &proto, &pts);
	number_like(&s, &like, pts, to);
	for(unsigned i = 0; i < s.n; i++) {
		const struct line *l = &s.line[i];
		bool audio = i > s.media[s.audio] && i < s.media[s.audio + 1];

		if(i == s.media[s.audio])
			put_numbers(out, l->value, to);
		else if(audio)
			put_renumbered(out, l, to);
		else
			sdp_put(out, l->type, l->value);
	}
	return wa_buf_check(out);
}

/* --- again -------------------------------------------------------------------- */

/* "- 123 2 IN IP4 192.0.2.1": the third is the version. */
static void put_origin(wa_buf_t *b, wa_sv_t o)
{
	wa_sv_t user = wa_sv_cut(&o, ' '), id = wa_sv_cut(&o, ' ');
	wa_sv_t version = wa_sv_cut(&o, ' ');
	unsigned long n;

	if(wa_sv_ulong(version, 4294967294ul, &n) < 0)
		n = 1;
	wa_buf_put(b, WA_SV("o="));
	wa_buf_put(b, user);
	wa_buf_put(b, WA_SV(" "));
	wa_buf_put(b, id);
	wa_buf_put(b, WA_SV(" "));
	wa_buf_num(b, (int64_t)n + 1);
	wa_buf_put(b, WA_SV(" "));
	wa_buf_put(b, o);
	wa_buf_put(b, WA_SV("\r\n"));
}

static void put_session(wa_buf_t *b, const struct sdp *s)
{
	for(unsigned i = 0; i < s->media[0]; i++) {
		if(s->line[i].type == 'o')
			put_origin(b, s->line[i].value);
		else
			sdp_put(b, s->line[i].type, s->line[i].value);
	}
}

static wa_sv_t encoding_of(enum wa_relay_payload what)
{
	switch(what) {
		case WA_RELAY_PCMU:
			return WA_SV("PCMU/8000");
		case WA_RELAY_PCMA:
			return WA_SV("PCMA/8000");
		case WA_RELAY_G722:
			return WA_SV("G722/8000");
		case WA_RELAY_OPUS:
			return WA_SV("opus/48000/2");
		default:
			return WA_SV("telephone-event/8000");
	}
}

/* What the PBX has from us says nothing of it. */
static void put_own(wa_buf_t *b, int pt, enum wa_relay_payload what)
{
	wa_buf_put(b, WA_SV("a=rtpmap:"));
	wa_buf_num(b, pt);
	wa_buf_put(b, WA_SV(" "));
	wa_buf_put(b, encoding_of(what));
	wa_buf_put(b, WA_SV("\r\n"));
}

/* What we offer: payload types in the order of preference. */
struct menu
{
	unsigned n;
	int pt[WA_RELAY_PAYLOADS + 6];
	enum wa_relay_payload what[WA_RELAY_PAYLOADS + 6];
	bool own[WA_RELAY_PAYLOADS + 6]; /* the PBX has not heard of it yet */
};

static bool is_on_menu(const struct menu *m, int pt)
{
	for(unsigned i = 0; i < m->n; i++)
		if(m->pt[i] == pt)
			return true;
	return false;
}

static void add_choice(struct menu *m, int pt, enum wa_relay_payload what, bool own)
{
	if(pt < 0 || is_on_menu(m, pt))
		return;
	m->pt[m->n] = pt;
	m->what[m->n] = what;
	m->own[m->n++] = own;
}

/* A number of ours for what the PBX has no number for. */
static int own_number(const struct sdp *s, const struct menu *m, enum wa_relay_payload what)
{
	switch(what) {
		case WA_RELAY_PCMU:
			return 0;
		case WA_RELAY_PCMA:
			return 8;
		case WA_RELAY_G722:
			return 9;
		default:
			for(int pt = 96; pt < SDP_PTS; pt++)
				if(s->pt[pt] == PT_NONE && !is_on_menu(m, pt))
					return pt;
			return -1;
	}
}

static void add_any(struct menu *m, const struct sdp *s, const wa_sdp_end_t *has,
		enum wa_relay_payload what)
{
	int pt = wa_sdp_end_pt(has, what);

	add_choice(m, pt >= 0 ? pt : own_number(s, m, what), what, pt < 0);
}

/* First what costs nothing, last what costs most. */
static void choose(struct menu *m, const struct sdp *s, const wa_sdp_end_t *has,
		enum wa_codec codec, bool event)
{
	static const enum wa_relay_payload all[] = {
			WA_RELAY_PCMU, WA_RELAY_PCMA, WA_RELAY_G722, WA_RELAY_OPUS};

	add_any(m, s, has, wa_relay_payload_of(codec));
	for(unsigned i = 0; i < has->n; i++)
		if(has->pt[i].what != WA_RELAY_EVENT)
			add_choice(m, has->pt[i].pt, has->pt[i].what, false);
	for(unsigned i = 0; i < sizeof(all) / sizeof(all[0]); i++)
		if(wa_sdp_end_pt(has, all[i]) < 0 && all[i] != wa_relay_payload_of(codec))
			add_any(m, s, has, all[i]);
	if(event)
		add_any(m, s, has, WA_RELAY_EVENT);
}

static void put_menu(wa_buf_t *b, const struct sdp *s, const wa_sdp_end_t *has,
		const struct menu *m)
{
	char mem[128];
	wa_buf_t pts = wa_buf_on(mem, sizeof(mem));

	for(unsigned i = 0; i < m->n; i++) {
		if(i > 0)
			wa_buf_put(&pts, WA_SV(" "));
		wa_buf_num(&pts, m->pt[i]);
	}
	put_media(b, s->line[s->media[s->audio]].value, has->rtp.port, wa_buf_sv(&pts));
}

/* What stands below m=: c=, or all but that, which has to be in front (RFC 8866 5). */
static void put_rest(wa_buf_t *b, const struct sdp *s, bool connection)
{
	static const wa_sv_t directions[] = {
			{"sendonly", 8}, {"recvonly", 8}, {"inactive", 8}};

	for(unsigned i = s->media[s->audio] + 1; i < s->media[s->audio + 1]; i++) {
		const struct line *l = &s->line[i];
		bool direction = false;

		if((l->type == 'c') != connection)
			continue;
		for(size_t k = 0; k < 3; k++)
			direction |= l->type == 'a' && wa_sv_eq(l->name, directions[k]);
		sdp_put(b, l->type, direction ? WA_SV("sendrecv") : l->value);
	}
}

/* A line about payload `from`, said of payload `to`. */
static void put_about(wa_buf_t *b, const struct sdp *s, wa_sv_t name,
		unsigned long from, unsigned long to)
{
	for(unsigned i = s->media[s->audio]; i < s->media[s->audio + 1]; i++) {
		const struct line *l = &s->line[i];
		wa_sv_t rest = l->arg;
		unsigned long pt;

		if(l->type != 'a' || !wa_sv_eq(l->name, name)
				|| !sdp_read_pt(wa_sv_cut(&rest, ' '), &pt) || pt != from)
			continue;
		wa_buf_put(b, WA_SV("a="));
		wa_buf_put(b, name);
		wa_buf_put(b, WA_SV(":"));
		wa_buf_num(b, (int64_t)to);
		wa_buf_put(b, WA_SV(" "));
		wa_buf_put(b, rest);
		wa_buf_put(b, WA_SV("\r\n"));
	}
}

struct pick
{
	enum wa_codec codec;
	int audio[2], event[2]; /* payload types: in what it has, in its offer */
};

int wa_sdp_offer_again(wa_sv_t last, enum wa_codec codec, bool event, wa_buf_t *out)
{
	struct menu menu = {.n = 0};
	wa_sdp_end_t has = {.n = 0};
	struct sdp s;
	int err = sdp_read(last, &s);

	if(err == 0)
		err = end_of(&s, &has);
	if(err < 0)
		return err;
	choose(&menu, &s, &has, codec, event);
	put_session(out, &s);
	for(unsigned m = 0; m < s.n_media; m++) {
		if(m != s.audio) {
			for(unsigned i = s.media[m]; i < s.media[m + 1]; i++)
				sdp_put(out, s.line[i].type, s.line[i].value);
			continue;
		}
		put_menu(out, &s, &has, &menu);
		put_rest(out, &s, true);
		for(unsigned i = 0; i < menu.n; i++)
			if(menu.own[i])
				put_own(out, menu.pt[i], menu.what[i]);
		put_rest(out, &s, false);
	}
	return wa_buf_check(out);
}

static void put_payload(wa_buf_t *b, const struct sdp *s, const int pt[2],
		enum wa_relay_payload what)
{
	if(pt[0] < 0) {
		put_own(b, pt[1], what);
		return;
	}
	put_about(b, s, WA_SV("rtpmap"), (unsigned long)pt[0], (unsigned long)pt[1]);
	put_about(b, s, WA_SV("fmtp"), (unsigned long)pt[0], (unsigned long)pt[1]);
}

static void put_audio(wa_buf_t *b, const struct sdp *s, const wa_sdp_end_t *mine,
		const wa_sdp_end_t *theirs, const struct pick *p)
{
	char mem[16];
	wa_buf_t pts = wa_buf_on(mem, sizeof(mem));
	bool event = p->event[1] >= 0;

	wa_buf_num(&pts, p->audio[1]);
	if(event) {
		wa_buf_put(&pts, WA_SV(" "));
		wa_buf_num(&pts, p->event[1]);
	}
	put_media(b, s->line[s->media[s->audio]].value, mine->rtp.port, wa_buf_sv(&pts));
	for(unsigned i = s->media[s->audio] + 1; i < s->media[s->audio + 1]; i++)
		if(s->line[i].type == 'c')
			sdp_put(b, 'c', s->line[i].value);
	put_payload(b, s, p->audio, wa_relay_payload_of(p->codec));
	if(event)
		put_payload(b, s, p->event, WA_RELAY_EVENT);
	wa_buf_put(b, WA_SV("a=ptime:20\r\n"));
	/* what it does not send we need not hear, and the other way round */
	if(theirs->sends)
		wa_buf_put(b, theirs->hears ? WA_SV("a=sendrecv\r\n") : WA_SV("a=recvonly\r\n"));
	else
		wa_buf_put(b, theirs->hears ? WA_SV("a=sendonly\r\n") : WA_SV("a=inactive\r\n"));
}

static void put_refused(wa_buf_t *b, wa_sv_t m)
{
	wa_sv_t kind, port, proto, pts;

	sdp_read_media(m, &kind, &port, &proto, &pts);
	put_media(b, m, 0, wa_sv_cut(&pts, ' '));
}

enum wa_codec wa_sdp_end_usable(const wa_sdp_end_t *offer, enum wa_codec codec)
{
	const unsigned laws = WA_CODEC_PCMU | WA_CODEC_PCMA;
	enum wa_codec found = wa_sdp_end_codec(offer, codec);

	if(found == 0 && (codec & laws))
		found = wa_sdp_end_codec(offer, laws);
	return found != 0 ? found : wa_sdp_end_codec(offer, ~0u);
}

/* Both sides speak of 8000 whatever the audio is: wa_sdp.h. */
static int event_of(const struct sdp *s, const wa_sdp_end_t *e)
{
	for(unsigned i = 0; i < e->n; i++)
		if(s->pt[e->pt[i].pt] == PT_DTMF_8K)
			return e->pt[i].pt;
	return -1;
}

int wa_sdp_answer_again(wa_sv_t last, wa_sv_t offer, enum wa_codec codec,
		bool event, wa_buf_t *out)
{
	struct sdp has, wants;
	wa_sdp_end_t mine, theirs;
	struct pick p;
	int err = sdp_read(last, &has);

	if(err == 0)
		err = sdp_read(offer, &wants);
	if(err == 0)
		err = end_of(&has, &mine);
	if(err == 0)
		err = end_of(&wants, &theirs);
	if(err != 0)
		return err;
	p.codec = codec;
	p.audio[0] = wa_sdp_end_pt(&mine, wa_relay_payload_of(codec));
	p.audio[1] = wa_sdp_end_pt(&theirs, wa_relay_payload_of(codec));
	p.event[0] = wa_sdp_end_pt(&mine, WA_RELAY_EVENT);
	p.event[1] = event ? event_of(&wants, &theirs) : -1;
	if(p.audio[1] < 0)
		return WA_EUNSUP;
	put_session(out, &has);
	for(unsigned m = 0; m < wants.n_media; m++) {
		if(m == wants.audio)
			put_audio(out, &has, &mine, &theirs, &p);
		else
			put_refused(out, wants.line[wants.media[m]].value);
	}
	return wa_buf_check(out);
}
