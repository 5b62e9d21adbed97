/* Who receives where, and the answers to a PBX's re-INVITE.
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "wa_err.h"
#include "wa_sdp_end.h"

#define HEAD "v=0\r\no=- 123 7 IN IP4 192.0.2.1\r\ns=-\r\nc=IN IP4 192.0.2.1\r\nt=0 0\r\n"
#define PCMU "a=rtpmap:0 PCMU/8000\r\n"
#define EVENT "a=rtpmap:101 telephone-event/8000\r\na=fmtp:101 0-15\r\n"
#define TOLD HEAD "m=audio 20000 RTP/AVP 8 0 101\r\na=rtpmap:8 PCMA/8000\r\n" PCMU EVENT \
	"a=ptime:20\r\na=sendrecv\r\n"

static wa_sdp_end_t end(const char *sdp)
{
	wa_sdp_end_t e;

	assert_int_equal(wa_sdp_end(wa_sv_from(sdp), &e), 0);
	return e;
}

static void is_at(const wa_endpoint_t *e, const char *text)
{
	wa_endpoint_t want;

	assert_int_equal(wa_endpoint_parse(wa_sv_from(text), &want), 0);
	assert_true(wa_endpoint_eq(e, &want));
}

static void an_end_is_read(void **state)
{
	wa_sdp_end_t e = end(TOLD);

	(void)state;
	is_at(&e.rtp, "192.0.2.1:20000");
	assert_int_equal(e.rtcp.family, 0);
	assert_true(e.sends && e.hears);
	assert_int_equal(wa_sdp_end_pt(&e, WA_RELAY_PCMA), 8);
	assert_int_equal(wa_sdp_end_pt(&e, WA_RELAY_EVENT), 101);
	assert_int_equal(wa_sdp_end_pt(&e, WA_RELAY_OPUS), -1);
	assert_int_equal(wa_sdp_end_codec(&e, WA_CODEC_PCMU | WA_CODEC_OPUS), WA_CODEC_PCMU);
	assert_int_equal(wa_sdp_end_codec(&e, WA_CODEC_OPUS), 0);
	e = end(HEAD "m=audio 4000 RTP/AVP 0\r\nc=IN IP6 2001:db8::5\r\na=rtcp:5003\r\na=sendonly\r\n");
	is_at(&e.rtp, "[2001:db8::5]:4000");
	is_at(&e.rtcp, "[2001:db8::5]:5003");
	assert_true(e.sends && !e.hears);
	e = end(HEAD "m=audio 4000 RTP/AVP 0\r\na=rtcp:53 IN IP4 192.0.2.7\r\na=recvonly\r\n");
	is_at(&e.rtcp, "192.0.2.7:53");
	assert_true(!e.sends && e.hears);
	e = end("v=0\r\na=inactive\r\nc=IN IP4 0.0.0.0\r\nm=audio 4000 RTP/AVP 0\r\n");
	assert_true(!e.sends && !e.hears);
	e = end("v=0\r\nc=IN IP4 0.0.0.0\r\nm=audio 4000 RTP/AVP 0\r\n");
	assert_true(e.sends && !e.hears); /* a hold of old, with music perhaps */
}

