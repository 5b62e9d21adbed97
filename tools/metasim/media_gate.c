/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "media_session.h"

#include <string.h>

enum
{
	GATE_LAYER = 0, /* the lowest: first to see what arrives, last what leaves */
	HOLD_MS = 45	/* reordering: two later packets overtake */
};

struct held
{
	struct le le;
	struct tmr tmr;
	struct media *m;
	struct sa peer;
	struct mbuf *mb;
	bool incoming;
	enum media_packet cls;
};

/* RFC 7983 by the first byte; RTCP by its packet type (RFC 5761). */
enum media_packet media_packet_classify(const struct mbuf *mb)
{
	const uint8_t *p = mbuf_buf(mb);

	if(mbuf_get_left(mb) < 2)
		return PACKET_OTHER;
	if(p[0] <= 3)
		return PACKET_STUN;
	if(p[0] >= 20 && p[0] <= 63)
		return PACKET_DTLS;
	if(p[0] < 128 || p[0] > 191)
		return PACKET_OTHER;
	return p[1] >= 192 && p[1] <= 223 ? PACKET_RTCP : PACKET_RTP;
}

static void deliver(struct media *m, const struct sa *src, struct mbuf *mb,
		enum media_packet cls)
{
	switch(cls) {
		case PACKET_STUN:
			media_ice_recv(m, src, mb);
			break;
		case PACKET_DTLS:
			media_dtls_recv(m, src, mb);
			break;
		case PACKET_RTP:
		case PACKET_RTCP:
			media_srtp_recv(m, src, mb, cls);
			break;
		default:
			m->gate.other++;
			break;
	}
}

static bool chance(double fraction)
{
	return fraction > 0.0 && rand_u32() < fraction * UINT32_MAX;
}

static bool hostile(enum media_packet cls)
{
	return cls == PACKET_RTP || cls == PACKET_DTLS;
}

static void held_destructor(void *arg)
{
	struct held *h = arg;

	tmr_cancel(&h->tmr);
	list_unlink(&h->le);
	mem_deref(h->mb);
}

static void held_release(void *arg)
{
	struct held *h = arg;
	struct media *m = mem_ref(h->m);

	list_unlink(&h->le);
	if(h->incoming)
		deliver(m, &h->peer, h->mb, h->cls);
	else
		(void)udp_send_helper(m->us, &h->peer, h->mb, m->gate.helper);
	mem_deref(h);
	mem_deref(m);
}

/* The sender goes on using its buffer: hold a copy. */
static bool hold(struct media *m, const struct sa *peer, const struct mbuf *mb,
		enum media_packet cls, bool incoming, unsigned ms)
{
	struct held *h = mem_zalloc(sizeof(*h), held_destructor);

	if(h == NULL)
		return false;
	h->m = m;
	h->peer = *peer;
	h->cls = cls;
	h->incoming = incoming;
	h->mb = mbuf_alloc(mbuf_get_left(mb));
	if(h->mb == NULL
			|| mbuf_write_mem(h->mb, mbuf_buf(mb), mbuf_get_left(mb))) {
		mem_deref(h);
		return false;
	}
	h->mb->pos = 0;
	list_append(&m->gate.held, &h->le, h);
	tmr_start(&h->tmr, ms, held_release, h);
	return true;
}

/* How long this packet is held back; 0 = not at all. */
static unsigned delay(struct media *m)
{
	if(chance(m->prm.reorder)) {
		m->gate.reordered++;
		return HOLD_MS;
	}
	if(m->prm.jitter_ms == 0)
		return 0;
	m->gate.delayed++;
	return 1 + rand_u32() % m->prm.jitter_ms;
}

static bool lost(struct media *m, enum media_packet cls, bool incoming)
{
	uint64_t *dropped = incoming ? &m->gate.dropped_in : &m->gate.dropped_out;

	/* no RTP runs before the handshake is over */
	if(!(cls == PACKET_DTLS && *dropped < m->prm.dtls_lost)
			&& !chance(m->prm.loss))
		return false;
	++*dropped;
	return true;
}

/* True: the packet is gone, or comes later. */
static bool impair(struct media *m, const struct sa *peer, const struct mbuf *mb,
		enum media_packet cls, bool incoming)
{
	unsigned ms;

	if(!hostile(cls))
		return false;
	if(lost(m, cls, incoming))
		return true;
	ms = delay(m);
	return ms && hold(m, peer, mb, cls, incoming, ms);
}

static bool recv_handler(struct sa *src, struct mbuf *mb, void *arg)
{
	struct media *m = arg;
	enum media_packet cls = media_packet_classify(mb);

	if(impair(m, src, mb, cls, true))
		return true;
	mem_ref(m);
	deliver(m, src, mb, cls);
	mem_deref(m);
	return true;
}

static bool send_handler(int *err, struct sa *dst, struct mbuf *mb, void *arg)
{
	struct media *m = arg;

	(void)err;
	return impair(m, dst, mb, media_packet_classify(mb), false);
}

/* RTCP on the odd port, for a far end without rtcp-mux. */
void media_gate_recv_rtcp(const struct sa *src, struct mbuf *mb, void *arg)
{
	struct media *m = arg;

	if(media_packet_classify(mb) != PACKET_RTCP) {
		m->gate.other++;
		return;
	}
	mem_ref(m);
	media_srtp_recv(m, src, mb, PACKET_RTCP);
	mem_deref(m);
}

int media_gate_init(struct media *m)
{
	return udp_register_helper(&m->gate.helper, m->us, GATE_LAYER,
			send_handler, recv_handler, m);
}

void media_gate_close(struct media *m)
{
	list_flush(&m->gate.held);
	m->gate.helper = mem_deref(m->gate.helper);
}
