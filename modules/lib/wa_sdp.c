/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "wa_sdp.h"

#include <string.h>

#include "wa_err.h"
#include "wa_sdp_write.h"

/* --- reading ------------------------------------------------------------ */

/* The tag, suite and key of a=crypto; the key without lifetime and MKI. */
static bool read_crypto(const struct line *l, wa_sv_t *tag, wa_sv_t *key)
{
	wa_sv_t rest = l->arg, suite;

	if(l->type != 'a' || !wa_sv_eq(l->name, WA_SV("crypto")))
		return false;
	*tag = wa_sv_cut(&rest, ' ');
	suite = wa_sv_cut(&rest, ' ');
	*key = wa_sv_cut(&rest, ' ');
	*key = wa_sv_cut(key, '|');
	return wa_sv_eq(suite, WA_SV("AES_CM_128_HMAC_SHA1_80")) && key->len > 0;
}

static bool has_crypto(const struct sdp *s)
{
	wa_sv_t tag, key;

	for(unsigned i = s->media[s->audio]; i < s->media[s->audio + 1]; i++)
		if(read_crypto(&s->line[i], &tag, &key))
			return true;
	return false;
}

/* Keys count only with the profile that uses them: a=crypto beside RTP/AVP would
 * be answered as RTP/AVP, media in clear (RFC 4568 7.1, RFC 5764 8). */
static enum wa_sdp_keys keys_of(const struct sdp *s)
{
	wa_sv_t kind, port, proto, pts;

	sdp_read_media(s->line[s->media[s->audio]].value, &kind, &port, &proto, &pts);
	if(wa_sv_eq(proto, WA_SV("UDP/TLS/RTP/SAVPF"))
			|| wa_sv_eq(proto, WA_SV("UDP/TLS/RTP/SAVP")))
		return sdp_attr(s, WA_SV("fingerprint")) ? WA_SDP_KEYS_DTLS
												  : WA_SDP_KEYS_NONE;
	if(!wa_sv_eq(proto, WA_SV("RTP/SAVP"))
			&& !wa_sv_eq(proto, WA_SV("RTP/SAVPF")))
		return WA_SDP_KEYS_NONE;
	return has_crypto(s) ? WA_SDP_KEYS_SDES : WA_SDP_KEYS_NONE;
}

/* Those of the audio stream, enum wa_codec bits. */
static unsigned codecs_of(const struct sdp *s)
{
	unsigned bits = 0;

	for(unsigned i = 0; i < SDP_PTS; i++)
		for(size_t k = 0; k < SDP_CODECS; k++)
			if(s->pt[i] == sdp_codecs[k].pt)
				bits |= sdp_codecs[k].bit;
	return bits;
}

int wa_sdp_scan(wa_sv_t text, wa_sdp_info_t *out)
{
	struct sdp s;
	wa_endpoint_t place;
	int err = sdp_read(text, &s);

	*out = (wa_sdp_info_t){0};
	if(err < 0)
		return err;
	out->medias = s.n_media;
	if(s.audio >= s.n_media)
		return 0;
	out->audio = true;
	out->placed = sdp_place(&s, &place) == 0;
	out->keys = keys_of(&s);
	out->ice_lite = sdp_attr(&s, WA_SV("ice-lite")) != NULL;
	out->candidates = sdp_count_attr(&s, WA_SV("candidate"));
	out->cryptos = sdp_count_attr(&s, WA_SV("crypto"));
	out->codecs = codecs_of(&s);
	out->dtmf = sdp_has(&s, PT_DTMF_8K);
	return 0;
}

/* --- writing ------------------------------------------------------------ */

static bool is_wanted(enum payload p, unsigned codecs)
{
	for(size_t k = 0; k < SDP_CODECS; k++)
		if(p == sdp_codecs[k].pt && (codecs & sdp_codecs[k].bit))
			return true;
	return false;
}

/* Payload types that are not wanted become unknown: codecs outside `codecs`,
 * comfort noise and the like, telephone-event at a rate other than `dtmf`. */
static int choose_payloads(struct sdp *s, unsigned codecs, enum payload dtmf)
{
	wa_sv_t kind, port, proto, pts;
	unsigned long pt;

	for(unsigned i = 0; i < SDP_PTS; i++)
		if(s->pt[i] != dtmf && !is_wanted(s->pt[i], codecs))
			s->pt[i] = PT_NONE;
	sdp_read_media(s->line[s->media[s->audio]].value, &kind, &port, &proto, &pts);
	while(s->first == PT_NONE && pts.len > 0)
		if(sdp_read_pt(wa_sv_cut(&pts, ' '), &pt) && is_wanted(s->pt[pt], codecs))
			s->first = s->pt[pt];
	return s->first == PT_NONE ? WA_EUNSUP : 0;
}

