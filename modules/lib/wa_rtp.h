/* RTP and RTCP packets: reading what came from outside, writing our own.
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * RFC 3550; RTCP that shares the port of RTP is told apart as RFC 5761 4 says.
 * Nothing is copied and nothing allocated.
 */
#ifndef WA_RTP_H
#define WA_RTP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define WA_RTP_HEAD 12 /* octets of a header without CSRC and extension */

typedef struct wa_rtp
{
	bool marker;
	uint8_t pt;
	uint16_t seq;
	uint32_t ts;
	uint32_t ssrc;
	size_t at;	/* of the payload */
	size_t len; /* of the payload, without padding; may be 0 */
} wa_rtp_t;

/** Reads a packet; CSRCs, extension and padding are skipped.
 * Returns 0 or WA_EPARSE. */
int wa_rtp_read(const uint8_t *p, size_t len, wa_rtp_t *out);

/** Writes the plain header (WA_RTP_HEAD octets) to `p`. */
void wa_rtp_write(uint8_t *p, const wa_rtp_t *rtp);

/** Is it RTCP, where both come to one port? */
bool wa_rtp_is_rtcp(const uint8_t *p, size_t len);

/* --- RTCP ------------------------------------------------------------------ */

/* A sender's half of an SR. */
typedef struct wa_rtcp_sender
{
	uint64_t ntp; /* seconds since 1900 in the upper half */
	uint32_t ts;
	uint32_t packets;
	uint32_t octets;
} wa_rtcp_sender_t;

/* A report block. */
typedef struct wa_rtcp_block
{
	uint32_t ssrc;
	uint8_t fraction; /* lost since the last report, in 1/256 */
	int32_t lost;	  /* in all; 24 bits with sign */
	uint32_t highest; /* sequence number with its cycles */
	uint32_t jitter;  /* in units of the clock */
	uint32_t lsr;	  /* middle of the last SR's NTP time, 0: none */
	uint32_t dlsr;	  /* since then, 1/65536 s */
} wa_rtcp_block_t;

/* What a compound packet says that concerns us. */
typedef struct wa_rtcp
{
	bool has_sender; /* it holds an SR */
	uint32_t ssrc;	 /* of its first packet */
	wa_rtcp_sender_t sender;
	bool has_block; /* it reports on `about` */
	wa_rtcp_block_t block;
	bool bye;
} wa_rtcp_t;

/** Reads a compound packet. Of the report blocks, that about the SSRC `about`
 * is taken. Returns 0 or WA_EPARSE: a packet of it does not hold together. */
int wa_rtcp_read(const uint8_t *p, size_t len, uint32_t about, wa_rtcp_t *out);

#define WA_RTCP_MAX 128		/* octets wa_rtcp_write() may need */
#define WA_RTCP_CNAME_MAX 32

/** Writes SR (`sender` not NULL) or RR, with a block or without, and SDES with
 * the CNAME. Returns the octets, or 0 when `size` or the CNAME does not do. */
size_t wa_rtcp_write(uint8_t *p, size_t size, uint32_t ssrc,
		const wa_rtcp_sender_t *sender, const wa_rtcp_block_t *block,
		const char *cname);

#endif
