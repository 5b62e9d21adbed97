/* SDP: what may reach Meta, rtpengine and the PBX, and what may not.
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "wa_err.h"
#include "wa_sdp.h"

/* meta-calling.md 2.5 */
static const char meta_dtls[] =
		"v=0\r\no=- 1759000000000 2 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\n"
		"a=group:BUNDLE audio\r\na=msid-semantic: WMS x\r\na=ice-lite\r\n"
		"m=audio 3480 UDP/TLS/RTP/SAVPF 111 126\r\n"
		"c=IN IP4 192.0.2.3\r\na=rtcp:9 IN IP4 0.0.0.0\r\n"
		"a=candidate:1 1 udp 2122260223 192.0.2.3 3480 typ host\r\n"
		"a=candidate:2 1 udp 2122262783 2001:db8::3 3480 typ host\r\n"
		"a=ice-ufrag:4fZt\r\na=ice-pwd:abcdefghijklmnopqrstuvwx\r\n"
		"a=fingerprint:sha-256 AA:BB\r\na=setup:actpass\r\na=mid:audio\r\n"
		"a=sendrecv\r\na=msid:x y\r\na=rtcp-mux\r\n"
		"a=rtpmap:111 opus/48000/2\r\na=rtcp-fb:111 transport-cc\r\n"
		"a=fmtp:111 maxaveragebitrate=20000;useinbandfec=1\r\n"
		"a=rtpmap:126 telephone-event/8000\r\na=maxptime:20\r\na=ptime:20\r\n"
		"a=ssrc:1 cname:WhatsAppAudioStream1\r\n";

static const char meta_sdes[] =
		"v=0\r\no=- 1 2 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\n"
		"m=audio 3480 RTP/SAVP 111 8 126\r\nc=IN IP4 192.0.2.3\r\n"
		"a=rtcp-mux\r\na=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:KEY\r\n"
		"a=rtpmap:111 opus/48000/2\r\na=rtpmap:8 PCMA/8000\r\n"
		"a=rtpmap:126 telephone-event/8000\r\na=ptime:20\r\n";

/* what rtpengine makes of a PBX's SDP */
static const char for_meta_sdes[] =
		"v=0\r\no=FreePBX 123 1 IN IP4 198.51.100.1\r\ns=Asterisk\r\n"
		"i=private\r\nu=http://pbx.example.com\r\nc=IN IP4 198.51.100.1\r\n"
		"t=0 0\r\na=tool:secret\r\n"
		"m=audio 30038 RTP/SAVP 96 97 0 13\r\nb=AS:80\r\na=label:pbx\r\n"
		"a=maxptime:150\r\na=rtpmap:96 opus/48000/2\r\n"
		"a=fmtp:96 stereo=1\r\na=rtpmap:97 telephone-event/48000\r\n"
		"a=fmtp:97 0-16\r\na=rtpmap:0 PCMU/8000\r\na=rtpmap:13 CN/8000\r\n"
		"a=sendonly\r\na=rtcp-mux\r\na=rtcp:30039\r\n"
		"a=crypto:1 AEAD_AES_256_GCM inline:AAA\r\n"
		"a=crypto:2 AES_CM_128_HMAC_SHA1_80 inline:KEY|2^31|1:4\r\n"
		"a=crypto:3 NULL_HMAC_SHA1_80 inline:BBB\r\na=ptime:30\r\n"
		"a=ice-ufrag:x\r\na=candidate:1 1 UDP 1 198.51.100.1 30038 typ host\r\n";

static const char pbx_offer[] =
		"v=0\r\no=FreePBX 1 1 IN IP4 10.0.0.9\r\ns=Asterisk\r\n"
		"c=IN IP4 10.0.0.9\r\nt=0 0\r\na=sendonly\r\n"
		"m=video 5000 RTP/AVP 99 100\r\na=rtpmap:99 H264/90000\r\n"
		"m=audio 20000 RTP/AVP 8 9 18 101\r\na=rtpmap:8 PCMA/8000\r\n"
		"a=rtpmap:18 G729/8000\r\na=rtpmap:101 telephone-event/8000\r\n"
		"a=fmtp:101 0-16\r\na=ssrc:5 cname:x\r\na=ptime:20\r\n"
		"m=text 6000 RTP/AVP 98\r\n";

