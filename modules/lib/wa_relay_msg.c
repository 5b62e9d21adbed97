/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "wa_relay_msg.h"

#include "wa_err.h"

static const wa_sv_t commands[WA_RELAY_COMMANDS] = {{"ping", 4}, {"open", 4},
		{"join", 4}, {"keep", 4}, {"start", 5}, {"press", 5}, {"query", 5}, {"close", 5},
		{"list", 4}, {"stats", 5}, {"events", 6}, {"drain", 5}};

static const wa_sv_t payloads[] = {{"drop", 4}, {"OPUS", 4}, {"PCMU", 4},
		{"PCMA", 4}, {"G722", 4}, {"event", 5}};
#define N_PAYLOADS (sizeof(payloads) / sizeof(payloads[0]))

enum wa_codec wa_relay_codec(enum wa_relay_payload what)
{
	switch(what) {
		case WA_RELAY_OPUS:
			return WA_CODEC_OPUS;
		case WA_RELAY_PCMU:
			return WA_CODEC_PCMU;
		case WA_RELAY_PCMA:
			return WA_CODEC_PCMA;
		case WA_RELAY_G722:
			return WA_CODEC_G722;
		default:
			return (enum wa_codec)0;
	}
}

enum wa_relay_payload wa_relay_payload_of(enum wa_codec codec)
{
	switch(codec) {
		case WA_CODEC_OPUS:
			return WA_RELAY_OPUS;
		case WA_CODEC_PCMU:
			return WA_RELAY_PCMU;
		case WA_CODEC_PCMA:
			return WA_RELAY_PCMA;
		case WA_CODEC_G722:
			return WA_RELAY_G722;
		default:
			return WA_RELAY_DROP;
	}
}

wa_sv_t wa_relay_payload_name(enum wa_relay_payload what)
{
	return payloads[(size_t)what < N_PAYLOADS ? what : WA_RELAY_DROP];
}

/* --- maps ------------------------------------------------------------------- */

int wa_relay_map_find(const wa_relay_map_t *m, uint8_t pt)
{
	for(int i = 0; i < m->n; i++)
		if(m->pt[i].from == pt)
			return i;
	return -1;
}

int wa_relay_map_add(wa_relay_map_t *m, uint8_t from, uint8_t to,
		enum wa_relay_payload what, enum wa_relay_payload engine)
{
	if(m->n >= WA_RELAY_PAYLOADS)
		return WA_EBUSY;
	m->pt[m->n].from = from;
	m->pt[m->n].to = to;
	m->pt[m->n].what = (uint8_t)what;
	m->pt[m->n].engine = (uint8_t)engine;
	m->n++;
	return 0;
}

int wa_relay_payload_read(wa_sv_t name, enum wa_relay_payload *out)
{
	for(size_t i = 0; i < N_PAYLOADS; i++)
		if(wa_sv_eq(name, payloads[i])) {
			*out = (enum wa_relay_payload)i;
			return 0;
		}
	return WA_EPARSE;
}

static int read_entry(wa_sv_t text, wa_relay_map_t *m)
{
	wa_sv_t from = wa_sv_cut(&text, ':'), to = wa_sv_cut(&text, ':');
	wa_sv_t name = wa_sv_cut(&text, ':');
	enum wa_relay_payload what, engine;
	unsigned long f, t;

	if(wa_sv_ulong(from, 127, &f) < 0 || wa_sv_ulong(to, 127, &t) < 0
			|| wa_relay_payload_read(name, &what) < 0)
		return WA_EPARSE;
	engine = what;
	if(text.len > 0 && wa_relay_payload_read(text, &engine) < 0)
		return WA_EPARSE;
	return wa_relay_map_add(m, (uint8_t)f, (uint8_t)t, what, engine) < 0 ? WA_ERANGE : 0;
}

