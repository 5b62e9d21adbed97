/* Threads that make Opus of what the PBXes send.
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * That is nine tenths of what a converted call costs. The loop hands packets over and
 * gets back what they have become; all of one call go to one thread, in their order,
 * digits too. Nothing else of the relay is touched by a thread.
 */
#ifndef RELAY_CREW_H
#define RELAY_CREW_H

#include "../../lib/wa_rtp.h"
#include "../../lib/wa_voice.h"

struct crew;

/** The header of one of the packets that a packet `of` a source has become. */
wa_rtp_t crew_header(const wa_rtp_t *of, const wa_voice_packet_t *made, bool first);

/* A packet, and what it becomes. */
struct crew_packet
{
	uint32_t slot;	 /* of the call: which thread */
	uint32_t serial; /* which of the calls that have had the slot */
	uint8_t to;		 /* payload type toward rtpengine */
	bool event;
	enum wa_codec from; /* Opus: it stays as it is */
	unsigned loss;		/* per cent that Meta has not got lately */
	wa_rtp_t rtp;
	const uint8_t *payload; /* rtp.len octets */
};

/** `n` threads for calls of the slots below `max`. `*fd` can be read from when there is
 * something to take. NULL: out of memory, or no threads. */
struct crew *crew_open(unsigned n, uint32_t max, int *fd);
void crew_close(struct crew *w);

/** Copies the packet. False: the thread is that far behind, and it is dropped. */
bool crew_give(struct crew *w, const struct crew_packet *p);

/** The call of that slot has ended. */
void crew_forget(struct crew *w, uint32_t slot);

/** Hands all that is ready to `cb`; a payload is valid until it returns. Returns how many
 * packets have become nothing. */
unsigned crew_take(struct crew *w, void (*cb)(const struct crew_packet *p, void *arg), void *arg);

#endif