static const char for_pbx[] =
		"v=0\r\no=- 1 2 IN IP4 10.0.0.1\r\ns=-\r\nt=0 0\r\n"
		"a=msid-semantic: WMS x\r\n"
		"m=audio 30000 RTP/AVP 111 126\r\nc=IN IP4 10.0.0.1\r\na=mid:audio\r\n"
		"a=msid:x y\r\na=ssrc:1 cname:WhatsAppAudioStream1\r\n"
		"a=rtpmap:111 opus/48000/2\r\na=rtcp-fb:111 transport-cc\r\n"
		"a=rtpmap:126 telephone-event/48000\r\na=sendrecv\r\na=ptime:20\r\n";

static const char answer_for_pbx[] =
		"v=0\r\no=- 1 2 IN IP4 10.0.0.1\r\ns=-\r\nt=0 0\r\n"
		"m=audio 30000 RTP/AVP 8 101\r\nc=IN IP4 10.0.0.1\r\na=rtpmap:8 PCMA/8000\r\n"
		"a=rtpmap:101 telephone-event/8000\r\na=sendrecv\r\na=ptime:20\r\n";

#define ALL (WA_CODEC_OPUS | WA_CODEC_PCMU | WA_CODEC_PCMA | WA_CODEC_G722)

static char text[WA_SDP_MAX + 1024];

typedef int(edit_f)(wa_sv_t in, wa_buf_t *out);

static unsigned codecs, how;
static wa_sv_t offer;

static int from_meta(wa_sv_t in, wa_buf_t *out)
{
	return wa_sdp_from_meta(in, codecs, how, out);
}
static int to_meta(wa_sv_t in, wa_buf_t *out)
{
	return wa_sdp_to_meta(in, codecs, out);
}
static int from_pbx(wa_sv_t in, wa_buf_t *out)
{
	return wa_sdp_from_pbx(in, codecs, out);
}
static int to_pbx(wa_sv_t in, wa_buf_t *out)
{
	return wa_sdp_to_pbx(in, offer, codecs, out);
}

/* Runs an edit; the result is in `text`. The input has no terminator. */
static int edit(edit_f *f, const char *in)
{
	size_t len = strlen(in);
	char *p = malloc(len ? len : 1);
	wa_buf_t out = wa_buf_on(text, sizeof(text) - 1);
	int err;

	assert_non_null(p);
	memcpy(p, in, len);
	err = f((wa_sv_t){p, len}, &out);
	free(p);
	text[out.len] = '\0';
	return err;
}

static bool has(const char *s)
{
	return strstr(text, s) != NULL;
}

static unsigned count(const char *s)
{
	unsigned n = 0;

	for(const char *p = text; (p = strstr(p, s)) != NULL; p++)
		n++;
	return n;
}

static int reset(void **state)
{
	(void)state;
	codecs = ALL;
	how = 0;
	offer = (wa_sv_t){NULL, 0};
	return 0;
}

/* --- reading --------------------------------------------------------------- */

static void scan(void **state)
{
	wa_sdp_info_t i;

	(void)state;
	assert_int_equal(wa_sdp_scan(wa_sv_from(meta_dtls), &i), 0);
	assert_true(i.audio && i.dtmf && i.ice_lite);
	assert_int_equal(i.keys, WA_SDP_KEYS_DTLS);
	assert_int_equal(i.codecs, WA_CODEC_OPUS);
	assert_int_equal(i.candidates, 2);
	assert_int_equal(i.medias, 1);
	assert_int_equal(wa_sdp_scan(wa_sv_from(meta_sdes), &i), 0);
	assert_int_equal(i.keys, WA_SDP_KEYS_SDES);
	assert_int_equal(i.codecs, WA_CODEC_OPUS | WA_CODEC_PCMA);
	assert_int_equal(i.cryptos, 1);
	assert_int_equal(wa_sdp_scan(wa_sv_from(pbx_offer), &i), 0);
	assert_int_equal(i.keys, WA_SDP_KEYS_NONE);
	assert_int_equal(i.codecs, WA_CODEC_PCMA | WA_CODEC_G722);
	assert_int_equal(i.medias, 3);
	assert_int_equal(wa_sdp_scan(WA_SV("v=0\nm=audio 9 RTP/AVP 8\n"
									   "a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:k\n"), &i), 0);
	assert_int_equal(i.keys, WA_SDP_KEYS_NONE);
	assert_int_equal(wa_sdp_scan(WA_SV("v=0\nm=audio 9 RTP/AVP 8\n"
									   "a=fingerprint:sha-256 AB\n"), &i), 0);
	assert_int_equal(i.keys, WA_SDP_KEYS_NONE);
	assert_int_equal(
			wa_sdp_scan(WA_SV("v=0\nm=audio 0 RTP/AVP 0\nm=video 5 X 9\n"), &i),
			0);
	assert_false(i.audio);
}

