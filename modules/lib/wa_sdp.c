/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "wa_sdp.h"

#include <string.h>

#include "wa_err.h"

#define PTS 128

struct line
{
	char type;
	wa_sv_t value;
	wa_sv_t name; /* a=: the attribute, else empty */
	wa_sv_t arg;  /* a=: behind the colon, else empty */
};

/* What is known of a payload type. */
enum payload
{
	PT_NONE,
	PT_OTHER,
	PT_DTMF_8K,
	PT_DTMF_48K,
	PT_OPUS,
	PT_PCMU,
	PT_PCMA,
	PT_G722
};

struct sdp
{
	struct line line[WA_SDP_LINES_MAX];
	unsigned n;
	unsigned media[WA_SDP_MEDIAS_MAX + 1]; /* lines of m=, then the end */
	unsigned n_media;
	unsigned audio; /* which m=; n_media: none */
	unsigned char pt[PTS]; /* enum payload, of the audio stream */
	enum payload first;	   /* the codec it prefers */
};

static const struct
{
	unsigned bit;
	enum payload pt;
	wa_sv_t name;
} codec_names[] = {
		{WA_CODEC_OPUS, PT_OPUS, {"OPUS", 4}},
		{WA_CODEC_PCMU, PT_PCMU, {"PCMU", 4}},
		{WA_CODEC_PCMA, PT_PCMA, {"PCMA", 4}},
		{WA_CODEC_G722, PT_G722, {"G722", 4}},
};
#define N_CODECS (sizeof(codec_names) / sizeof(codec_names[0]))

/* --- reading ------------------------------------------------------------ */

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

static bool read_pt(wa_sv_t v, unsigned long *pt)
{
	return wa_sv_ulong(v, PTS - 1, pt) == 0;
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
	for(size_t i = 0; i < N_CODECS; i++)
		if(wa_sv_ieq(name, codec_names[i].name))
			return codec_names[i].pt;
	return PT_OTHER;
}

/* "audio 40012 RTP/SAVP 111 8": its fields; the payload types are left over. */
static void read_media(
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

	read_media(s->line[s->media[s->audio]].value, &kind, &port, &proto, &pts);
	while(pts.len > 0)
		if(read_pt(wa_sv_cut(&pts, ' '), &pt))
			s->pt[pt] = pt < sizeof(fixed) && fixed[pt] ? fixed[pt] : PT_OTHER;
	for(unsigned i = s->media[s->audio]; i < s->media[s->audio + 1]; i++) {
		wa_sv_t map = s->line[i].arg, num = wa_sv_cut(&map, ' ');

		if(wa_sv_eq(s->line[i].name, WA_SV("rtpmap")) && read_pt(num, &pt)
				&& s->pt[pt] != PT_NONE)
			s->pt[pt] = (unsigned char)payload_of(map);
	}
}

static int read_sdp(wa_sv_t text, struct sdp *s)
{
	wa_sv_t kind, port, proto, pts;
	int err;

	memset(s, 0, sizeof(*s));
	if(text.len > WA_SDP_MAX)
		return WA_ETOOLONG;
	if((err = read_lines(text, s)) < 0)
		return err;
	for(s->audio = 0; s->audio < s->n_media; s->audio++) {
		read_media(s->line[s->media[s->audio]].value, &kind, &port, &proto, &pts);
		if(wa_sv_eq(kind, WA_SV("audio")) && !wa_sv_eq(port, WA_SV("0"))) {
			read_payloads(s);
			break;
		}
	}
	return 0;
}

/* The attribute of the audio stream, else of the session. */
static const struct line *find_attr(const struct sdp *s, wa_sv_t name)
{
	for(unsigned i = s->media[s->audio]; i < s->media[s->audio + 1]; i++)
		if(s->line[i].type == 'a' && wa_sv_eq(s->line[i].name, name))
			return &s->line[i];
	for(unsigned i = 0; i < s->media[0]; i++)
		if(s->line[i].type == 'a' && wa_sv_eq(s->line[i].name, name))
			return &s->line[i];
	return NULL;
}