static void what_has_no_end(void **state)
{
	static const char *const bad[] = {HEAD "m=audio 0 RTP/AVP 0\r\n", HEAD "m=image 4000 udptl t38\r\n",
			"v=0\r\nm=audio 4000 RTP/AVP 0\r\n", "v=0\r\nc=IN IP4 pbx.example\r\nm=audio 4000 RTP/AVP 0\r\n",
			"v=0\r\nc=IN IP4 224.2.1.1/127\r\nm=audio 4000 RTP/AVP 0\r\n",
			"v=0\r\nc=IN IP4 224.2.1.1\r\nm=audio 4000 RTP/AVP 0\r\n",
			"v=0\r\nc=IN IP4 255.255.255.255\r\nm=audio 4000 RTP/AVP 0\r\n",
			"v=0\r\nc=IN IP6 ff02::1\r\nm=audio 4000 RTP/AVP 0\r\n",
			"v=0\r\nc=IN IP6 192.0.2.1\r\nm=audio 4000 RTP/AVP 0\r\n",
			"v=0\r\nc=IN IP4 2001:db8::9\r\nm=audio 4000 RTP/AVP 0\r\n",
			"v=0\r\nc=ATM NSAP 47\r\nm=audio 4000 RTP/AVP 0\r\n",
			"v=0\r\nc=\r\nm=audio 4000 RTP/AVP 0\r\n", HEAD "m=audio 65536 RTP/AVP 0\r\n",
			HEAD "m=audio -1 RTP/AVP 0\r\n", HEAD "m=audio 00 RTP/AVP 0\r\n",
			HEAD "m=audio\r\n", HEAD "m=audio 4000/2 RTP/AVP 0\r\n"};
	wa_sdp_info_t info;
	wa_sdp_end_t e;

	(void)state;
	for(size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		assert_int_equal(wa_sdp_end(wa_sv_from(bad[i]), &e), WA_EUNSUP);
		assert_int_equal(wa_sdp_scan(wa_sv_from(bad[i]), &info), 0);
		assert_false(info.placed);
	}
	assert_int_equal(wa_sdp_scan(WA_SV(HEAD "m=audio 4000 RTP/AVP 0\r\n"), &info), 0);
	assert_true(info.placed);
	assert_int_equal(wa_sdp_end(WA_SV("x"), &e), WA_EPARSE);
}

static void an_end_is_moved(void **state)
{
	char mem[WA_SDP_MAX];
	wa_buf_t b = wa_buf_on(mem, sizeof(mem));
	wa_endpoint_t to;

	(void)state;
	assert_int_equal(wa_endpoint_parse(WA_SV("[2001:db8::9]:4444"), &to), 0);
	assert_int_equal(wa_sdp_move(WA_SV(HEAD "m=video 0 RTP/AVP 34\r\nm=audio 4000 RTP/AVP 0 101\r\n"
									  "c=IN IP4 192.0.2.5\r\na=rtcp:9\r\n" PCMU), &to, &b), 0);
	assert_true(wa_sv_eq(wa_buf_sv(&b), WA_SV(
			"v=0\r\no=- 123 7 IN IP4 192.0.2.1\r\ns=-\r\nc=IN IP6 2001:db8::9\r\nt=0 0\r\n"
			"m=video 0 RTP/AVP 34\r\nm=audio 4444 RTP/AVP 0 101\r\nc=IN IP6 2001:db8::9\r\n" PCMU)));
}

static void renumbered_is(const char *sdp, const char *like, const char *want)
{
	char mem[WA_SDP_MAX];
	wa_buf_t b = wa_buf_on(mem, sizeof(mem) - 1);

	assert_int_equal(wa_sdp_renumber(wa_sv_from(sdp), wa_sv_from(like), &b), 0);
	mem[b.len] = '\0';
	assert_string_equal(mem, want);
}

static void numbers_of_its_own_become_ours(void **state)
{
	static const char like[] = HEAD "m=audio 30000 RTP/AVP 111 8 126\r\na=rtpmap:111 opus/48000/1\r\n"
									"a=rtpmap:126 telephone-event/48000\r\n";

	(void)state;
	/* its 111 is our 126, and its 96 our 111 */
	renumbered_is(HEAD "m=audio 5000 RTP/AVP 96 111\r\na=rtpmap:96 opus/48000/2\r\na=fmtp:96 useinbandfec=1\r\n"
					   "a=rtpmap:111 telephone-event/8000\r\na=fmtp:111 0-15\r\na=ptime:20\r\n",
			like,
			HEAD "m=audio 5000 RTP/AVP 111 126\r\na=rtpmap:111 opus/48000/2\r\na=fmtp:111 useinbandfec=1\r\n"
				 "a=rtpmap:126 telephone-event/8000\r\na=fmtp:126 0-15\r\na=ptime:20\r\n");
	/* what we did not offer keeps its number */
	renumbered_is(HEAD "m=audio 5000 RTP/AVP 8 0 101\r\n" EVENT, like,
			HEAD "m=audio 5000 RTP/AVP 8 0 126\r\na=rtpmap:126 telephone-event/8000\r\na=fmtp:126 0-15\r\n");
	/* each number once */
	renumbered_is(HEAD "m=audio 5000 RTP/AVP 8 97 101\r\na=rtpmap:97 telephone-event/48000\r\n" EVENT, like,
			HEAD "m=audio 5000 RTP/AVP 8 126\r\na=rtpmap:126 telephone-event/48000\r\n");
}

