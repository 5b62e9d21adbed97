/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "media_session.h"

#include <string.h>
#include <sys/time.h>

#define OPUS_FMTP                                                   \
	"maxaveragebitrate=20000;maxplaybackrate=16000;minptime=20;"    \
	"sprop-maxcapturerate=16000;useinbandfec=1"

static const char *our_proto(const struct media *m)
{
	if(!m->offered && m->far.proto[0])
		return m->far.proto;
	return m->prm.sdes ? "RTP/SAVP" : "UDP/TLS/RTP/SAVPF";
}

static const char *our_setup(const struct media *m)
{
	if(m->offered)
		return "actpass";
	return m->dtls.active ? "active" : "passive";
}

static uint64_t epoch_ms(void)
{
	struct timeval tv;

	(void)gettimeofday(&tv, NULL);
	return (uint64_t)tv.tv_sec * 1000 + (uint64_t)tv.tv_usec / 1000;
}

/* An answer names a mid only when the offer did (RFC 9143). */
static const char *our_mid(const struct media *m)
{
	return m->offered ? "audio" : m->far.mid;
}

static int write_session(const struct media *m, struct mbuf *mb)
{
	const char *mid = our_mid(m);
	int err = mbuf_printf(mb,
			"v=0\r\no=- %llu 2 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\n",
			(unsigned long long)epoch_ms());

	if(mid[0] && (m->offered || m->far.bundle))
		err |= mbuf_printf(mb, "a=group:BUNDLE %s\r\n", mid);
	err |= mbuf_printf(mb, "a=msid-semantic: WMS stream%x\r\n", m->out.ssrc);
	if(!m->prm.sdes)
		err |= mbuf_printf(mb, "a=ice-lite\r\n");
	return err;
}

static int write_m(const struct media *m, struct mbuf *mb)
{
	int err = mbuf_printf(
			mb, "m=audio %u %s", sa_port(&m->laddr), our_proto(m));

	if(m->offered) {
		err |= mbuf_printf(mb, " %u", MEDIA_OPUS_PT);
		err |= m->prm.pcmu ? mbuf_printf(mb, " %u", MEDIA_PCMU_PT) : 0;
		err |= m->prm.pcma ? mbuf_printf(mb, " %u", MEDIA_PCMA_PT) : 0;
		err |= mbuf_printf(mb, " %u", MEDIA_EVENT_PT);
	} else {
		err |= mbuf_printf(mb, " %u", m->codec_pt);
		err |= m->event_pt ? mbuf_printf(mb, " %u", m->event_pt) : 0;
	}
	err |= mbuf_printf(mb, "\r\nc=IN IP%u %j\r\n",
			sa_af(&m->laddr) == AF_INET6 ? 6 : 4, &m->laddr);
	return err | mbuf_printf(mb, "a=rtcp:9 IN IP4 0.0.0.0\r\n");
}

static int write_ice_dtls(const struct media *m, struct mbuf *mb)
{
	char fp[100];
	int err = mbuf_printf(mb,
			"a=candidate:1 1 udp 2122260223 %j %u typ host generation 0"
			" network-cost 50\r\n",
			&m->laddr, sa_port(&m->laddr));

	if(media_config.address6[0])
		err |= mbuf_printf(mb,
				"a=candidate:2 1 udp 2122262783 %s %u typ host generation 0"
				" network-cost 50\r\n",
				media_config.address6, sa_port(&m->laddr));
	err |= media_dtls_fingerprint(fp, sizeof(fp));
	return err
		   | mbuf_printf(mb,
				   "a=ice-ufrag:%s\r\na=ice-pwd:%s\r\n"
				   "a=fingerprint:sha-256 %s\r\na=setup:%s\r\n",
				   m->ice.ufrag, m->ice.pwd, fp, our_setup(m));
}

static int write_crypto(const struct media *m, struct mbuf *mb)
{
	uint32_t tag = m->offered ? m->prm.crypto_tag : m->far.crypto.tag;

	return mbuf_printf(mb, "a=crypto:%u %s inline:%s\r\n", tag,
			m->prm.crypto_suite, m->crypto_key);
}

static int write_stream(const struct media *m, struct mbuf *mb)
{
	const char *mid = our_mid(m);
	int err = 0;

	if(mid[0])
		err |= mbuf_printf(mb, "a=mid:%s\r\n", mid);
	err |= mbuf_printf(mb, "a=sendrecv\r\na=msid:stream%x audio%x\r\n",
			m->out.ssrc, m->out.ssrc);
	if(m->offered || m->far.rtcp_mux)
		err |= mbuf_printf(mb, "a=rtcp-mux\r\n");
	return err;
}

static int write_codec(const struct media *m, struct mbuf *mb,
		enum codec_id codec, uint8_t pt)
{
	int err;

	if(codec != CODEC_OPUS)
		return mbuf_printf(
				mb, "a=rtpmap:%u %s/8000\r\n", pt, codec_name(codec));
	err = mbuf_printf(mb, "a=rtpmap:%u opus/48000/2\r\n", pt);
	if(m->offered && !m->prm.sdes)
		err |= mbuf_printf(mb, "a=rtcp-fb:%u transport-cc\r\n", pt);
	return err | mbuf_printf(mb, "a=fmtp:%u " OPUS_FMTP "\r\n", pt);
}

static int write_codecs(const struct media *m, struct mbuf *mb)
{
	uint8_t event_pt = m->offered ? MEDIA_EVENT_PT : m->event_pt;
	int err = 0;

	if(m->offered) {
		err |= write_codec(m, mb, CODEC_OPUS, MEDIA_OPUS_PT);
		err |= m->prm.pcmu ? write_codec(m, mb, CODEC_PCMU, MEDIA_PCMU_PT) : 0;
		err |= m->prm.pcma ? write_codec(m, mb, CODEC_PCMA, MEDIA_PCMA_PT) : 0;
	} else {
		err |= write_codec(m, mb, m->codec, m->codec_pt);
	}
	if(event_pt)
		err |= mbuf_printf(
				mb, "a=rtpmap:%u telephone-event/8000\r\n", event_pt);
	return err
		   | mbuf_printf(mb,
				   "a=maxptime:%u\r\na=ptime:%u\r\n"
				   "a=ssrc:%u cname:WhatsAppAudioStream1\r\n",
				   MEDIA_PTIME, MEDIA_PTIME, m->out.ssrc);
}

int media_sdp_write(struct media *m, struct mbuf *mb)
{
	int err = write_session(m, mb);

	err |= write_m(m, mb);
	err |= m->prm.sdes ? write_crypto(m, mb) : write_ice_dtls(m, mb);
	err |= write_stream(m, mb);
	err |= write_codecs(m, mb);
	mb->pos = 0;
	return err ? ENOMEM : 0;
}
