/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "media_session.h"

#include <string.h>

enum
{
	CONCEAL_MAX = 5,		/* frames; a longer hole stays a hole */
	LATE_MAX_US = 100000,	/* later than this: frames are left out */
	FRAMES_A_SECOND = 50,
	COMFORT_NOISE_PT = 13,
	ONSET_SILENCE = 3 /* frames: so much makes what follows a beginning */
};

#define ONSET_DBOV (-45.0) /* far above silence, far below a tone's first ms */

/* What the payload type stands for: our numbers, or those of the far end's
 * offer that we follow. */
static enum codec_id codec_of(const struct media *m, uint8_t pt)
{
	if(pt == m->codec_pt && m->codec != CODEC_NONE)
		return m->codec;
	if(m->offered && pt == MEDIA_OPUS_PT)
		return CODEC_OPUS;
	if(pt == MEDIA_PCMU_PT && m->prm.pcmu)
		return CODEC_PCMU;
	if(pt == MEDIA_PCMA_PT && m->prm.pcma)
		return CODEC_PCMA;
	return CODEC_NONE;
}

/* Encrypted packets carry ten bytes more, and random ones. G.711 is told by its
 * length, also where it was not negotiated at all. */
bool media_rtp_looks_clear(const struct media *m, const struct mbuf *mb)
{
	struct mbuf in = *mb;
	struct rtp_header h;
	const uint8_t *p;
	size_t len;

	if(rtp_hdr_decode(&h, &in) || h.ver != RTP_VERSION)
		return false;
	p = mbuf_buf(&in);
	len = mbuf_get_left(&in);
	if(h.pt == MEDIA_PCMU_PT || h.pt == MEDIA_PCMA_PT)
		return len % 80 == 0;
	if(media_dtmf_is_event(m, h.pt))
		return len == 4;
	/* before the answer the numbers are not known: any dynamic one */
	if(codec_of(m, h.pt) != CODEC_OPUS && m->codec != CODEC_NONE)
		return false;
	return codec_duration(CODEC_OPUS, p, len)
		   == codec_clock(CODEC_OPUS) / FRAMES_A_SECOND;
}

/* Notes when a tone begins. */
static void onset(struct media_onsets *on, double dbov, uint64_t us)
{
	if(dbov < ONSET_DBOV) {
		on->silent++;
		return;
	}
	if(on->silent >= ONSET_SILENCE && on->n < MEDIA_ONSET_MAX)
		on->us[on->n++] = us;
	on->silent = 0;
}

static double frame_dbov(const int16_t *pcm, size_t n)
{
	double power = 0.0;

	for(size_t i = 0; i < n; i++)
		power += (double)pcm[i] * pcm[i];
	return n ? tone_dbov(power / ((double)n * 32768.0 * 32768.0)) : -127.0;
}

static void heard(struct media *m, const int16_t *pcm, size_t n)
{
	tone_meter_add(&m->in.meter, pcm, n);
	wav_write(m->in.wav, pcm, n);
}

static int decoder_for(struct media *m, enum codec_id codec, uint8_t pt)
{
	struct media_in *in = &m->in;

	if(in->decoder && in->pt == pt && in->codec == codec)
		return 0;
	in->pt_changes += in->decoder != NULL;
	in->decoder = mem_deref(in->decoder);
	in->pt = pt;
	in->codec = codec;
	return decoder_alloc(&in->decoder, codec);
}

static void conceal(
		struct media *m, unsigned missed, const uint8_t *next, size_t len)
{
	int16_t pcm[CODEC_HEARD_MAX];

	if(missed > CONCEAL_MAX)
		return;
	for(unsigned i = 1; i <= missed; i++) {
		bool last = i == missed;

		heard(m, pcm,
				decoder_lost(m->in.decoder, last ? next : NULL,
						last ? len : 0, pcm));
	}
}

static void audio(struct media *m, const struct rtp_header *h,
		enum codec_id codec, const uint8_t *p, size_t len, uint64_t us,
		unsigned missed)
{
	int16_t pcm[CODEC_HEARD_MAX];
	unsigned clock = codec_clock(codec);
	unsigned duration = codec_duration(codec, p, len);
	int32_t jump;
	size_t n;

	m->in.audio++;
	if(duration != clock / FRAMES_A_SECOND) {
		m->in.wrong_ptime++;
		media_violation(m, "ptime", "packet of %u/%u s, not 20 ms", duration,
				clock);
	}
	jump = seq_audio(&m->in.seq, h->seq, h->ts, us, clock);
	if(jump)
		media_violation(m, "ts_jump", "timestamp jumps by %d ms", jump);
	if(decoder_for(m, codec, h->pt))
		return;
	conceal(m, missed, p, len);
	n = decoder_get(m->in.decoder, p, len, pcm);
	onset(&m->in.onsets, frame_dbov(pcm, n), us);
	heard(m, pcm, n);
}