static void malformed(void **state)
{
	static const struct
	{
		const char *text;
		int err;
	} cases[] = {
			{"", WA_EPARSE},
			{"\r\n", WA_EPARSE},
			{"m=audio 1 RTP/AVP 0\r\n", WA_EPARSE},
			{"v=0\r\nx\r\n", WA_EPARSE},
			{"v=0\r\nmaudio\r\n", WA_EPARSE},
			{"v=0\r\nA=x\r\n", WA_EPARSE},
			{"v=0\r\na=x\ry\r\n", WA_EPARSE},
			{"v=0\r\n=\r\n", WA_EPARSE},
			{"v=0\r\n", 0},
			{"v=0", 0},
			{"v=\nm=\na=\n", 0},
			{"v=0\nm=audio\n", 0},
			{"v=0\nm=audio 1\n", 0},
			{"v=0\nm=audio 1 RTP/AVP\n", 0},
			{"v=0\nm=audio 1 RTP/AVP 128 -1 99999999999999999999 x\n", 0},
			{"v=0\nm=audio 1 RTP/AVP 96\na=rtpmap\na=rtpmap:\na=rtpmap:96\n"
			 "a=rtpmap:96 \na=rtpmap:96 /\na=rtpmap:200 opus/48000\n", 0},
	};

	(void)state;
	for(size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		static edit_f *const edits[] = {from_meta, to_meta, from_pbx, to_pbx};
		wa_sdp_info_t info;

		if(wa_sdp_scan(wa_sv_from(cases[i].text), &info) != cases[i].err)
			fail_msg("case %zu", i);
		for(size_t k = 0; k < 4; k++)
			assert_true(edit(edits[k], cases[i].text) < 0
						|| (edits[k] == to_pbx && info.audio));
	}
}

static void limits(void **state)
{
	static char big[WA_SDP_MAX + 2];
	wa_sdp_info_t i;
	char *p = big;

	(void)state;
	p += sprintf(p, "v=0\n");
	for(int n = 0; n < WA_SDP_LINES_MAX - 1; n++)
		p += sprintf(p, "a=x\n");
	assert_int_equal(wa_sdp_scan(wa_sv_from(big), &i), 0);
	sprintf(p, "a=x\n");
	assert_int_equal(wa_sdp_scan(wa_sv_from(big), &i), WA_ETOOLONG);
	p = big + sprintf(big, "v=0\n");
	for(int n = 0; n < WA_SDP_MEDIAS_MAX; n++)
		p += sprintf(p, "m=x\n");
	assert_int_equal(wa_sdp_scan(wa_sv_from(big), &i), 0);
	sprintf(p, "m=x\n");
	assert_int_equal(wa_sdp_scan(wa_sv_from(big), &i), WA_ETOOLONG);
	memset(big, 'x', sizeof(big) - 1);
	memcpy(big, "v=0\n", 4);
	assert_int_equal(wa_sdp_scan(wa_sv_from(big), &i), WA_ETOOLONG);
	assert_int_equal(
			wa_sdp_scan((wa_sv_t){"v=0\na=\0x\n", 9}, &i), WA_EPARSE);
}

