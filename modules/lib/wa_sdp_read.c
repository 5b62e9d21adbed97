/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "wa_sdp_read.h"

#include <string.h>

#include "wa_err.h"

const struct sdp_codec sdp_codecs[SDP_CODECS] = {
		{WA_CODEC_OPUS, PT_OPUS, {"OPUS", 4}},
		{WA_CODEC_PCMU, PT_PCMU, {"PCMU", 4}},
		{WA_CODEC_PCMA, PT_PCMA, {"PCMA", 4}},
		{WA_CODEC_G722, PT_G722, {"G722", 4}},
};

static int read_line(wa_sv_t text, struct line *l)
{
	if(text.len > 0 && text.s[text.len - 1] == '\r')
		text.len--;
	if(text.len < 2 || text.s[1] != '=' || text.s[0] < 'a' || text.s[0] > 'z'
			|| memchr(text.s, '\0', text.len) || memchr(text.s, '\r', text.len))
		return WA_EPARSE;
	*l = (struct line){.type = text.s[0], .value = {text.s + 2, text.len - 2}};
	if(l->type == 'a') {
		l->arg = l->value;
		l->name = wa_sv_cut(&l->arg, ':');
	}
	return 0;
}

static int read_lines(wa_sv_t text, struct sdp *s)
{
	while(text.len > 0) {
		wa_sv_t one = wa_sv_cut(&text, '\n');

		if(one.len == 0 || (one.len == 1 && one.s[0] == '\r'))
			continue;
		if(s->n >= WA_SDP_LINES_MAX)
			return WA_ETOOLONG;
		if(read_line(one, &s->line[s->n]) < 0)
			return WA_EPARSE;
		if(s->line[s->n].type == 'm') {
			if(s->n_media >= WA_SDP_MEDIAS_MAX)
				return WA_ETOOLONG;
			s->media[s->n_media++] = s->n;
		}
		s->n++;
	}
	s->media[s->n_media] = s->n;
	return s->n > 0 && s->line[0].type == 'v' ? 0 : WA_EPARSE;
}

bool sdp_read_pt(wa_sv_t v, unsigned long *pt)
{
	return wa_sv_ulong(v, SDP_PTS - 1, pt) == 0;
}

static enum payload payload_of(wa_sv_t rtpmap)
{
	wa_sv_t rate = rtpmap, name = wa_sv_cut(&rate, '/'), clock;

	clock = wa_sv_cut(&rate, '/');
	if(wa_sv_ieq(name, WA_SV("telephone-event"))) {
		if(wa_sv_eq(clock, WA_SV("8000")))
			return PT_DTMF_8K;
		return wa_sv_eq(clock, WA_SV("48000")) ? PT_DTMF_48K : PT_OTHER;
	}
	for(size_t i = 0; i < SDP_CODECS; i++)
		if(wa_sv_ieq(name, sdp_codecs[i].name))
			return sdp_codecs[i].pt;
	return PT_OTHER;
}

void sdp_read_media(
		wa_sv_t m, wa_sv_t *kind, wa_sv_t *port, wa_sv_t *proto, wa_sv_t *pts)
{
	*kind = wa_sv_cut(&m, ' ');
	*port = wa_sv_cut(&m, ' ');
	*proto = wa_sv_cut(&m, ' ');
	*pts = m;
}

static void read_payloads(struct sdp *s)
{
	static const unsigned char fixed[10] = {[0] = PT_PCMU, [8] = PT_PCMA,
			[9] = PT_G722};
	wa_sv_t kind, port, proto, pts;
	unsigned long pt;

	sdp_read_media(s->line[s->media[s->audio]].value, &kind, &port, &proto, &pts);
	while(pts.len > 0)
		if(sdp_read_pt(wa_sv_cut(&pts, ' '), &pt))
			s->pt[pt] = pt < sizeof(fixed) && fixed[pt] ? fixed[pt] : PT_OTHER;
	for(unsigned i = s->media[s->audio]; i < s->media[s->audio + 1]; i++) {
		wa_sv_t map = s->line[i].arg, num = wa_sv_cut(&map, ' ');

		if(wa_sv_eq(s->line[i].name, WA_SV("rtpmap")) && sdp_read_pt(num, &pt)
				&& s->pt[pt] != PT_NONE)
			s->pt[pt] = (unsigned char)payload_of(map);
	}
}