static void a_payload_has_its_number_at_the_other_end(void **state)
{
	wa_sdp_end_t e = end(HEAD "m=audio 5000 RTP/AVP 8 97 101\r\na=rtpmap:97 telephone-event/8000\r\n" EVENT);

	(void)state;
	assert_int_equal(wa_sdp_end_same(&e, 101, WA_RELAY_EVENT), 101);
	assert_int_equal(wa_sdp_end_same(&e, 126, WA_RELAY_EVENT), 97);
	assert_int_equal(wa_sdp_end_same(&e, 8, WA_RELAY_PCMU), -1);
}

static void answer_is(const char *offer, enum wa_codec codec, const char *want)
{
	char mem[WA_SDP_MAX];
	wa_buf_t b = wa_buf_on(mem, sizeof(mem) - 1);

	assert_int_equal(wa_sdp_answer_again(WA_SV(TOLD), wa_sv_from(offer), codec, true, &b), 0);
	mem[b.len] = '\0';
	assert_string_equal(mem, want);
}

#define HEAD8 "v=0\r\no=- 123 8 IN IP4 192.0.2.1\r\ns=-\r\nc=IN IP4 192.0.2.1\r\nt=0 0\r\n"

static void a_re_invite_is_answered(void **state)
{
	(void)state;
	answer_is(HEAD "m=audio 5000 RTP/AVP 0 96\r\na=rtpmap:96 telephone-event/8000\r\na=sendonly\r\n"
				   "m=video 6000 RTP/AVP 34 35\r\n", WA_CODEC_PCMU,
			HEAD8 "m=audio 20000 RTP/AVP 0 96\r\n" PCMU
				  "a=rtpmap:96 telephone-event/8000\r\na=fmtp:96 0-15\r\na=ptime:20\r\na=recvonly\r\n"
				  "m=video 0 RTP/AVP 34\r\n");
	answer_is(HEAD "m=audio 5000 RTP/AVP 8\r\na=inactive\r\n", WA_CODEC_PCMA,
			HEAD8 "m=audio 20000 RTP/AVP 8\r\na=rtpmap:8 PCMA/8000\r\na=ptime:20\r\na=inactive\r\n");
}

/* What it had from us last said nothing of PCMU, nor of telephone-event. */
static void the_other_law_is_answered(void **state)
{
	static const char told[] = HEAD "m=audio 20000 RTP/AVP 8\r\na=rtpmap:8 PCMA/8000\r\na=sendrecv\r\n";
	static const char offer[] = HEAD "m=audio 5000 RTP/AVP 0 96\r\na=rtpmap:96 telephone-event/8000\r\n";
	char mem[WA_SDP_MAX];
	wa_buf_t b = wa_buf_on(mem, sizeof(mem) - 1);
	wa_sdp_end_t e = end(offer);

	(void)state;
	assert_int_equal(wa_sdp_end_usable(&e, WA_CODEC_PCMA), WA_CODEC_PCMU);
	assert_int_equal(wa_sdp_end_usable(&e, WA_CODEC_PCMU), WA_CODEC_PCMU);
	assert_int_equal(wa_sdp_answer_again(wa_sv_from(told), wa_sv_from(offer), WA_CODEC_PCMU, true, &b), 0);
	mem[b.len] = '\0';
	assert_string_equal(mem, HEAD8 "m=audio 20000 RTP/AVP 0 96\r\n" PCMU
									"a=rtpmap:96 telephone-event/8000\r\na=ptime:20\r\na=sendrecv\r\n");
	b = wa_buf_on(mem, sizeof(mem) - 1); /* a call without digits */
	assert_int_equal(wa_sdp_answer_again(wa_sv_from(told), wa_sv_from(offer), WA_CODEC_PCMU, false, &b), 0);
	mem[b.len] = '\0';
	assert_string_equal(mem, HEAD8 "m=audio 20000 RTP/AVP 0\r\n" PCMU "a=ptime:20\r\na=sendrecv\r\n");
}