static void every_cut_is_survived(void **state)
{
	static edit_f *const edits[] = {from_meta, to_meta, from_pbx, to_pbx};
	static const char *const texts[] = {
			meta_dtls, meta_sdes, for_meta_sdes, pbx_offer, for_pbx};
	char cut[2048];

	(void)state;
	offer = wa_sv_from(pbx_offer);
	for(size_t t = 0; t < 5; t++)
		for(size_t n = 0; n < strlen(texts[t]); n++) {
			memcpy(cut, texts[t], n);
			cut[n] = '\0';
			for(size_t k = 0; k < 4; k++)
				(void)edit(edits[k], cut);
		}
}

static void an_edit_that_does_not_fit_says_so(void **state)
{
	static edit_f *const edits[] = {from_meta, to_meta, from_pbx, to_pbx};

	(void)state;
	for(size_t size = 0; size < 200; size++)
		for(size_t k = 0; k < 4; k++) {
			char *mem = malloc(size ? size : 1);
			wa_buf_t out = wa_buf_on(mem, size);

			assert_non_null(mem);
			assert_int_equal(
					edits[k](wa_sv_from(meta_dtls), &out), WA_ETOOLONG);
			free(mem);
		}
}

/* --- from Meta --------------------------------------------------------------- */

static void from_meta_whole(void **state)
{
	(void)state;
	assert_int_equal(edit(from_meta, meta_dtls), 0);
	assert_true(has("m=audio 3480 UDP/TLS/RTP/SAVPF 111 126\r\n"));
	assert_int_equal(count("a=candidate:"), 2);
	assert_int_equal(count("a=ice-lite"), 1);
	assert_true(strstr(text, "a=ice-lite") > strstr(text, "m=audio"));
	assert_false(has("ssrc") || has("msid") || has("rtcp-fb"));
	assert_true(has("a=fingerprint:sha-256 AA:BB\r\n"));
	assert_true(has("a=mid:audio\r\n"));
	/* rtpengine's telephone-event beside Opus */
	assert_true(has("a=rtpmap:126 telephone-event/48000\r\n"));
}

static void from_meta_held(void **state)
{
	(void)state;
	how = WA_SDP_HELD;
	assert_int_equal(edit(from_meta, meta_dtls), 0);
	assert_false(has("candidate"));
	assert_true(has("a=ice-ufrag:4fZt\r\n"));
}

static void from_meta_codecs(void **state)
{
	(void)state;
	codecs = WA_CODEC_PCMA;
	assert_int_equal(edit(from_meta, meta_sdes), 0);
	assert_true(has("m=audio 3480 RTP/SAVP 8 126\r\n"));
	assert_false(has("opus") || has("a=fmtp:111"));
	assert_true(has("a=rtpmap:126 telephone-event/8000\r\n"));
	codecs = WA_CODEC_G722;
	assert_int_equal(edit(from_meta, meta_sdes), WA_EUNSUP);
}

/* --- to Meta ------------------------------------------------------------------- */

static void to_meta_shows_nothing_of_the_pbx(void **state)
{
	(void)state;
	codecs = WA_CODEC_OPUS;
	assert_int_equal(edit(to_meta, for_meta_sdes), 0);
	assert_true(has("\r\no=- ") && has(" 1 IN IP4 198.51.100.1\r\n"));
	assert_false(has("o=- 123 "));
	assert_false(has("FreePBX") || has("Asterisk") || has("private")
				 || has("pbx.example") || has("secret") || has("label")
				 || has("b=AS"));
	assert_int_equal(count("\r\ns=-\r\n"), 1);
}

static void to_meta_sdes_is_one_line(void **state)
{
	(void)state;
	codecs = WA_CODEC_OPUS;
	assert_int_equal(edit(to_meta, for_meta_sdes), 0);
	assert_int_equal(count("a=crypto:"), 1);
	assert_true(has("a=crypto:2 AES_CM_128_HMAC_SHA1_80 inline:KEY\r\n"));
	assert_false(has("candidate") || has("ice-"));
}

