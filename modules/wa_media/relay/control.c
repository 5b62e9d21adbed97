/* Commands and their replies: lib/wa_relay_msg.h.
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include <string.h>
#include <sys/socket.h>

#include "../../lib/wa_err.h"
#include "mirror.h"
#include "relay.h"

#define REPORT_AGAIN 5000000 /* us between two reports of one silence */
#define AT_ONCE 64 /* commands between two looks at the media */

static void put_int(wa_buf_t *b, const char *key, int64_t n)
{
	wa_ben_put_str(b, wa_sv_from(key));
	wa_ben_put_int(b, n);
}

static void put_endpoint(wa_buf_t *b, const char *key, const wa_endpoint_t *e,
		uint16_t port)
{
	char mem[WA_ENDPOINT_TEXT];
	wa_buf_t text = wa_buf_on(mem, sizeof(mem));
	wa_endpoint_t with = *e;

	with.port = port;
	wa_endpoint_put(&with, &text);
	wa_ben_put_pair(b, wa_sv_from(key), wa_buf_sv(&text));
}

static void put_reports(wa_buf_t *b, const struct call *c)
{
	uint32_t expected, received;

	wa_rtp_reception_sum(&c->from_pbx, &expected, &received);
	put_int(b, "pbx-expected", expected);
	put_int(b, "pbx-received", received);
	wa_rtp_reception_sum(&c->from_engine, &expected, &received);
	put_int(b, "meta-expected", expected);
	put_int(b, "meta-received", received);
	put_int(b, "pbx-rtcp", c->with_pbx.got);
	put_int(b, "meta-rtcp", c->with_engine.got);
	put_int(b, "pbx-lost", c->with_pbx.lost);
	put_int(b, "meta-lost", c->with_engine.lost);
	put_int(b, "pbx-rtt-us", c->with_pbx.rtt_us);
	put_int(b, "meta-rtt-us", c->with_engine.rtt_us);
}

static int64_t since_ms(int64_t at, int64_t now)
{
	return at ? (now - at) / 1000 : -1;
}

static void put_call(wa_buf_t *b, const struct relay *r, const struct call *c,
		int64_t now)
{
	wa_ben_put_pair(b, WA_SV("call-id"), (wa_sv_t){c->callid, c->callid_len});
	put_endpoint(b, "outer", &r->cfg.shown, c->port);
	put_endpoint(b, "inner", &r->cfg.inner, r->cfg.inner.port);
	put_endpoint(b, "pbx", &c->pbx, c->pbx.port);
	put_endpoint(b, "engine", &c->engine, c->engine.port);
	/* whoever answered has said when the stream begins at the latest */
	put_int(b, "answered", c->stream.started || c->start_at != 0);
	put_int(b, "started", c->stream.started);
	put_int(b, "sends", c->sends);
	put_int(b, "hears", c->hears);
	put_int(b, "age-ms", since_ms(c->opened, now));
	put_int(b, "pbx-silent-ms", since_ms(c->pbx_at, now));
	put_int(b, "meta-silent-ms", since_ms(c->meta_at, now));
	put_int(b, "up-packets", c->up_packets);
	put_int(b, "down-packets", c->down_packets);
	put_int(b, "silence", c->stream.silent);
	put_int(b, "switches", c->stream.switches);
	put_int(b, "dropped", c->stream.dropped);
	put_int(b, "foreign", c->foreign);
	put_int(b, "digits", c->stream.n_digits);
	put_reports(b, c);
}

/* What the SBC needs to answer the PBX on its own. */
static void put_agreed(wa_buf_t *b, const struct call *c)
{
	wa_ben_put_pair(b, WA_SV("codec"),
			wa_relay_payload_name(wa_relay_payload_of(c->stream.codec)));
	put_int(b, "pt", c->stream.pt);
	put_int(b, "event", c->stream.event_pt);
	wa_relay_map_put(b, WA_SV("up"), &c->up);
	wa_relay_map_put(b, WA_SV("down"), &c->down);
	wa_ben_put_pair(b, WA_SV("note"), (wa_sv_t){c->note, c->note_len});
	wa_ben_put_pair(b, WA_SV("plan"), (wa_sv_t){c->plan, c->plan_len});
}

/* --- commands -------------------------------------------------------------------- */

static void set_pbx(struct call *c, const wa_relay_msg_t *m)
{
	c->pbx = c->pbx_rtcp = m->pbx;
	c->pbx_rtcp.port++;
	if(m->rtcp.family)
		c->pbx_rtcp = m->rtcp;
}

