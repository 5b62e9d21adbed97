/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "wa_rtp.h"

#include <string.h>

#include "wa_err.h"

#define VERSION 2
#define PT_SR 200
#define PT_RR 201
#define PT_SDES 202
#define PT_BYE 203
#define SDES_CNAME 1
#define BLOCK 24  /* octets of a report block */
#define SENDER 20 /* octets of an SR's sender information */

static uint16_t get16(const uint8_t *p)
{
	return (uint16_t)(p[0] << 8 | p[1]);
}

static uint32_t get32(const uint8_t *p)
{
	return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8
		   | p[3];
}

static void put16(uint8_t *p, uint16_t v)
{
	p[0] = (uint8_t)(v >> 8);
	p[1] = (uint8_t)v;
}

static void put32(uint8_t *p, uint32_t v)
{
	put16(p, (uint16_t)(v >> 16));
	put16(p + 2, (uint16_t)v);
}

/* --- RTP ---------------------------------------------------------------- */

int wa_rtp_read(const uint8_t *p, size_t len, wa_rtp_t *out)
{
	size_t at = WA_RTP_HEAD, pad = 0;

	if(len < WA_RTP_HEAD || p[0] >> 6 != VERSION)
		return WA_EPARSE;
	at += 4 * (size_t)(p[0] & 0x0f);
	if(p[0] & 0x10) {
		if(len < at + 4)
			return WA_EPARSE;
		at += 4 + 4 * (size_t)get16(p + at + 2);
	}
	if(p[0] & 0x20) {
		pad = p[len - 1];
		if(pad == 0)
			return WA_EPARSE;
	}
	if(len < at + pad)
		return WA_EPARSE;
	*out = (wa_rtp_t){.marker = (p[1] & 0x80) != 0, .pt = p[1] & 0x7f,
			.seq = get16(p + 2), .ts = get32(p + 4), .ssrc = get32(p + 8),
			.at = at, .len = len - at - pad};
	return 0;
}

void wa_rtp_write(uint8_t *p, const wa_rtp_t *rtp)
{
	p[0] = VERSION << 6;
	p[1] = (uint8_t)((rtp->marker ? 0x80 : 0) | (rtp->pt & 0x7f));
	put16(p + 2, rtp->seq);
	put32(p + 4, rtp->ts);
	put32(p + 8, rtp->ssrc);
}

bool wa_rtp_is_rtcp(const uint8_t *p, size_t len)
{
	return len >= 8 && p[0] >> 6 == VERSION && p[1] >= 192 && p[1] <= 223;
}

/* --- reading RTCP --------------------------------------------------------- */

static void read_block(const uint8_t *p, wa_rtcp_block_t *b)
{
	int32_t lost = (int32_t)(get32(p + 4) & 0xffffff);

	if(lost & 0x800000)
		lost -= 0x1000000;
	*b = (wa_rtcp_block_t){.ssrc = get32(p), .fraction = p[4], .lost = lost,
			.highest = get32(p + 8), .jitter = get32(p + 12),
			.lsr = get32(p + 16), .dlsr = get32(p + 20)};
}

/* One packet of a compound; `len` is its own length, at least 8. */
static int read_report(const uint8_t *p, size_t len, uint32_t about, wa_rtcp_t *out)
{
	size_t at = 8;

	if(p[1] == PT_SR) {
		if(len < at + SENDER)
			return WA_EPARSE;
		out->has_sender = true;
		out->sender = (wa_rtcp_sender_t){
				.ntp = (uint64_t)get32(p + 8) << 32 | get32(p + 12),
				.ts = get32(p + 16), .packets = get32(p + 20),
				.octets = get32(p + 24)};
		at += SENDER;
	}
	for(unsigned n = p[0] & 0x1f; n > 0; n--, at += BLOCK) {
		if(len < at + BLOCK)
			return WA_EPARSE;
		if(get32(p + at) != about)
			continue;
		read_block(p + at, &out->block);
		out->has_block = true;
	}
	return 0;
}

int wa_rtcp_read(const uint8_t *p, size_t len, uint32_t about, wa_rtcp_t *out)
{
	*out = (wa_rtcp_t){0};
	if(!wa_rtp_is_rtcp(p, len))
		return WA_EPARSE;
	out->ssrc = get32(p + 4);
	while(len > 0) {
		size_t one;

		if(len < 4 || p[0] >> 6 != VERSION)
			return WA_EPARSE;
		one = 4 * (size_t)get16(p + 2) + 4;
		if(one > len)
			return WA_EPARSE;
		if((p[1] == PT_SR || p[1] == PT_RR)
				&& (one < 8 || read_report(p, one, about, out) < 0))
			return WA_EPARSE;
		if(p[1] == PT_BYE)
			out->bye = true;
		p += one;
		len -= one;
	}
	return 0;
}

/* --- writing RTCP --------------------------------------------------------- */

static size_t put_block(uint8_t *p, const wa_rtcp_block_t *b)
{
	int32_t lost = b->lost;

	/* 24 bits: it stays at the end of its range (RFC 3550 A.3) */
	if(lost > 0x7fffff)
		lost = 0x7fffff;
	if(lost < -0x800000)
		lost = -0x800000;
	put32(p, b->ssrc);
	put32(p + 4, (uint32_t)b->fraction << 24 | ((uint32_t)lost & 0xffffff));
	put32(p + 8, b->highest);
	put32(p + 12, b->jitter);
	put32(p + 16, b->lsr);
	put32(p + 20, b->dlsr);
	return BLOCK;
}

static void put_head(uint8_t *p, unsigned count, uint8_t pt, size_t len)
{
	p[0] = (uint8_t)(VERSION << 6 | count);
	p[1] = pt;
	put16(p + 2, (uint16_t)(len / 4 - 1));
}

static size_t put_sdes(uint8_t *p, uint32_t ssrc, const char *cname, size_t n)
{
	/* at least one octet of 0 ends the items, and a word is filled up */
	size_t len = (8 + 2 + n + 4) / 4 * 4;

	memset(p, 0, len);
	put_head(p, 1, PT_SDES, len);
	put32(p + 4, ssrc);
	p[8] = SDES_CNAME;
	p[9] = (uint8_t)n;
	memcpy(p + 10, cname, n);
	return len;
}

size_t wa_rtcp_write(uint8_t *p, size_t size, uint32_t ssrc,
		const wa_rtcp_sender_t *sender, const wa_rtcp_block_t *block,
		const char *cname)
{
	size_t len = 8, name = strnlen(cname, WA_RTCP_CNAME_MAX + 1);

	if(size < WA_RTCP_MAX || name == 0 || name > WA_RTCP_CNAME_MAX)
		return 0;
	put32(p + 4, ssrc);
	if(sender) {
		put32(p + 8, (uint32_t)(sender->ntp >> 32));
		put32(p + 12, (uint32_t)sender->ntp);
		put32(p + 16, sender->ts);
		put32(p + 20, sender->packets);
		put32(p + 24, sender->octets);
		len += SENDER;
	}
	if(block)
		len += put_block(p + len, block);
	put_head(p, block ? 1 : 0, sender ? PT_SR : PT_RR, len);
	return len + put_sdes(p + len, ssrc, cname, name);
}