static unsigned count_attr(const struct sdp *s, wa_sv_t name)
{
	unsigned n = 0;

	for(unsigned i = s->media[s->audio]; i < s->media[s->audio + 1]; i++)
		n += s->line[i].type == 'a' && wa_sv_eq(s->line[i].name, name);
	return n;
}

/* Keys count only with the profile that uses them: a=crypto beside RTP/AVP would
 * be answered as RTP/AVP, media in clear (RFC 4568 7.1, RFC 5764 8). */
static enum wa_sdp_keys keys_of(const struct sdp *s)
{
	wa_sv_t kind, port, proto, pts;

	read_media(s->line[s->media[s->audio]].value, &kind, &port, &proto, &pts);
	if(wa_sv_eq(proto, WA_SV("UDP/TLS/RTP/SAVPF"))
			|| wa_sv_eq(proto, WA_SV("UDP/TLS/RTP/SAVP")))
		return find_attr(s, WA_SV("fingerprint")) ? WA_SDP_KEYS_DTLS
												  : WA_SDP_KEYS_NONE;
	if(!wa_sv_eq(proto, WA_SV("RTP/SAVP"))
			&& !wa_sv_eq(proto, WA_SV("RTP/SAVPF")))
		return WA_SDP_KEYS_NONE;
	return count_attr(s, WA_SV("crypto")) ? WA_SDP_KEYS_SDES : WA_SDP_KEYS_NONE;
}

int wa_sdp_scan(wa_sv_t text, wa_sdp_info_t *out)
{
	struct sdp s;
	int err = read_sdp(text, &s);

	*out = (wa_sdp_info_t){0};
	if(err < 0)
		return err;
	out->medias = s.n_media;
	if(s.audio >= s.n_media)
		return 0;
	out->audio = true;
	out->keys = keys_of(&s);
	out->ice_lite = find_attr(&s, WA_SV("ice-lite")) != NULL;
	out->candidates = count_attr(&s, WA_SV("candidate"));
	out->cryptos = count_attr(&s, WA_SV("crypto"));
	for(unsigned i = 0; i < PTS; i++) {
		out->dtmf |= s.pt[i] == PT_DTMF_8K;
		for(size_t k = 0; k < N_CODECS; k++)
			if(s.pt[i] == codec_names[k].pt)
				out->codecs |= codec_names[k].bit;
	}
	return 0;
}

/* --- writing ------------------------------------------------------------ */

static void put_line(wa_buf_t *b, const struct line *l)
{
	char head[2] = {l->type, '='};

	wa_buf_put(b, (wa_sv_t){head, 2});
	wa_buf_put(b, l->value);
	wa_buf_put(b, WA_SV("\r\n"));
}

static bool is_wanted(enum payload p, unsigned codecs)
{
	for(size_t k = 0; k < N_CODECS; k++)
		if(p == codec_names[k].pt && (codecs & codec_names[k].bit))
			return true;
	return false;
}

/* Payload types that are not wanted become unknown: codecs outside `codecs`,
 * comfort noise and the like, telephone-event at a rate other than `dtmf`. */
static int choose_payloads(struct sdp *s, unsigned codecs, enum payload dtmf)
{
	wa_sv_t kind, port, proto, pts;
	unsigned long pt;

	for(unsigned i = 0; i < PTS; i++)
		if(s->pt[i] != dtmf && !is_wanted(s->pt[i], codecs))
			s->pt[i] = PT_NONE;
	read_media(s->line[s->media[s->audio]].value, &kind, &port, &proto, &pts);
	while(s->first == PT_NONE && pts.len > 0)
		if(read_pt(wa_sv_cut(&pts, ' '), &pt) && is_wanted(s->pt[pt], codecs))
			s->first = s->pt[pt];
	return s->first == PT_NONE ? WA_EUNSUP : 0;
}

static bool has_payload(const struct sdp *s, enum payload p)
{
	return memchr(s->pt, p, sizeof(s->pt)) != NULL;
}

