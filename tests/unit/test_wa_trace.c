/* What is kept and shown of messages: a glance, the ladder, what is blanked, HEP.
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
#include "wa_glance.h"
#include "wa_hep.h"
#include "wa_ladder.h"
#include "wa_redact.h"

/* --- a glance ----------------------------------------------------------------- */

static void requests_and_replies(void **state)
{
	wa_glance_t g;

	(void)state;
	assert_int_equal(wa_glance(WA_SV("\r\n\r\nINVITE sip:15551234567@a SIP/2.0\r\nCall-ID: abc:1=\r\n"
									 "CSeq:  7   INVITE\r\nProxy-Authorization: Digest x\r\n"
									 "Content-Type: application/SDP; x=y\r\n\r\nv=0"),
							 &g),
			0);
	assert_string_equal(g.what, "INVITE");
	assert_string_equal(g.method, "INVITE");
	assert_int_equal(g.cseq, 7);
	assert_true(g.sdp && g.credentials && !g.reply);
	assert_true(wa_sv_eq(g.call_id, WA_SV("abc:1=")));
	assert_true(wa_glance_is_call(&g));
	assert_int_equal(wa_glance(WA_SV("SIP/2.0 486 Busy, call 15551234567\xff\r\ni: x\r\nCSeq: 1 BYE\r\n\r\n"), &g), 0);
	assert_string_equal(g.what, "486 Busy, call 1555***67?");
	assert_true(g.reply && !g.sdp && !g.credentials);
	assert_int_equal(wa_glance(WA_SV("OPTIONS sip:a SIP/2.0\r\ni: x\r\nCSeq: 1 OPTIONS\r\n\r\n"), &g), 0);
	assert_false(wa_glance_is_call(&g));
}

