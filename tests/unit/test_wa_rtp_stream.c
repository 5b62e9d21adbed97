/* One stream without a gap, in virtual time.
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "wa_err.h"
#include "wa_rtp_stream.h"

#define MS 1000
#define MAX 4096

/* What has gone out. */
struct out
{
	wa_rtp_t rtp;
	int64_t at;
	bool made;
	uint8_t payload[8];
};

static struct world
{
	wa_rtp_stream_t s;
	int64_t now;
	struct out out[MAX];
	unsigned n;
} w;

/* A source that sends a frame each 20 ms. */
struct source
{
	uint32_t ssrc, ts;
	uint16_t seq;
	uint32_t ticks;
	uint8_t payload[160];
	size_t len;
};

static struct source source(uint32_t ssrc)
{
	struct source s = {.ssrc = ssrc, .ts = ssrc * 77, .seq = (uint16_t)(65530 + ssrc),
			.ticks = 160, .len = 160};

	memset(s.payload, 0x55, sizeof(s.payload));
	return s;
}

static void record(const wa_rtp_t *rtp, const uint8_t *payload, bool made)
{
	struct out *o = &w.out[w.n++];

	assert_true(w.n < MAX);
	o->rtp = *rtp;
	o->at = w.now;
	o->made = made;
	memcpy(o->payload, payload, rtp->len < 8 ? rtp->len : 8);
}

static void run_to(int64_t until)
{
	uint8_t p[WA_RTP_MADE_MAX];
	wa_rtp_t rtp;
	size_t len;

	for(; w.now < until; w.now += MS)
		while((len = wa_rtp_stream_fill(&w.s, w.now, p)) > 0) {
			assert_true(len <= sizeof(p));
			assert_int_equal(wa_rtp_read(p, len, &rtp), 0);
			record(&rtp, p + rtp.at, true);
		}
}

static void pass(int ms)
{
	run_to(w.now + ms * MS);
}

static bool take(const wa_rtp_t *in, const uint8_t *payload, enum wa_rtp_kind kind)
{
	wa_rtp_t out;

	if(!wa_rtp_stream_take(&w.s, in, payload, kind,
			   kind == WA_RTP_EVENT ? 101 : 0, w.now, &out))
		return false;
	record(&out, payload, false);
	return true;
}

static bool send_one(struct source *s)
{
	wa_rtp_t in = {.pt = 0, .seq = s->seq, .ts = s->ts, .ssrc = s->ssrc,
			.at = 12, .len = s->len};
	bool sent = take(&in, s->payload, WA_RTP_AUDIO);

	s->seq++;
	s->ts += s->ticks;
	return sent;
}

static void speak(struct source *s, int ms)
{
	for(int i = 0; i < ms / 20; i++) {
		send_one(s);
		pass(20);
	}
}

static bool try_event(struct source *s, unsigned digit, unsigned duration, bool end)
{
	uint8_t p[4] = {(uint8_t)digit, (uint8_t)(end ? 0x8a : 0x0a),
			(uint8_t)(duration >> 8), (uint8_t)duration};
	wa_rtp_t in = {.pt = 101, .seq = s->seq++, .ts = s->ts, .ssrc = s->ssrc,
			.at = 12, .len = 4};

	return take(&in, p, WA_RTP_EVENT);
}

static void event(struct source *s, uint8_t digit, uint16_t duration, bool end)
{
	assert_true(try_event(s, digit, duration, end));
}

/* One SSRC, no sequence number missing or twice, time goes on by frames or with
 * the clock, no gap of more than 60 ms. */
static void is_one_stream(uint32_t ticks)
{
	assert_true(w.n > 1);
	for(unsigned i = 1; i < w.n; i++) {
		const struct out *a = &w.out[i - 1], *b = &w.out[i];
		int32_t step = (int32_t)(b->rtp.ts - a->rtp.ts);

		assert_int_equal(b->rtp.ssrc, 0xabcdef01);
		assert_int_equal((uint16_t)(b->rtp.seq - a->rtp.seq), 1);
		assert_true(b->at - a->at <= 60 * MS);
		if(a->rtp.pt != 101 && b->rtp.pt != 101)
			assert_int_equal(step, (int32_t)ticks);
	}
}

static int setup(void **state)
{
	(void)state;
	memset(&w, 0, sizeof(w));
	w.now = 5000 * MS;
	wa_rtp_stream_init(&w.s, 0xabcdef01, 65500, 0xffffff00);
	wa_rtp_stream_format(&w.s, WA_CODEC_PCMU, 0, 101);
	return 0;
}