/* m= with the payload types that were chosen. */
static void put_media(wa_buf_t *b, const struct sdp *s)
{
	wa_sv_t kind, port, proto, pts, one;
	unsigned long pt;

	read_media(s->line[s->media[s->audio]].value, &kind, &port, &proto, &pts);
	wa_buf_put(b, WA_SV("m="));
	wa_buf_put(b, kind);
	wa_buf_put(b, WA_SV(" "));
	wa_buf_put(b, port);
	wa_buf_put(b, WA_SV(" "));
	wa_buf_put(b, proto);
	while(pts.len > 0) {
		one = wa_sv_cut(&pts, ' ');
		if(!read_pt(one, &pt) || s->pt[pt] == PT_NONE)
			continue;
		wa_buf_put(b, WA_SV(" "));
		wa_buf_put(b, one);
	}
	wa_buf_put(b, WA_SV("\r\n"));
}

static bool is_one_of(wa_sv_t name, const wa_sv_t *list, size_t n)
{
	for(size_t i = 0; i < n; i++)
		if(wa_sv_eq(name, list[i]))
			return true;
	return false;
}
#define ONE_OF(name, list) is_one_of(name, list, sizeof(list) / sizeof((list)[0]))

static const wa_sv_t directions[] = {{"sendrecv", 8}, {"sendonly", 8},
		{"recvonly", 8}, {"inactive", 8}};
/* Attributes about one payload type. */
static const wa_sv_t per_payload[] = {{"rtpmap", 6}, {"fmtp", 4}};
/* Nothing that concerns the other side; rtpengine passes it through. */
static const wa_sv_t private_attrs[] = {{"ssrc", 4}, {"ssrc-group", 10},
		{"label", 5}, {"tool", 4}, {"msid", 4}, {"msid-semantic", 13},
		{"rtcp-fb", 7}, {"extmap", 6}, {"cname", 5}, {"identity", 8}};

/* Does the line speak of a payload type that was not chosen? */
static bool is_dropped_payload(const struct sdp *s, const struct line *l)
{
	wa_sv_t rest = l->arg;
	unsigned long pt;

	return ONE_OF(l->name, per_payload)
		   && read_pt(wa_sv_cut(&rest, ' '), &pt) && s->pt[pt] == PT_NONE;
}

/* Session lines about people and programs; "k" is a key in clear. */
static bool is_personal(char type)
{
	return strchr("iuepkrz", type) != NULL;
}

static int begin(wa_sv_t text, unsigned codecs, struct sdp *s)
{
	int err = read_sdp(text, s);

	if(err < 0)
		return err;
	if(s->audio >= s->n_media)
		return WA_EUNSUP;
	return choose_payloads(s, codecs, PT_DTMF_8K);
}

/* rtpmap of a telephone-event at another clock rate. */
static void put_dtmf(wa_buf_t *b, const struct line *l, wa_sv_t rate)
{
	wa_sv_t rest = l->arg;

	wa_buf_put(b, WA_SV("a=rtpmap:"));
	wa_buf_put(b, wa_sv_cut(&rest, ' '));
	wa_buf_put(b, WA_SV(" telephone-event/"));
	wa_buf_put(b, rate);
	wa_buf_put(b, WA_SV("\r\n"));
}

static enum payload payload_in(const struct sdp *s, const struct line *l)
{
	wa_sv_t rest = l->arg;
	unsigned long pt;

	if(!wa_sv_eq(l->name, WA_SV("rtpmap"))
			|| !read_pt(wa_sv_cut(&rest, ' '), &pt))
		return PT_NONE;
	return s->pt[pt];
}

static void put_to_rtpengine(
		wa_buf_t *b, const struct sdp *s, const struct line *l)
{
	if(s->first == PT_OPUS && payload_in(s, l) == PT_DTMF_8K)
		put_dtmf(b, l, WA_SV("48000"));
	else
		put_line(b, l);
}

/* --- from Meta ---------------------------------------------------------- */

