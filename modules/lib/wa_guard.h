/* The media guardian's mind: which call needs which command, and when.
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The RTP relay makes the stream, rtpengine encrypts it. What is left to be done
 * beside SIP, per call, from the 200 OK on:
 *
 *   ASK    answered before this guardian began: the relay is asked for the plan
 *          (wa_guard_plan.h) of what would have to be repeated
 *   HOLD   Meta rang us: ICE and DTLS wait for Meta's ACK, which proves that it
 *          has our SDP (platform.md 3.2); then the relay is told, too
 *   BEGIN  the offer (if it is Meta's) and the answer are repeated, so that
 *          rtpengine starts; what they return is thrown away. Twice, where
 *          rtpengine begins DTLS: first without Meta's fingerprint
 *   ICE    rtpengine would begin DTLS on a pair that is checked, not nominated;
 *          a peer that insists on the order (meta-calling.md 4), or rtpengine 12.5
 *          itself, drops that flight, which comes again a second later. So until
 *          ICE must be through, rtpengine has no fingerprint
 *   KEYS   `query` until Meta's stream has its address and its SRTP keys
 *   FIRST  ... and the first packet of the relay has been taken: its time is kept
 *   RUN    a look now and then, whether rtpengine still knows the call
 *   GONE   the session is deleted in rtpengine, because a worker could not
 *   CLOSE  the relay is told that the call is over, until it has heard
 *
 * No I/O, no clock, no Kamailio: the owner hands in jobs, datagrams and the
 * time, and sends what it is given. One process only.
 */
#ifndef WA_GUARD_H
#define WA_GUARD_H

#include <stdbool.h>
#include <stdint.h>

#include "wa_sv.h"

enum wa_guard_kind
{
	WA_GUARD_WATCH,	 /* the call was answered: take care of it */
	WA_GUARD_START,	 /* Meta's ACK is here */
	WA_GUARD_END,	 /* the call is over: forget it */
	WA_GUARD_DELETE	 /* and delete it in rtpengine, which did not listen */
};

/* What a SIP worker has to say. For START, END and DELETE the call-id and the
 * relay (DELETE: url and meta_tag too) are all that is read. A START of a call
 * that is not known is asked for at the relay. */
typedef struct wa_guard_job
{
	enum wa_guard_kind kind;
	bool hold;	  /* Meta rang us: wait for its ACK, then `offer`, `answer` */
	bool sdes;	  /* Meta's key exchange, else DTLS */
	bool ask;	  /* answered before this guardian began: the relay has its plan */
	int64_t at;	  /* when the answer was seen, ms of the owner's clock */
	int32_t rtt;  /* ms there and back to Meta; 0: not known */
	wa_sv_t url;  /* rtpengine's address as Kamailio names it */
	wa_sv_t relay; /* the relays' addresses, spaces between; empty: none */
	wa_sv_t callid;
	wa_sv_t meta_tag;
	wa_sv_t pbx_tag;
	wa_sv_t offer; /* Meta's SDP in full; empty: only the answer is repeated */
	wa_sv_t offer_flags;
	wa_sv_t answer; /* the PBX's SDP */
	wa_sv_t answer_flags;
} wa_guard_job_t;

/** Octets of all texts of a job. */
size_t wa_guard_job_size(const wa_guard_job_t *job);

/** `dst` becomes `src` with its texts in `mem` (wa_guard_job_size() octets). */
void wa_guard_job_copy(
		wa_guard_job_t *dst, const wa_guard_job_t *src, char *mem);

enum wa_guard_state
{
	WA_GUARD_ASK,
	WA_GUARD_HOLD,
	WA_GUARD_ICE,
	WA_GUARD_BEGIN_OFFER,
	WA_GUARD_BEGIN_ANSWER,
	WA_GUARD_KEYS,
	WA_GUARD_FIRST,
	WA_GUARD_RUN,
	WA_GUARD_GONE, /* being deleted in rtpengine */
	WA_GUARD_CLOSE /* being closed in the relay */
};

