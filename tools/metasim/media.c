/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "media_session.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

enum
{
	TICK_MS = MEDIA_FRAME_US / 1000,
	TICK_MIN_MS = 5, /* while catching up: no bursts */
	SOCKET_BUFFER = 256 * 1024,
	SDES_KEY_BYTES = 30,
	/* UDP overtakes the 200 OK on its TLS connection: one packet's time */
	EARLY_TOLERANCE_US = MEDIA_FRAME_US
};

struct media_config media_config = {
		.port_min = 40000,
		.port_max = 40999,
		.timeout_start_us = 20000000,
		.timeout_call_us = 30000000,
		.rtcp_interval_us = 3000000,
};

static uint16_t next_port;

uint64_t media_now(void)
{
	struct timespec ts;

	(void)clock_gettime(CLOCK_MONOTONIC, &ts);
	return (uint64_t)ts.tv_sec * 1000000 + (uint64_t)ts.tv_nsec / 1000 + 1;
}

double media_ms(const struct media *m, uint64_t us)
{
	if(!m->established || us == 0)
		return 0.0;
	return ((double)us - (double)m->established_us) / 1000.0;
}

struct json_object *media_event(const struct media *m, const char *name)
{
	struct json_object *ev = event_new(name);

	if(ev)
		json_object_object_add(ev, "call", json_object_new_string(m->call));
	return ev;
}

static bool count_violation(struct media *m, const char *what)
{
	for(size_t i = 0; i < m->violationc; i++) {
		if(!strcmp(m->violations[i].what, what))
			return m->violations[i].count++ == 0;
	}
	if(m->violationc == MEDIA_VIOLATION_MAX)
		return false;
	m->violations[m->violationc++] =
			(struct media_violation_count){.what = what, .count = 1};
	return true;
}

void media_violation(struct media *m, const char *what, const char *fmt, ...)
{
	struct json_object *ev;
	char text[256];
	va_list ap;

	if(!count_violation(m, what))
		return;
	ev = media_event(m, "violation");
	if(ev == NULL)
		return;
	va_start(ap, fmt);
	(void)vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	json_object_object_add(ev, "rule", json_object_new_string(what));
	json_object_object_add(ev, "detail", json_object_new_string(text));
	event_emit(ev);
}

/* Meta hangs up. The handler may release the session. */
static void hang_up(struct media *m, const char *reason)
{
	media_timeout_h *timeouth = m->timeouth;
	struct json_object *ev = media_event(m, "media_timeout");

	tmr_cancel(&m->tmr);
	tmr_cancel(&m->tmr_fail);
	if(ev) {
		json_object_object_add(ev, "text", json_object_new_string(reason));
		event_emit(ev);
	}
	m->timeouth = NULL;
	if(timeouth)
		timeouth(reason, m->arg);
}

static void fail_handler(void *arg)
{
	struct media *m = mem_ref(arg);

	hang_up(m, m->failure);
	mem_deref(m);
}

void media_fail(struct media *m, const char *fmt, ...)
{
	va_list ap;

	if(m->failure[0])
		return;
	va_start(ap, fmt);
	(void)vsnprintf(m->failure, sizeof(m->failure), fmt, ap);
	va_end(ap);
	tmr_start(&m->tmr_fail, 0, fail_handler, m);
}

void media_alive(struct media *m, uint64_t us)
{
	uint64_t since = m->active_us ? m->active_us : m->established_us;

	if(since && us > since && us - since > m->gap_max_us)
		m->gap_max_us = us - since;
	if(us > m->active_us)
		m->active_us = us;
}

/* 20 s at the start, 30 s later; RTCP counts (meta-calling.md 4). */
static bool watch(struct media *m, uint64_t now)
{
	uint64_t since = m->active_us > m->established_us ? m->active_us
													  : m->established_us;
	uint64_t limit = m->active_us ? media_config.timeout_call_us
								  : media_config.timeout_start_us;

	if(now < since + limit)
		return true;
	hang_up(m, "not receiving any media for a long time");
	return false;
}

static void tick(void *arg)
{
	struct media *m = mem_ref(arg);
	uint64_t now = media_now(), delay = TICK_MS;

	if(!watch(m, now))
		goto out;
	media_rtp_clock(m, now);
	media_rtcp_clock(m, now);
	now = media_now();
	if(m->out.due_us)
		delay = m->out.due_us > now ? (m->out.due_us - now + 999) / 1000 : 0;
	tmr_start(&m->tmr, delay < TICK_MIN_MS ? TICK_MIN_MS : delay, tick, m);
out:
	mem_deref(m);
}

static void destructor(void *arg)
{
	struct media *m = arg;

	if(!m->established && m->in.early)
		media_violation(m, "early_media", "RTP in a call never answered");
	tmr_cancel(&m->tmr);
	tmr_cancel(&m->tmr_fail);
	media_dtls_close(m);
	media_rtp_close(m);
	media_keys_close(m);
	media_gate_close(m);
	mem_deref(m->us_elsewhere);
	mem_deref(m->us_rtcp);
	mem_deref(m->us);
	mem_deref(m->suite);
	mem_deref(m->setup);
	mem_deref(m->record);
	mem_deref(m->call);
}

