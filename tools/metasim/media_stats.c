/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "media_session.h"

#include <stdio.h>
#include <string.h>

static void add_int(struct json_object *o, const char *name, uint64_t v)
{
	json_object_object_add(o, name, json_object_new_int64((int64_t)v));
}

static void add_text(struct json_object *o, const char *name, const char *v)
{
	json_object_object_add(o, name, json_object_new_string(v));
}

static void add_bool(struct json_object *o, const char *name, bool v)
{
	json_object_object_add(o, name, json_object_new_boolean(v));
}

/* One decimal is what these numbers are good for. */
static void add_num(struct json_object *o, const char *name, double v)
{
	char text[32];

	(void)snprintf(text, sizeof(text), "%.1f", v);
	json_object_object_add(o, name, json_object_new_double_s(v, text));
}

static void add_ms(struct json_object *o, const char *name,
		const struct media *m, uint64_t us)
{
	if(us && m->established)
		add_num(o, name, media_ms(m, us));
	else
		json_object_object_add(o, name, NULL);
}

static struct json_object *sub(struct json_object *o, const char *name)
{
	struct json_object *s = json_object_new_object();

	json_object_object_add(o, name, s);
	return s;
}

static void first(struct json_object *o, const struct media *m)
{
	struct json_object *s = sub(o, "first");
	uint64_t rx = m->in.first_us, tx = m->out.first_us;
	const char *who = "none";

	if(rx || tx)
		who = tx == 0 || (rx && rx < tx) ? "business" : "meta";
	add_text(s, "sender", who);
	add_ms(s, "rx_ms", m, rx);
	add_ms(s, "tx_ms", m, tx);
	add_ms(s, "keys_ms", m, m->keys.ready_us);
	s = sub(o, "early");
	add_int(s, "packets", m->in.early);
	add_ms(s, "first_ms", m, m->in.early_first_us);
}

/* A gap that still lasts counts as well. */
static double gap_ms(const struct media *m, uint64_t longest, uint64_t last)
{
	uint64_t now = media_now(), since = last ? last : m->established_us;

	if(m->established && since && now - since > longest)
		longest = now - since;
	return (double)longest / 1000.0;
}

static void received(struct json_object *o, const struct media *m)
{
	const struct media_in *in = &m->in;
	const struct seq_stats *q = &in->seq;
	struct json_object *s = sub(o, "rx"), *list = json_object_new_array();

	add_int(s, "packets", in->packets);
	add_int(s, "bytes", in->bytes);
	add_int(s, "audio", in->audio);
	add_int(s, "lost", seq_lost(q));
	add_int(s, "late", q->late);
	add_int(s, "duplicates", q->duplicates);
	for(size_t i = 0; i < in->ssrcc; i++)
		json_object_array_add(list, json_object_new_int64(in->ssrcs[i]));
	json_object_object_add(s, "ssrcs", list);
	add_int(s, "seq_jumps", q->seq_jumps);
	add_int(s, "ts_jumps", q->ts_jumps);
	json_object_object_add(
			s, "ts_jump_max_ms", json_object_new_int(q->ts_jump_max_ms));
	json_object_object_add(s, "ts_behind_ms", json_object_new_int(seq_behind_ms(q)));
	add_num(s, "jitter_ms", q->jitter_us / 1000.0);
	add_num(s, "gap_max_ms", gap_ms(m, q->gap_max_us, in->last_us));
	add_int(s, "bursts", q->bursts);
	add_num(s, "silence_max_ms", gap_ms(m, m->gap_max_us, m->active_us));
	add_int(s, "wrong_ptime", in->wrong_ptime);
	add_int(s, "unknown_pt", in->unknown_pt);
	add_int(s, "pt_changes", in->pt_changes);
	add_int(s, "comfort_noise", in->comfort);
	add_int(s, "source_changes", in->source_changes);
	add_int(s, "foreign", m->ice.foreign);
}

static void protection(struct json_object *o, const struct media *m)
{
	const struct media_keys *k = &m->keys;
	struct json_object *s = sub(o, "srtp");

	add_int(s, "clear", media_keys_clear(m));
	add_int(s, "clear_rtcp", k->clear_rtcp);
	add_int(s, "undecryptable", k->undecryptable_rtp);
	add_int(s, "undecryptable_rtcp", k->undecryptable_rtcp);
	add_int(s, "replayed", k->replayed);
	add_int(s, "late", k->late);
	add_int(s, "before_keys", k->kept_rtp);
	add_int(s, "before_keys_waiting", list_count(&k->kept));
	add_int(s, "before_keys_discarded", k->kept_lost);
}

static void onsets(struct json_object *o, const struct media_onsets *on)
{
	struct json_object *list = json_object_new_array();

	for(size_t i = 0; i < on->n; i++)
		json_object_array_add(list, json_object_new_int64((int64_t)on->us[i]));
	json_object_object_add(o, "onsets_us", list);
}

