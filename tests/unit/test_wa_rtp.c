/* RTP and RTCP packets, and what a receiver reports.
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "wa_err.h"
#include "wa_rtp.h"
#include "wa_rtp_reception.h"

static const uint8_t plain[] = {0x80, 0xe5, 0x12, 0x34, 1, 2, 3, 4, 5, 6, 7, 8, 0xaa, 0xbb};

static void a_plain_packet(void **state)
{
	uint8_t again[WA_RTP_HEAD];
	wa_rtp_t r;

	(void)state;
	assert_int_equal(wa_rtp_read(plain, sizeof(plain), &r), 0);
	assert_true(r.marker);
	assert_int_equal(r.pt, 101);
	assert_int_equal(r.seq, 0x1234);
	assert_int_equal(r.ts, 0x01020304);
	assert_int_equal(r.ssrc, 0x05060708);
	assert_int_equal(r.at, 12);
	assert_int_equal(r.len, 2);
	wa_rtp_write(again, &r);
	assert_memory_equal(again, plain, sizeof(again));
}

static void csrc_extension_and_padding_are_no_payload(void **state)
{
	static const uint8_t p[] = {0xb1, 0, 0, 1, 0, 0, 0, 2, 0, 0, 0, 3, 9, 9, 9, 9,
			0xbe, 0xde, 0, 1, 1, 1, 1, 1, 0x77, 0x78, 0, 2};
	wa_rtp_t r;

	(void)state;
	assert_int_equal(wa_rtp_read(p, sizeof(p), &r), 0);
	assert_int_equal(r.at, 24);
	assert_int_equal(r.len, 2);
}

static void cut_packets_are_none(void **state)
{
	static const uint8_t whole[] = {0xb1, 0, 0, 1, 0, 0, 0, 2, 0, 0, 0, 3, 9, 9,
			9, 9, 0xbe, 0xde, 0, 1, 1, 1, 1, 1};
	uint8_t copy[sizeof(whole)];
	wa_rtp_t r;

	(void)state;
	for(size_t n = 0; n < sizeof(whole); n++)
		assert_int_equal(wa_rtp_read(whole, n, &r), WA_EPARSE);
	/* more padding than packet, padding of nothing, another version */
	memcpy(copy, whole, sizeof(copy));
	copy[sizeof(copy) - 1] = 200;
	assert_int_equal(wa_rtp_read(copy, sizeof(copy), &r), WA_EPARSE);
	copy[sizeof(copy) - 1] = 0;
	assert_int_equal(wa_rtp_read(copy, sizeof(copy), &r), WA_EPARSE);
	copy[0] = 0x40;
	assert_int_equal(wa_rtp_read(copy, sizeof(copy), &r), WA_EPARSE);
}

static void rtcp_is_told_apart(void **state)
{
	static const uint8_t sr[] = {0x80, 200, 0, 1, 1, 2, 3, 4};
	static const uint8_t rtp[] = {0x80, 0x80 | 63, 0, 1, 1, 2, 3, 4, 0, 0, 0, 0};

	(void)state;
	assert_true(wa_rtp_is_rtcp(sr, sizeof(sr)));
	assert_false(wa_rtp_is_rtcp(sr, 7));
	assert_false(wa_rtp_is_rtcp(rtp, sizeof(rtp)));
	assert_false(wa_rtp_is_rtcp(plain, sizeof(plain)));
}

static void what_is_written_is_read(void **state)
{
	wa_rtcp_sender_t s = {.ntp = 0x1122334455667788, .ts = 9, .packets = 10, .octets = 11};
	wa_rtcp_block_t b = {.ssrc = 77, .fraction = 12, .lost = -3, .highest = 70000,
			.jitter = 5, .lsr = 6, .dlsr = 7};
	uint8_t p[WA_RTCP_MAX];
	wa_rtcp_t r;
	size_t n;

	(void)state;
	for(int i = 0; i < 4; i++) {
		n = wa_rtcp_write(p, sizeof(p), 42, i & 1 ? &s : NULL, i & 2 ? &b : NULL, "cname");
		assert_true(n > 0 && n % 4 == 0);
		assert_int_equal(wa_rtcp_read(p, n, 77, &r), 0);
		assert_int_equal(r.ssrc, 42);
		assert_int_equal(r.has_sender, i & 1);
		assert_int_equal(r.has_block, i >> 1);
		if(i & 1)
			assert_memory_equal(&r.sender, &s, sizeof(s));
		if(i & 2)
			assert_memory_equal(&r.block, &b, sizeof(b));
		assert_int_equal(wa_rtcp_read(p, n, 78, &r), 0);
		assert_false(r.has_block);
		for(size_t cut = 0; cut < n; cut++)
			(void)wa_rtcp_read(p, cut, 77, &r);
	}
	assert_int_equal(wa_rtcp_write(p, 20, 42, &s, &b, "cname"), 0);
	assert_int_equal(wa_rtcp_write(p, sizeof(p), 42, &s, &b, ""), 0);
	assert_int_equal(wa_rtcp_write(p, sizeof(p), 42, &s, &b,
							 "a name that is longer than the most"), 0);
}