static int listen_at(struct udp_sock **us, struct media *m, uint16_t port,
		udp_recv_h *recvh)
{
	int err = sa_set_str(&m->laddr, media_config.address, port);

	if(!err)
		err = udp_listen(us, &m->laddr, recvh, m);
	if(!err)
		(void)udp_sockbuf_set(*us, SOCKET_BUFFER);
	return err;
}

/* The gate takes every packet; the handler only has to exist. */
static void unused_handler(const struct sa *src, struct mbuf *mb, void *arg)
{
	(void)src;
	(void)mb;
	(void)arg;
}

/* Even ports; the odd one above may be needed for RTCP. */
static int open_socket(struct media *m)
{
	unsigned pairs = (media_config.port_max - media_config.port_min + 1) / 2;
	int err = EADDRINUSE;

	for(unsigned i = 0; i < pairs && err; i++) {
		if(next_port < media_config.port_min
				|| next_port + 1 > media_config.port_max)
			next_port = media_config.port_min;
		err = listen_at(&m->us, m, next_port, unused_handler);
		next_port += 2;
	}
	return err ? err : media_gate_init(m);
}

static int make_keys(struct media *m)
{
	uint8_t key[SDES_KEY_BYTES];
	size_t len = sizeof(m->crypto_key) - 1;

	if(!m->prm.sdes) {
		media_ice_init(m);
		return media_dtls_init(m);
	}
	rand_bytes(key, sizeof(key));
	return base64_encode(key, sizeof(key), m->crypto_key, &len);
}

static int copy_params(
		struct media *m, const char *call, const struct media_params *prm)
{
	int err = str_dup(&m->call, call);

	m->prm = *prm;
	if(!err && prm->record)
		err = str_dup(&m->record, prm->record);
	if(!err && prm->setup)
		err = str_dup(&m->setup, prm->setup);
	if(!err && prm->crypto_suite)
		err = str_dup(&m->suite, prm->crypto_suite);
	m->prm.record = m->record;
	m->prm.setup = m->setup;
	m->prm.crypto_suite = m->suite ? m->suite : MEDIA_SUITE;
	if(m->prm.crypto_tag == 0)
		m->prm.crypto_tag = MEDIA_CRYPTO_TAG;
	return err;
}

int media_alloc(struct media **mp, const char *call,
		const struct media_params *prm, media_timeout_h *timeouth, void *arg)
{
	struct media *m;
	int err;

	if(mp == NULL || call == NULL || prm == NULL)
		return EINVAL;
	m = mem_zalloc(sizeof(*m), destructor);
	if(m == NULL)
		return ENOMEM;
	m->timeouth = timeouth;
	m->arg = arg;
	err = copy_params(m, call, prm);
	if(!err)
		err = open_socket(m);
	if(!err)
		err = make_keys(m);
	if(!err)
		err = media_rtp_init(m);
	if(err)
		mem_deref(m);
	else
		*mp = m;
	return err;
}

static int write_sdp(struct media *m, struct mbuf **sdp)
{
	struct mbuf *mb = mbuf_alloc(1024);
	int err = mb ? media_sdp_write(m, mb) : ENOMEM;

	if(err)
		mem_deref(mb);
	else
		*sdp = mb;
	return err;
}

int media_offer(struct media *m, struct mbuf **sdp)
{
	if(m == NULL || sdp == NULL || m->agreed)
		return EINVAL;
	m->offered = true;
	return write_sdp(m, sdp);
}

/* RTCP on the port above, for a far end without rtcp-mux. */
static int open_rtcp(struct media *m)
{
	uint16_t port = sa_port(&m->laddr);
	int err;

	if(m->far.rtcp_mux)
		return 0;
	err = listen_at(
			&m->us_rtcp, m, (uint16_t)(port + 1), media_gate_recv_rtcp);
	sa_set_port(&m->laddr, port);
	return err;
}

static int take_sdp(struct media *m, struct mbuf *sdp, char *why, size_t size)
{
	int err;

	if(m->agreed) {
		(void)re_snprintf(why, size, "media is agreed already");
		return EALREADY;
	}
	err = media_sdp_read(&m->far, (char *)mbuf_buf(sdp), mbuf_get_left(sdp),
			why, size);
	if(!err)
		err = media_sdp_judge(m, why, size);
	if(!err)
		err = open_rtcp(m);
	m->agreed = !err;
	return err;
}

int media_answer_recv(struct media *m, struct mbuf *sdp, char *why, size_t size)
{
	int err;

	if(m == NULL || sdp == NULL || !m->offered)
		return EINVAL;
	err = take_sdp(m, sdp, why, size);
	if(!err)
		media_dtls_proceed(m);
	return err;
}

int media_offer_recv(struct media *m, struct mbuf *offer, struct mbuf **answer,
		char *why, size_t size)
{
	int err;

	if(m == NULL || offer == NULL || answer == NULL || m->offered)
		return EINVAL;
	err = take_sdp(m, offer, why, size);
	return err ? err : write_sdp(m, answer);
}