/* Parties of one codec each, whatever was agreed on; numbers are theirs. */
static void any_codec_of_ours_is_answered(void **state)
{
	static const char told[] = HEAD "m=audio 20000 RTP/AVP 8\r\na=rtpmap:8 PCMA/8000\r\na=sendrecv\r\n";
	static const char opus[] = HEAD "m=audio 5000 RTP/AVP 107 97 101\r\na=rtpmap:107 opus/48000/2\r\n"
									"a=rtpmap:97 telephone-event/48000\r\n" EVENT;
	static const char g722[] = HEAD "m=audio 5000 RTP/AVP 18 9\r\n";
	static const char all[] = HEAD "m=audio 5000 RTP/AVP 107 9 0 8\r\na=rtpmap:107 opus/48000/2\r\n";
	static const char none[] = HEAD "m=audio 5000 RTP/AVP 18 101\r\n" EVENT;
	char mem[WA_SDP_MAX];
	wa_buf_t b = wa_buf_on(mem, sizeof(mem) - 1);
	wa_sdp_end_t e = end(all);

	(void)state;
	assert_int_equal(wa_sdp_end_usable(&e, WA_CODEC_G722), WA_CODEC_G722);
	e = end(HEAD "m=audio 5000 RTP/AVP 107 9 0\r\na=rtpmap:107 opus/48000/2\r\n");
	assert_int_equal(wa_sdp_end_usable(&e, WA_CODEC_PCMA), WA_CODEC_PCMU);
	e = end(g722);
	assert_int_equal(wa_sdp_end_usable(&e, WA_CODEC_OPUS), WA_CODEC_G722);
	e = end(none);
	assert_int_equal(wa_sdp_end_usable(&e, WA_CODEC_PCMA), 0);
	assert_int_equal(wa_sdp_answer_again(wa_sv_from(told), wa_sv_from(opus), WA_CODEC_OPUS, true, &b), 0);
	mem[b.len] = '\0';
	assert_string_equal(mem, HEAD8 "m=audio 20000 RTP/AVP 107 101\r\na=rtpmap:107 opus/48000/2\r\n"
								   "a=rtpmap:101 telephone-event/8000\r\na=ptime:20\r\na=sendrecv\r\n");
	b = wa_buf_on(mem, sizeof(mem) - 1);
	assert_int_equal(wa_sdp_answer_again(wa_sv_from(told), wa_sv_from(g722), WA_CODEC_G722, true, &b), 0);
	mem[b.len] = '\0';
	assert_string_equal(mem, HEAD8 "m=audio 20000 RTP/AVP 9\r\na=rtpmap:9 G722/8000\r\na=ptime:20\r\na=sendrecv\r\n");
}

static void a_re_invite_that_will_not_do(void **state)
{
	char mem[WA_SDP_MAX];
	wa_buf_t b = wa_buf_on(mem, sizeof(mem));

	(void)state;
	assert_int_equal(wa_sdp_answer_again(WA_SV(TOLD), WA_SV(HEAD "m=audio 5000 RTP/AVP 9\r\n"), WA_CODEC_PCMU, true, &b), WA_EUNSUP);
	assert_int_equal(wa_sdp_answer_again(WA_SV(TOLD), WA_SV(HEAD "m=image 5000 udptl t38\r\n"), WA_CODEC_PCMU, true, &b), WA_EUNSUP);
	assert_int_equal(wa_sdp_answer_again(WA_SV(""), WA_SV(TOLD), WA_CODEC_PCMU, true, &b), WA_EPARSE);
	b = wa_buf_on(mem, 40);
	assert_int_equal(wa_sdp_answer_again(WA_SV(TOLD), WA_SV(TOLD), WA_CODEC_PCMU, true, &b), WA_ETOOLONG);
}