int sdp_read(wa_sv_t text, struct sdp *s)
{
	wa_sv_t kind, port, proto, pts;
	int err;

	memset(s, 0, sizeof(*s));
	if(text.len > WA_SDP_MAX)
		return WA_ETOOLONG;
	if((err = read_lines(text, s)) < 0)
		return err;
	for(s->audio = 0; s->audio < s->n_media; s->audio++) {
		sdp_read_media(s->line[s->media[s->audio]].value, &kind, &port, &proto, &pts);
		if(wa_sv_eq(kind, WA_SV("audio")) && !wa_sv_eq(port, WA_SV("0"))) {
			read_payloads(s);
			break;
		}
	}
	return 0;
}

const struct line *sdp_attr(const struct sdp *s, wa_sv_t name)
{
	for(unsigned i = s->media[s->audio]; i < s->media[s->audio + 1]; i++)
		if(s->line[i].type == 'a' && wa_sv_eq(s->line[i].name, name))
			return &s->line[i];
	for(unsigned i = 0; i < s->media[0]; i++)
		if(s->line[i].type == 'a' && wa_sv_eq(s->line[i].name, name))
			return &s->line[i];
	return NULL;
}

/* A name would have to be looked up, a group has no end to talk to. */
static bool is_host(const wa_endpoint_t *e)
{
	static const uint8_t everybody[4] = {255, 255, 255, 255};

	if(e->family == 6)
		return e->ip[0] != 0xff;
	return e->ip[0] < 224 || (e->ip[0] >= 240 && memcmp(e->ip, everybody, 4) != 0);
}

int sdp_read_connection(wa_sv_t c, wa_endpoint_t *out)
{
	wa_sv_t net = wa_sv_cut(&c, ' '), type = wa_sv_cut(&c, ' ');

	if(!wa_sv_eq(net, WA_SV("IN"))
			|| wa_endpoint_address(wa_sv_trim(c), out) < 0 || !is_host(out)
			|| !wa_sv_eq(type, out->family == 6 ? WA_SV("IP6") : WA_SV("IP4"))) {
		out->family = 0;
		return WA_EUNSUP;
	}
	return 0;
}

const struct line *sdp_connection(const struct sdp *s)
{
	for(unsigned i = s->media[s->audio]; i < s->media[s->audio + 1]; i++)
		if(s->line[i].type == 'c')
			return &s->line[i];
	for(unsigned i = 0; i < s->media[0]; i++)
		if(s->line[i].type == 'c')
			return &s->line[i];
	return NULL;
}

int sdp_place(const struct sdp *s, wa_endpoint_t *out)
{
	wa_sv_t kind, port, proto, pts;
	const struct line *c;
	unsigned long n;

	*out = (wa_endpoint_t){.family = 0};
	if(s->audio >= s->n_media)
		return WA_EUNSUP;
	c = sdp_connection(s);
	sdp_read_media(s->line[s->media[s->audio]].value, &kind, &port, &proto, &pts);
	if(c == NULL || wa_sv_ulong(port, 65535, &n) < 0 || n == 0)
		return WA_EUNSUP;
	if(sdp_read_connection(c->value, out) < 0)
		return WA_EUNSUP;
	out->port = (uint16_t)n;
	return 0;
}

bool sdp_has(const struct sdp *s, enum payload p)
{
	return memchr(s->pt, p, sizeof(s->pt)) != NULL;
}

enum payload sdp_event_beside(const struct sdp *s, enum payload codec)
{
	return sdp_has(s, PT_DTMF_48K) && (codec == PT_OPUS || !sdp_has(s, PT_DTMF_8K)) ? PT_DTMF_48K
																					: PT_DTMF_8K;
}

unsigned sdp_count_attr(const struct sdp *s, wa_sv_t name)
{
	unsigned n = 0;

	for(unsigned i = s->media[s->audio]; i < s->media[s->audio + 1]; i++)
		n += s->line[i].type == 'a' && wa_sv_eq(s->line[i].name, name);
	return n;
}