static void begin(void)
{
	wa_rtp_stream_start(&w.s, w.now);
}

/* --- silence -------------------------------------------------------------- */

static void nothing_before_the_start(void **state)
{
	struct source a = source(1);

	(void)state;
	pass(500);
	assert_false(send_one(&a));
	assert_int_equal(w.n, 0);
	assert_int_equal(wa_rtp_stream_due(&w.s), -1);
	assert_int_equal(wa_rtp_stream_press(&w.s, '1', 100), WA_EUNSUP);
}

static void silence_begins_at_once_and_goes_on(void **state)
{
	(void)state;
	begin();
	pass(1);
	assert_int_equal(w.n, 1);
	assert_true(w.out[0].rtp.marker);
	pass(60000);
	assert_true(w.n >= 3000 && w.n <= 3002);
	is_one_stream(160);
	assert_int_equal(w.out[1].payload[0], 0xff);
	assert_int_equal(w.s.silent, w.n);
}

static void silence_is_that_of_the_codec(void **state)
{
	static const struct
	{
		enum wa_codec codec;
		uint8_t first;
		uint32_t ticks;
	} t[] = {{WA_CODEC_PCMA, 0xd5, 160}, {WA_CODEC_G722, 0xfe, 160},
			{WA_CODEC_OPUS, 0xf8, 960}};

	for(size_t i = 0; i < 3; i++) {
		setup(state);
		wa_rtp_stream_format(&w.s, t[i].codec, 97, WA_RTP_NO_PT);
		begin();
		pass(500);
		is_one_stream(t[i].ticks);
		assert_int_equal(w.out[0].payload[0], t[i].first);
		assert_int_equal(w.out[0].rtp.pt, 97);
	}
}

/* --- one source ------------------------------------------------------------- */

static void a_source_is_passed_on_at_once(void **state)
{
	struct source a = source(1);

	(void)state;
	begin();
	pass(40);
	w.n = 0;
	speak(&a, 2000);
	assert_int_equal(w.n, 100);
	is_one_stream(160);
	assert_true(w.out[0].rtp.marker);
	assert_false(w.out[1].rtp.marker);
	assert_false(w.out[50].made);
}

static void its_losses_stay_visible(void **state)
{
	struct source a = source(1);

	(void)state;
	begin();
	speak(&a, 200);
	a.seq++; /* lost; the next comes in time */
	a.ts += 160;
	w.n = 0;
	pass(20);
	speak(&a, 40);
	assert_int_equal((uint16_t)(w.out[0].rtp.seq - w.s.seq), (uint16_t)-1);
	assert_int_equal(w.out[0].made, 0);
	assert_int_equal(w.n, 2);
}

static void a_long_loss_is_filled_and_the_time_kept(void **state)
{
	struct source a = source(1);
	uint32_t shift;

	(void)state;
	begin();
	speak(&a, 400);
	shift = w.s.ts_shift;
	for(int i = 0; i < 10; i++) {
		a.seq++;
		a.ts += 160;
		pass(20);
	}
	speak(&a, 400);
	assert_int_equal(w.s.ts_shift, shift);
	is_one_stream(160);
}

static void order_is_kept_as_it_came(void **state)
{
	struct source a = source(1), late;

	(void)state;
	begin();
	speak(&a, 200);
	late = a;
	a.seq++;
	a.ts += 160;
	w.n = 0;
	assert_true(send_one(&a));
	assert_true(send_one(&late));
	assert_int_equal((uint16_t)(w.out[0].rtp.seq - w.out[1].rtp.seq), 1);
	assert_int_equal(w.out[0].rtp.ts - w.out[1].rtp.ts, 160);
	/* twice is once */
	late.seq--;
	late.ts -= 160;
	assert_false(send_one(&late));
}

static void what_comes_after_its_silence_is_dropped(void **state)
{
	struct source a = source(1);

	(void)state;
	begin();
	speak(&a, 400);
	pass(130); /* a pause in the network, and then all at once */
	w.n = 0;
	for(int i = 0; i < 7; i++)
		send_one(&a);
	assert_int_equal(w.n, 1); /* the last one is in time */
	pass(10);
	speak(&a, 400);
	is_one_stream(160);
	assert_int_equal(w.s.switches, 0);
}

static void a_source_that_stood_still_goes_on(void **state)
{
	struct source a = source(1);

	(void)state;
	begin();
	speak(&a, 400);
	for(int i = 0; i < 20; i++) {
		pass(100 + 20 * i); /* its clock stops meanwhile */
		speak(&a, 300);
		assert_false(w.out[w.n - 1].made);
	}
	is_one_stream(160);
}

