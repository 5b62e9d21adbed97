/* What the sequence numbers, timestamps and arrival times of one RTP source
 * say: loss, reordering, jumps, jitter, gaps.
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef METASIM_MEDIA_SEQ_H
#define METASIM_MEDIA_SEQ_H

#include <stdbool.h>
#include <stdint.h>

#define SEQ_BLOCK 8
#define SEQ_BURST 5

struct seq_stats
{
	bool started;
	uint16_t base_seq, max_seq;
	uint32_t cycles; /* roll-overs of the sequence number, times 65536 */
	uint64_t received, late, duplicates;
	uint64_t skipped; /* sequence numbers passed over by jumps: not loss */
	unsigned seq_jumps, ts_jumps;
	int32_t ts_jump_max_ms;

	/* of the newest audio packet */
	bool audio_seen;
	uint16_t audio_seq;
	uint32_t audio_ts;
	uint64_t audio_us;
	uint64_t audio_first_us;
	int64_t audio_span_us; /* from the first one, by the timestamps */

	/* the least that audio was behind, of SEQ_BLOCK packets each: the first ones,
	 * the last ones, and those before them */
	unsigned lag_count;
	int64_t lag_first_us, lag_now_us, lag_before_us;

	/* of the newest digit since then */
	bool event_since;
	uint32_t event_ts;

	uint64_t last_us;
	uint64_t gap_max_us; /* longest time between two packets */
	uint64_t came_us[SEQ_BURST];
	unsigned bursts; /* times that SEQ_BURST packets came within the time of one */
	double jitter_us;	 /* RFC 3550 6.4.1, audio packets only */

	/* as of the last receiver report */
	uint32_t reported_expected;
	uint64_t reported_received;
};

/* How a packet lies to those before it. */
enum seq_verdict
{
	SEQ_NEXT,  /* newer than all before; seq_missed() went missing before it */
	SEQ_LATE,  /* older, not seen yet as far as known */
	SEQ_AGAIN, /* a duplicate of the newest */
	SEQ_JUMP   /* a new start */
};

/** Takes a packet in; `missed` gets how many went missing just before it. */
enum seq_verdict seq_packet(
		struct seq_stats *s, uint16_t seq, uint64_t now_us, unsigned *missed);

/** Only for audio packets with SEQ_NEXT: a timestamp must go on either with
 * the sequence numbers (20 ms each) or with the wall clock (after a pause).
 * Returns the jump in ms, 0 for none. */
int32_t seq_audio(struct seq_stats *s, uint16_t seq, uint32_t ts,
		uint64_t now_us, unsigned clock);

/** A packet of a digit that began at `ts`: audio may stand anywhere beside and
 * behind it (RFC 4733 2.1). */
void seq_event(struct seq_stats *s, uint32_t ts);

/** How far the timestamps of audio have fallen behind the wall clock, in ms: the newest
 * packets against the first ones, of some each the quickest, for any may be kept waiting. */
int32_t seq_behind_ms(const struct seq_stats *s);

uint32_t seq_expected(const struct seq_stats *s);

/** Cumulative loss as RTCP counts it; never negative here. */
uint32_t seq_lost(const struct seq_stats *s);

/** The fraction lost since the last call, in 1/256 (RFC 3550 A.3). */
uint8_t seq_fraction_lost(struct seq_stats *s);

#endif
