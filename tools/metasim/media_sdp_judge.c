/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "media_session.h"

#include <string.h>
#include <strings.h>


enum
{
	KEY_BYTES = 30,
	KEY_BASE64 = 40,
	SHA256_BYTES = 32,
	UFRAG_MIN = 4, /* RFC 8839 5.4 */
	PWD_MIN = 22
};

static int refuse(char *why, size_t size, const char *what)
{
	(void)re_snprintf(why, size, "%s", what);
	return EPROTO;
}

static int judge_proto(const struct media *m, char *why, size_t size)
{
	const char *p = m->far.proto;
	bool dtls = !strcmp(p, "UDP/TLS/RTP/SAVPF");

	if(m->prm.sdes ? strcmp(p, "RTP/SAVP") != 0 : !dtls) {
		(void)re_snprintf(why, size, "profile %s, expected %s", p,
				m->prm.sdes ? "RTP/SAVP (SDES)" : "UDP/TLS/RTP/SAVPF (DTLS)");
		return EPROTO;
	}
	return 0;
}

static enum codec_id codec_of(const struct media *m, const struct far_format *f)
{
	if(!strcasecmp(f->name, "opus") && f->clock == 48000 && f->channels == 2)
		return CODEC_OPUS;
	if(!strcasecmp(f->name, "PCMU") && f->clock == 8000 && m->prm.pcmu)
		return CODEC_PCMU;
	if(!strcasecmp(f->name, "PCMA") && f->clock == 8000 && m->prm.pcma)
		return CODEC_PCMA;
	return CODEC_NONE;
}

/* An answer may only name what our offer had, by our numbers. */
static bool was_offered(const struct media *m, const struct far_format *f)
{
	if(!strcasecmp(f->name, "telephone-event"))
		return f->pt == MEDIA_EVENT_PT && f->clock == 8000;
	switch(codec_of(m, f)) {
		case CODEC_OPUS:
			return f->pt == MEDIA_OPUS_PT;
		case CODEC_PCMU:
			return f->pt == MEDIA_PCMU_PT;
		case CODEC_PCMA:
			return f->pt == MEDIA_PCMA_PT;
		default:
			return false;
	}
}

static void judge_event(struct media *m, const struct far_format *f)
{
	if(f->clock != 8000)
		media_violation(m, "telephone_event_clock",
				"telephone-event/%u at payload type %u, Meta knows 8000 only",
				f->clock, f->pt);
	else if(m->event_pt == 0)
		m->event_pt = f->pt;
}

static int judge_formats(struct media *m, char *why, size_t size)
{
	m->codec = CODEC_NONE;
	m->event_pt = 0;
	for(size_t i = 0; i < m->far.fmtc; i++) {
		const struct far_format *f = &m->far.fmt[i];
		enum codec_id codec = codec_of(m, f);

		if(m->offered && !was_offered(m, f)) {
			(void)re_snprintf(why, size, "payload type %u %s/%u was not offered",
					f->pt, f->name, f->clock);
			return EPROTO;
		}
		if(!strcasecmp(f->name, "telephone-event"))
			judge_event(m, f);
		else if(codec != CODEC_NONE && m->codec == CODEC_NONE) {
			m->codec = codec;
			m->codec_pt = f->pt;
		}
	}
	return m->codec == CODEC_NONE
				   ? refuse(why, size, "no opus/48000/2 and no codec enabled")
				   : 0;
}

static int judge_dtls(struct media *m, char *why, size_t size)
{
	const struct far_sdp *far = &m->far;

	if(far->fp_len == 0)
		return refuse(why, size, "No fingerprint found in SDP");
	if(strcasecmp(far->fp_hash, "sha-256") || far->fp_len != SHA256_BYTES)
		return refuse(why, size, "fingerprint is not sha-256");
	if(strlen(far->ufrag) < UFRAG_MIN || strlen(far->pwd) < PWD_MIN)
		return refuse(why, size, "no ice-ufrag or ice-pwd");
	if(far->ice_lite)
		return refuse(why, size, "ICE mismatch: both sides are ice-lite");
	if(!far->rtcp_mux)
		return refuse(why, size, "no rtcp-mux");
	if(m->offered && far->setup != SETUP_ACTIVE)
		return refuse(why, size, "setup is not active: Meta never starts DTLS");
	if(!m->offered && far->setup != SETUP_ACTPASS)
		return refuse(why, size, "setup of an offer is not actpass");
	if(far->cryptos)
		media_violation(m, "crypto_with_dtls", "a=crypto beside a fingerprint");
	m->dtls.active = !m->offered && m->prm.setup
					 && !strcmp(m->prm.setup, "active");
	return 0;
}

static int judge_sdes(struct media *m, char *why, size_t size)
{
	const struct far_sdp *far = &m->far;
	uint8_t in[KEY_BYTES], out[KEY_BYTES];
	size_t inlen = sizeof(in), outlen = sizeof(out);

	if(far->cryptos == 0)
		return refuse(why, size, "no a=crypto");
	if(m->offered && (far->cryptos > 1 || far->crypto.tag != m->prm.crypto_tag))
		return refuse(why, size, "answer must have our one crypto tag");
	if(strcmp(far->crypto.suite, MEDIA_SUITE))
		return refuse(why, size, "no crypto suite " MEDIA_SUITE);
	if(strlen(far->crypto.key) != KEY_BASE64
			|| base64_decode(far->crypto.key, KEY_BASE64, in, &inlen)
			|| inlen != KEY_BYTES)
		return refuse(why, size, "SDES key is not 30 bytes");
	if(base64_decode(m->crypto_key, KEY_BASE64, out, &outlen))
		return EINVAL;
	if(far->cryptos > 1)
		media_violation(m, "crypto_lines", "%u crypto lines, Meta's are one",
				far->cryptos);
	if(far->crypto.extra)
		media_violation(m, "crypto_params", "lifetime, MKI or parameters");
	if(far->fp_len || far->ufrag[0] || far->candidates)
		media_violation(m, "ice_with_sdes", "ICE or a fingerprint with SDES");
	return media_keys_set(
			m, SRTP_AES_CM_128_HMAC_SHA1_80, in, out, KEY_BYTES);
}

static void judge_manners(struct media *m)
{
	const struct far_sdp *far = &m->far;

	if((far->ptime && far->ptime != MEDIA_PTIME)
			|| (far->maxptime && far->maxptime < MEDIA_PTIME))
		media_violation(m, "sdp_ptime", "ptime %u, maxptime %u", far->ptime,
				far->maxptime);
	if(far->ssrcs > 1)
		media_violation(m, "sdp_ssrcs", "%u sources", far->ssrcs);
	if(strcmp(far->direction, "sendrecv"))
		media_violation(m, "sdp_direction", "%s", far->direction);
}

int media_sdp_judge(struct media *m, char *why, size_t size)
{
	int err;

	if(m->offered && m->far.mid[0] && strcmp(m->far.mid, "audio"))
		return refuse(why, size, "mid is not the one of the offer");
	err = judge_proto(m, why, size);
	if(!err)
		err = judge_formats(m, why, size);
	if(!err)
		judge_manners(m);
	m->target = m->far.addr;
	m->target_rtcp = m->far.rtcp_addr;
	if(!err)
		err = m->prm.sdes ? judge_sdes(m, why, size)
						  : judge_dtls(m, why, size);
	return err;
}