/* Outside there is one telephone-event, called 8000 whatever it is: that of the codec in
 * front. */
static int choose_outside(struct sdp *s, unsigned codecs)
{
	struct sdp probe = *s;

	if(choose_payloads(&probe, codecs, PT_NONE) < 0)
		return WA_EUNSUP;
	return choose_payloads(s, codecs, sdp_event_beside(s, probe.first));
}

/* m= with the payload types that were chosen. */
static void put_media(wa_buf_t *b, const struct sdp *s)
{
	wa_sv_t pts = sdp_put_media(b, s->line[s->media[s->audio]].value, SDP_SAME_PORT);
	unsigned long pt;

	while(pts.len > 0)
		if(sdp_read_pt(wa_sv_cut(&pts, ' '), &pt) && s->pt[pt] != PT_NONE)
			sdp_put_pt(b, pt);
	sdp_end_line(b);
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

/* G.711 and G.722 have no format parameters (RFC 4856 2.1.9, 2.1.14, 2.1.15); with
 * any, rtpengine 12.5 takes the codec for one that it does not have. */
static bool has_parameters(enum payload p)
{
	return p != PT_PCMU && p != PT_PCMA && p != PT_G722;
}

/* Does the line speak of a payload type that was not chosen? */
static bool is_unchosen(const struct sdp *s, const struct line *l)
{
	wa_sv_t rest = l->arg;
	unsigned long pt;

	return ONE_OF(l->name, per_payload) && sdp_read_pt(wa_sv_cut(&rest, ' '), &pt)
		   && s->pt[pt] == PT_NONE;
}

/* ... or of what there is none of? */
static bool is_dropped_payload(const struct sdp *s, const struct line *l)
{
	wa_sv_t rest = l->arg;
	unsigned long pt;

	if(is_unchosen(s, l))
		return true;
	return wa_sv_eq(l->name, WA_SV("fmtp")) && sdp_read_pt(wa_sv_cut(&rest, ' '), &pt)
		   && !has_parameters(s->pt[pt]);
}

/* Session lines about people and programs; "k" is a key in clear. */
static bool is_personal(char type)
{
	return strchr("iuepkrz", type) != NULL;
}

static int begin(wa_sv_t text, unsigned codecs, struct sdp *s)
{
	int err = sdp_read(text, s);

	if(err < 0)
		return err;
	if(s->audio >= s->n_media)
		return WA_EUNSUP;
	return choose_payloads(s, codecs, PT_DTMF_8K);
}

/* An rtpmap with another encoding for the same payload type. */
static void put_rtpmap(wa_buf_t *b, const struct line *l, wa_sv_t encoding)
{
	wa_sv_t rest = l->arg;

	wa_buf_put(b, WA_SV("a=rtpmap:"));
	wa_buf_put(b, wa_sv_cut(&rest, ' '));
	wa_buf_put(b, WA_SV(" "));
	wa_buf_put(b, encoding);
	wa_buf_put(b, WA_SV("\r\n"));
}

/* Opus has two channels in every SDP (RFC 7587 7), whatever is in it. Told of two,
 * rtpengine 10.5 spreads a telephone's one over both, each 3 dB quieter, and
 * encodes twice the samples. */
#define OPUS_OUTSIDE WA_SV("opus/48000/2")
#define OPUS_INSIDE WA_SV("opus/48000/1")
#define DTMF_OUTSIDE WA_SV("telephone-event/8000")
#define DTMF_INSIDE WA_SV("telephone-event/48000")

static enum payload payload_in(const struct sdp *s, const struct line *l)
{
	wa_sv_t rest = l->arg;
	unsigned long pt;

	if(!wa_sv_eq(l->name, WA_SV("rtpmap"))
			|| !sdp_read_pt(wa_sv_cut(&rest, ' '), &pt))
		return PT_NONE;
	return s->pt[pt];
}

static void put_to_rtpengine(
		wa_buf_t *b, const struct sdp *s, const struct line *l)
{
	enum payload p = payload_in(s, l);

	if(s->first == PT_OPUS && p == PT_DTMF_8K)
		put_rtpmap(b, l, DTMF_INSIDE);
	else if(p == PT_OPUS)
		put_rtpmap(b, l, OPUS_INSIDE);
	else
		sdp_put_line(b, l);
}

/* --- from Meta ---------------------------------------------------------- */

static bool from_meta_keeps(const struct sdp *s, const struct line *l,
		unsigned how)
{
	static const wa_sv_t ice[] = {{"candidate", 9}, {"end-of-candidates", 17},
			{"remote-candidates", 17}};
	wa_sv_t tag, key;

	if(l->type != 'a')
		return !is_personal(l->type);
	if(wa_sv_eq(l->name, WA_SV("ice-lite")) || ONE_OF(l->name, private_attrs))
		return false;
	if((how & WA_SDP_HELD) && ONE_OF(l->name, ice))
		return false;
	if(wa_sv_eq(l->name, WA_SV("crypto")) && !read_crypto(l, &tag, &key))
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
			sdp_put_line(out, &s.line[i]);
	put_media(out, &s);
	for(unsigned i = s.media[s.audio] + 1; i < s.media[s.audio + 1]; i++)
		if(from_meta_keeps(&s, &s.line[i], how))
			put_to_rtpengine(out, &s, &s.line[i]);
	if(sdp_attr(&s, WA_SV("ice-lite")))
		wa_buf_put(out, WA_SV("a=ice-lite\r\n"));
	return wa_buf_check(out);
}

int wa_sdp_keyless(wa_sv_t text, wa_buf_t *out)
{
	static const wa_sv_t keys[] = {
			{"a=fingerprint", 13}, {"a=setup", 7}, {"a=tls-id", 8}};
	bool lite = false;

	while(text.len > 0) {
		wa_sv_t line = wa_sv_cut(&text, '\n'), says = wa_sv_trim(line), rest = line;
		wa_sv_t name = wa_sv_cut(&rest, ':');

		if(wa_sv_eq(says, WA_SV("a=setup:active")))
			return WA_EUNSUP;
		if(ONE_OF(name, keys))
			continue;
		lite = lite || wa_sv_eq(says, WA_SV("a=ice-lite"));
		wa_buf_put(out, line);
		wa_buf_put(out, WA_SV("\n"));
	}
	return lite ? wa_buf_check(out) : WA_EUNSUP;
}

/* --- to Meta ------------------------------------------------------------ */

/* "o=FreePBX 123 2 IN IP4 192.0.2.1": the user name is the PBX's. */
/* The address alone is ours. Session and version are the PBX's, which may know its
 * calls by them: a hash (FNV-1a), the same for the same text, stands for both, for
 * Meta never gets a second version. */
static void put_origin(wa_buf_t *b, wa_sv_t o)
{
	uint64_t session = 14695981039346656037u;

	for(unsigned i = 0; i < 3; i++) {
		wa_sv_t word = wa_sv_cut(&o, ' ');

		for(size_t at = 0; at < word.len; at++)
			session = (session ^ (unsigned char)word.s[at]) * 1099511628211u;
	}
	wa_buf_put(b, WA_SV("o=- "));
	wa_buf_num(b, (int64_t)(session % 10000000000000u));
	wa_buf_put(b, WA_SV(" 1 "));
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
			sdp_put_line(b, l);
	}
}