static void offer_is(const char *told, enum wa_codec codec, bool event, const char *want)
{
	char mem[WA_SDP_MAX];
	wa_buf_t b = wa_buf_on(mem, sizeof(mem) - 1);

	assert_int_equal(wa_sdp_offer_again(wa_sv_from(told), codec, event, &b), 0);
	mem[b.len] = '\0';
	assert_string_equal(mem, want);
}

/* What it has keeps its numbers; the codec of the call is in front. */
static void our_offer_is_what_it_has_and_all_else(void **state)
{
	(void)state;
	offer_is(HEAD "m=audio 20000 RTP/AVP 0\r\n" PCMU "a=inactive\r\n", WA_CODEC_PCMU, false,
			HEAD8 "m=audio 20000 RTP/AVP 0 8 9 96\r\na=rtpmap:8 PCMA/8000\r\na=rtpmap:9 G722/8000\r\n"
				  "a=rtpmap:96 opus/48000/2\r\n" PCMU "a=sendrecv\r\n");
	offer_is(HEAD "m=video 0 RTP/AVP 34\r\nm=audio 20000 RTP/AVP 9 96\r\nc=IN IP4 192.0.2.1\r\na=rtpmap:96 telephone-event/8000\r\n"
				  "a=fmtp:96 0-15\r\na=recvonly\r\n", WA_CODEC_OPUS, true,
			HEAD8 "m=video 0 RTP/AVP 34\r\nm=audio 20000 RTP/AVP 97 9 0 8 96\r\nc=IN IP4 192.0.2.1\r\na=rtpmap:97 opus/48000/2\r\n"
				  "a=rtpmap:0 PCMU/8000\r\na=rtpmap:8 PCMA/8000\r\na=rtpmap:96 telephone-event/8000\r\na=fmtp:96 0-15\r\na=sendrecv\r\n");
	/* digits that its last party did not have */
	offer_is(HEAD "m=audio 20000 RTP/AVP 0 8 9 96\r\na=rtpmap:96 opus/48000/2\r\n", WA_CODEC_PCMA, true,
			HEAD8 "m=audio 20000 RTP/AVP 8 0 9 96 97\r\na=rtpmap:97 telephone-event/8000\r\na=rtpmap:96 opus/48000/2\r\n");
}

static void what_cannot_be_offered(void **state)
{
	char mem[WA_SDP_MAX];
	wa_buf_t b = wa_buf_on(mem, 20);

	(void)state;
	assert_int_equal(wa_sdp_offer_again(WA_SV(HEAD "m=audio 20000 RTP/AVP 0\r\n"), WA_CODEC_PCMU, true, &b), WA_ETOOLONG);
	assert_int_equal(wa_sdp_offer_again(WA_SV(HEAD "m=video 20000 RTP/AVP 34\r\n"), WA_CODEC_PCMU, true, &b), WA_EUNSUP);
	assert_int_equal(wa_sdp_offer_again(WA_SV("x"), WA_CODEC_PCMU, true, &b), WA_EPARSE);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
			cmocka_unit_test(an_end_is_read), cmocka_unit_test(what_has_no_end),
			cmocka_unit_test(an_end_is_moved), cmocka_unit_test(numbers_of_its_own_become_ours),
			cmocka_unit_test(a_payload_has_its_number_at_the_other_end),
			cmocka_unit_test(a_re_invite_is_answered),
			cmocka_unit_test(the_other_law_is_answered),
			cmocka_unit_test(any_codec_of_ours_is_answered),
			cmocka_unit_test(a_re_invite_that_will_not_do),
			cmocka_unit_test(our_offer_is_what_it_has_and_all_else), cmocka_unit_test(what_cannot_be_offered),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