static void no_messages(void **state)
{
	static const char *const bad[] = {"", "\r\n\r\n", "GET", "invite sip:a SIP/2.0\r\ni: x\r\nCSeq: 1 INVITE\r\n\r\n",
			"INVITE sip:a SIP/2.0\r\nCSeq: 1 INVITE\r\n\r\n", "INVITE sip:a SIP/2.0\r\ni: x\r\nCSeq: x INVITE\r\n\r\n",
			"INVITE sip:a SIP/2.0\r\ni: x\r\nCSeq: 1\r\n\r\n", "INVITE sip:a SIP/2.0\r\ni: x\r\n\r\nCSeq: 1 INVITE\r\n"};
	wa_glance_t g;

	(void)state;
	for(size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_int_equal(wa_glance(wa_sv_from(bad[i]), &g), WA_EPARSE);
}

/* --- the ladder --------------------------------------------------------------- */

static void put(wa_ladder_t *l, const char *call, const char *what, int64_t at)
{
	wa_step_t s;

	memset(&s, 0, sizeof(s));
	s.at = at;
	wa_sv_copy(s.what, sizeof(s.what), wa_sv_from(what));
	wa_ladder_put(l, wa_sv_from(call), &s);
}

static void two_legs_in_order(void **state)
{
	wa_ladder_t *l = wa_ladder_init(malloc(wa_ladder_size(64)), 64, 5);
	wa_sv_t ids[] = {WA_SV("a"), WA_SV("masked")};
	wa_step_t out[8];

	(void)state;
	put(l, "a", "INVITE", 10);
	put(l, "other", "INVITE", 11);
	/* another process was quicker to take its place than to read the clock */
	put(l, "masked", "180", 13);
	put(l, "masked", "100", 12);
	put(l, "a", "180", 13);
	assert_int_equal(wa_ladder_find(l, ids, 2, out, 8), 4);
	assert_string_equal(out[0].what, "INVITE");
	assert_string_equal(out[1].what, "100");
	assert_string_equal(out[2].what, "180");
	assert_int_equal(wa_ladder_find(l, ids, 1, out, 8), 2);
	/* the first ones, if there is no room for all */
	assert_int_equal(wa_ladder_find(l, ids, 2, out, 2), 2);
	assert_string_equal(out[1].what, "100");
	assert_int_equal(wa_ladder_count(l), 5);
	free(l);
}

static void the_oldest_give_way(void **state)
{
	wa_ladder_t *l = wa_ladder_init(malloc(wa_ladder_size(64)), 64, 5);
	wa_sv_t old = WA_SV("old"), fresh = WA_SV("new");
	wa_step_t out[100];

	(void)state;
	assert_int_equal(wa_ladder_size(63), 0);
	assert_int_equal(wa_ladder_size(4194305), 0);
	put(l, "old", "INVITE", 1);
	for(int i = 0; i < 63; i++)
		put(l, "new", "x", 2 + i);
	assert_int_equal(wa_ladder_find(l, &old, 1, out, 100), 1);
	put(l, "new", "x", 100);
	assert_int_equal(wa_ladder_find(l, &old, 1, out, 100), 0);
	assert_int_equal(wa_ladder_find(l, &fresh, 1, out, 100), 64);
	assert_int_equal(out[0].at, 2);
	assert_int_equal(out[63].at, 100);
	free(l);
}

/* --- what is blanked ----------------------------------------------------------- */

static void check_redacted(const char *in, const char *expected)
{
	char text[1024];
	size_t n = strlen(in);

	assert_true(n + 1 < sizeof(text));
	memcpy(text, in, n);
	memcpy(text + n, "!", 2);
	wa_redact(text, n);
	assert_int_equal(text[n], '!'); /* what follows is not ours */
	text[n] = '\0';
	assert_string_equal(text, expected);
}

static void credentials(void **state)
{
	(void)state;
	check_redacted("INVITE sip:a SIP/2.0\r\nProxy-Authorization: Digest username=\"1\", response=\"0123\", cnonce=\"a\"\r\n\r\n",
			"INVITE sip:a SIP/2.0\r\nProxy-Authorization: Digest username=\"1\", response=\"xxxx\", cnonce=\"a\"\r\n\r\n");
	check_redacted("\r\nBYE sip:a SIP/2.0\r\nauthorization : digest response\r\n = 0123,qop=auth\r\n\r\n",
			"\r\nBYE sip:a SIP/2.0\r\nauthorization : digest response\r\n = xxxx,qop=auth\r\n\r\n");
	check_redacted("BYE sip:a SIP/2.0\r\nAuthorization: Basic YTpi\r\n\r\n", "BYE sip:a SIP/2.0\r\nAuthorization: Basicxxxxx\r\n\r\n");
	check_redacted("SIP/2.0 200 OK\r\nAuthentication-Info: rspauth=\"00ff\", nc=1\r\n\r\n",
			"SIP/2.0 200 OK\r\nAuthentication-Info: rspauth=\"xxxx\", nc=1\r\n\r\n");
	/* a challenge opens nothing; nor does a parameter whose name ends so */
	check_redacted("SIP/2.0 407 x\r\nProxy-Authenticate: Digest nonce=\"1\"\r\nAuthorization: Digest xresponse=1, response=2\r\n\r\n",
			"SIP/2.0 407 x\r\nProxy-Authenticate: Digest nonce=\"1\"\r\nAuthorization: Digest xresponse=1, response=x\r\n\r\n");
}

static void media_keys(void **state)
{
	(void)state;
	check_redacted("SIP/2.0 200 OK\r\nc: application/sdp\r\n\r\nv=0\r\na=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:AbC+/=|2^20;inline:DEF\r\na=ice-pwd:secret\r\na=ice-ufrag:u\r\n",
			"SIP/2.0 200 OK\r\nc: application/sdp\r\n\r\nv=0\r\na=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:xxxxxx|2^20;inline:xxx\r\na=ice-pwd:xxxxxx\r\na=ice-ufrag:u\r\n");
	check_redacted("INFO sip:a SIP/2.0\r\nContent-Type: application/dtmf-relay\r\n\r\nSignal=5\r\n",
			"INFO sip:a SIP/2.0\r\nContent-Type: application/dtmf-relay\r\n\r\nxxxxxxxx\r\n");
	check_redacted("INFO", "INFO");
	check_redacted("", "");
}

/* --- HEP ------------------------------------------------------------------------ */

static void a_packet(void **state)
{
	static const uint8_t expected[] = {'H', 'E', 'P', '3', 0, 104,
			0, 0, 0, 1, 0, 7, 2, 0, 0, 0, 2, 0, 7, 17,
			0, 0, 0, 3, 0, 10, 192, 0, 2, 1, 0, 0, 0, 4, 0, 10, 192, 0, 2, 2,
			0, 0, 0, 7, 0, 8, 0x13, 0xc4, 0, 0, 0, 8, 0, 8, 0x13, 0xc5,
			0, 0, 0, 9, 0, 10, 0, 0, 0, 3, 0, 0, 0, 10, 0, 10, 0, 0, 0, 9,
			0, 0, 0, 11, 0, 7, 1, 0, 0, 0, 12, 0, 10, 0, 0, 1, 0,
			0, 0, 0, 15, 0, 11};
	wa_hep_t h = {.protocol = 17, .src = {192, 0, 2, 1}, .dst = {192, 0, 2, 2}, .src_port = 5060, .dst_port = 5061,
			.at_us = 3000009, .capture_id = 256};
	uint8_t out[WA_HEP_HEAD_MAX];

	(void)state;
	assert_int_equal(wa_hep_head(&h, 5, out), sizeof(expected));
	assert_int_equal(sizeof(expected) + 5, 104);
	assert_memory_equal(out, expected, sizeof(expected));
	h.ip6 = true;
	assert_int_equal(wa_hep_head(&h, 5, out), sizeof(expected) + 24);
	assert_int_equal(out[12], 10);
	assert_int_equal(wa_hep_head(&h, 65001, out), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
			cmocka_unit_test(requests_and_replies),
			cmocka_unit_test(no_messages),
			cmocka_unit_test(two_legs_in_order),
			cmocka_unit_test(the_oldest_give_way),
			cmocka_unit_test(credentials),
			cmocka_unit_test(media_keys),
			cmocka_unit_test(a_packet),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