/* A repeated 200 OK says the same again, and must not cut the stream. */
static void join(struct relay *r, struct call *c, const wa_relay_msg_t *m, int64_t now)
{
	if(m->engine.family && !wa_endpoint_eq(&m->engine, &c->engine))
		store_set_engine(&r->store, c, &m->engine);
	if(m->pbx.family)
		set_pbx(c, m);
	if(m->has_up)
		c->up = m->up;
	if(m->has_down)
		c->down = m->down;
	if(m->has_format)
		wa_rtp_stream_format(&c->stream, m->codec, m->pt, m->event);
	if(m->has_direction) {
		c->sends = m->sends;
		c->hears = m->hears;
		/* its silence is counted from now on */
		if(c->pbx_at)
			c->pbx_at = now;
	}
	if(m->has_learn)
		c->learn_until = m->learn ? now + m->learn * 1000 : 0;
	if(m->renew)
		wa_rtp_stream_renew(&c->stream);
	if(m->start >= 0 && !c->stream.started && c->start_at == 0)
		c->start_at = now + m->start * 1000;
	if(m->has_note) {
		c->note_len = (uint32_t)m->note.len;
		memcpy(c->note, m->note.s, m->note.len);
	}
}

static void keep(struct call *c, const wa_relay_msg_t *m)
{
	c->plan_len = (uint32_t)m->plan.len;
	memcpy(c->plan, m->plan.s, m->plan.len);
}

static int press(struct call *c, const wa_relay_msg_t *m)
{
	int err;

	/* a repeated request may come behind the next one */
	if(m->serial != 0 && m->serial <= c->serial)
		return 0;
	err = wa_rtp_stream_press(&c->stream, m->digit, (unsigned)m->ms);
	if(err == 0)
		c->serial = m->serial;
	return err;
}

static void list(wa_buf_t *b, const struct relay *r, int64_t max)
{
	wa_ben_put_str(b, WA_SV("calls"));
	wa_ben_put_list(b);
	for(uint32_t i = 0; i < r->store.max && max > 0; i++) {
		const struct call *c = &r->store.calls[i];

		/* what does not fit is left out, the reply stays whole */
		if(!c->used || b->len + WA_RELAY_CALLID_MAX + 64 > b->size)
			continue;
		wa_ben_put_str(b, (wa_sv_t){c->callid, c->callid_len});
		max--;
	}
	wa_ben_put_end(b);
}

/* Which side of a started call has been silent for longer than `us`? A PBX that
 * holds the call may be. */
static const char *silent_side(const struct call *c, int64_t now, int64_t us)
{
	int64_t begun = c->opened;

	if(!c->used || !c->stream.started)
		return NULL;
	if(c->told > begun)
		begun = c->told;
	if(now - (c->meta_at > begun ? c->meta_at : begun) > us)
		return "meta";
	if(c->sends && now - (c->pbx_at > begun ? c->pbx_at : begun) > us)
		return "pbx";
	return NULL;
}

static void events(wa_buf_t *b, struct relay *r, int64_t ms, int64_t now)
{
	wa_ben_put_str(b, WA_SV("silent"));
	wa_ben_put_list(b);
	for(uint32_t i = 0; i < r->store.max && r->store.used > 0; i++) {
		struct call *c = &r->store.calls[i];
		const char *side = silent_side(c, now, ms * 1000);

		/* who asks may be about to end it; what he missed comes again */
		if(side == NULL || (c->reported && now - c->reported < REPORT_AGAIN)
				|| b->len + WA_RELAY_CALLID_MAX + 96 > b->size)
			continue;
		wa_ben_put_str(b, (wa_sv_t){c->callid, c->callid_len});
		wa_ben_put_str(b, wa_sv_from(side));
		c->reported = now;
	}
	wa_ben_put_end(b);
}

static void stats(wa_buf_t *b, const struct relay *r)
{
	const struct counters *n = &r->n;

	put_int(b, "calls", r->store.used);
	put_int(b, "max-calls", r->store.max);
	put_int(b, "drained", r->drained);
	put_int(b, "opened", (int64_t)n->opened);
	put_int(b, "closed", (int64_t)n->closed);
	put_int(b, "adopted", (int64_t)n->adopted);
	put_int(b, "idle", (int64_t)n->idle);
	put_int(b, "busy", (int64_t)n->busy);
	put_int(b, "no-ports", (int64_t)n->no_ports);
	put_int(b, "up", (int64_t)n->up_packets);
	put_int(b, "silence", (int64_t)n->up_silence);
	put_int(b, "down", (int64_t)n->down_packets);
	put_int(b, "foreign", (int64_t)n->foreign);
	put_int(b, "unknown", (int64_t)n->unknown);
	put_int(b, "malformed", (int64_t)n->malformed);
	put_int(b, "send-errors", (int64_t)n->send_errors);
	put_int(b, "behind", (int64_t)n->behind);
	put_int(b, "commands", (int64_t)n->commands);
}