static void sent(struct json_object *o, const struct media *m)
{
	struct json_object *s = sub(o, "tx");

	add_int(s, "packets", m->out.packets);
	add_int(s, "bytes", m->out.bytes);
	add_int(s, "ssrc", m->out.ssrc);
	add_int(s, "skipped", m->out.skipped);
	add_int(s, "digits", m->out.digits_sent);
	onsets(s, &m->out.onsets);
	s = sub(o, "rtcp");
	add_int(s, "sent", m->rtcp.sent);
	add_int(s, "received", m->rtcp.received);
	add_int(s, "sr", m->rtcp.sr);
	add_int(s, "rr", m->rtcp.rr);
	add_int(s, "bye", m->rtcp.bye);
	add_int(s, "feedback", m->rtcp.nack);
	add_int(s, "peer_lost", m->rtcp.peer_lost);
	add_num(s, "peer_fraction_lost", m->rtcp.peer_fraction_lost / 256.0);
}

static void digits(struct json_object *o, const struct media *m)
{
	struct json_object *s = sub(o, "dtmf"), *list = json_object_new_array();
	char text[MEDIA_DTMF_MAX + 1];

	for(size_t i = 0; i < m->in.dtmfc; i++) {
		const struct media_digit *d = &m->in.dtmf[i];
		struct json_object *e = json_object_new_object();
		char one[2] = {d->digit, '\0'};

		text[i] = d->digit;
		add_text(e, "digit", one);
		add_ms(e, "ms", m, d->us);
		add_int(e, "duration_ms", d->duration / 8);
		add_int(e, "packets", d->packets);
		add_bool(e, "end", d->end);
		json_object_array_add(list, e);
	}
	text[m->in.dtmfc] = '\0';
	add_text(s, "digits", text);
	json_object_object_add(s, "events", list);
}

static void heard(struct json_object *o, const struct media *m)
{
	const struct tone_meter *t = &m->in.meter;
	struct json_object *s = sub(o, "heard"), *list = json_object_new_array();

	add_num(s, "dbov", tone_dbov(t->power));
	add_num(s, "hz", t->hz);
	add_num(s, "purity", t->purity);
	add_int(s, "audio_ms", t->samples / (TONE_RATE / 1000));
	add_int(s, "silent_ms", tone_window_ms(t->silent));
	add_int(s, "noisy_ms", tone_window_ms(t->noisy));
	for(size_t i = 0; i < t->heardc; i++) {
		const struct tone_heard *h = &t->heard[i];
		struct json_object *e = json_object_new_object();

		add_num(e, "hz", tone_hz(h));
		add_num(e, "dbov", tone_dbov(h->power_sum / h->windows));
		add_int(e, "ms", tone_window_ms(h->windows));
		json_object_array_add(list, e);
	}
	json_object_object_add(s, "tones", list);
	onsets(s, &m->in.onsets);
}

static void path(struct json_object *o, const struct media *m)
{
	struct json_object *s = sub(o, "ice");
	char text[64] = "";

	add_bool(s, "nominated", m->ice.is_nominated);
	add_ms(s, "first_ms", m, m->ice.first_us);
	add_ms(s, "nominated_ms", m, m->ice.nominated_us);
	add_bool(s, "aggressive", m->ice.aggressive);
	add_int(s, "checks", m->ice.checks);
	add_int(s, "ignored", m->ice.ignored);
	add_int(s, "refused", m->ice.refused);
	add_int(s, "bad", m->ice.bad);
	add_int(s, "role_conflicts", m->ice.conflicts);
	add_int(s, "renominations", m->ice.renominations);
	s = sub(o, "dtls");
	add_text(s, "role", m->dtls.active ? "client" : "server");
	add_bool(s, "up", m->dtls.up);
	add_ms(s, "first_ms", m, m->dtls.first_us);
	add_ms(s, "up_ms", m, m->dtls.up_us);
	add_text(s, "peer_key", m->dtls.peer_key);
	add_int(s, "unchecked", m->dtls.unchecked);
	add_int(s, "before_nomination", m->dtls.before_nomination);
	add_int(s, "ignored", m->dtls.ignored);
	add_int(s, "refused", m->dtls.refused);
	s = sub(o, "path");
	if(sa_isset(&m->target, SA_ALL))
		(void)re_snprintf(text, sizeof(text), "%J", &m->target);
	add_text(s, "peer", text);
	add_int(s, "dropped_in", m->gate.dropped_in);
	add_int(s, "dropped_out", m->gate.dropped_out);
	add_int(s, "reordered", m->gate.reordered);
	add_int(s, "delayed", m->gate.delayed);
	add_int(s, "unknown", m->gate.other);
}

struct json_object *media_stats(const struct media *m)
{
	struct json_object *o = json_object_new_object(), *s;

	if(o == NULL || m == NULL)
		return o;
	add_text(o, "key_exchange", m->prm.sdes ? "SDES" : "DTLS");
	add_text(o, "suite",
			m->keys.ready ? srtp_suite_name(m->keys.in.suite) : "none");
	add_text(o, "codec", codec_name(m->codec));
	add_int(o, "pt", m->codec_pt);
	add_int(o, "event_pt", m->event_pt);
	add_ms(o, "ms", m, media_now());
	first(o, m);
	received(o, m);
	protection(o, m);
	sent(o, m);
	digits(o, m);
	heard(o, m);
	path(o, m);
	s = sub(o, "violations");
	for(size_t i = 0; i < m->violationc; i++)
		add_int(s, m->violations[i].what, m->violations[i].count);
	add_text(o, "failure", m->failure);
	return o;
}