static bool from_meta_keeps(const struct sdp *s, const struct line *l,
		unsigned how)
{
	static const wa_sv_t ice[] = {{"candidate", 9}, {"end-of-candidates", 17},
			{"remote-candidates", 17}};

	if(l->type != 'a')
		return !is_personal(l->type);
	if(wa_sv_eq(l->name, WA_SV("ice-lite")) || ONE_OF(l->name, private_attrs))
		return false;
	if((how & WA_SDP_HELD) && ONE_OF(l->name, ice))
		return false;
	return !is_dropped_payload(s, l);
}

int wa_sdp_from_meta(wa_sv_t text, unsigned codecs, unsigned how, wa_buf_t *out)
{
	struct sdp s;
	int err = begin(text, codecs, &s);

	if(err < 0)
		return err;
	for(unsigned i = 0; i < s.media[0]; i++)
		if(from_meta_keeps(&s, &s.line[i], how))
			put_line(out, &s.line[i]);
	put_media(out, &s);
	for(unsigned i = s.media[s.audio] + 1; i < s.media[s.audio + 1]; i++)
		if(from_meta_keeps(&s, &s.line[i], how))
			put_to_rtpengine(out, &s, &s.line[i]);
	if(find_attr(&s, WA_SV("ice-lite")))
		wa_buf_put(out, WA_SV("a=ice-lite\r\n"));
	return wa_buf_check(out);
}

/* --- to Meta ------------------------------------------------------------ */

/* "o=FreePBX 123 2 IN IP4 192.0.2.1": the user name is the PBX's. */
static void put_origin(wa_buf_t *b, wa_sv_t o)
{
	wa_sv_cut(&o, ' ');
	wa_buf_put(b, WA_SV("o=- "));
	wa_buf_put(b, o);
	wa_buf_put(b, WA_SV("\r\n"));
}

static void put_session_to_meta(wa_buf_t *b, const struct sdp *s)
{
	static const wa_sv_t keep[] = {{"group", 5}, {"fingerprint", 11},
			{"setup", 5}, {"ice-ufrag", 9}, {"ice-pwd", 7}};

	for(unsigned i = 0; i < s->media[0]; i++) {
		const struct line *l = &s->line[i];

		if(l->type == 'o')
			put_origin(b, l->value);
		else if(l->type == 's')
			wa_buf_put(b, WA_SV("s=-\r\n"));
		else if(strchr("vct", l->type)
				|| (l->type == 'a' && ONE_OF(l->name, keep)))
			put_line(b, l);
	}
}

/* The SRTP suite Meta takes, without lifetime and MKI. */
static bool put_crypto(wa_buf_t *b, const struct line *l)
{
	wa_sv_t rest = l->arg, tag = wa_sv_cut(&rest, ' '),
			suite = wa_sv_cut(&rest, ' '), key = wa_sv_cut(&rest, ' ');

	key = wa_sv_cut(&key, '|');
	if(!wa_sv_eq(suite, WA_SV("AES_CM_128_HMAC_SHA1_80")) || key.len == 0)
		return false;
	wa_buf_put(b, WA_SV("a=crypto:"));
	wa_buf_put(b, tag);
	wa_buf_put(b, WA_SV(" AES_CM_128_HMAC_SHA1_80 "));
	wa_buf_put(b, key);
	wa_buf_put(b, WA_SV("\r\n"));
	return true;
}

static bool put_keys(wa_buf_t *b, const struct sdp *s)
{
	static const wa_sv_t dtls[] = {{"fingerprint", 11}, {"setup", 5},
			{"ice-ufrag", 9}, {"ice-pwd", 7}, {"candidate", 9},
			{"end-of-candidates", 17}, {"ice-options", 11}};
	bool is_dtls = keys_of(s) == WA_SDP_KEYS_DTLS;

	for(unsigned i = s->media[s->audio]; i < s->media[s->audio + 1]; i++) {
		const struct line *l = &s->line[i];

		if(is_dtls && ONE_OF(l->name, dtls))
			put_line(b, l);
		else if(!is_dtls && wa_sv_eq(l->name, WA_SV("crypto"))
				&& put_crypto(b, l))
			return true;
	}
	return is_dtls;
}