static int run_on_call(struct relay *r, const wa_relay_msg_t *m, wa_buf_t *b,
		int64_t now)
{
	struct call *c = store_find(&r->store, m->callid);
	uint32_t slot;
	int err = 0;

	if(c == NULL && m->command == WA_RELAY_OPEN) {
		if(r->busy.now)
			r->n.busy++;
		else if(!r->drained)
			c = calls_open(r, m->callid, now);
		if(c == NULL)
			return WA_EBUSY;
	}
	if(c == NULL)
		return WA_ENOENT;
	slot = store_slot(&r->store, c);
	if(m->command != WA_RELAY_QUERY)
		c->told = now;
	if(m->command == WA_RELAY_JOIN)
		join(r, c, m, now);
	if(m->command == WA_RELAY_KEEP)
		keep(c, m);
	if(m->command == WA_RELAY_START && c->stream.started)
		report_soon(c, now);
	else if(m->command == WA_RELAY_START)
		c->start_at = now;
	if(m->command == WA_RELAY_PRESS)
		err = press(c, m);
	put_call(b, r, c, now);
	if(m->command == WA_RELAY_QUERY)
		put_agreed(b, c);
	if(m->command == WA_RELAY_CLOSE)
		calls_close(r, c);
	else
		calls_tend(r, c, now);
	if(m->command != WA_RELAY_QUERY)
		mirror_call(r, slot);
	return err;
}

static int run(struct relay *r, const wa_relay_msg_t *m, wa_buf_t *b, int64_t now)
{
	switch(m->command) {
		case WA_RELAY_PING:
			return 0;
		case WA_RELAY_LIST:
			list(b, r, m->max);
			return 0;
		case WA_RELAY_EVENTS:
			events(b, r, m->max, now);
			return 0;
		case WA_RELAY_STATS:
			stats(b, r);
			return 0;
		case WA_RELAY_DRAIN:
			r->drained = m->on;
			return 0;
		default:
			return run_on_call(r, m, b, now);
	}
}

static size_t error_reply(char *mem, size_t size, wa_sv_t cookie, int err)
{
	wa_buf_t b = wa_buf_on(mem, size);

	wa_buf_put(&b, cookie);
	wa_buf_put(&b, WA_SV(" "));
	wa_ben_put_dict(&b);
	wa_ben_put_pair(&b, WA_SV("result"), WA_SV("error"));
	put_int(&b, "code", err);
	wa_ben_put_pair(&b, WA_SV("error-reason"), wa_sv_from(wa_strerror(err)));
	wa_ben_put_end(&b);
	return b.len;
}

static size_t answer(struct relay *r, wa_sv_t datagram, char *mem, size_t size)
{
	wa_buf_t b = wa_buf_on(mem, size);
	wa_relay_msg_t m;
	int err = wa_relay_msg_read(datagram, &m);

	if(err < 0) {
		r->n.malformed++;
		return m.cookie.len > 0 && m.cookie.len <= 64
					   ? error_reply(mem, size, m.cookie, err)
					   : 0;
	}
	r->n.commands++;
	wa_buf_put(&b, m.cookie);
	wa_buf_put(&b, WA_SV(" "));
	wa_ben_put_dict(&b);
	wa_ben_put_pair(&b, WA_SV("result"), WA_SV("ok"));
	err = run(r, &m, &b, relay_now());
	wa_ben_put_end(&b);
	if(err == 0)
		err = wa_buf_check(&b);
	return err < 0 ? error_reply(mem, size, m.cookie, err) : b.len;
}

void control_read(struct relay *r)
{
	static char in[WA_RELAY_MSG_MAX], out[WA_RELAY_MSG_MAX];

	for(int i = 0; i < AT_ONCE; i++) {
		struct sockaddr_storage ss;
		socklen_t ss_len = sizeof(ss);
		ssize_t len = recvfrom(r->control, in, sizeof(in), MSG_DONTWAIT,
				(struct sockaddr *)&ss, &ss_len);
		size_t n;

		if(len <= 0)
			return;
		n = answer(r, (wa_sv_t){in, (size_t)len}, out, sizeof(out));
		if(n > 0)
			(void)sendto(r->control, out, n, MSG_DONTWAIT,
					(struct sockaddr *)&ss, ss_len);
	}
}
