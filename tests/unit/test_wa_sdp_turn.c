/* One side's SDP with the codecs of the other.
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "wa_err.h"
#include "wa_number.h"
#include "wa_sdp_turn.h"

#define HEAD "v=0\r\no=- 1 1 IN IP4 192.0.2.1\r\ns=-\r\nc=IN IP4 192.0.2.1\r\nt=0 0\r\n"
#define VIDEO "m=video 6000 RTP/AVP 96\r\na=rtpmap:96 VP8/90000\r\n"

/* Of Meta's, as rtpengine offers it, and of a PBX's. */
static const char metas[] = HEAD "m=audio 30000 RTP/AVP 111 126\r\na=mid:0\r\n"
		"a=rtpmap:111 opus/48000/1\r\na=fmtp:111 useinbandfec=1\r\n"
		"a=rtpmap:126 telephone-event/48000\r\na=ptime:20\r\n";
static const char pbxs[] = HEAD "m=audio 5 RTP/AVP 9 8 97\r\n"
		"a=rtpmap:8 PCMA/8000\r\na=rtpmap:97 telephone-event/8000\r\na=fmtp:97 0-15\r\n" VIDEO;

static char text[4096];

static int turn_offer(const char *in, const char *codecs)
{
	char *a = malloc(strlen(in) + 1);
	wa_buf_t out = wa_buf_on(text, sizeof(text) - 1);
	int err;

	assert_non_null(a);
	memcpy(a, in, strlen(in)); /* without a terminator */
	err = wa_sdp_turn_offer((wa_sv_t){a, strlen(in)}, wa_sv_from(codecs), &out);
	free(a);
	text[out.len] = '\0';
	return err;
}

static int turn_answer(const char *in, const char *offer, unsigned codecs)
{
	wa_buf_t out = wa_buf_on(text, sizeof(text) - 1);
	int err = wa_sdp_turn_answer(wa_sv_from(in), wa_sv_from(offer), codecs, &out);

	text[out.len] = '\0';
	return err;
}

static bool has(const char *what)
{
	return strstr(text, what) != NULL;
}

static void an_offer_gets_other_codecs(void **state)
{
	(void)state;
	assert_int_equal(turn_offer(metas, "G722,PCMA,nothing,PCMU"), 0);
	assert_string_equal(text, HEAD "m=audio 30000 RTP/AVP 9 8 0 101\r\na=mid:0\r\na=ptime:20\r\n"
			"a=rtpmap:9 G722/8000\r\na=rtpmap:8 PCMA/8000\r\na=rtpmap:0 PCMU/8000\r\n"
			"a=rtpmap:101 telephone-event/8000\r\n");
	assert_int_equal(turn_offer(pbxs, "OPUS"), 0);
	assert_true(has("m=audio 5 RTP/AVP 111 102\r\na=rtpmap:111 opus/48000/1\r\n"
					"a=rtpmap:102 telephone-event/48000\r\nm=video"));
	/* one telephone-event for each clock */
	assert_int_equal(turn_offer(pbxs, ",PCMA,OPUS,PCMA"), 0);
	assert_true(has("m=audio 5 RTP/AVP 8 111 101 102\r\n"));
	assert_int_equal(turn_offer(HEAD "m=audio 5 RTP/AVP 8\r\n", "OPUS"), 0);
	assert_false(has("telephone-event"));
}

static void an_answer_gets_the_codec_of_the_offer(void **state)
{
	(void)state;
	assert_int_equal(turn_answer(pbxs, metas, ~0u), 0);
	assert_true(has("m=audio 5 RTP/AVP 111 126\r\na=rtpmap:111 opus/48000/1\r\na=fmtp:111 useinbandfec=1\r\n"
					"a=rtpmap:126 telephone-event/48000\r\nm=video"));
	/* the PBX's first that its trunk has, by the PBX's numbers */
	assert_int_equal(turn_answer(metas, pbxs, WA_CODEC_PCMA | WA_CODEC_PCMU), 0);
	assert_true(has("m=audio 30000 RTP/AVP 8 97\r\na=mid:0\r\na=ptime:20\r\na=rtpmap:8 PCMA/8000\r\n"
					"a=rtpmap:97 telephone-event/8000\r\na=fmtp:97 0-15\r\n"));
	assert_false(has("opus"));
	/* digits that one of the two does not know are nobody's */
	assert_int_equal(turn_answer(HEAD "m=audio 5 RTP/AVP 8\r\n", metas, ~0u), 0);
	assert_true(has("m=audio 5 RTP/AVP 111\r\n"));
	assert_int_equal(turn_answer(metas, HEAD "m=audio 5 RTP/AVP 8\r\n", ~0u), 0);
	assert_true(has("m=audio 30000 RTP/AVP 8\r\n"));
	assert_false(has("telephone-event"));
}

static void an_answer_that_fits_stays(void **state)
{
	(void)state;
	assert_int_equal(turn_answer(pbxs, HEAD "m=audio 9 RTP/AVP 0 9\r\n", ~0u), 0);
	assert_string_equal(text, pbxs);
}

static void what_is_none_is_told(void **state)
{
	(void)state;
	assert_int_equal(turn_offer("", "PCMU"), WA_EPARSE);
	assert_int_equal(turn_offer(HEAD VIDEO, "PCMU"), WA_EUNSUP);
	assert_int_equal(turn_offer(metas, "GSM"), WA_EUNSUP);
	assert_int_equal(turn_answer("", metas, ~0u), WA_EPARSE);
	assert_int_equal(turn_answer(pbxs, HEAD VIDEO, ~0u), WA_EUNSUP);
	assert_int_equal(turn_answer(pbxs, metas, WA_CODEC_PCMU), WA_EUNSUP);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
			cmocka_unit_test(an_offer_gets_other_codecs),
			cmocka_unit_test(an_answer_gets_the_codec_of_the_offer),
			cmocka_unit_test(an_answer_that_fits_stays),
			cmocka_unit_test(what_is_none_is_told),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
