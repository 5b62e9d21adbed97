/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "media_seq.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum
{
	JUMP_FORWARD = 250, /* 5 s of lost packets: rather a new start */
	JUMP_BACK = 100,
	FRAME_MS = 20,
	CLOCK_TOLERANCE_MS = 200 /* timestamps against the wall clock in a pause */
};

/* Those of one burst are no part of the next. */
static void burst(struct seq_stats *s, uint64_t now_us)
{
	uint64_t *oldest = &s->came_us[s->received % SEQ_BURST];

	*oldest = now_us;
	oldest = &s->came_us[(s->received + 1) % SEQ_BURST];
	if(*oldest == 0 || now_us - *oldest >= FRAME_MS * 1000)
		return;
	s->bursts++;
	memset(s->came_us, 0, sizeof(s->came_us));
}

static void start(struct seq_stats *s, uint16_t seq)
{
	s->started = true;
	s->base_seq = s->max_seq = seq;
}

enum seq_verdict seq_packet(
		struct seq_stats *s, uint16_t seq, uint64_t now_us, unsigned *missed)
{
	int16_t diff = (int16_t)(seq - s->max_seq);

	*missed = 0;
	s->received++;
	if(s->last_us && now_us - s->last_us > s->gap_max_us)
		s->gap_max_us = now_us - s->last_us;
	s->last_us = now_us;
	burst(s, now_us);
	if(!s->started) {
		start(s, seq);
		return SEQ_NEXT;
	}
	if(diff == 0) {
		s->duplicates++;
		return SEQ_AGAIN;
	}
	if(diff < 0 && diff >= -JUMP_BACK) {
		s->late++;
		return SEQ_LATE;
	}
	if(seq < s->max_seq)
		s->cycles += 65536;
	s->max_seq = seq;
	if(diff > 0 && diff <= JUMP_FORWARD) {
		*missed = (unsigned)diff - 1;
		return SEQ_NEXT;
	}
	s->seq_jumps++;
	/* backward is forward modulo 65536; only this packet was expected */
	s->skipped += (uint16_t)((uint16_t)diff - 1);
	return SEQ_JUMP;
}

static void jitter(struct seq_stats *s, int64_t ts_us, int64_t wall_us)
{
	double d = fabs((double)(wall_us - ts_us));

	s->jitter_us += (d - s->jitter_us) / 16.0;
}

static void lag(struct seq_stats *s)
{
	int64_t us = (int64_t)(s->audio_us - s->audio_first_us) - s->audio_span_us;

	if(s->lag_count++ % SEQ_BLOCK == 0) {
		s->lag_before_us = s->lag_count == 1 ? us : s->lag_now_us;
		s->lag_now_us = us;
	} else if(us < s->lag_now_us) {
		s->lag_now_us = us;
	}
	if(s->lag_count <= SEQ_BLOCK)
		s->lag_first_us = s->lag_now_us;
}

int32_t seq_audio(struct seq_stats *s, uint16_t seq, uint32_t ts,
		uint64_t now_us, unsigned clock)
{
	int64_t ts_us = (int64_t)(int32_t)(ts - s->audio_ts) * 1000000 / clock;
	int64_t wall_us = (int64_t)(now_us - s->audio_us);
	int64_t by_seq_ms = (int64_t)(uint16_t)(seq - s->audio_seq) * FRAME_MS;
	bool first = !s->audio_seen, beside;
	int32_t off_ms;

	s->audio_seen = true;
	s->audio_seq = seq;
	s->audio_ts = ts;
	s->audio_us = now_us;
	beside = s->event_since && (int32_t)(ts - s->event_ts) >= 0;
	s->event_since = false;
	if(first) {
		s->audio_first_us = now_us;
		lag(s);
		return 0;
	}
	s->audio_span_us += ts_us;
	lag(s);
	if(llabs(ts_us / 1000 - by_seq_ms) < 1) {
		jitter(s, ts_us, wall_us);
		return 0;
	}
	off_ms = (int32_t)((ts_us - wall_us) / 1000);
	if(abs(off_ms) <= CLOCK_TOLERANCE_MS || (off_ms < 0 && beside))
		return 0;
	s->ts_jumps++;
	if(abs(off_ms) > abs(s->ts_jump_max_ms))
		s->ts_jump_max_ms = off_ms;
	return off_ms;
}

void seq_event(struct seq_stats *s, uint32_t ts)
{
	s->event_since = true;
	s->event_ts = ts;
}

int32_t seq_behind_ms(const struct seq_stats *s)
{
	int64_t us = s->lag_now_us < s->lag_before_us ? s->lag_now_us : s->lag_before_us;

	return (int32_t)((us - s->lag_first_us) / 1000);
}

uint32_t seq_expected(const struct seq_stats *s)
{
	uint64_t span = (uint64_t)s->cycles + s->max_seq - s->base_seq + 1;

	return s->started ? (uint32_t)(span - s->skipped) : 0;
}

uint32_t seq_lost(const struct seq_stats *s)
{
	uint64_t got = s->received - s->duplicates;
	uint32_t expected = seq_expected(s);

	return expected > got ? (uint32_t)(expected - got) : 0;
}

uint8_t seq_fraction_lost(struct seq_stats *s)
{
	uint32_t expected = seq_expected(s) - s->reported_expected;
	uint64_t got = s->received - s->reported_received;
	uint64_t lost = expected > got ? expected - got : 0;

	s->reported_expected += expected;
	s->reported_received = s->received;
	if(lost == 0)
		return 0;
	lost = (lost << 8) / expected;
	return lost > 255 ? 255 : (uint8_t)lost;
}
