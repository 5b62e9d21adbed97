/* A call as the relay keeps it.
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * These records lie in a file that is mapped (store.h): whatever a killed relay
 * knew, the next one knows, on another host too (mirror.h). So no pointer stands here, and times
 * are of CLOCK_MONOTONIC, which goes on as long as the host does, or as far ahead of it as the clock of
 * the host where the calls began.
 */
#ifndef RELAY_CALL_H
#define RELAY_CALL_H

#include "../../lib/wa_endpoint.h"
#include "../../lib/wa_relay_msg.h"
#include "../../lib/wa_rtp_reception.h"
#include "../../lib/wa_rtp_scale.h"
#include "../../lib/wa_rtp_stream.h"

/* What went to the PBX last, for its sender reports. */
struct sent
{
	uint32_t ssrc;
	uint32_t ts;
	uint32_t packets;
	uint32_t octets;
	int64_t at;
};

struct report
{
	int64_t due;   /* of the next one of ours; 0: none */
	uint32_t sent; /* so many have gone out */
	uint32_t got;  /* and have come */
	uint8_t fraction; /* what the far end says of our packets */
	int32_t lost;
	int32_t rtt_us; /* -1: not known */
};

struct call
{
	uint32_t used; /* set last, cleared first */
	uint16_t callid_len;
	char callid[WA_RELAY_CALLID_MAX + 1];
	uint16_t port; /* toward the PBX, RTP; RTCP is one above */
	uint32_t ssrc; /* of our reports where nothing has been sent */
	char cname[17];
	int64_t opened;
	int64_t told; /* the last command */
	int64_t start_at; /* the stream begins then by itself; 0: when told */

	wa_endpoint_t engine, engine_rtcp;
	wa_endpoint_t pbx, pbx_rtcp;
	int64_t learn_until; /* the PBX's address may differ from its SDP */
	bool sends, hears;	 /* the PBX, by its SDP */
	wa_relay_map_t up, down;

	wa_rtp_stream_t stream; /* toward rtpengine */
	wa_rtp_reception_t from_pbx, from_engine;
	struct sent to_pbx;
	wa_rtp_scale_t up_scale, down_scale; /* a PBX whose clock is not that of rtpengine's end */
	struct report with_pbx, with_engine;
	int64_t pbx_at, meta_at; /* their last packet */
	uint32_t up_packets, down_packets; /* passed on */
	uint32_t foreign; /* packets from an address that is not the PBX's */
	int64_t serial;	  /* of the last digit */
	int64_t reported; /* as silent */

	uint32_t note_len;
	char note[WA_RELAY_NOTE_MAX];
	uint32_t plan_len; /* of the guardian; 0: none */
	char plan[WA_RELAY_PLAN_MAX];
};

#endif
