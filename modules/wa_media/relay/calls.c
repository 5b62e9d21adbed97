/* Life of a call: made, taken over, tended, ended.
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include <string.h>

#include "../../lib/wa_random.h"
#include "relay.h"

static void set_names(struct call *c, const uint8_t *random)
{
	static const char hex[] = "0123456789abcdef";
	uint32_t words[4];

	memcpy(words, random, sizeof(words));
	c->ssrc = words[0];
	wa_rtp_stream_init(&c->stream, words[0], (uint16_t)words[1], words[2]);
	for(size_t i = 0; i < sizeof(c->cname) - 1; i++)
		c->cname[i] = hex[random[16 + i / 2] >> (i % 2 ? 0 : 4) & 15];
}

struct call *calls_open(struct relay *r, wa_sv_t callid, int64_t now)
{
	struct call *c = store_find(&r->store, callid);
	uint8_t random[24];

	if(c != NULL)
		return c;
	if(wa_random(random, sizeof(random)) < 0)
		return NULL;
	c = store_add(&r->store, callid);
	if(c == NULL)
		return NULL;
	set_names(c, random);
	c->note_len = c->plan_len = 0;
	c->with_pbx.rtt_us = c->with_engine.rtt_us = -1;
	c->sends = c->hears = true;
	c->opened = c->told = now;
	if(net_open_pair(r, c, 0) < 0) {
		r->n.no_ports++;
		store_forget(&r->store, c);
		return NULL;
	}
	store_keep(c);
	r->n.opened++;
	calls_schedule(r, c);
	return c;
}

void calls_close(struct relay *r, struct call *c)
{
	wheel_set(&r->wheel, store_slot(&r->store, c), -1);
	net_close_pair(r, c);
	convert_end(r, c);
	store_forget(&r->store, c);
	r->n.closed++;
}

void calls_adopt(struct relay *r, int64_t now)
{
	for(uint32_t i = 0; i < r->store.max; i++) {
		struct call *c = &r->store.calls[i];

		if(!c->used)
			continue;
		if(!store_is_sane(c, now) || net_open_pair(r, c, c->port) < 0) {
			store_release(&r->store, c);
			r->n.no_ports++;
			continue;
		}
		store_adopt(&r->store, c);
		/* what was half written when the last process died: a new source */
		wa_rtp_stream_renew(&c->stream);
		c->stream.press_step = 0;
		/* nobody was here to hear them */
		if(c->pbx_at)
			c->pbx_at = now;
		if(c->meta_at)
			c->meta_at = now;
		r->n.adopted++;
		calls_schedule(r, c);
	}
}

static int64_t sooner(int64_t a, int64_t b)
{
	return b > 0 && b < a ? b : a;
}

/* When nothing keeps the call up any more. */
static int64_t gone_at(const struct relay *r, const struct call *c)
{
	int64_t last = c->meta_at > c->told ? c->meta_at : c->told;

	return last + (c->stream.started ? r->cfg.idle_us : r->cfg.open_us);
}

void calls_schedule(struct relay *r, const struct call *c)
{
	int64_t due = gone_at(r, c);

	due = sooner(due, wa_rtp_stream_due(&c->stream));
	due = sooner(due, c->start_at);
	due = sooner(due, c->with_pbx.due);
	due = sooner(due, c->with_engine.due);
	wheel_set(&r->wheel, store_slot(&r->store, c), due);
}

void calls_tend(struct relay *r, struct call *c, int64_t now)
{
	if(now >= gone_at(r, c)) {
		r->n.idle++;
		calls_close(r, c);
		return;
	}
	if(c->start_at && now >= c->start_at) {
		c->start_at = 0;
		wa_rtp_stream_start(&c->stream, now);
		report_begin(r, c, now);
	}
	forward_fill(r, c, now);
	report_send(r, c, now);
	calls_schedule(r, c);
}