int wa_relay_map_read(wa_sv_t text, wa_relay_map_t *m)
{
	int err = 0;

	*m = (wa_relay_map_t){.n = 0};
	while(err == 0 && text.len > 0)
		err = read_entry(wa_sv_cut(&text, ' '), m);
	return err;
}

void wa_relay_map_put(wa_buf_t *b, wa_sv_t key, const wa_relay_map_t *m)
{
	char mem[WA_RELAY_PAYLOADS * 24];
	wa_buf_t text = wa_buf_on(mem, sizeof(mem));

	for(int i = 0; i < m->n; i++) {
		if(i > 0)
			wa_buf_put(&text, WA_SV(" "));
		wa_buf_num(&text, m->pt[i].from);
		wa_buf_put(&text, WA_SV(":"));
		wa_buf_num(&text, m->pt[i].to);
		wa_buf_put(&text, WA_SV(":"));
		wa_buf_put(&text, payloads[m->pt[i].what]);
		if(m->pt[i].engine == m->pt[i].what)
			continue;
		wa_buf_put(&text, WA_SV(":"));
		wa_buf_put(&text, payloads[m->pt[i].engine]);
	}
	wa_ben_put_pair(b, key, wa_buf_sv(&text));
}

/* --- writing ----------------------------------------------------------------- */

wa_relay_msg_t wa_relay_msg(enum wa_relay_command command, wa_sv_t callid)
{
	return (wa_relay_msg_t){.command = command, .callid = callid,
			.event = WA_RTP_NO_PT, .start = -1};
}

static void put_endpoint(wa_buf_t *b, wa_sv_t key, const wa_endpoint_t *e)
{
	char mem[WA_ENDPOINT_TEXT];
	wa_buf_t text = wa_buf_on(mem, sizeof(mem));

	if(e->family == 0)
		return;
	wa_endpoint_put(e, &text);
	wa_ben_put_pair(b, key, wa_buf_sv(&text));
}

static void put_int(wa_buf_t *b, wa_sv_t key, int64_t n)
{
	wa_ben_put_str(b, key);
	wa_ben_put_int(b, n);
}

static void put_join(wa_buf_t *b, const wa_relay_msg_t *m)
{
	put_endpoint(b, WA_SV("engine"), &m->engine);
	put_endpoint(b, WA_SV("pbx"), &m->pbx);
	put_endpoint(b, WA_SV("rtcp"), &m->rtcp);
	if(m->has_up)
		wa_relay_map_put(b, WA_SV("up"), &m->up);
	if(m->has_down)
		wa_relay_map_put(b, WA_SV("down"), &m->down);
	if(m->has_format) {
		wa_ben_put_pair(b, WA_SV("codec"), payloads[wa_relay_payload_of(m->codec)]);
		put_int(b, WA_SV("pt"), m->pt);
		put_int(b, WA_SV("event"), m->event);
	}
	if(m->has_direction) {
		put_int(b, WA_SV("sends"), m->sends);
		put_int(b, WA_SV("hears"), m->hears);
	}
	if(m->renew)
		put_int(b, WA_SV("renew"), 1);
	if(m->has_learn)
		put_int(b, WA_SV("learn"), m->learn);
	if(m->start >= 0)
		put_int(b, WA_SV("start"), m->start);
	if(m->has_note)
		wa_ben_put_pair(b, WA_SV("note"), m->note);
}