static void start_order(struct media *m)
{
	void *left;

	while((left = order_restart(&m->in.order)))
		mem_deref(left);
}

/* One source for the whole call: Meta's relay rewrites it, a second one
 * corrupts the stream (meta-calling.md 4). */
static void source(struct media *m, uint32_t ssrc)
{
	struct media_in *in = &m->in;

	if(in->ssrcc && in->ssrc == ssrc)
		return;
	if(in->ssrcc) {
		media_violation(
				m, "ssrc_change", "SSRC %08x after %08x", ssrc, in->ssrc);
		/* the numbers start again */
		in->seq.started = in->seq.audio_seen = false;
		in->seq.cycles = 0;
		in->seq.skipped = 0;
		start_order(m);
	}
	in->ssrc = ssrc;
	for(size_t i = 0; i < in->ssrcc; i++) {
		if(in->ssrcs[i] == ssrc)
			return;
	}
	if(in->ssrcc < MEDIA_SSRC_MAX)
		in->ssrcs[in->ssrcc++] = ssrc;
}

static void announce_first(struct media *m, const struct rtp_header *h)
{
	struct json_object *ev = media_event(m, "media_first");

	if(ev == NULL)
		return;
	json_object_object_add(
			ev, "ms", json_object_new_double(media_ms(m, m->in.first_us)));
	json_object_object_add(ev, "pt", json_object_new_int(h->pt));
	event_emit(ev);
}

/* The authenticated source is where our media goes. */
static void latch(struct media *m, const struct sa *src)
{
	if(!m->prm.sdes) {
		m->target = m->ice.is_nominated ? m->ice.nominated : *src;
		return;
	}
	if(m->latched && !sa_cmp(&m->target, src, SA_ALL)) {
		m->in.source_changes++;
		media_violation(m, "source_change", "media from another address");
	}
	m->latched = true;
	m->target = *src;
}

static void numbers(struct media *m, const struct rtp_header *h, uint64_t us,
		enum seq_verdict *verdict, unsigned *missed)
{
	*verdict = seq_packet(&m->in.seq, h->seq, us, missed);
	if(*verdict == SEQ_JUMP)
		media_violation(m, "seq_jump", "sequence number jumps to %u", h->seq);
}

/* A packet's turn has come; events were read as they came. */
static void play(struct media *m, const struct order_packet *p, unsigned missed)
{
	struct mbuf mb = *(struct mbuf *)p->packet;
	struct rtp_header h;
	enum codec_id codec;

	if(rtp_hdr_decode(&h, &mb))
		return;
	codec = codec_of(m, h.pt);
	if(codec != CODEC_NONE && !media_dtmf_is_event(m, h.pt))
		audio(m, &h, codec, mbuf_buf(&mb), mbuf_get_left(&mb), p->us, missed);
}

static void in_turn(struct media *m, uint16_t seq, struct mbuf *mb, uint64_t us,
		enum seq_verdict verdict)
{
	struct order_packet p = {.seq = seq, .us = us, .packet = mb};
	unsigned missed;

	if(verdict == SEQ_JUMP)
		start_order(m);
	if(order_put(&m->in.order, &p))
		mem_ref(mb);
	while(order_get(&m->in.order, &p, &missed)) {
		play(m, &p, missed);
		mem_deref(p.packet);
	}
}

void media_rtp_recv_valid(struct media *m, const struct sa *src,
		struct mbuf *mb, uint64_t us)
{
	struct media_in *in = &m->in;
	size_t start = mb->pos;
	enum seq_verdict verdict;
	enum codec_id codec;
	struct rtp_header h;
	unsigned missed;

	if(rtp_hdr_decode(&h, mb))
		return;
	source(m, h.ssrc);
	in->packets++;
	in->bytes += mbuf_get_left(mb);
	in->last_us = us;
	if(in->first_us == 0) {
		in->first_us = us;
		announce_first(m, &h);
	}
	latch(m, src);
	media_alive(m, us);
	m->out.open = true;
	numbers(m, &h, us, &verdict, &missed);
	codec = codec_of(m, h.pt);
	if(media_dtmf_is_event(m, h.pt)) {
		media_dtmf_recv(m, &h, mbuf_buf(mb), mbuf_get_left(mb), us);
	} else if(codec == CODEC_NONE && h.pt == COMFORT_NOISE_PT) {
		in->comfort++;
	} else if(codec == CODEC_NONE) {
		in->unknown_pt++;
		media_violation(m, "unknown_pt", "payload type %u", h.pt);
	}
	mb->pos = start;
	in_turn(m, h.seq, mb, us, verdict);
}

