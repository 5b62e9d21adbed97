/* One media session as Meta's relay behaves: ICE-lite, DTLS or SDES, Opus.
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Facts: meta-calling.md 2.5 (SDP) and 4 (media). The SIP side owns a session
 * through a libre reference (mem_deref() ends it); the session never outlives
 * its handlers' owner: set them to NULL first.
 *
 * Configuration member "media":
 * {"address":"127.77.1.3","ports":[40000,40999],"rtp_timeout_start_ms":20000,
 *  "rtp_timeout_call_ms":30000,"rtcp_interval_ms":3000,
 *  "address6":"2001:db8::3"}
 * "address6" only adds the second candidate that Meta's SDP has; nothing
 * listens there.
 *
 * Events (event.h), each with "call": media_ice (pair nominated), media_dtls
 * (handshake over, fingerprint fits), media_first (first packet that decrypts;
 * "ms" after media_established()), media_dtmf (each digit once), media_timeout,
 * and violation ("what", "text"), the first of each kind in a session.
 */
#ifndef METASIM_MEDIA_H
#define METASIM_MEDIA_H

#include <json-c/json.h>
#include <re/re.h>

struct media;

/* What a call asks of its media; filled by the SIP side from the number's
 * settings and from the command that started the call. */
struct media_params
{
	bool sdes;		   /* else ICE + DTLS */
	bool pcmu, pcma;   /* additional codecs of the number */
	double tone_hz;	   /* 0 = send nothing until "media_tone" */
	double tone_dbov;  /* level of the tone, dBov, e.g. -20 */
	bool send_first;   /* false = as Meta: nothing before SRTP was received */
	const char *setup; /* our a=setup in an answer: "active", "passive" or NULL = passive */
	bool stun_before_answer; /* answer STUN before the SBC's 200 OK (F14) */
	bool dtls_before_answer; /* answer DTLS before the SBC's 200 OK (F14) */
	bool dtls_after_nomination; /* drop DTLS on a pair that is checked, but not
								 * nominated; RFC 8445 12.1 allows it */
	bool refuse_before_answer; /* ... refuse both: STUN 403, DTLS fatal alert */
	double loss;	   /* fraction of RTP and DTLS packets dropped each way */
	double reorder;	   /* fraction of them held back by 45 ms each way */
	unsigned dtls_lost; /* so many DTLS packets are dropped each way, the first */
	unsigned jitter_ms; /* each of them is late by up to so much, each way */
	int64_t first_ts;  /* RTP timestamp of the first packet sent; -1 = random */
	unsigned pulse_ms; /* the tone goes on and off at this pace; 0 = stays on */
	unsigned crypto_tag; /* SDES: of our line in an offer; 0 = 1 */
	const char *crypto_suite; /* SDES: what our line names, or NULL = the right one */
	const char *record; /* WAV file (16 kHz mono) for what is heard, or NULL */
};

/* Meta hangs up: 20 s without media at the start, 30 s gap later; or the media
 * cannot be set up. `reason` is what goes into the Reason header's text. */
typedef void(media_timeout_h)(const char *reason, void *arg);

/** Global set-up: certificate (ECDSA P-256, as Meta recommends), port range. */
int media_init(struct json_object *cfg, char *why, size_t size);
void media_close(void);

/** A new session; nothing is sent yet. `call` is the name used in events. */
int media_alloc(struct media **mp, const char *call,
		const struct media_params *prm, media_timeout_h *timeouth, void *arg);

/** Our offer (Meta rings the business), as in meta-calling.md 2.5. */
int media_offer(struct media *m, struct mbuf **sdp);

/** The far end's answer to our offer. Strict: EPROTO with `why` for what Meta
 * cannot accept (no Opus, no fingerprint, wrong crypto tag, ICE mismatch ...). */
int media_answer_recv(struct media *m, struct mbuf *sdp, char *why, size_t size);

/** The far end's offer (business rings a user), answered. EPROTO as above: the
 * SIP side then refuses with "403 SDP validation error". */
int media_offer_recv(struct media *m, struct mbuf *offer, struct mbuf **answer,
		char *why, size_t size);

/** The call is answered (200 OK received or sent): the timers start, and
 * STUN/DTLS are served if they were held back. */
void media_established(struct media *m);

/** Statistics so far, as a new JSON object. Times are milliseconds after
 * media_established(), negative before it, null for "never":
 *  key_exchange "DTLS"|"SDES", suite, codec, pt, event_pt, ms (age), failure
 *  first      sender "business"|"meta"|"none", rx_ms, tx_ms, keys_ms
 *  early      packets, first_ms: RTP before the answer, encrypted or not
 *  rx         packets, bytes, audio, lost, late, duplicates, ssrcs[],
 *             seq_jumps, ts_jumps, ts_jump_max_ms, jitter_ms,
 *             gap_max_ms (RTP), bursts (five packets within 20 ms),
 *             silence_max_ms (RTP and RTCP), wrong_ptime,
 *             unknown_pt, pt_changes, comfort_noise, source_changes,
 *             foreign (dropped: from an address without a good ICE check)
 *  srtp       clear, clear_rtcp, undecryptable, undecryptable_rtcp, replayed,
 *             late, before_keys (RTP; kept and judged when the keys are there),
 *             before_keys_waiting, before_keys_discarded
 *  tx         packets, bytes, ssrc, skipped, digits, onsets_us[]
 *  rtcp       sent, received, sr, rr, bye, feedback, peer_lost,
 *             peer_fraction_lost
 *  dtmf       digits, events[] of digit, ms, duration_ms, packets, end
 *  heard      dbov, hz, purity (last 64 ms), audio_ms, silent_ms, noisy_ms,
 *             tones[] of hz, dbov, ms, onsets_us[]
 *             onsets: when a tone began after silence, on CLOCK_MONOTONIC: the
 *             first of its packets was sent, or came
 *  ice        nominated, first_ms, nominated_ms, aggressive, checks, ignored,
 *             refused, bad, role_conflicts, renominations
 *  dtls       role, first_ms, up, up_ms, peer_key ("EC prime256v1"), unchecked,
 *             before_nomination, ignored, refused
 *  path       peer, dropped_in, dropped_out, reordered, delayed, unknown
 *  violations {name: count} */
struct json_object *media_stats(const struct media *m);

/** Commands on a running session: {"cmd":"media_tone","hz":..,"dbov":..},
 * "media_tone" takes "pulse_ms" too; "media_mute" {"on":false ends it},
 * "media_elsewhere" {"on":...}: our RTP leaves from another port;
 * "media_dtmf" {"digits":"12#"}, "media_loss" {"fraction":..,"reorder":..,
 * "jitter_ms":..}. EINVAL with `why` for others. */
int media_command(struct media *m, struct json_object *cmd, char *why, size_t size);

#endif