int wa_relay_msg_write(const wa_relay_msg_t *m, wa_buf_t *b)
{
	wa_buf_put(b, m->cookie);
	wa_buf_put(b, WA_SV(" "));
	wa_ben_put_dict(b);
	wa_ben_put_pair(b, WA_SV("command"), commands[m->command]);
	if(m->callid.len > 0)
		wa_ben_put_pair(b, WA_SV("call-id"), m->callid);
	if(m->command == WA_RELAY_JOIN)
		put_join(b, m);
	if(m->command == WA_RELAY_KEEP)
		wa_ben_put_pair(b, WA_SV("plan"), m->plan);
	if(m->command == WA_RELAY_PRESS) {
		wa_ben_put_pair(b, WA_SV("digit"), (wa_sv_t){&m->digit, 1});
		put_int(b, WA_SV("ms"), m->ms);
		put_int(b, WA_SV("serial"), m->serial);
	}
	if(m->command == WA_RELAY_LIST || m->command == WA_RELAY_EVENTS)
		put_int(b, WA_SV("max"), m->max);
	if(m->command == WA_RELAY_DRAIN)
		put_int(b, WA_SV("on"), m->on);
	wa_ben_put_end(b);
	return wa_buf_check(b);
}

/* --- reading ------------------------------------------------------------------ */

static bool get_str(const wa_ben_t *d, wa_sv_t key, wa_sv_t *out)
{
	wa_ben_t v;

	if(wa_ben_get(d, key, WA_BEN_STR, &v) < 0)
		return false;
	*out = v.body;
	return true;
}

/* 1: there, 0: absent, or WA_ERANGE. */
static int get_int(const wa_ben_t *d, wa_sv_t key, int64_t min, int64_t max,
		int64_t *out)
{
	wa_ben_t v;

	if(wa_ben_get(d, key, WA_BEN_INT, &v) < 0)
		return 0;
	if(v.num < min || v.num > max)
		return WA_ERANGE;
	*out = v.num;
	return 1;
}

static int get_endpoint(const wa_ben_t *d, wa_sv_t key, wa_endpoint_t *out)
{
	wa_sv_t text;

	return get_str(d, key, &text) ? wa_endpoint_parse(text, out) : 0;
}

static int get_map(const wa_ben_t *d, wa_sv_t key, wa_relay_map_t *out, bool *has)
{
	wa_sv_t text;

	*has = get_str(d, key, &text);
	return *has ? wa_relay_map_read(text, out) : 0;
}

static int get_codec(const wa_ben_t *d, wa_sv_t key, enum wa_codec *out)
{
	enum wa_relay_payload what;
	wa_sv_t name;

	if(!get_str(d, key, &name))
		return WA_ENOENT;
	if(wa_relay_payload_read(name, &what) < 0 || wa_relay_codec(what) == 0)
		return WA_EPARSE;
	*out = wa_relay_codec(what);
	return 0;
}

static int get_format(const wa_ben_t *d, wa_relay_msg_t *m)
{
	int64_t pt = 0, event = WA_RTP_NO_PT;
	int err = get_codec(d, WA_SV("codec"), &m->codec);

	if(err < 0)
		return err == WA_ENOENT ? 0 : err;
	if(get_int(d, WA_SV("pt"), 0, 127, &pt) != 1
			|| get_int(d, WA_SV("event"), 0, WA_RTP_NO_PT, &event) < 0)
		return WA_ERANGE;
	m->has_format = true;
	m->pt = (uint8_t)pt;
	m->event = (uint8_t)event;
	return 0;
}

static int get_numbers(const wa_ben_t *d, wa_relay_msg_t *m)
{
	int64_t sends = 1, hears = 1, renew = 0;
	int a = get_int(d, WA_SV("sends"), 0, 1, &sends);
	int b = get_int(d, WA_SV("hears"), 0, 1, &hears);
	int c = get_int(d, WA_SV("learn"), 0, 60000, &m->learn);

	if(a < 0 || b < 0 || c < 0
			|| get_int(d, WA_SV("renew"), 0, 1, &renew) < 0
			|| get_int(d, WA_SV("start"), -1, 600000, &m->start) < 0)
		return WA_ERANGE;
	m->has_direction = a || b;
	m->has_learn = c;
	m->sends = sends;
	m->hears = hears;
	m->renew = renew;
	return 0;
}