static void to_meta_audio_is_as_meta_wants_it(void **state)
{
	(void)state;
	codecs = WA_CODEC_OPUS;
	assert_int_equal(edit(to_meta, for_meta_sdes), 0);
	assert_true(has("m=audio 30038 RTP/SAVP 96 97\r\n"));
	assert_true(has("a=fmtp:96 useinbandfec=1;maxaveragebitrate=20000;"
					"maxplaybackrate=16000\r\n"));
	assert_true(has("a=rtpmap:97 telephone-event/8000\r\na=fmtp:97 0-15\r\n"));
	assert_int_equal(count("ptime"), 2);
	assert_true(has("a=ptime:20\r\n") && has("a=maxptime:20\r\n"));
	assert_true(has("a=sendrecv\r\n"));
	assert_false(has("sendonly") || has("48000\r\na=fmtp:97") || has("stereo")
				 || has("PCMU") || has("CN"));
	assert_true(has("a=rtcp-mux\r\n"));
	assert_false(has("a=rtcp:"));
}

static void to_meta_dtls_keeps_ice(void **state)
{
	(void)state;
	assert_int_equal(edit(to_meta, meta_dtls), 0);
	assert_true(has("a=fingerprint:") && has("a=setup:actpass")
				&& has("a=ice-pwd:") && has("a=group:BUNDLE audio\r\n"));
	assert_int_equal(count("a=candidate:"), 2);
	assert_false(has("crypto") || has("ssrc") || has("msid"));
}

static void to_meta_one_telephone_event(void **state)
{
	static const char both[] =
			"v=0\r\nm=audio 5 RTP/SAVP 8 96 97 101\r\n"
			"a=rtpmap:8 PCMA/8000\r\na=rtpmap:96 opus/48000/2\r\n"
			"a=rtpmap:97 telephone-event/48000\r\n"
			"a=rtpmap:101 telephone-event/8000\r\n"
			"a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:K\r\n";

	(void)state;
	assert_int_equal(edit(to_meta, both), 0);
	assert_true(has("RTP/SAVP 8 96 101\r\n"));
	codecs = WA_CODEC_OPUS;
	assert_int_equal(edit(to_meta, both), 0);
	assert_true(has("RTP/SAVP 96 97\r\n"));
	assert_true(has("a=rtpmap:97 telephone-event/8000\r\n"));
}

static void nothing_in_clear_goes_to_meta(void **state)
{
	(void)state;
	assert_int_equal(edit(to_meta, pbx_offer), WA_EUNSUP);
	assert_int_equal(edit(to_meta,
							 "v=0\r\nm=audio 5 RTP/SAVP 0\r\n"
							 "a=crypto:1 NULL_HMAC_SHA1_80 inline:K\r\n"),
			WA_EUNSUP);
	assert_int_equal(edit(to_meta,
							 "v=0\r\nm=audio 5 RTP/SAVP 0\r\n"
							 "a=crypto:1 AES_CM_128_HMAC_SHA1_80\r\n"),
			WA_EUNSUP);
}

/* --- the PBX --------------------------------------------------------------------- */

static void from_pbx_is_audio_both_ways(void **state)
{
	(void)state;
	codecs = WA_CODEC_PCMA;
	assert_int_equal(edit(from_pbx, pbx_offer), 0);
	assert_true(has("m=audio 20000 RTP/AVP 8 101\r\n"));
	assert_false(has("video") || has("m=text") || has("G729") || has("sendonly")
				 || has("ssrc"));
	assert_int_equal(count("a=sendrecv\r\n"), 1);
	assert_true(has("telephone-event/8000"));
}

static void from_pbx_opus(void **state)
{
	(void)state;
	assert_int_equal(edit(from_pbx, "v=0\r\nm=audio 5 RTP/AVP 96 101 102\r\n"
									"a=rtpmap:96 opus/48000/2\r\n"
									"a=rtpmap:101 telephone-event/8000\r\n"
									"a=rtpmap:102 telephone-event/48000\r\n"),
			0);
	assert_true(has("RTP/AVP 96 101\r\n"));
	assert_true(has("a=rtpmap:101 telephone-event/48000\r\n"));
}

