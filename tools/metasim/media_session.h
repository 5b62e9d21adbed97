/* The inside of a media session, shared by the media_*.c files.
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Packets come in through media_gate.c (loss, reordering), which tells STUN,
 * DTLS, RTP and RTCP apart on the one socket (RFC 7983) and hands them to
 * media_ice.c, media_dtls.c and media_srtp.c; what decrypts goes on to
 * media_rtp.c and media_rtcp.c.
 */
#ifndef METASIM_MEDIA_SESSION_H
#define METASIM_MEDIA_SESSION_H

#include "media.h"

#include "event.h"
#include "media_codec.h"
#include "media_order.h"
#include "media_sdp.h"
#include "media_seq.h"
#include "media_tone.h"
#include "media_wav.h"

enum
{
	MEDIA_FRAME_US = 20000,
	MEDIA_PACKET_MAX = 2048,
	MEDIA_KEPT_MAX = 400,	/* packets before the keys: 8 s of audio */
	MEDIA_ICE_VALID_MAX = 8,
	MEDIA_SSRC_MAX = 8,
	MEDIA_DTMF_MAX = 64,
	MEDIA_VIOLATION_MAX = 24,
	MEDIA_ONSET_MAX = 64,
	SRTP_KEY_MAX = 46
};

enum media_packet
{
	PACKET_STUN,
	PACKET_DTLS,
	PACKET_RTP,
	PACKET_RTCP,
	PACKET_OTHER
};

/* Losses on purpose, in both directions. */
struct media_gate
{
	struct udp_helper *helper;
	struct list held; /* packets that are let through later */
	uint64_t dropped_in, dropped_out, reordered, delayed;
	uint64_t other; /* neither STUN, DTLS, RTP nor RTCP */
};

struct media_ice
{
	char ufrag[9], pwd[25];
	struct sa valid[MEDIA_ICE_VALID_MAX]; /* sources of good checks */
	size_t validc;
	struct sa nominated;
	bool is_nominated;
	bool aggressive; /* the very first good check had USE-CANDIDATE */
	uint64_t first_us, nominated_us;
	unsigned checks, ignored, refused, bad, conflicts, renominations;
	unsigned foreign; /* packets from sources without a good check */
};

struct media_dtls
{
	struct tls *tls;
	struct dtls_sock *sock;
	struct tls_conn *conn;
	bool active;
	bool up; /* the handshake is over */
	uint8_t peer_sha256[32];
	bool peer_seen; /* its certificate came */
	char peer_key[32]; /* e.g. "EC prime256v1" */
	uint64_t first_us, up_us; /* first packet, end of the handshake */
	unsigned unchecked;		   /* dropped: no check came from there */
	unsigned before_nomination;
	unsigned ignored, refused; /* before the answer */
};

/* A packet that came before the keys. */
struct media_kept
{
	struct le le;
	struct sa src;
	struct mbuf *mb;
	uint64_t us;
};

struct media_key
{
	struct srtp *ctx;
	uint8_t key[SRTP_KEY_MAX];
	size_t keylen;
	enum srtp_suite suite;
};

struct media_keys
{
	struct media_key in, out;
	bool ready;
	uint64_t ready_us;
	struct list kept; /* struct media_kept */
	unsigned kept_rtp, kept_lost;
	unsigned clear_rtp, clear_rtcp;
	unsigned undecryptable_rtp, undecryptable_rtcp;
	unsigned replayed, late; /* outside of the replay window */
};

/* When a tone began after silence. */
struct media_onsets
{
	uint64_t us[MEDIA_ONSET_MAX];
	size_t n;
	unsigned silent; /* frames of silence just before */
};

struct media_digit
{
	char digit;
	uint32_t ts;
	unsigned duration; /* 8 kHz units */
	unsigned packets;
	bool end;
	uint64_t us;
};

struct media_in
{
	uint32_t ssrcs[MEDIA_SSRC_MAX]; /* of packets that decrypted, each once */
	size_t ssrcc;
	uint32_t ssrc;		  /* of the newest packet */
	struct seq_stats seq; /* of that source, since it spoke last */
	uint64_t packets, bytes, audio, comfort;
	uint64_t first_us, last_us;
	unsigned early; /* before the call was answered, encrypted or not */
	uint64_t early_first_us;
	unsigned wrong_ptime, unknown_pt, pt_changes, source_changes;
	uint8_t pt; /* of the newest audio packet */
	enum codec_id codec;
	struct decoder *decoder;
	struct order order; /* struct mbuf */
	struct tone_meter meter;
	struct media_onsets onsets;
	struct wav *wav;
	struct media_digit dtmf[MEDIA_DTMF_MAX];
	size_t dtmfc;
};

struct media_out
{
	uint32_t ssrc, ts;
	uint16_t seq;
	bool open, muted, marker;
	uint64_t due_us; /* of the next frame; 0 = the clock stands */
	uint64_t packets, bytes, skipped; /* frames left out, the clock being late */
	uint64_t first_us;
	struct encoder *encoder;
	struct tone_gen tone;
	double hz, dbov;
	unsigned frames; /* of the tone, for its pulses */
	struct media_onsets onsets;

	char digits[MEDIA_DTMF_MAX + 1]; /* still to be sent */
	bool in_event;
	unsigned event_frame, pause_frames;
	uint32_t event_ts;
	unsigned digits_sent;
};