static void long_frames_are_not_filled_up(void **state)
{
	struct source a = source(1);

	(void)state;
	begin();
	a.ticks = 480;
	a.len = 480;
	for(int i = 0; i < 50; i++) {
		wa_rtp_t in = {.seq = a.seq++, .ts = a.ts, .ssrc = 1, .at = 12, .len = 480};
		uint8_t p[480] = {0};

		a.ts += 480;
		assert_true(take(&in, p, WA_RTP_AUDIO));
		pass(60);
	}
	assert_true(w.s.silent <= 3);
}

/* --- several sources --------------------------------------------------------- */

static void another_source_goes_on_where_the_last_one_ended(void **state)
{
	(void)state;
	begin();
	for(uint32_t n = 1; n <= 30; n++) {
		struct source a = source(n * 1000);

		speak(&a, 200);
		if(n % 3 == 0)
			pass(70 * (int)n);
	}
	is_one_stream(160);
	assert_int_equal(w.s.switches, 29);
	assert_true(w.s.dropped <= 30);
}

static void two_at_a_time_are_not_mixed(void **state)
{
	struct source a = source(1), b = source(2);
	unsigned from_b = 0;

	(void)state;
	begin();
	speak(&a, 200);
	for(int i = 0; i < 50; i++) {
		send_one(&a);
		pass(10);
		from_b += send_one(&b);
		pass(10);
	}
	assert_int_equal(from_b, 0);
	is_one_stream(160);
}

static void after_a_re_invite_the_new_one_is_taken_at_once(void **state)
{
	struct source a = source(1), b = source(2);

	(void)state;
	begin();
	speak(&a, 200);
	wa_rtp_stream_renew(&w.s);
	w.n = 0;
	assert_true(send_one(&b));
	assert_true(w.out[0].rtp.marker);
}

static void time_goes_on_while_nobody_is_there(void **state)
{
	struct source a = source(1);
	uint32_t ts;

	(void)state;
	begin();
	speak(&a, 200);
	ts = w.s.ts;
	w.now += 3000 * MS; /* the relay was killed */
	wa_rtp_stream_renew(&w.s);
	w.n = 0;
	pass(1);
	assert_int_equal(w.n, 1);
	assert_true(w.out[0].rtp.marker);
	assert_true(w.out[0].rtp.ts - ts >= 23840 && w.out[0].rtp.ts - ts <= 24320);
}

/* A host that was only cut off has gone on with a stream that another one takes over
 * from its record. */
static void no_number_comes_twice_after_a_move(void **state)
{
	struct source a = source(1), there;
	wa_rtp_stream_t kept;
	uint16_t last;

	(void)state;
	begin();
	speak(&a, 200);
	kept = w.s;
	speak(&a, 1400);
	last = w.s.seq;
	there = a;
	w.s = kept;
	w.n = 0;
	w.now += 300 * MS;
	there.seq = (uint16_t)(a.seq + 15);
	there.ts = a.ts + 15 * a.ticks;
	pass(1);
	speak(&there, 100);
	assert_true(w.n > 3);
	for(unsigned i = 0; i < w.n; i++)
		assert_true((int16_t)(w.out[i].rtp.seq - last) > (int16_t)i);
	assert_true((int16_t)(w.out[0].rtp.seq - last) < 20);
}

/* --- events ------------------------------------------------------------------- */

static void an_event_keeps_the_time_of_its_begin(void **state)
{
	struct source a = source(1);

	(void)state;
	begin();
	speak(&a, 200);
	w.n = 0;
	for(unsigned i = 1; i <= 8; i++) {
		event(&a, 5, i * 160, i == 8);
		pass(20);
	}
	event(&a, 5, 8 * 160, true);
	event(&a, 5, 8 * 160, true);
	for(unsigned i = 0; i < w.n; i++)
		assert_int_equal(w.out[i].rtp.ts, w.out[0].rtp.ts);
	assert_int_equal(w.n, 10);
	a.ts += 8 * 160;
	speak(&a, 200);
	assert_int_equal(w.out[10].rtp.ts - w.out[0].rtp.ts, 8 * 160);
	is_one_stream(160);
}

