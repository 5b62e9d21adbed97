/* One RTP stream without a gap, made of whatever comes in.
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Meta wants one SSRC with continuous sequence numbers and timestamps for the
 * whole call, and hangs up on silence (meta-calling.md 4). A PBX changes its
 * SSRC with hold, music and transfer, and stops when it likes. So:
 *
 *   take   a packet of the PBX gets our SSRC and payload type; its sequence
 *          number and timestamp move by a constant as long as it is the same
 *          source, so that its losses and its order stay visible; a new source
 *          begins where the last packet ended
 *   fill   nothing came for WA_RTP_PATIENCE: silence takes the place of what is
 *          missing, packet by packet on the clock of the stream
 *   press  digits become RFC 4733 events, which replace the audio meanwhile
 *
 * No I/O, no clock, no allocation; times are microseconds of the owner's clock.
 * The structure may lie in a file and be taken up again by another process.
 */
#ifndef WA_RTP_STREAM_H
#define WA_RTP_STREAM_H

#include "wa_number.h"
#include "wa_rtp.h"

#define WA_RTP_FRAME 20000	  /* us of a packet of ours */
#define WA_RTP_PATIENCE 50000 /* us after a packet of 20 ms silence begins */
#define WA_RTP_DIGITS 32	  /* that may wait */
#define WA_RTP_NO_PT 255
#define WA_RTP_MADE_MAX (WA_RTP_HEAD + 160) /* octets of a packet we make: 20 ms of G.711 */

enum wa_rtp_kind
{
	WA_RTP_AUDIO,
	WA_RTP_EVENT /* telephone-event */
};

typedef struct wa_rtp_stream
{
	/* what we send */
	uint32_t ssrc;
	enum wa_codec codec; /* of silence: what both sides have agreed on */
	uint8_t pt;
	uint8_t event_pt; /* WA_RTP_NO_PT: no digits */
	bool started;	  /* nothing is sent before */
	bool begun;		  /* a packet has gone out */
	bool filling;	  /* the last packet was made here */
	bool mark;		  /* the next audio packet begins a talk spurt */
	uint16_t seq;	  /* of the newest packet */
	uint32_t ts;	  /* of the newest packet, as if it were audio */
	uint32_t ticks;	  /* that it lasts */
	int64_t clock;	  /* when it was due */
	uint32_t packets;
	uint32_t octets;
	uint32_t silent; /* packets of silence among them */

	/* whence it comes */
	bool has_source;
	uint32_t src_ssrc;
	uint16_t src_seq; /* newest, as the source counts */
	uint16_t src_first; /* where it was taken up */
	uint64_t src_seen;	/* bit n: src_seq - n has come */
	int64_t src_at;
	uint16_t seq_shift;
	uint32_t ts_shift;
	uint8_t late;		 /* packets that came after their silence, at its pace */
	uint32_t rival_ssrc; /* another source that would like to take over */
	int64_t rival_at;	 /* of its last packet, 0: none since the source's own */
	uint32_t event_src;	 /* timestamp of the source's current event */
	uint32_t event_ts;	 /* ... and ours */
	bool event_on;
	bool after_event; /* the newest packet was one */

	/* digits to be pressed */
	uint8_t n_digits;
	uint8_t digit[WA_RTP_DIGITS]; /* events 0 to 15 */
	uint16_t digit_ms[WA_RTP_DIGITS];
	uint8_t press_step; /* packets of the current digit sent; 0: none is */
	uint8_t pause;		/* frames of silence due before the next one */
	uint32_t press_ts;

	/* counters */
	uint32_t switches; /* sources taken up after the first */
	uint32_t dropped;  /* packets not passed on */
} wa_rtp_stream_t;

/** Clock rate of a codec's timestamps. */
uint32_t wa_rtp_clock(enum wa_codec codec);

/** A stream that has sent nothing; `seq` and `ts` should be random. */
void wa_rtp_stream_init(wa_rtp_stream_t *s, uint32_t ssrc, uint16_t seq, uint32_t ts);

/** Codec and payload types from now on; a codec of another clock rate ends the
 * current source. `event_pt` may be WA_RTP_NO_PT. */
void wa_rtp_stream_format(wa_rtp_stream_t *s, enum wa_codec codec, uint8_t pt,
		uint8_t event_pt);

/** From now on there is a stream: the first packet is due at once. */
void wa_rtp_stream_start(wa_rtp_stream_t *s, int64_t now);

/** The far end has been replaced (re-INVITE): whatever comes next is taken up
 * as a new source at once. */
void wa_rtp_stream_renew(wa_rtp_stream_t *s);

/** A packet of the source. True: send its payload under `*out` (whose payload
 * fields are those of `in`); `in->pt` is replaced by `pt`. False: drop it. */
bool wa_rtp_stream_take(wa_rtp_stream_t *s, const wa_rtp_t *in,
		const uint8_t *payload, enum wa_rtp_kind kind, uint8_t pt, int64_t now,
		wa_rtp_t *out);

/** Makes the next packet that is due; call until it returns 0.
 * Returns the octets written to `p` (WA_RTP_MADE_MAX). */
size_t wa_rtp_stream_fill(wa_rtp_stream_t *s, int64_t now, uint8_t *p);

/** When wa_rtp_stream_fill() has to be called next if nothing comes; -1: never. */
int64_t wa_rtp_stream_due(const wa_rtp_stream_t *s);

/** Puts a digit (0-9 * # A-D) into the queue, to be pressed for `ms` (40 to
 * 6000; others are moved into that range).
 * Returns 0, WA_EPARSE, WA_EBUSY (queue full) or WA_EUNSUP (no event payload
 * type, or not started). */
int wa_rtp_stream_press(wa_rtp_stream_t *s, char digit, unsigned ms);

/** The timestamp that belongs to `now`, for a sender report. */
uint32_t wa_rtp_stream_now(const wa_rtp_stream_t *s, int64_t now);

#endif