static void put_fmtp(wa_buf_t *b, const struct line *rtpmap, wa_sv_t params)
{
	wa_sv_t rest = rtpmap->arg;

	wa_buf_put(b, WA_SV("a=fmtp:"));
	wa_buf_put(b, wa_sv_cut(&rest, ' '));
	wa_buf_put(b, WA_SV(" "));
	wa_buf_put(b, params);
	wa_buf_put(b, WA_SV("\r\n"));
}

/* fmtp of Opus as Meta writes it itself: FEC, 20 kbit/s, 16 kHz. */
static void put_payload_to_meta(wa_buf_t *b, const struct sdp *s,
		const struct line *l)
{
	enum payload p = payload_in(s, l);

	if(p == PT_NONE)
		return;
	if(p == PT_DTMF_8K || p == PT_DTMF_48K) {
		put_dtmf(b, l, WA_SV("8000"));
		put_fmtp(b, l, WA_SV("0-15"));
		return;
	}
	put_line(b, l);
	if(p == PT_OPUS)
		put_fmtp(b, l,
				WA_SV("useinbandfec=1;maxaveragebitrate=20000;"
					  "maxplaybackrate=16000"));
}

/* rtpengine has one telephone-event per clock rate of the codecs; Meta gets one,
 * called 8000 whatever it is: that of the codec in front. */
static int choose_for_meta(struct sdp *s, unsigned codecs)
{
	enum payload dtmf = PT_DTMF_8K;
	struct sdp probe = *s;

	if(choose_payloads(&probe, codecs, PT_NONE) < 0)
		return WA_EUNSUP;
	if(has_payload(s, PT_DTMF_48K)
			&& (probe.first == PT_OPUS || !has_payload(s, PT_DTMF_8K)))
		dtmf = PT_DTMF_48K;
	return choose_payloads(s, codecs, dtmf);
}

int wa_sdp_to_meta(wa_sv_t text, unsigned codecs, wa_buf_t *out)
{
	static const wa_sv_t keep[] = {{"mid", 3}, {"rtcp-mux", 8}};
	struct sdp s;
	int err = read_sdp(text, &s);

	if(err == 0)
		err = s.audio < s.n_media ? choose_for_meta(&s, codecs) : WA_EUNSUP;
	if(err < 0)
		return err;
	put_session_to_meta(out, &s);
	put_media(out, &s);
	for(unsigned i = s.media[s.audio] + 1; i < s.media[s.audio + 1]; i++) {
		if(s.line[i].type == 'c' || ONE_OF(s.line[i].name, keep))
			put_line(out, &s.line[i]);
		else
			put_payload_to_meta(out, &s, &s.line[i]);
	}
	if(!put_keys(out, &s))
		return WA_EUNSUP;
	wa_buf_put(out, WA_SV("a=ptime:20\r\na=maxptime:20\r\na=sendrecv\r\n"));
	return wa_buf_check(out);
}

/* --- the PBX ------------------------------------------------------------ */

int wa_sdp_from_pbx(wa_sv_t text, unsigned codecs, wa_buf_t *out)
{
	struct sdp s;
	int err = begin(text, codecs, &s);

	if(err < 0)
		return err;
	for(unsigned i = 0; i < s.media[0]; i++)
		if(!is_personal(s.line[i].type)
				&& !ONE_OF(s.line[i].name, private_attrs)
				&& !ONE_OF(s.line[i].name, directions))
			put_line(out, &s.line[i]);
	put_media(out, &s);
	for(unsigned i = s.media[s.audio] + 1; i < s.media[s.audio + 1]; i++) {
		const struct line *l = &s.line[i];

		if(!is_personal(l->type) && !ONE_OF(l->name, private_attrs)
				&& !ONE_OF(l->name, directions) && !is_dropped_payload(&s, l))
			put_to_rtpengine(out, &s, l);
	}
	wa_buf_put(out, WA_SV("a=sendrecv\r\n"));
	return wa_buf_check(out);
}

