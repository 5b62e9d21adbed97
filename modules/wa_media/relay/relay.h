/* The RTP relay: one process, one loop, and threads that make Opus (crew.h).
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 *   PBX <-> a pair of ports for each call <-> one pair for all <-> rtpengine
 *
 * rtpengine has a port of its own for each call, so its source address tells
 * which call a packet belongs to.
 */
#ifndef RELAY_H
#define RELAY_H

#include <stdbool.h>
#include <stdint.h>

#include "../../lib/wa_voice.h"
#include "batch.h"
#include "busy.h"
#include "crew.h"
#include "store.h"
#include "wheel.h"

struct config
{
	wa_endpoint_t control; /* where commands come */
	wa_endpoint_t inner;   /* toward rtpengine; port: RTP, RTCP one above */
	wa_endpoint_t outer;   /* toward the PBX; its ports come from the range */
	wa_endpoint_t shown;   /* what SDP says instead of `outer` */
	uint16_t port_min, port_max;
	const char *state;	 /* file of the calls */
	uint32_t max_calls;
	unsigned max_cpu; /* percent; no new calls above; 0: none */
	int64_t rtcp_us;   /* mean time between two reports */
	int64_t idle_us;   /* nothing from Meta for so long: the call is gone */
	int64_t open_us;   /* not started for so long: the same */
	int tos;
	unsigned threads; /* that make Opus; 0: the loop does */
	wa_endpoint_t mirror;  /* who is told of all calls; family 0: nobody */
	wa_endpoint_t standby; /* we only listen, here; family 0: we work */
};

/* What the other host has been told: mirror.c. */
struct mirror
{
	int fd; /* -1: there is none */
	uint32_t next, round;
	int64_t due;
};

struct counters
{
	uint64_t busy; /* calls that were left to another host */
	uint64_t opened, closed, adopted, idle, no_ports;
	uint64_t up_packets, up_silence, down_packets;
	uint64_t foreign;	/* from an address that is no call's PBX */
	uint64_t unknown;	/* to the inner port, from no call's rtpengine */
	uint64_t malformed; /* neither RTP nor RTCP, or a command that is none */
	uint64_t send_errors;
	uint64_t behind; /* packets for Opus that no thread had time for */
	uint64_t commands;
};

/* Sockets of a call toward the PBX; not in the file. */
struct pair
{
	int rtp, rtcp;
};

/* What turns one codec into another for a call; not in the file. */
struct voices
{
	wa_voice_t *up, *down; /* NULL: not needed so far */
	bool crew;			   /* a thread may have one as well */
	uint32_t serial;	   /* of the call, among those that have had the slot */
};

struct relay
{
	struct config cfg;
	struct store store;
	struct wheel wheel;
	struct mirror mirror;
	struct batch up; /* packets on their way to rtpengine */
	struct pair *pairs;	   /* by slot */
	struct voices *voices; /* by slot */
	struct crew *crew;	   /* or NULL */
	struct busy busy;
	struct counters n;
	uint64_t random;
	uint16_t next_port;
	bool drained; /* no new calls */
	int epoll, control, inner_rtp, inner_rtcp, crew_ready;
};

/* What an event of epoll means: the upper half of its data. */
enum source
{
	SRC_CONTROL,
	SRC_INNER_RTP,
	SRC_INNER_RTCP,
	SRC_CREW,
	SRC_BUSY,
	SRC_OUTER_RTP,
	SRC_OUTER_RTCP
};

/** Microseconds of CLOCK_MONOTONIC. */
int64_t relay_monotonic(void);

/** The same by the clock of the calls: store_clock(). */
int64_t relay_now(void);

/** Not for secrets: intervals and ports. */
uint64_t relay_random(struct relay *r);

/* net.c */

/** Sockets that all calls share. Returns 0 or an error, told on stderr. */
int net_open(struct relay *r);

/** A pair of ports for the call: `port`, or with 0 any of the range.
 * Returns 0, WA_EBUSY (taken, none left) or WA_EIO. */
int net_open_pair(struct relay *r, struct call *c, uint16_t port);
void net_close_pair(struct relay *r, const struct call *c);

/* calls.c */

/** Gets or makes the call. NULL: full, or no ports left. */
struct call *calls_open(struct relay *r, wa_sv_t callid, int64_t now);
void calls_close(struct relay *r, struct call *c);

/** Takes over what a former process has left. */
void calls_adopt(struct relay *r, int64_t now);

/** Puts the call where its next time is. */
void calls_schedule(struct relay *r, const struct call *c);

/** Does what is due for the call. */
void calls_tend(struct relay *r, struct call *c, int64_t now);

/* forward.c */

void forward_from_pbx(struct relay *r, struct call *c, int fd, bool rtcp);
void forward_from_engine(struct relay *r, bool rtcp);
/** What the threads have made. */
void forward_from_crew(struct relay *r);
/** Sends the packets that the stream itself has to make. */
void forward_fill(struct relay *r, struct call *c, int64_t now);

/* convert.c */

/** The codec that the PBX gets now, and the clock of its timestamps, either way. */
enum wa_codec convert_codec_of_pbx(const struct call *c);
uint32_t convert_clock_of_pbx(const struct call *c);

/** Do both ends have the same by that entry? */
bool convert_is_same(const wa_relay_map_t *m, int entry);
/** Do threads make Opus of what this call's PBX sends? */
bool convert_by_crew(const struct relay *r, const struct call *c);
/** Per cent of our packets that Meta has not got lately. */
unsigned convert_loss(const struct call *c);

/** The timestamp of a packet of the PBX's becomes one of rtpengine's clock. */
void convert_clock_up(struct call *c, wa_rtp_t *rtp);
/** Its payload becomes some packets, by that entry of `up`: wa_voice_convert(). */
int convert_up(struct relay *r, struct call *c, int entry, const wa_rtp_t *rtp,
		const uint8_t *payload, wa_voice_packet_t *out);
/** A packet of rtpengine's by that entry of `down`: timestamp and payload are changed in
 * place. False: nothing can be made of it. */
bool convert_down(struct relay *r, struct call *c, int entry, wa_rtp_t *rtp, uint8_t *p);
void convert_end(struct relay *r, const struct call *c);

/* report.c */

void report_take(struct relay *r, struct call *c, bool from_pbx,
		const uint8_t *p, size_t len, int64_t now);
/** Sends the reports that are due. */
void report_send(struct relay *r, struct call *c, int64_t now);
void report_begin(struct relay *r, struct call *c, int64_t now);
/** The next one toward rtpengine goes at once, as it may between two ends (RFC 3550 6.2). */
void report_soon(struct call *c, int64_t now);

/* control.c */

void control_read(struct relay *r);

#endif
