/* What the RTP relay takes from outside: commands, RTP, RTCP.
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Input: a kind, then datagrams, each behind an octet with its length; for 'c'
 * one command.
 */
#include "fuzz.h"

#include <string.h>

#include "wa_relay_msg.h"
#include "wa_rtp_reception.h"

/* What was read can be said again, and means the same. */
static void command(wa_sv_t datagram)
{
	static char mem[2 * WA_RELAY_MSG_MAX];
	wa_buf_t b = wa_buf_on(mem, sizeof(mem));
	wa_relay_msg_t m, again;

	if(wa_relay_msg_read(datagram, &m) < 0)
		return;
	FUZZ_CHECK(fuzz_inside(m.callid, datagram) && fuzz_inside(m.note, datagram));
	FUZZ_CHECK(wa_relay_msg_write(&m, &b) == 0);
	FUZZ_CHECK(wa_relay_msg_read(wa_buf_sv(&b), &again) == 0);
	FUZZ_CHECK(again.command == m.command && wa_sv_eq(again.callid, m.callid));
	FUZZ_CHECK(memcmp(&again.up, &m.up, sizeof(m.up)) == 0);
	FUZZ_CHECK(wa_endpoint_eq(&again.pbx, &m.pbx));
}

static void fill(wa_rtp_stream_t *s, int64_t now)
{
	uint8_t p[WA_RTP_MADE_MAX];
	wa_rtp_t rtp;
	size_t len;

	for(int n = 0; (len = wa_rtp_stream_fill(s, now, p)) > 0; n++) {
		FUZZ_CHECK(n < 100 && len <= sizeof(p));
		FUZZ_CHECK(wa_rtp_read(p, len, &rtp) == 0 && rtp.ssrc == s->ssrc);
	}
}

static void packet(wa_rtp_stream_t *s, wa_rtp_reception_t *r, const uint8_t *p,
		size_t len, int64_t now)
{
	wa_rtcp_t rtcp;
	wa_rtp_t in, out;

	if(wa_rtcp_read(p, len, s->ssrc, &rtcp) == 0 && rtcp.has_sender)
		wa_rtp_received_sr(r, &rtcp.sender, now);
	if(wa_rtp_read(p, len, &in) < 0)
		return;
	FUZZ_CHECK(in.at >= WA_RTP_HEAD && in.at + in.len <= len);
	wa_rtp_received(r, &in, 8000, now);
	if(wa_rtp_stream_take(s, &in, p + in.at, in.pt == 101 ? WA_RTP_EVENT : WA_RTP_AUDIO, 0, now, &out))
		FUZZ_CHECK(out.ssrc == s->ssrc && out.len == in.len);
}

static void packets(const uint8_t *data, size_t size)
{
	wa_rtp_reception_t r = {.has = false};
	wa_rtcp_block_t block;
	wa_rtp_stream_t s;
	int64_t now = 1000000;

	wa_rtp_stream_init(&s, 1, 65530, 0xfffffff0);
	wa_rtp_stream_format(&s, size & 1 ? WA_CODEC_OPUS : WA_CODEC_PCMA, 8, 101);
	wa_rtp_stream_start(&s, now);
	while(size > 1) {
		size_t len = data[0] % 64;

		now += data[0] / 64 * 15000;
		if(len > size - 1)
			len = size - 1;
		packet(&s, &r, data + 1, len, now);
		if(len == 0)
			(void)wa_rtp_stream_press(&s, '5', data[0]);
		fill(&s, now);
		data += len + 1;
		size -= len + 1;
	}
	if(wa_rtp_report(&r, now, &block)) {
		uint8_t out[WA_RTCP_MAX];

		FUZZ_CHECK(wa_rtcp_write(out, sizeof(out), 1, NULL, &block, "c") > 0);
	}
}

void fuzz_relay(const uint8_t *data, size_t size)
{
	if(size == 0)
		return;
	if(data[0] == 'c')
		command(fuzz_text(data + 1, size - 1));
	else
		packets(data + 1, size - 1);
}