/* Whatever number it has; Opus and telephone-event keep theirs. */
static void g711_and_g722_have_no_parameters(void **state)
{
	static const char fancy[] =
			"v=0\r\nm=audio 5 RTP/AVP 0 8 9 96 97 98 99 101\r\n"
			"a=fmtp:0 vad=yes\r\na=fmtp:8 vad=yes\r\na=fmtp:9 bitrate=64\r\n"
			"a=rtpmap:96 opus/48000/2\r\na=fmtp:96 useinbandfec=1\r\n"
			"a=rtpmap:97 PCMU/8000\r\na=fmtp:97 vad=yes\r\n"
			"a=rtpmap:98 pcma/8000\r\na=fmtp:98 vad=yes\r\n"
			"a=rtpmap:99 G722/8000\r\na=fmtp:99 bitrate=64\r\n"
			"a=rtpmap:101 telephone-event/8000\r\na=fmtp:101 0-16\r\n"
			"a=fmtp:x vad=yes\r\n";
	edit_f *const edits[] = {from_pbx, from_meta};

	(void)state;
	for(unsigned i = 0; i < 2; i++) {
		assert_int_equal(edit(edits[i], fancy), 0);
		assert_true(has("RTP/AVP 0 8 9 96 97 98 99 101\r\n"));
		assert_int_equal(count("a=rtpmap:"), 5);
		assert_int_equal(count("a=fmtp:"), 3);
		assert_true(has("a=fmtp:96 useinbandfec=1\r\n") && has("a=fmtp:101 0-16\r\n")
					&& has("a=fmtp:x vad=yes\r\n"));
	}
}

static void to_pbx_as_an_offer(void **state)
{
	(void)state;
	assert_int_equal(edit(to_pbx, for_pbx), 0);
	assert_false(has("ssrc") || has("msid") || has("mid") || has("rtcp-fb"));
	assert_true(has("a=rtpmap:126 telephone-event/8000\r\n"));
	assert_int_equal(count("a=sendrecv\r\n"), 1);
}

static void to_pbx_only_what_it_has(void **state)
{
	static const char both[] =
			"v=0\r\nm=audio 5 RTP/AVP 111 8 96 126\r\na=rtpmap:111 opus/48000/1\r\n"
			"a=fmtp:111 useinbandfec=1\r\na=rtpmap:8 PCMA/8000\r\n"
			"a=rtpmap:96 telephone-event/8000\r\na=rtpmap:126 telephone-event/48000\r\n";

	(void)state;
	codecs = WA_CODEC_PCMA;
	assert_int_equal(edit(to_pbx, both), 0);
	assert_true(has("m=audio 5 RTP/AVP 8 96\r\n"));
	assert_false(has("opus") || has(":111") || has(":126"));
	codecs = WA_CODEC_OPUS;
	assert_int_equal(edit(to_pbx, both), 0);
	assert_true(has("m=audio 5 RTP/AVP 111 126\r\n"));
	assert_true(has("a=rtpmap:126 telephone-event/8000\r\n") && !has("PCMA"));
	codecs = WA_CODEC_G722;
	assert_int_equal(edit(to_pbx, both), WA_EUNSUP);
	/* no Opus either where its trunk may have it, and it has not offered any */
	codecs = WA_CODEC_PCMA | WA_CODEC_OPUS;
	offer = WA_SV("v=0\r\nm=audio 5 RTP/AVP 0 8 101\r\na=rtpmap:101 telephone-event/8000\r\n");
	assert_int_equal(edit(to_pbx, both), 0);
	assert_true(has("m=audio 5 RTP/AVP 8 96\r\n") && !has("opus"));
	offer = WA_SV("v=0\r\nm=audio 5 RTP/AVP 0\r\n");
	assert_int_equal(edit(to_pbx, both), WA_EUNSUP);
}

static void to_pbx_as_an_answer(void **state)
{
	(void)state;
	offer = wa_sv_from(pbx_offer);
	assert_int_equal(edit(to_pbx, answer_for_pbx), 0);
	assert_true(has("m=video 0 RTP/AVP 99\r\n"));
	assert_true(has("m=text 0 RTP/AVP 98\r\n"));
	assert_true(strstr(text, "m=video") < strstr(text, "m=audio"));
	assert_true(strstr(text, "m=audio") < strstr(text, "m=text"));
	/* sendonly stands in the session part of the offer */
	assert_true(has("a=recvonly\r\n"));
	assert_false(has("sendrecv"));
}