int media_rtp_init(struct media *m)
{
	m->out.ssrc = rand_u32();
	m->out.ts = m->prm.first_ts < 0 ? rand_u32() : (uint32_t)m->prm.first_ts;
	m->out.seq = rand_u16() & 0x7fff; /* far from a roll-over (RFC 3711) */
	m->out.hz = m->prm.tone_hz;
	m->out.dbov = m->prm.tone_dbov;
	m->out.marker = true;
	return m->record ? wav_open(&m->in.wav, m->record, CODEC_HEARD_RATE) : 0;
}

void media_rtp_close(struct media *m)
{
	start_order(m);
	m->in.wav = mem_deref(m->in.wav);
	m->in.decoder = mem_deref(m->in.decoder);
	m->out.encoder = mem_deref(m->out.encoder);
}

void media_rtp_tone(struct media *m, double hz, double dbov)
{
	m->out.hz = hz;
	m->out.dbov = dbov;
	tone_gen_set(&m->out.tone, hz, dbov, codec_said_rate(m->codec));
}

void media_rtp_send(struct media *m, uint8_t pt, bool marker, uint32_t ts,
		const uint8_t *payload, size_t len)
{
	struct rtp_header h = {.ver = RTP_VERSION, .m = marker, .pt = pt,
			.seq = m->out.seq++, .ts = ts, .ssrc = m->out.ssrc};
	struct mbuf *mb = mbuf_alloc(RTP_HEADER_SIZE + len + SRTP_KEY_MAX);

	if(mb == NULL)
		return;
	if(!rtp_hdr_encode(mb, &h) && !mbuf_write_mem(mb, payload, len)) {
		mb->pos = 0;
		media_srtp_send(m, mb, PACKET_RTP);
		m->out.packets++;
		m->out.bytes += len;
		if(m->out.first_us == 0)
			m->out.first_us = media_now();
	}
	mem_deref(mb);
}

/* A tone in pulses: on and off in turn. */
static bool pulse_is_off(struct media *m)
{
	unsigned half = m->prm.pulse_ms / (1000 / FRAMES_A_SECOND);

	return half && m->out.frames++ / half % 2;
}

/* One 20 ms frame, or none when there is nothing to say. */
static void frame(struct media *m)
{
	struct media_out *out = &m->out;
	uint8_t payload[CODEC_PACKET_MAX];
	int16_t pcm[CODEC_SAID_MAX];
	size_t n = codec_said_rate(m->codec) / FRAMES_A_SECOND, len;

	if(media_dtmf_send(m) || out->muted || out->hz <= 0.0) {
		out->marker = true; /* audio begins again behind it */
		return;
	}
	if(pulse_is_off(m))
		memset(pcm, 0, sizeof(pcm));
	else
		tone_gen_fill(&out->tone, pcm, n);
	onset(&out->onsets, frame_dbov(pcm, n), media_now());
	len = encoder_put(out->encoder, pcm, payload, sizeof(payload));
	if(len)
		media_rtp_send(m, m->codec_pt, out->marker, out->ts, payload, len);
	out->marker = false;
}

static bool start(struct media *m, uint64_t now)
{
	if(!m->keys.ready || !(m->out.open || m->prm.send_first))
		return false;
	if(!m->prm.sdes && m->ice.is_nominated && m->in.packets == 0)
		m->target = m->ice.nominated;
	if(m->out.encoder == NULL && encoder_alloc(&m->out.encoder, m->codec)) {
		media_fail(m, "no encoder");
		return false;
	}
	media_rtp_tone(m, m->out.hz, m->out.dbov);
	m->out.due_us = now;
	return true;
}

/* Runs from a 20 ms timer, but what is due is computed from the clock. A late
 * timer sends one frame a call until it has caught up; much later, frames are
 * left out and the timestamp moves on. */
void media_rtp_clock(struct media *m, uint64_t now)
{
	struct media_out *out = &m->out;
	uint32_t step = codec_clock(m->codec) / FRAMES_A_SECOND;

	if(out->due_us == 0 && !start(m, now))
		return;
	if(now < out->due_us)
		return;
	while(now - out->due_us > LATE_MAX_US) {
		out->due_us += MEDIA_FRAME_US;
		out->ts += step;
		out->skipped++;
	}
	frame(m);
	out->ts += step;
	out->due_us += MEDIA_FRAME_US;
}