static void an_event_beside_audio_is_one_event(void **state)
{
	struct source a = source(1), e;
	uint32_t ts = 0;

	(void)state;
	begin();
	speak(&a, 200);
	e = a;
	for(unsigned i = 1; i <= 8; i++) {
		e.seq = a.seq++;
		event(&e, 5, i * 160, i == 8);
		if(i == 1)
			ts = w.out[w.n - 1].rtp.ts;
		assert_int_equal(w.out[w.n - 1].rtp.ts, ts);
		send_one(&a);
		pass(20);
	}
}

static void a_false_duration_does_not_run_away(void **state)
{
	struct source a = source(1);
	uint32_t ts;

	(void)state;
	begin();
	speak(&a, 200);
	ts = w.s.ts;
	event(&a, 5, 65535, true);
	assert_true(w.s.ts - ts <= 320);
}

/* --- digits ---------------------------------------------------------------------- */

/* Checks one digit from w.out[*at] on; leaves what comes after it. */
static void is_digit(unsigned *at, unsigned digit, unsigned frames)
{
	unsigned i = *at, ends = 0;
	uint32_t ts = w.out[i].rtp.ts;

	assert_true(w.out[i].rtp.marker);
	for(; i < w.n && w.out[i].rtp.pt == 101; i++) {
		const uint8_t *p = w.out[i].payload;
		unsigned ticks = (unsigned)p[2] << 8 | p[3];

		assert_int_equal(p[0], digit);
		assert_int_equal(w.out[i].rtp.ts, ts);
		assert_int_equal(w.out[i].rtp.marker, i == *at);
		ends += p[1] >> 7;
		assert_int_equal(ticks, ends ? frames * 160 : (i - *at + 1) * 160);
	}
	assert_int_equal(ends, 3);
	assert_int_equal(i - *at, frames + 2);
	*at = i;
}

static unsigned next_event(unsigned from)
{
	while(from < w.n && w.out[from].rtp.pt != 101)
		from++;
	assert_true(from < w.n);
	return from;
}

static void digits_are_pressed(bool talk)
{
	struct source a = source(1);
	unsigned at;

	begin();
	speak(&a, 200);
	assert_int_equal(wa_rtp_stream_press(&w.s, '1', 100), 0);
	assert_int_equal(wa_rtp_stream_press(&w.s, '#', 160), 0);
	assert_int_equal(wa_rtp_stream_press(&w.s, 'd', 1), 0);
	if(talk)
		speak(&a, 2000);
	else
		pass(2000);
	is_one_stream(160);
	at = next_event(0);
	is_digit(&at, 1, 5);
	assert_true(next_event(at) - at >= 3);
	at = next_event(at);
	is_digit(&at, 11, 8);
	at = next_event(at);
	is_digit(&at, 15, 2);
	for(; at < w.n; at++)
		assert_int_not_equal(w.out[at].rtp.pt, 101);
	assert_int_equal(w.out[w.n - 1].made, !talk);
}

static void digits_in_silence(void **state)
{
	(void)state;
	digits_are_pressed(false);
}

static void digits_replace_audio(void **state)
{
	(void)state;
	digits_are_pressed(true);
	/* the voice comes back in its own time */
	assert_int_equal(w.s.switches, 0);
}

static void what_is_no_digit(void **state)
{
	(void)state;
	begin();
	assert_int_equal(wa_rtp_stream_press(&w.s, 'x', 100), WA_EPARSE);
	assert_int_equal(wa_rtp_stream_press(&w.s, '\0', 100), WA_EPARSE);
	for(int i = 0; i < WA_RTP_DIGITS; i++)
		assert_int_equal(wa_rtp_stream_press(&w.s, '9', 60000), 0);
	assert_int_equal(wa_rtp_stream_press(&w.s, '9', 100), WA_EBUSY);
	wa_rtp_stream_format(&w.s, WA_CODEC_PCMU, 0, WA_RTP_NO_PT);
	assert_int_equal(wa_rtp_stream_press(&w.s, '9', 100), WA_EUNSUP);
}

/* A machine that stands still for a while in the middle of a digit: it stays one. */
static void a_digit_that_pauses_is_heard_once(void **state)
{
	for(int ms = 60; ms <= 400; ms += 20) {
		struct source a = source(1);
		unsigned ends = 0;

		(void)state;
		setup(NULL);
		begin();
		speak(&a, 200);
		w.n = 0;
		event(&a, 5, 160, false);
		event(&a, 5, 320, false);
		pass(ms);
		for(unsigned i = 3; i <= 7; i++)
			(void)try_event(&a, 5, (uint16_t)(i * 160), i >= 5);
		a.ts += 5 * 160;
		speak(&a, 200);
		for(unsigned i = 0; i < w.n; i++)
			if(w.out[i].rtp.pt == 101) {
				assert_int_equal(w.out[i].rtp.ts, w.out[0].rtp.ts);
				ends += w.out[i].payload[1] >> 7;
			}
		assert_true(ends == 1 || ends == 3);
	}
}