void media_established(struct media *m)
{
	if(m == NULL || m->established)
		return;
	m->established = true;
	m->established_us = media_now();
	if(m->in.early
			&& m->established_us - m->in.early_first_us > EARLY_TOLERANCE_US)
		media_violation(m, "early_media", "RTP %.0f ms before the answer",
				-media_ms(m, m->in.early_first_us));
	media_dtls_proceed(m);
	tmr_start(&m->tmr, 1, tick, m);
}

static double number(struct json_object *cmd, const char *name, double dflt)
{
	struct json_object *v;

	return json_object_object_get_ex(cmd, name, &v) ? json_object_get_double(v)
													: dflt;
}

static const char *string(struct json_object *cmd, const char *name)
{
	struct json_object *v;

	if(!json_object_object_get_ex(cmd, name, &v)
			|| !json_object_is_type(v, json_type_string))
		return "";
	return json_object_get_string(v);
}

/* Any port: what comes back there is nobody's. */
static int open_elsewhere(struct media *m)
{
	struct sa sa;
	int err;

	if(m->us_elsewhere)
		return 0;
	err = sa_set_str(&sa, media_config.address, 0);
	return err ? err : udp_listen(&m->us_elsewhere, &sa, unused_handler, m);
}

int media_command(
		struct media *m, struct json_object *cmd, char *why, size_t size)
{
	const char *name = string(cmd, "cmd");
	struct json_object *on;
	int err = 0;

	if(!strcmp(name, "media_tone")) {
		m->out.muted = false;
		m->prm.pulse_ms = (unsigned)number(cmd, "pulse_ms", 0);
		media_rtp_tone(m, number(cmd, "hz", m->out.hz),
				number(cmd, "dbov", m->out.dbov));
	} else if(!strcmp(name, "media_mute")) {
		m->out.muted = !json_object_object_get_ex(cmd, "on", &on)
					   || json_object_get_boolean(on);
	} else if(!strcmp(name, "media_elsewhere")) {
		m->elsewhere = !json_object_object_get_ex(cmd, "on", &on)
					   || json_object_get_boolean(on);
		err = open_elsewhere(m);
	} else if(!strcmp(name, "media_loss")) {
		m->prm.loss = number(cmd, "fraction", m->prm.loss);
		m->prm.reorder = number(cmd, "reorder", m->prm.reorder);
		m->prm.jitter_ms = (unsigned)number(
				cmd, "jitter_ms", m->prm.jitter_ms);
	} else if(!strcmp(name, "media_dtmf")) {
		err = media_dtmf_queue(m, string(cmd, "digits"));
		if(err)
			(void)re_snprintf(why, size, "digits: 1 to %d of 0-9*#A-D",
					MEDIA_DTMF_MAX);
	} else {
		(void)re_snprintf(why, size, "no such media command: %s", name);
		err = EINVAL;
	}
	return err;
}

static int config_ports(struct json_object *cfg)
{
	struct json_object *v;
	int lo, hi;

	if(!json_object_object_get_ex(cfg, "ports", &v))
		return 0;
	if(!json_object_is_type(v, json_type_array)
			|| json_object_array_length(v) != 2)
		return EINVAL;
	lo = json_object_get_int(json_object_array_get_idx(v, 0));
	hi = json_object_get_int(json_object_array_get_idx(v, 1));
	if(lo < 1024 || hi > 65535 || hi <= lo)
		return EINVAL;
	media_config.port_min = (uint16_t)((lo + 1) & ~1);
	media_config.port_max = (uint16_t)hi;
	return 0;
}

static uint64_t config_us(
		struct json_object *cfg, const char *name, uint64_t dflt)
{
	double ms = number(cfg, name, (double)dflt / 1000.0);

	return ms > 0.0 ? (uint64_t)(ms * 1000.0) : dflt;
}

int media_init(struct json_object *cfg, char *why, size_t size)
{
	struct media_config *c = &media_config;
	struct sa sa;

	if(re_snprintf(c->address, sizeof(c->address), "%s",
			   string(cfg, "address")) < 0
			|| sa_set_str(&sa, c->address, 0)) {
		(void)re_snprintf(why, size, "media.address is no IP address");
		return EINVAL;
	}
	if(re_snprintf(c->address6, sizeof(c->address6), "%s",
			   string(cfg, "address6")) < 0
			|| (c->address6[0] && sa_set_str(&sa, c->address6, 0))) {
		(void)re_snprintf(why, size, "media.address6 is no IP address");
		return EINVAL;
	}
	if(config_ports(cfg)) {
		(void)re_snprintf(why, size, "media.ports is not [low,high]");
		return EINVAL;
	}
	c->timeout_start_us =
			config_us(cfg, "rtp_timeout_start_ms", c->timeout_start_us);
	c->timeout_call_us =
			config_us(cfg, "rtp_timeout_call_ms", c->timeout_call_us);
	c->rtcp_interval_us =
			config_us(cfg, "rtcp_interval_ms", c->rtcp_interval_us);
	next_port = c->port_min;
	return media_dtls_global_init();
}

void media_close(void)
{
	media_dtls_global_close();
}