/** "hold", "begin", "keys", ... for lists. */
const char *wa_guard_state_name(enum wa_guard_state s);

/* What others may see of a call; copied out after each change. */
typedef struct wa_guard_view
{
	bool used;
	enum wa_guard_state state;
	bool sdes;
	bool hold;		   /* Meta rang us */
	char callid[128];  /* cut if longer */
	char url[64];
	int64_t at;		   /* of the answer, ms */
	int32_t first_ms;  /* answer to first packet toward Meta; -1 = not yet */
} wa_guard_view_t;

/* Upper bounds (ms) of the buckets of the time from the answer to the first
 * packet; one more bucket holds the rest. */
#define WA_GUARD_BUCKETS 10
extern const int32_t wa_guard_bucket_ms[WA_GUARD_BUCKETS];

/* Counters; written by the guardian only. */
typedef struct wa_guard_stats
{
	uint64_t watched;	   /* calls taken care of */
	uint64_t active;	   /* of them now */
	uint64_t held_timeout; /* no ACK came: begun all the same */
	uint64_t gone;		   /* calls that rtpengine no longer knew */
	uint64_t refused;	   /* calls that did not fit the table */
	uint64_t deleted;	   /* sessions deleted here, after a worker's failure */
	uint64_t closed;	   /* calls that the relay was told to end */
	uint64_t errors;	   /* commands refused, or not sent */
	uint64_t timeouts;	   /* commands without a reply in time */
	uint64_t first[WA_GUARD_BUCKETS + 1];
	uint64_t first_sum_ms;
	uint64_t first_count;
} wa_guard_stats_t;

typedef struct wa_guard_cfg
{
	unsigned max_calls;
	int32_t poll_ms;   /* query while keys or the first packet are awaited */
	int32_t slow_ms;   /* query once media runs */
	int32_t ack_ms;	   /* no ACK for so long: begin (DTLS) */
	int32_t ack_sdes_ms; /* the same for SDES */
	int32_t ice_ms;	   /* DTLS waits for ICE no longer than this */
	int32_t ng_ms;	   /* no reply for so long: send again */
} wa_guard_cfg_t;

/* What the owner does for the guardian. */
typedef struct wa_guard_io
{
	/** Sends a datagram to rtpengine or the relay; must not block.
	 * Returns 0 or a negative error. */
	int (*send)(void *arg, wa_sv_t url, wa_sv_t msg);
	/** A call's view has changed; `slot` < max_calls. May be NULL. */
	void (*show)(void *arg, unsigned slot, const wa_guard_view_t *v);
	/** Something an operator should know. May be NULL. */
	void (*warn)(void *arg, wa_sv_t callid, const char *what, wa_sv_t detail);
	void *arg;
	/** The first packet went to Meta, `ms` after the answer. May be NULL. */
	void (*first)(void *arg, wa_sv_t callid, int32_t ms);
	/** rtpengine no longer knows the call. May be NULL. */
	void (*gone)(void *arg, wa_sv_t callid);
} wa_guard_io_t;

typedef struct wa_guard wa_guard_t;

/** `nonce` makes cookies differ from those of another run. `stats` is the
 * owner's memory. NULL when out of memory. */
wa_guard_t *wa_guard_new(const wa_guard_cfg_t *cfg, const wa_guard_io_t *io,
		wa_guard_stats_t *stats, uint32_t nonce);
void wa_guard_free(wa_guard_t *g);

/** Takes a job; texts are copied. Returns 0, WA_ENOENT (START or END of a call
 * with neither guardian nor relay), WA_EBUSY (table full),
 * WA_ENOMEM. */
int wa_guard_job(wa_guard_t *g, const wa_guard_job_t *job, int64_t now);

/** Takes a datagram from either; anything unexpected is ignored. */
void wa_guard_reply(wa_guard_t *g, wa_sv_t datagram, int64_t now);

/** Does what is due. */
void wa_guard_run(wa_guard_t *g, int64_t now);

/** When wa_guard_run() has to be called next, or -1. */
int64_t wa_guard_due(const wa_guard_t *g);

#endif