/* A digit that was held up on its way, and comes all at once. */
static void a_digit_in_a_burst_is_heard_once(void **state)
{
	for(int ms = 40; ms <= 400; ms += 20) {
		struct source a = source(1);
		unsigned packets = 0;

		(void)state;
		setup(NULL);
		begin();
		speak(&a, 200);
		pass(ms);
		w.n = 0;
		for(int i = 0; i < ms / 20 - 1; i++)
			send_one(&a);
		for(unsigned i = 1; i <= 7; i++)
			(void)try_event(&a, 5, (uint16_t)((i < 5 ? i : 5) * 160), i >= 5);
		a.ts += 5 * 160;
		speak(&a, 400);
		for(unsigned i = 0, first = 0; i < w.n; i++)
			if(w.out[i].rtp.pt == 101) {
				if(packets++ == 0)
					first = i;
				assert_int_equal(w.out[i].rtp.ts, w.out[first].rtp.ts);
			}
		assert_int_equal(packets, 7);
	}
}

/* --- Opus --------------------------------------------------------------------------- */

static void opus_counts_48000(void **state)
{
	struct source a = source(1);

	(void)state;
	wa_rtp_stream_format(&w.s, WA_CODEC_OPUS, 111, 101);
	begin();
	a.ticks = 960;
	a.len = 40;
	a.payload[0] = 0x48; /* SILK, 16 kHz, 20 ms, one frame */
	speak(&a, 400);
	pass(300);
	speak(&a, 400);
	is_one_stream(960);
	wa_rtp_stream_press(&w.s, '5', 60);
	pass(400);
	is_one_stream(960);
}

/* Whatever comes, in whatever order: one SSRC, and time does not run away. */
static void any_packets_make_one_stream(void **state)
{
	unsigned seed = 3;
	uint8_t payload[160] = {0};

	for(int round = 0; round < 40; round++) {
		setup(state);
		begin();
		for(int i = 0; i < 800; i++) {
			wa_rtp_t in;

			seed = seed * 1103515245u + 12345u;
			in = (wa_rtp_t){.seq = (uint16_t)(seed >> 8 & (round & 1 ? 31 : 65535)),
					.ts = seed >> 4 & (round & 2 ? 8191 : 0xffffffff),
					.ssrc = seed >> 28 & 1, .at = 12, .len = seed >> 20 & 127};
			(void)take(&in, payload, seed >> 16 & 3 ? WA_RTP_AUDIO : WA_RTP_EVENT);
			if((seed >> 12 & 63) == 0)
				(void)wa_rtp_stream_press(&w.s, '1', 50);
			pass(seed >> 24 & 7);
		}
		for(unsigned i = 0; i < w.n; i++)
			assert_int_equal(w.out[i].rtp.ssrc, 0xabcdef01);
		assert_true(w.n > 80);
	}
}

#define T(f) cmocka_unit_test_setup(f, setup)

int main(void)
{
	const struct CMUnitTest tests[] = {
			T(nothing_before_the_start),
			T(silence_begins_at_once_and_goes_on),
			T(silence_is_that_of_the_codec),
			T(a_source_is_passed_on_at_once),
			T(its_losses_stay_visible),
			T(a_long_loss_is_filled_and_the_time_kept),
			T(order_is_kept_as_it_came),
			T(what_comes_after_its_silence_is_dropped),
			T(a_source_that_stood_still_goes_on),
			T(long_frames_are_not_filled_up),
			T(another_source_goes_on_where_the_last_one_ended),
			T(two_at_a_time_are_not_mixed),
			T(after_a_re_invite_the_new_one_is_taken_at_once),
			T(time_goes_on_while_nobody_is_there),
			T(no_number_comes_twice_after_a_move),
			T(an_event_keeps_the_time_of_its_begin),
			T(an_event_beside_audio_is_one_event),
			T(a_false_duration_does_not_run_away),
			T(digits_in_silence),
			T(digits_replace_audio),
			T(what_is_no_digit),
			T(a_digit_that_pauses_is_heard_once),
			T(a_digit_in_a_burst_is_heard_once),
			T(opus_counts_48000),
			T(any_packets_make_one_stream),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
