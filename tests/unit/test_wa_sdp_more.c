/* What rtpengine is told of beside what the two sides say.
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
#include "wa_sdp_more.h"

#define HEAD "v=0\r\no=- 1 1 IN IP4 192.0.2.1\r\ns=-\r\nc=IN IP4 192.0.2.1\r\nt=0 0\r\n"
#define PCMA "a=rtpmap:8 PCMA/8000\r\n"
#define EVENT "a=rtpmap:101 telephone-event/8000\r\n"
#define VIDEO "m=video 6000 RTP/AVP 96\r\na=rtpmap:96 VP8/90000\r\n"

/* What rtpengine offers the PBX of Meta's, and Meta of the PBX's. */
static const char to_pbx[] = HEAD "m=audio 30000 RTP/AVP 111 8 0 96 126\r\n"
		"a=rtpmap:111 opus/48000\r\na=fmtp:111 useinbandfec=1\r\n" PCMA
		"a=rtpmap:96 telephone-event/8000\r\na=fmtp:96 0-15\r\n"
		"a=rtpmap:126 telephone-event/48000\r\n";
static const char to_meta[] = HEAD "m=audio 30000 RTP/SAVP 96 98 97\r\n"
		"a=rtpmap:96 opus/48000\r\na=rtpmap:98 GSM/48000\r\n"
		"a=rtpmap:97 telephone-event/48000\r\n";

typedef int(edit_f)(wa_sv_t in, wa_sv_t offer, wa_buf_t *out);

static char text[4096];

static int add_opus(wa_sv_t in, wa_sv_t offer, wa_buf_t *out)
{
	(void)offer;
	return wa_sdp_add_opus(in, out);
}

/* The result is in `text`. The inputs have no terminator. */
static int edit(edit_f *f, const char *in, const char *offer)
{
	char *a = malloc(strlen(in) + 1), *b = malloc(strlen(offer) + 1);
	wa_buf_t out = wa_buf_on(text, sizeof(text) - 1);
	int err;

	assert_true(a != NULL && b != NULL);
	memcpy(a, in, strlen(in));
	memcpy(b, offer, strlen(offer));
	err = f((wa_sv_t){a, strlen(in)}, (wa_sv_t){b, strlen(offer)}, &out);
	free(a);
	free(b);
	text[out.len] = '\0';
	return err;
}

static bool has(const char *what)
{
	return strstr(text, what) != NULL;
}

static void opus_comes_behind_the_codecs_of_an_offer(void **state)
{
	(void)state;
	assert_int_equal(edit(add_opus, HEAD "m=audio 5 RTP/AVP 8 101 0\r\n" PCMA EVENT "a=sendrecv\r\n" VIDEO, ""), 0);
	assert_true(has("m=audio 5 RTP/AVP 8 0 96 101 97\r\n"));
	assert_true(has("a=sendrecv\r\na=rtpmap:96 opus/48000/1\r\n"
					"a=rtpmap:97 telephone-event/48000\r\nm=video"));
	/* a number that is taken, and no digits */
	assert_int_equal(edit(add_opus, HEAD "m=audio 5 RTP/AVP 8 96\r\na=rtpmap:96 iLBC/8000\r\n", ""), 0);
	assert_true(has("m=audio 5 RTP/AVP 8 96 97\r\n") && has("a=rtpmap:97 opus/48000/1\r\n"));
	assert_false(has("telephone-event"));
}

static void opus_is_not_added_twice(void **state)
{
	static const char in[] = HEAD "m=audio 5 RTP/AVP 8 98\r\na=rtpmap:98 opus/48000/2\r\n";

	(void)state;
	assert_int_equal(edit(add_opus, in, ""), 0);
	assert_string_equal(text, in);
}

static void metas_codec_comes_in_front_of_an_answer(void **state)
{
	(void)state;
	assert_int_equal(edit(wa_sdp_add_first, HEAD "m=audio 5 RTP/AVP 8 96\r\n" PCMA
										"a=rtpmap:96 telephone-event/8000\r\n", to_pbx), 0);
	assert_true(has("m=audio 5 RTP/AVP 111 8 96 126\r\n"));
	assert_true(has("a=rtpmap:111 opus/48000\r\na=fmtp:111 useinbandfec=1\r\n"));
	assert_true(has("a=rtpmap:126 telephone-event/48000\r\n"));
	/* digits that the PBX does not know are none of Meta's */
	assert_int_equal(edit(wa_sdp_add_first, HEAD "m=audio 5 RTP/AVP 8\r\n", to_pbx), 0);
	assert_true(has("m=audio 5 RTP/AVP 111 8\r\n"));
	assert_false(has("telephone-event"));
}

static void a_codec_without_a_name_needs_none(void **state)
{
	(void)state;
	assert_int_equal(edit(wa_sdp_add_first, HEAD "m=audio 5 RTP/AVP 97\r\na=rtpmap:97 opus/48000/2\r\n",
							 HEAD "m=audio 9 RTP/AVP 0 97\r\n"), 0);
	assert_true(has("m=audio 5 RTP/AVP 0 97\r\n"));
	assert_false(has("rtpmap:0"));
}

static void the_last_codec_comes_behind_those_of_an_answer(void **state)
{
	(void)state;
	assert_int_equal(edit(wa_sdp_add_last, HEAD "m=audio 5 RTP/SAVP 96 97\r\n"
			"a=rtpmap:96 opus/48000/1\r\na=rtpmap:97 telephone-event/48000\r\n", to_meta), 0);
	assert_true(has("m=audio 5 RTP/SAVP 96 98 97\r\n") && has("a=rtpmap:98 GSM/48000\r\n"));
}

static void what_is_none_is_told(void **state)
{
	static edit_f *const edits[] = {add_opus, wa_sdp_add_first, wa_sdp_add_last};
	char full[4096] = HEAD "m=audio 5 RTP/AVP 8";

	(void)state;
	for(unsigned i = 0; i < 3; i++) {
		assert_int_equal(edit(edits[i], "", to_pbx), WA_EPARSE);
		assert_int_equal(edit(edits[i], HEAD VIDEO, to_pbx), WA_EUNSUP);
		if(i > 0)
			assert_int_equal(edit(edits[i], to_pbx, HEAD VIDEO), WA_EUNSUP);
		if(i > 0)
			assert_int_equal(edit(edits[i], HEAD "m=audio 5 RTP/AVP 8\r\n",
									 HEAD "m=audio 5 RTP/AVP 101\r\n" EVENT), 0);
	}
	for(unsigned pt = 96; pt < 128; pt++)
		sprintf(full + strlen(full), " %u", pt);
	strcat(full, "\r\n");
	assert_int_equal(edit(add_opus, full, ""), WA_EUNSUP);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
			cmocka_unit_test(opus_comes_behind_the_codecs_of_an_offer),
			cmocka_unit_test(opus_is_not_added_twice),
			cmocka_unit_test(metas_codec_comes_in_front_of_an_answer),
			cmocka_unit_test(a_codec_without_a_name_needs_none),
			cmocka_unit_test(the_last_codec_comes_behind_those_of_an_answer),
			cmocka_unit_test(what_is_none_is_told),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
