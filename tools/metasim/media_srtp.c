/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "media_session.h"

#include <string.h>

#include <openssl/crypto.h>

enum
{
	NEAR = 2000 /* sequence numbers: what cannot upset the roll-over counter */
};

static void kept_destructor(void *arg)
{
	struct media_kept *k = arg;

	list_unlink(&k->le);
	mem_deref(k->mb);
}

static void keep(struct media *m, const struct sa *src, const struct mbuf *mb,
		enum media_packet cls, uint64_t us)
{
	struct media_kept *k;

	m->keys.kept_rtp += cls == PACKET_RTP;
	if(list_count(&m->keys.kept) >= MEDIA_KEPT_MAX) {
		m->keys.kept_lost++;
		return;
	}
	k = mem_zalloc(sizeof(*k), kept_destructor);
	if(k == NULL)
		return;
	k->src = *src;
	k->us = us;
	k->mb = mbuf_alloc(mbuf_get_left(mb));
	if(k->mb == NULL
			|| mbuf_write_mem(k->mb, mbuf_buf(mb), mbuf_get_left(mb))) {
		mem_deref(k);
		return;
	}
	k->mb->pos = 0;
	list_append(&m->keys.kept, &k->le, k);
}

/* libre changes a stream's roll-over counter, and makes streams, before it has
 * checked the tag. So what is unusual is tried with a context of its own; only
 * what passes there is shown to the real one. */
static int probe(struct media *m, const uint8_t *raw, size_t len)
{
	struct srtp *ctx = NULL;
	struct mbuf *mb = mbuf_alloc(len);
	int err = mb ? mbuf_write_mem(mb, raw, len) : ENOMEM;

	if(!err)
		err = srtp_alloc(&ctx, m->keys.in.suite, m->keys.in.key,
				m->keys.in.keylen, 0);
	if(!err) {
		mb->pos = 0;
		err = srtp_decrypt(ctx, mb);
	}
	mem_deref(ctx);
	mem_deref(mb);
	return err;
}

static bool usual(const struct media *m, const uint8_t *raw, size_t len)
{
	uint32_t ssrc;
	int16_t diff;

	if(len < RTP_HEADER_SIZE || m->in.ssrcc == 0)
		return false;
	ssrc = (uint32_t)raw[8] << 24 | (uint32_t)raw[9] << 16
		   | (uint32_t)raw[10] << 8 | raw[11];
	diff = (int16_t)(((unsigned)raw[2] << 8 | raw[3]) - m->in.seq.max_seq);
	return ssrc == m->in.ssrc && diff > -NEAR && diff < NEAR;
}

static void count_bad(struct media *m, const struct mbuf *raw, int err,
		enum media_packet cls)
{
	struct media_keys *k = &m->keys;

	if(err == EALREADY) {
		k->replayed++;
	} else if(err == ETIMEDOUT) {
		k->late++;
	} else if(cls == PACKET_RTCP) {
		if(media_rtcp_looks_clear(raw)) {
			k->clear_rtcp++;
			media_violation(m, "clear_rtcp", "RTCP in clear");
		} else {
			k->undecryptable_rtcp++;
			media_violation(m, "undecryptable", "RTCP does not decrypt");
		}
	} else if(media_rtp_looks_clear(m, raw)) {
		k->clear_rtp++;
		media_violation(m, "clear_rtp", "RTP in clear");
	} else {
		k->undecryptable_rtp++;
		media_violation(m, "undecryptable", "RTP does not decrypt");
	}
}

static void unprotect(struct media *m, const struct sa *src, struct mbuf *mb,
		enum media_packet cls, uint64_t us)
{
	uint8_t raw[MEDIA_PACKET_MAX];
	size_t len = mbuf_get_left(mb);
	struct mbuf copy = {.buf = raw, .size = len, .pos = 0, .end = len};
	int err = 0;

	if(len > sizeof(raw)) {
		m->gate.other++;
		return;
	}
	memcpy(raw, mbuf_buf(mb), len);
	if(cls == PACKET_RTCP)
		err = srtcp_decrypt(m->keys.in.ctx, mb);
	else {
		if(!usual(m, raw, len))
			err = probe(m, raw, len);
		if(!err)
			err = srtp_decrypt(m->keys.in.ctx, mb);
	}
	if(err)
		count_bad(m, &copy, err, cls);
	else if(cls == PACKET_RTCP)
		media_rtcp_recv_valid(m, src, mb, us);
	else
		media_rtp_recv_valid(m, src, mb, us);
}

static int side_set(struct media_key *s, enum srtp_suite suite,
		const uint8_t *key, size_t len)
{
	if(len > sizeof(s->key))
		return EINVAL;
	memcpy(s->key, key, len);
	s->keylen = len;
	s->suite = suite;
	return srtp_alloc(&s->ctx, suite, key, len, 0);
}

int media_keys_set(struct media *m, enum srtp_suite suite, const uint8_t *in,
		const uint8_t *out, size_t len)
{
	struct media_keys *k = &m->keys;
	int err = side_set(&k->in, suite, in, len);

	if(!err)
		err = side_set(&k->out, suite, out, len);
	if(err)
		return err;
	k->ready = true;
	k->ready_us = media_now();
	while(k->kept.head) {
		struct media_kept *p = k->kept.head->data;

		unprotect(m, &p->src, p->mb, media_packet_classify(p->mb), p->us);
		mem_deref(p);
	}
	return 0;
}

void media_keys_close(struct media *m)
{
	list_flush(&m->keys.kept);
	m->keys.in.ctx = mem_deref(m->keys.in.ctx);
	m->keys.out.ctx = mem_deref(m->keys.out.ctx);
	OPENSSL_cleanse(m->keys.in.key, sizeof(m->keys.in.key));
	OPENSSL_cleanse(m->keys.out.key, sizeof(m->keys.out.key));
	OPENSSL_cleanse(m->crypto_key, sizeof(m->crypto_key));
}

unsigned media_keys_clear(const struct media *m)
{
	unsigned waiting = 0, clear = 0;

	for(const struct le *le = m->keys.kept.head; le; le = le->next) {
		const struct media_kept *k = le->data;

		if(media_packet_classify(k->mb) != PACKET_RTP)
			continue;
		waiting++;
		clear += media_rtp_looks_clear(m, k->mb);
	}
	return m->keys.clear_rtp + (2 * clear >= waiting ? clear : 0);
}

void media_srtp_recv(struct media *m, const struct sa *src, struct mbuf *mb,
		enum media_packet cls)
{
	uint64_t now = media_now();

	if(!m->established && cls == PACKET_RTP && m->in.early++ == 0)
		m->in.early_first_us = now;
	if(!m->keys.ready) {
		keep(m, src, mb, cls, now);
		return;
	}
	if(!m->prm.sdes && !media_ice_is_valid(m, src)) {
		m->ice.foreign++;
		return;
	}
	unprotect(m, src, mb, cls, now);
}

void media_srtp_send(struct media *m, struct mbuf *mb, enum media_packet cls)
{
	bool odd = cls == PACKET_RTCP && m->us_rtcp;
	const struct sa *dst = odd ? &m->target_rtcp : &m->target;
	int err = cls == PACKET_RTCP ? srtcp_encrypt(m->keys.out.ctx, mb)
								 : srtp_encrypt(m->keys.out.ctx, mb);

	if(err)
		return;
	if(m->elsewhere && cls == PACKET_RTP)
		(void)udp_send(m->us_elsewhere, dst, mb);
	else
		(void)udp_send(odd ? m->us_rtcp : m->us, dst, mb);
}