struct media_rtcp
{
	uint64_t due_us;
	unsigned sent, received, sr, rr, bye, nack;
	uint32_t lsr; /* middle bits of the last SR's NTP time */
	uint64_t lsr_us;
	uint8_t peer_fraction_lost;
	uint32_t peer_lost;
};

struct media_violation_count
{
	const char *what; /* a literal */
	unsigned count;
};

struct media
{
	char *call;
	struct media_params prm;
	char *record, *setup, *suite; /* what prm points to */
	media_timeout_h *timeouth;
	void *arg;

	struct udp_sock *us, *us_rtcp;
	struct udp_sock *us_elsewhere; /* at a port that no SDP names */
	bool elsewhere;				   /* our RTP leaves from there */
	struct sa laddr;
	bool offered; /* we made the offer */
	bool agreed;  /* both descriptions are there */
	bool established;
	uint64_t established_us;
	uint64_t active_us; /* last valid RTP or RTCP of the business */
	uint64_t gap_max_us; /* longest time without either */

	char crypto_key[41]; /* ours, base64 */
	struct far_sdp far;	 /* what the far end's description says */
	enum codec_id codec;
	uint8_t codec_pt, event_pt;
	struct sa target, target_rtcp;
	bool latched, latched_rtcp;

	struct media_gate gate;
	struct media_ice ice;
	struct media_dtls dtls;
	struct media_keys keys;
	struct media_in in;
	struct media_out out;
	struct media_rtcp rtcp;
	struct media_violation_count violations[MEDIA_VIOLATION_MAX];
	size_t violationc;

	struct tmr tmr;
	struct tmr tmr_fail;
	char failure[128];
};

struct media_config
{
	char address[64], address6[64];
	uint16_t port_min, port_max;
	uint64_t timeout_start_us, timeout_call_us, rtcp_interval_us;
};

extern struct media_config media_config;

/** Monotonic microseconds, never 0. */
uint64_t media_now(void);

/** Milliseconds of `us` after media_established(), negative before it. */
double media_ms(const struct media *m, uint64_t us);

/** The far end did what Meta does not accept: counted, and the first of each
 * kind becomes an event. `what` is a literal. */
void media_violation(struct media *m, const char *what, const char *fmt, ...)
		__attribute__((format(printf, 3, 4)));

/** An event about this session, or NULL. */
struct json_object *media_event(const struct media *m, const char *name);

/** The media cannot be set up: Meta hangs up, from a timer. */
void media_fail(struct media *m, const char *fmt, ...)
		__attribute__((format(printf, 2, 3)));

/** Valid RTP or RTCP came: the 20 s and 30 s start again. */
void media_alive(struct media *m, uint64_t us);

/* media_gate.c */
int media_gate_init(struct media *m);
void media_gate_close(struct media *m);
enum media_packet media_packet_classify(const struct mbuf *mb);
void media_gate_recv_rtcp(const struct sa *src, struct mbuf *mb, void *arg);

/* media_ice.c */
void media_ice_init(struct media *m);
void media_ice_recv(struct media *m, const struct sa *src, struct mbuf *mb);
bool media_ice_is_valid(const struct media *m, const struct sa *src);

/* media_dtls.c */
int media_dtls_global_init(void);
void media_dtls_global_close(void);
int media_dtls_fingerprint(char *text, size_t size); /* "AB:CD:..." of ours */
int media_dtls_init(struct media *m);
void media_dtls_close(struct media *m);
void media_dtls_recv(struct media *m, const struct sa *src, struct mbuf *mb);

/** To be called when a condition has changed: nominated, agreed, established. */
void media_dtls_proceed(struct media *m);

/* media_srtp.c */
int media_keys_set(struct media *m, enum srtp_suite suite, const uint8_t *in,
		const uint8_t *out, size_t len);
void media_keys_close(struct media *m);
void media_srtp_recv(struct media *m, const struct sa *src, struct mbuf *mb,
		enum media_packet cls);
void media_srtp_send(struct media *m, struct mbuf *mb, enum media_packet cls);

/** Clear packets so far. Those that wait for keys are included when most of
 * them look clear: one encrypted Opus packet in eight does. */
unsigned media_keys_clear(const struct media *m);

/* media_rtp.c */
int media_rtp_init(struct media *m);
void media_rtp_close(struct media *m);
void media_rtp_recv_valid(struct media *m, const struct sa *src, struct mbuf *mb,
		uint64_t us);

/** Does this look like RTP that nobody encrypted? */
bool media_rtp_looks_clear(const struct media *m, const struct mbuf *mb);
void media_rtp_clock(struct media *m, uint64_t now);
void media_rtp_send(struct media *m, uint8_t pt, bool marker, uint32_t ts,
		const uint8_t *payload, size_t len);
void media_rtp_tone(struct media *m, double hz, double dbov);

/* media_dtmf.c */
bool media_dtmf_is_event(const struct media *m, uint8_t pt);
void media_dtmf_recv(struct media *m, const struct rtp_header *h, const uint8_t *p,
		size_t len, uint64_t us);
bool media_dtmf_send(struct media *m); /* one 20 ms step; true = no audio now */
int media_dtmf_queue(struct media *m, const char *digits);

/* media_rtcp.c */
void media_rtcp_recv_valid(struct media *m, const struct sa *src, struct mbuf *mb,
		uint64_t us);
bool media_rtcp_looks_clear(const struct mbuf *mb);
void media_rtcp_clock(struct media *m, uint64_t now);

#endif