/* The SRTP suite Meta takes, without lifetime and MKI. */
static bool put_crypto(wa_buf_t *b, const struct line *l)
{
	wa_sv_t tag, key;

	if(!read_crypto(l, &tag, &key))
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

	if(keys_of(s) == WA_SDP_KEYS_NONE)
		return false;
	for(unsigned i = s->media[s->audio]; i < s->media[s->audio + 1]; i++) {
		const struct line *l = &s->line[i];

		if(is_dtls && ONE_OF(l->name, dtls))
			sdp_put_line(b, l);
		else if(!is_dtls && put_crypto(b, l))
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
		put_rtpmap(b, l, DTMF_OUTSIDE);
		put_fmtp(b, l, WA_SV("0-15"));
		return;
	}
	if(p != PT_OPUS) {
		sdp_put_line(b, l);
		return;
	}
	put_rtpmap(b, l, OPUS_OUTSIDE);
	put_fmtp(b, l,
			WA_SV("useinbandfec=1;maxaveragebitrate=20000;"
				  "maxplaybackrate=16000"));
}

int wa_sdp_to_meta(wa_sv_t text, unsigned codecs, wa_buf_t *out)
{
	static const wa_sv_t keep[] = {{"mid", 3}, {"rtcp-mux", 8}};
	struct sdp s;
	int err = sdp_read(text, &s);

	if(err == 0)
		err = s.audio < s.n_media ? choose_outside(&s, codecs) : WA_EUNSUP;
	if(err < 0)
		return err;
	put_session_to_meta(out, &s);
	put_media(out, &s);
	for(unsigned i = s.media[s.audio] + 1; i < s.media[s.audio + 1]; i++) {
		if(s.line[i].type == 'c' || ONE_OF(s.line[i].name, keep))
			sdp_put_line(out, &s.line[i]);
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
	/* rtpengine would give Meta the PBX's own names */
	static const wa_sv_t names[] = {{"mid", 3}, {"group", 5}};
	struct sdp s;
	int err = begin(text, codecs, &s);

	if(err < 0)
		return err;
	for(unsigned i = 0; i < s.media[0]; i++)
		if(!is_personal(s.line[i].type)
				&& !ONE_OF(s.line[i].name, private_attrs)
				&& !ONE_OF(s.line[i].name, names)
				&& !ONE_OF(s.line[i].name, directions))
			sdp_put_line(out, &s.line[i]);
	put_media(out, &s);
	for(unsigned i = s.media[s.audio] + 1; i < s.media[s.audio + 1]; i++) {
		const struct line *l = &s.line[i];

		if(!is_personal(l->type) && !ONE_OF(l->name, private_attrs)
				&& !ONE_OF(l->name, names)
				&& !ONE_OF(l->name, directions) && !is_dropped_payload(&s, l))
			put_to_rtpengine(out, &s, l);
	}
	wa_buf_put(out, WA_SV("a=sendrecv\r\n"));
	return wa_buf_check(out);
}

/* How an offered direction is answered by one who would do both. */
static wa_sv_t answered(const struct sdp *offer)
{
	if(sdp_attr(offer, WA_SV("inactive")))
		return WA_SV("a=inactive\r\n");
	if(sdp_attr(offer, WA_SV("sendonly")))
		return WA_SV("a=recvonly\r\n");
	if(sdp_attr(offer, WA_SV("recvonly")))
		return WA_SV("a=sendonly\r\n");
	return WA_SV("a=sendrecv\r\n");
}

static void put_audio_to_pbx(wa_buf_t *b, const struct sdp *s, wa_sv_t direction)
{
	static const wa_sv_t webrtc[] = {{"mid", 3}, {"group", 5}};

	put_media(b, s);
	for(unsigned i = s->media[s->audio] + 1; i < s->media[s->audio + 1]; i++) {
		const struct line *l = &s->line[i];

		if(ONE_OF(l->name, private_attrs) || ONE_OF(l->name, webrtc)
				|| ONE_OF(l->name, directions) || is_unchosen(s, l))
			continue;
		if(payload_in(s, l) == PT_DTMF_48K)
			put_rtpmap(b, l, DTMF_OUTSIDE);
		else if(payload_in(s, l) == PT_OPUS)
			put_rtpmap(b, l, OPUS_OUTSIDE);
		else
			sdp_put_line(b, l);
	}
	wa_buf_put(b, direction);
}

static void put_refused(wa_buf_t *b, wa_sv_t m)
{
	wa_sv_t pts = sdp_put_media(b, m, 0);

	wa_buf_put(b, WA_SV(" "));
	wa_buf_put(b, wa_sv_cut(&pts, ' '));
	sdp_end_line(b);
}

int wa_sdp_to_pbx(wa_sv_t text, wa_sv_t offer_text, unsigned codecs, wa_buf_t *out)
{
	static const wa_sv_t webrtc[] = {{"group", 5}, {"ice-lite", 8}};
	struct sdp s, offer = {.n_media = 0};
	int err = sdp_read(text, &s);

	if(err == 0 && offer_text.len > 0)
		err = sdp_read(offer_text, &offer);
	if(err < 0)
		return err;
	/* Meta may have answered with more */
	if(offer.n_media > 0)
		codecs &= codecs_of(&offer);
	if(s.audio >= s.n_media || (offer.n_media && offer.audio >= offer.n_media)
			|| choose_outside(&s, codecs) < 0)
		return WA_EUNSUP;
	for(unsigned i = 0; i < s.media[0]; i++)
		if(!ONE_OF(s.line[i].name, private_attrs)
				&& !ONE_OF(s.line[i].name, webrtc)
				&& !ONE_OF(s.line[i].name, directions))
			sdp_put_line(out, &s.line[i]);
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

		for(size_t i = 0; i < SDP_CODECS; i++)
			if(wa_sv_ieq(one, sdp_codecs[i].name))
				bits |= sdp_codecs[i].bit;
	}
	return bits;
}

void wa_sdp_codec_list(unsigned codecs, wa_buf_t *out)
{
	size_t start = out->len;

	for(size_t i = 0; i < SDP_CODECS; i++) {
		if(!(codecs & sdp_codecs[i].bit))
			continue;
		if(out->len > start)
			wa_buf_put(out, WA_SV(","));
		wa_buf_put(out, sdp_codecs[i].name);
	}
}