static void compounds_that_do_not_hold_together(void **state)
{
	/* more blocks than room, an SR without its sender, a length over the end */
	static const uint8_t bad[][12] = {{0x82, 201, 0, 1, 0, 0, 0, 1},
			{0x80, 200, 0, 1, 0, 0, 0, 1}, {0x80, 201, 0, 9, 0, 0, 0, 1},
			{0x80, 201, 0, 1, 0, 0, 0, 1, 0x00, 201, 0, 0}};
	static const uint8_t bye[] = {0x80, 201, 0, 1, 0, 0, 0, 1, 0x81, 203, 0, 1, 0, 0, 0, 1};
	wa_rtcp_t r;

	(void)state;
	for(size_t i = 0; i < 4; i++)
		assert_int_equal(wa_rtcp_read(bad[i], i == 3 ? 12 : 8, 1, &r), WA_EPARSE);
	assert_int_equal(wa_rtcp_read(bye, sizeof(bye), 1, &r), 0);
	assert_true(r.bye);
}

/* --- reception ----------------------------------------------------------------- */

static void packet(wa_rtp_reception_t *r, uint16_t seq, int64_t at)
{
	wa_rtp_t p = {.ssrc = 5, .seq = seq, .ts = (uint32_t)(at / 125)};

	wa_rtp_received(r, &p, 8000, at);
}

static void losses_are_reported_once(void **state)
{
	wa_rtp_reception_t r = {.has = false};
	wa_rtcp_block_t b;

	(void)state;
	assert_false(wa_rtp_report(&r, 0, &b));
	for(int i = 0; i < 100; i++)
		if(i % 4)
			packet(&r, (uint16_t)(65500 + i), i * 20000);
	assert_true(wa_rtp_report(&r, 0, &b));
	assert_int_equal(b.ssrc, 5);
	assert_int_equal(b.lost, 24);
	assert_int_equal(b.fraction, 24 * 256 / 99);
	assert_int_equal(b.highest, 65536 + 63);
	assert_int_equal(b.jitter, 0);
	assert_int_equal(b.lsr, 0);
	packet(&r, 64, 100 * 20000);
	assert_true(wa_rtp_report(&r, 0, &b));
	assert_int_equal(b.fraction, 0);
	assert_int_equal(b.lost, 24);
}

static void the_senders_time_is_echoed(void **state)
{
	wa_rtcp_sender_t s = {.ntp = 0x1122334455667788};
	wa_rtp_reception_t r = {.has = false};
	wa_rtcp_block_t b;

	(void)state;
	packet(&r, 1, 0);
	wa_rtp_received_sr(&r, &s, 1000000);
	assert_true(wa_rtp_report(&r, 1500000, &b));
	assert_int_equal(b.lsr, 0x33445566);
	assert_int_equal(b.dlsr, 32768);
}

static void a_new_stream_begins_anew(void **state)
{
	wa_rtp_reception_t r = {.has = false};
	wa_rtp_t other = {.ssrc = 6, .seq = 1000};
	uint32_t all, got;
	wa_rtcp_block_t b;

	(void)state;
	packet(&r, 1, 0);
	packet(&r, 4, 0);
	packet(&r, 30000, 0); /* a jump */
	wa_rtp_received(&r, &other, 8000, 0);
	assert_true(wa_rtp_report(&r, 0, &b));
	assert_int_equal(b.ssrc, 6);
	assert_int_equal(b.lost, 0);
	wa_rtp_reception_sum(&r, &all, &got);
	assert_int_equal(all, 6);
	assert_int_equal(got, 4);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
			cmocka_unit_test(a_plain_packet),
			cmocka_unit_test(csrc_extension_and_padding_are_no_payload),
			cmocka_unit_test(cut_packets_are_none),
			cmocka_unit_test(rtcp_is_told_apart),
			cmocka_unit_test(what_is_written_is_read),
			cmocka_unit_test(compounds_that_do_not_hold_together),
			cmocka_unit_test(losses_are_reported_once),
			cmocka_unit_test(the_senders_time_is_echoed),
			cmocka_unit_test(a_new_stream_begins_anew),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
