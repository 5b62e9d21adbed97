/* How the SBC speaks with the RTP relay.
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Like rtpengine's ng: a datagram is "COOKIE DICTIONARY" in bencode, the reply
 * has the same cookie. All commands may be repeated: they say how a call shall
 * be, not what to change. Members of a dictionary that are absent leave the
 * call as it is.
 *
 *   ping
 *   open    call-id             the call's addresses; it is made if need be
 *   join    call-id engine pbx rtcp up down codec pt event meta sends hears renew
 *           learn start note    who is where and speaks how
 *   keep    call-id plan        what the guardian would have to repeat (its own)
 *   start   call-id             the stream toward rtpengine begins
 *   press   call-id digit ms serial
 *   query   call-id
 *   close   call-id             the reply has the last figures
 *   list    max
 *   stats
 *   drain   on                  with 1 no call is opened any more until it is 0, or the relay is started again
 *   events  silent              a poll: calls whose media has stopped for so
 *                               many milliseconds
 */
#ifndef WA_RELAY_MSG_H
#define WA_RELAY_MSG_H

#include "wa_bencode.h"
#include "wa_endpoint.h"
#include "wa_rtp_stream.h"

#define WA_RELAY_CALLID_MAX 255
#define WA_RELAY_NOTE_MAX 6000
#define WA_RELAY_PLAN_MAX 5000
#define WA_RELAY_MSG_MAX 16384

enum wa_relay_command
{
	WA_RELAY_PING,
	WA_RELAY_OPEN,
	WA_RELAY_JOIN,
	WA_RELAY_KEEP,
	WA_RELAY_START, /* of a stream that has begun: a report at once */
	WA_RELAY_PRESS,
	WA_RELAY_QUERY,
	WA_RELAY_CLOSE,
	WA_RELAY_LIST,
	WA_RELAY_STATS,
	WA_RELAY_EVENTS,
	WA_RELAY_DRAIN,
	WA_RELAY_COMMANDS
};

enum wa_relay_payload
{
	WA_RELAY_DROP,
	WA_RELAY_OPUS,
	WA_RELAY_PCMU,
	WA_RELAY_PCMA,
	WA_RELAY_G722,
	WA_RELAY_EVENT
};

#define WA_RELAY_PAYLOADS 16

/* What becomes of a payload type, "0:0:PCMU 101:101:event": its number, the one under which
 * it goes on, what the PBX has. Where rtpengine's end has another codec, that stands behind:
 * "111:8:PCMA:OPUS". */
typedef struct wa_relay_map
{
	uint8_t n;
	struct
	{
		uint8_t from, to;
		uint8_t what;	/* enum wa_relay_payload, at the PBX; DROP: it goes no further */
		uint8_t engine; /* ... and at rtpengine */
	} pt[WA_RELAY_PAYLOADS];
} wa_relay_map_t;

/* A request. Texts point into the datagram, or are the sender's. */
typedef struct wa_relay_msg
{
	wa_sv_t cookie;
	enum wa_relay_command command;
	wa_sv_t callid;
	/* join */
	wa_endpoint_t engine; /* rtpengine's end; family 0: as before */
	wa_endpoint_t pbx;
	wa_endpoint_t rtcp; /* the PBX's RTCP, where it is not the port above RTP's */
	bool has_up, has_down, has_format, has_direction, has_note, has_learn;
	wa_relay_map_t up;	 /* from the PBX to rtpengine */
	wa_relay_map_t down; /* and back */
	enum wa_codec codec; /* of rtpengine, and of silence, by its number */
	uint8_t pt;
	uint8_t event; /* WA_RTP_NO_PT: none */
	bool sends, hears; /* the PBX */
	bool renew;		   /* whoever sends now is a new source */
	int64_t learn;	   /* ms in which the PBX's address may differ from its SDP */
	int64_t start;	   /* ms until the stream begins by itself; -1: not yet */
	wa_sv_t note;	   /* the SBC's own, given back by query */
	/* keep */
	wa_sv_t plan;
	/* press */
	char digit;
	int64_t ms;
	int64_t serial; /* rises; a repeated request presses once */
	/* list, events */
	int64_t max;
	/* drain */
	bool on;
} wa_relay_msg_t;

/** A request with nothing in it. */
wa_relay_msg_t wa_relay_msg(enum wa_relay_command command, wa_sv_t callid);

/** Writes a request. Returns 0 or WA_ETOOLONG. */
int wa_relay_msg_write(const wa_relay_msg_t *m, wa_buf_t *out);

/** Reads one. `cookie` is set whenever there was one, so that an error can be
 * answered. Returns 0, WA_EPARSE, WA_EUNSUP (unknown command) or WA_ERANGE. */
int wa_relay_msg_read(wa_sv_t datagram, wa_relay_msg_t *out);

/** "0:0:PCMU 101:101:event", as query says it. */
int wa_relay_map_read(wa_sv_t text, wa_relay_map_t *m);
void wa_relay_map_put(wa_buf_t *b, wa_sv_t key, const wa_relay_map_t *m);

/** "OPUS" and so on. Returns 0 or WA_EPARSE. */
int wa_relay_payload_read(wa_sv_t name, enum wa_relay_payload *out);
wa_sv_t wa_relay_payload_name(enum wa_relay_payload what);

/** Which entry has it, or -1. */
int wa_relay_map_find(const wa_relay_map_t *m, uint8_t pt);

/** Adds one; WA_EBUSY when it is full. */
int wa_relay_map_add(wa_relay_map_t *m, uint8_t from, uint8_t to,
		enum wa_relay_payload what, enum wa_relay_payload engine);

/** The codec of a payload, 0 for others. */
enum wa_codec wa_relay_codec(enum wa_relay_payload what);
enum wa_relay_payload wa_relay_payload_of(enum wa_codec codec);

#endif