/* How an offered direction is answered by one who would do both. */
static wa_sv_t answered(const struct sdp *offer)
{
	if(find_attr(offer, WA_SV("inactive")))
		return WA_SV("a=inactive\r\n");
	if(find_attr(offer, WA_SV("sendonly")))
		return WA_SV("a=recvonly\r\n");
	if(find_attr(offer, WA_SV("recvonly")))
		return WA_SV("a=sendonly\r\n");
	return WA_SV("a=sendrecv\r\n");
}

static void put_audio_to_pbx(wa_buf_t *b, const struct sdp *s, wa_sv_t direction)
{
	static const wa_sv_t webrtc[] = {{"mid", 3}, {"group", 5}};

	put_line(b, &s->line[s->media[s->audio]]);
	for(unsigned i = s->media[s->audio] + 1; i < s->media[s->audio + 1]; i++) {
		const struct line *l = &s->line[i];

		if(ONE_OF(l->name, private_attrs) || ONE_OF(l->name, webrtc)
				|| ONE_OF(l->name, directions))
			continue;
		if(payload_in(s, l) == PT_DTMF_48K)
			put_dtmf(b, l, WA_SV("8000"));
		else
			put_line(b, l);
	}
	wa_buf_put(b, direction);
}

static void put_refused(wa_buf_t *b, wa_sv_t m)
{
	wa_sv_t kind, port, proto, pts;

	read_media(m, &kind, &port, &proto, &pts);
	wa_buf_put(b, WA_SV("m="));
	wa_buf_put(b, kind);
	wa_buf_put(b, WA_SV(" 0 "));
	wa_buf_put(b, proto);
	wa_buf_put(b, WA_SV(" "));
	wa_buf_put(b, wa_sv_cut(&pts, ' '));
	wa_buf_put(b, WA_SV("\r\n"));
}

int wa_sdp_to_pbx(wa_sv_t text, wa_sv_t offer_text, wa_buf_t *out)
{
	static const wa_sv_t webrtc[] = {{"group", 5}, {"ice-lite", 8}};
	struct sdp s, offer = {.n_media = 0};
	int err = read_sdp(text, &s);

	if(err == 0 && offer_text.len > 0)
		err = read_sdp(offer_text, &offer);
	if(err < 0)
		return err;
	if(s.audio >= s.n_media || (offer.n_media && offer.audio >= offer.n_media))
		return WA_EUNSUP;
	for(unsigned i = 0; i < s.media[0]; i++)
		if(!ONE_OF(s.line[i].name, private_attrs)
				&& !ONE_OF(s.line[i].name, webrtc)
				&& !ONE_OF(s.line[i].name, directions))
			put_line(out, &s.line[i]);
	if(offer.n_media == 0)
		put_audio_to_pbx(out, &s, WA_SV("a=sendrecv\r\n"));
	for(unsigned m = 0; m < offer.n_media; m++) {
		if(m == offer.audio)
			put_audio_to_pbx(out, &s, answered(&offer));
		else
			put_refused(out, offer.line[offer.media[m]].value);
	}
	return wa_buf_check(out);
}

/* --- names of codecs ---------------------------------------------------- */

unsigned wa_sdp_codecs(wa_sv_t list)
{
	unsigned bits = 0;

	while(list.len > 0) {
		wa_sv_t one = wa_sv_trim(wa_sv_cut(&list, ','));

		for(size_t i = 0; i < N_CODECS; i++)
			if(wa_sv_ieq(one, codec_names[i].name))
				bits |= codec_names[i].bit;
	}
	return bits;
}

void wa_sdp_codec_list(unsigned codecs, wa_buf_t *out)
{
	size_t start = out->len;

	for(size_t i = 0; i < N_CODECS; i++) {
		if(!(codecs & codec_names[i].bit))
			continue;
		if(out->len > start)
			wa_buf_put(out, WA_SV(","));
		wa_buf_put(out, codec_names[i].name);
	}
}