static int get_join(const wa_ben_t *d, wa_relay_msg_t *m)
{
	int err = get_endpoint(d, WA_SV("engine"), &m->engine);

	if(err == 0)
		err = get_endpoint(d, WA_SV("pbx"), &m->pbx);
	if(err == 0)
		err = get_endpoint(d, WA_SV("rtcp"), &m->rtcp);
	if(err == 0)
		err = get_map(d, WA_SV("up"), &m->up, &m->has_up);
	if(err == 0)
		err = get_map(d, WA_SV("down"), &m->down, &m->has_down);
	if(err == 0)
		err = get_format(d, m);
	if(err == 0)
		err = get_numbers(d, m);
	m->has_note = get_str(d, WA_SV("note"), &m->note);
	return err == 0 && m->note.len > WA_RELAY_NOTE_MAX ? WA_ERANGE : err;
}

static int get_keep(const wa_ben_t *d, wa_relay_msg_t *m)
{
	if(!get_str(d, WA_SV("plan"), &m->plan))
		return WA_EPARSE;
	return m->plan.len > WA_RELAY_PLAN_MAX ? WA_ERANGE : 0;
}

static int get_press(const wa_ben_t *d, wa_relay_msg_t *m)
{
	wa_sv_t digit;

	if(!get_str(d, WA_SV("digit"), &digit) || digit.len != 1)
		return WA_EPARSE;
	m->digit = digit.s[0];
	m->ms = 160;
	if(get_int(d, WA_SV("ms"), 0, 60000, &m->ms) < 0
			|| get_int(d, WA_SV("serial"), 0, INT64_MAX, &m->serial) < 0)
		return WA_ERANGE;
	return 0;
}

static int get_drain(const wa_ben_t *d, wa_relay_msg_t *m)
{
	int64_t on;
	int had = get_int(d, WA_SV("on"), 0, 1, &on);

	if(had <= 0)
		return had < 0 ? had : WA_EPARSE;
	m->on = on;
	return 0;
}

static int get_command(const wa_ben_t *d, enum wa_relay_command *out)
{
	wa_sv_t name;

	if(!get_str(d, WA_SV("command"), &name))
		return WA_EPARSE;
	for(int i = 0; i < WA_RELAY_COMMANDS; i++)
		if(wa_sv_eq(name, commands[i])) {
			*out = (enum wa_relay_command)i;
			return 0;
		}
	return WA_EUNSUP;
}

static bool needs_call(enum wa_relay_command c)
{
	return c != WA_RELAY_PING && c != WA_RELAY_LIST && c != WA_RELAY_STATS
		   && c != WA_RELAY_EVENTS && c != WA_RELAY_DRAIN;
}

int wa_relay_msg_read(wa_sv_t datagram, wa_relay_msg_t *m)
{
	wa_sv_t cookie;
	wa_ben_t d;
	int err;

	cookie = wa_sv_cut(&datagram, ' ');
	*m = wa_relay_msg(WA_RELAY_PING, (wa_sv_t){NULL, 0});
	m->cookie = cookie;
	if(cookie.len == 0 || cookie.len > 64)
		return WA_EPARSE;
	if(wa_ben_open(datagram, &d) < 0 || d.type != WA_BEN_DICT)
		return WA_EPARSE;
	err = get_command(&d, &m->command);
	if(err < 0)
		return err;
	get_str(&d, WA_SV("call-id"), &m->callid);
	if(needs_call(m->command)
			&& (m->callid.len == 0 || m->callid.len > WA_RELAY_CALLID_MAX))
		return WA_ERANGE;
	if(m->command == WA_RELAY_JOIN)
		return get_join(&d, m);
	if(m->command == WA_RELAY_KEEP)
		return get_keep(&d, m);
	if(m->command == WA_RELAY_PRESS)
		return get_press(&d, m);
	if(m->command == WA_RELAY_DRAIN)
		return get_drain(&d, m);
	m->max = 100;
	return get_int(&d, WA_SV("max"), 0, 1 << 30, &m->max) < 0 ? WA_ERANGE : 0;
}
