/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "../../tools/metasim/media_sdp_read.c"

#define HEAD "v=0\r\no=- 1 1 IN IP4 192.0.2.1\r\ns=-\r\nc=IN IP4 192.0.2.1\r\nt=0 0\r\n"
#define AUDIO "m=audio 4000 RTP/SAVP 111 126\r\n"

static int parse(struct far_sdp *far, const char *text)
{
	char why[128] = "";
	int err = media_sdp_read(far, text, strlen(text), why, sizeof(why));

	assert_true(err == 0 || why[0]);
	return err;
}

static void test_dtls(void **state)
{
	struct far_sdp far;

	(void)state;
	assert_int_equal(parse(&far, HEAD
			"a=group:BUNDLE audio\r\n"
			"m=audio 4000 UDP/TLS/RTP/SAVPF 111 0 126\r\n"
			"c=IN IP6 2001:db8::1\r\na=rtcp-mux\r\na=mid:audio\r\n"
			"a=ice-ufrag:abcd\r\na=ice-pwd:0123456789012345678901\r\n"
			"a=candidate:1 1 udp 1 192.0.2.1 4000 typ host\r\n"
			"a=fingerprint:sha-256 0a:BC\r\na=setup:active\r\n"
			"a=rtpmap:111 opus/48000/2\r\na=fmtp:111 useinbandfec=1\r\n"
			"a=rtpmap:126 telephone-event/8000\r\na=ptime:20\r\n"
			"a=ssrc:1 cname:x\r\na=ssrc:1 msid:y\r\na=sendonly\r\n"),
			0);
	assert_int_equal(sa_af(&far.addr), AF_INET6);
	assert_int_equal(sa_port(&far.addr), 4000);
	assert_int_equal(sa_port(&far.rtcp_addr), 4000);
	assert_int_equal(far.fmtc, 3);
	assert_string_equal(far.fmt[0].name, "opus");
	assert_int_equal(far.fmt[0].channels, 2);
	assert_string_equal(far.fmt[0].fmtp, "useinbandfec=1");
	assert_string_equal(far.fmt[1].name, "PCMU");
	assert_int_equal(far.fmt[2].clock, 8000);
	assert_int_equal(far.fp_len, 2);
	assert_int_equal(far.fp[0], 0x0a);
	assert_int_equal(far.fp[1], 0xbc);
	assert_int_equal(far.setup, SETUP_ACTIVE);
	assert_int_equal(far.ssrcs, 1);
	assert_int_equal(far.candidates, 1);
	assert_true(far.bundle && far.rtcp_mux && !far.ice_lite);
	assert_string_equal(far.direction, "sendonly");
}

static void test_sdes(void **state)
{
	struct far_sdp far;

	(void)state;
	assert_int_equal(
			parse(&far, HEAD AUDIO
					"a=crypto:7 AES_256_CM_HMAC_SHA1_80 inline:x\r\n"
					"a=crypto:8 AES_CM_128_HMAC_SHA1_80 inline:abc|2^20|1:4\r\n"
					"a=crypto:9 AES_CM_128_HMAC_SHA1_80 inline:def\r\n"
					"a=rtcp:4711\r\n"),
			0);
	assert_int_equal(far.cryptos, 3);
	assert_int_equal(far.crypto.tag, 8);
	assert_string_equal(far.crypto.key, "abc");
	assert_true(far.crypto.extra);
	assert_int_equal(sa_port(&far.rtcp_addr), 4711);
	assert_string_equal(far.direction, "sendrecv");
}

static void test_refused(void **state)
{
	static const char *const bad[] = {
			"",
			"\r\n",
			HEAD,
			AUDIO,
			"v=1\r\n" AUDIO,
			HEAD AUDIO AUDIO,
			HEAD "m=video 4000 RTP/SAVP 111\r\n",
			HEAD "m=audio 0 RTP/SAVP 111\r\n",
			HEAD "m=audio 65536 RTP/SAVP 111\r\n",
			HEAD "m=audio 4000 RTP/SAVP\r\n",
			HEAD "m=audio 4000 RTP/SAVP 128\r\n",
			HEAD "m=audio 4000 RTP/SAVP 111 111\r\n",
			HEAD "m=audio 40x0 RTP/SAVP 111\r\n",
			"v=0\r\n" AUDIO,
			"v=0\r\nc=IN IP4 example.com\r\n" AUDIO,
			"v=0\r\nc=IN IP6 192.0.2.1\r\n" AUDIO,
			"v=0\r\nc=IN IP4 0.0.0.0\r\n" AUDIO,
			HEAD AUDIO "a=rtpmap:100 opus/48000/2\r\n",
			HEAD AUDIO "a=rtpmap:111 opus\r\n",
			HEAD AUDIO "a=rtpmap:111 opus/48000/two\r\n",
			HEAD AUDIO "a=fmtp:100 x\r\n",
			HEAD AUDIO "a=fingerprint:sha-256 AB:C\r\n",
			HEAD AUDIO "a=fingerprint:sha-256 AB:CG\r\n",
			HEAD AUDIO "a=setup:maybe\r\n",
			HEAD AUDIO "a=crypto:x S inline:k\r\n",
			HEAD AUDIO "a=crypto:1 S outline:k\r\n",
			HEAD AUDIO "a=ptime:twenty\r\n",
			HEAD AUDIO "nonsense\r\n",
			HEAD AUDIO "a=sendrecv\n",
	};

	(void)state;
	for(size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		struct far_sdp far;

		if(parse(&far, bad[i]) != EPROTO)
			fail_msg("accepted: %s", bad[i]);
	}
}

/* Each prefix, and each byte turned over: no crash, no read past the end. */
static void test_cut_and_turned(void **state)
{
	static const char whole[] = HEAD AUDIO
			"a=rtpmap:111 opus/48000/2\r\na=fmtp:111 a=b\r\n"
			"a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:abc|1\r\n"
			"a=fingerprint:sha-256 AB:CD\r\na=ssrc:1 cname:x\r\na=rtcp:9\r\n";
	struct far_sdp far;
	char why[64];

	(void)state;
	for(size_t n = 0; n < sizeof(whole); n++) {
		char *copy = test_malloc(n ? n : 1);

		memcpy(copy, whole, n);
		(void)media_sdp_read(&far, copy, n, why, sizeof(why));
		if(n) {
			copy[n - 1] = (char)~copy[n - 1];
			(void)media_sdp_read(&far, copy, n, why, sizeof(why));
		}
		test_free(copy);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
			cmocka_unit_test(test_dtls),
			cmocka_unit_test(test_sdes),
			cmocka_unit_test(test_refused),
			cmocka_unit_test(test_cut_and_turned),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