static void directions_are_answered(void **state)
{
	static const struct
	{
		const char *offer, *answer;
	} cases[] = {
			{"v=0\r\nm=audio 5 RTP/AVP 8\r\n", "a=sendrecv\r\n"},
			{"v=0\r\nm=audio 5 RTP/AVP 8\r\na=sendrecv\r\n", "a=sendrecv\r\n"},
			{"v=0\r\nm=audio 5 RTP/AVP 8\r\na=sendonly\r\n", "a=recvonly\r\n"},
			{"v=0\r\nm=audio 5 RTP/AVP 8\r\na=recvonly\r\n", "a=sendonly\r\n"},
			{"v=0\r\nm=audio 5 RTP/AVP 8\r\na=inactive\r\n", "a=inactive\r\n"},
	};

	(void)state;
	for(size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		offer = wa_sv_from(cases[i].offer);
		assert_int_equal(edit(to_pbx, answer_for_pbx), 0);
		if(!has(cases[i].answer))
			fail_msg("case %zu: %s", i, text);
	}
}

static void codec_names(void **state)
{
	char mem[19];
	wa_buf_t b = wa_buf_on(mem, sizeof(mem));

	(void)state;
	assert_int_equal(wa_sdp_codecs(WA_SV("")), 0);
	assert_int_equal(wa_sdp_codecs(WA_SV(",,")), 0);
	assert_int_equal(wa_sdp_codecs(WA_SV("OPUS")), WA_CODEC_OPUS);
	assert_int_equal(wa_sdp_codecs(WA_SV(" pcmu , G722,AMR")),
			WA_CODEC_PCMU | WA_CODEC_G722);
	wa_sdp_codec_list(ALL | 64, &b);
	assert_true(wa_sv_eq(wa_buf_sv(&b), WA_SV("OPUS,PCMU,PCMA,G722")));
	wa_sdp_codec_list(0, &b);
	assert_int_equal(wa_buf_check(&b), 0);
}

static void keyless_is_all_but_what_dtls_needs(void **state)
{
	char mem[512];
	wa_buf_t b = wa_buf_on(mem, sizeof(mem)), small = wa_buf_on(mem, 8);
	const wa_sv_t sdp = WA_SV("v=0\r\na=fingerprint:sha-256 AA\r\nm=audio 5 UDP/TLS/RTP/SAVPF 96\r\n"
							  "a=setup:actpass\r\na=setups:1\r\na=ice-ufrag:u\r\na=tls-id:1\r\na=ice-lite\r\n");

	(void)state;
	assert_int_equal(wa_sdp_keyless(sdp, &b), 0);
	assert_true(wa_sv_eq(wa_buf_sv(&b), WA_SV("v=0\r\nm=audio 5 UDP/TLS/RTP/SAVPF 96\r\na=setups:1\r\n"
											  "a=ice-ufrag:u\r\na=ice-lite\r\n")));
	assert_int_equal(wa_sdp_keyless(sdp, &small), WA_ETOOLONG);
	assert_int_equal(wa_sdp_keyless(WA_SV("a=setup:active\r\na=ice-lite\r\n"), &b), WA_EUNSUP);
	assert_int_equal(wa_sdp_keyless(WA_SV("a=setup:actpass\r\n"), &b), WA_EUNSUP);
}

#define T(f) cmocka_unit_test_setup(f, reset)

int main(void)
{
	const struct CMUnitTest tests[] = {
			T(scan),
			T(malformed),
			T(limits),
			T(every_cut_is_survived),
			T(an_edit_that_does_not_fit_says_so),
			T(from_meta_whole),
			T(from_meta_held),
			T(from_meta_codecs),
			T(keyless_is_all_but_what_dtls_needs),
			T(to_meta_shows_nothing_of_the_pbx),
			T(to_meta_sdes_is_one_line),
			T(to_meta_audio_is_as_meta_wants_it),
			T(to_meta_dtls_keeps_ice),
			T(to_meta_one_telephone_event),
			T(nothing_in_clear_goes_to_meta),
			T(from_pbx_is_audio_both_ways),
			T(from_pbx_opus),
			T(g711_and_g722_have_no_parameters),
			T(to_pbx_as_an_offer),
			T(to_pbx_only_what_it_has),
			T(to_pbx_as_an_answer),
			T(directions_are_answered),
			T(codec_names),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
