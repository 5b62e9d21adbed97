/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "script_relay.h"

#include <kamailio/core/parser/parse_cseq.h>

#include "../lib/wa_dtmf_info.h"
#include "../lib/wa_err.h"
#include "../lib/wa_sdp_end.h"
#include "relay_client.h"
#include "script_guard.h"

int relay_learning = 0;

/* The only place where errors become the script's return values. */
static int result(const char *what, int err)
{
	if(err == 0)
		return 1;
	LM_INFO("%s: %s\n", what, wa_strerror(err));
	if(err == WA_EIO || err == WA_EBUSY)
		return -2;
	return err == WA_ENOENT ? -3 : -1;
}

static int get_text(const wa_ben_t *d, const char *key, wa_sv_t *out)
{
	wa_ben_t v;
	int err = wa_ben_get(d, wa_sv_from(key), WA_BEN_STR, &v);

	*out = v.body;
	return err < 0 ? WA_EPARSE : 0;
}

static int set_pv(sip_msg_t *msg, pv_spec_t *dst, const wa_buf_t *text)
{
	pv_value_t val = {.flags = PV_VAL_STR};

	val.rs = (str){text->s, (int)text->len};
	return pv_set_spec_value(msg, dst, 0, &val) < 0 ? WA_EIO : 0;
}

/* --- wa_media_port ------------------------------------------------------------- */

/* Where the relay is for one side. */
static int ask_port(sip_msg_t *msg, wa_sv_t side, wa_endpoint_t *out)
{
	/* an answer that comes again after the end begins no call */
	bool request = msg->first_line.type == SIP_REQUEST;
	wa_relay_msg_t m = wa_relay_msg(
			request ? WA_RELAY_OPEN : WA_RELAY_QUERY, (wa_sv_t){NULL, 0});
	wa_sv_t text;
	wa_ben_t reply;
	int err;

	if(script_callid(msg, &m.callid) < 0)
		return WA_EPARSE;
	err = relay_ask(&m, &reply);
	if(err == 0)
		err = get_text(&reply, wa_sv_eq(side, WA_SV("pbx")) ? "outer" : "inner", &text);
	return err < 0 ? err : wa_endpoint_parse(text, out);
}

static int do_port(sip_msg_t *msg, str *side, str *sdp, pv_spec_t *dst)
{
	char mem[WA_SDP_MAX];
	wa_buf_t out = wa_buf_on(mem, sizeof(mem));
	wa_endpoint_t to;
	int err = ask_port(msg, KSR_SV(side), &to);

	if(err == 0)
		err = wa_sdp_move(KSR_SV(sdp), &to, &out);
	if(err == 0)
		err = set_pv(msg, dst, &out);
	return result("wa_media_port", err);
}

static pv_spec_t *writable(str *name)
{
	pv_spec_t *pv = pv_cache_get(name);

	if(pv && pv_is_w(pv))
		return pv;
	LM_ERR("cannot write to %.*s\n", name->len, name->s);
	return NULL;
}

int ki_port(sip_msg_t *msg, str *side, str *sdp, str *dst)
{
	pv_spec_t *pv = writable(dst);

	return pv ? do_port(msg, side, sdp, pv) : -1;
}

int w_port(sip_msg_t *msg, char *side, char *sdp, char *dst)
{
	str a, b;

	if(fixup_get_svalue(msg, (gparam_t *)side, &a) < 0
			|| fixup_get_svalue(msg, (gparam_t *)sdp, &b) < 0)
		return -1;
	return do_port(msg, &a, &b, (pv_spec_t *)dst);
}

static int fixup_dst(void **param)
{
	if(fixup_pvar_null(param, 1) < 0)
		return -1;
	if(pv_is_w((pv_spec_t *)*param))
		return 0;
	LM_ERR("the last parameter cannot be written\n");
	return -1;
}

int fixup_port(void **param, int no)
{
	return no < 3 ? fixup_spve_null(param, 1) : fixup_dst(param);
}

/* --- wa_media_join --------------------------------------------------------------- */

/* What the two ends of the relay speak. */
struct speech
{
	enum wa_codec pbx;	  /* whoever answered prefers it */
	enum wa_codec engine; /* the same, or what the relay turns that into */
	uint8_t pt;			  /* of `engine` */
};

/* To rtpengine's number for it, or that of the codec that it becomes. */
static void map_one_up(wa_relay_map_t *up, uint8_t from, enum wa_relay_payload what,
		const wa_sdp_end_t *agreed, const struct speech *sp)
{
	int to = wa_sdp_end_same(agreed, from, what);

	if(wa_relay_map_find(up, from) >= 0)
		return;
	if(to >= 0)
		(void)wa_relay_map_add(up, from, (uint8_t)to, what, what);
	else if(what != WA_RELAY_EVENT)
		(void)wa_relay_map_add(up, from, sp->pt, what, wa_relay_payload_of(sp->engine));
}

/* A PBX may have numbers of its own for what it was offered, and then sends by
 * those or by ours (RFC 3264 5.1, 6.1). */
static void map_up(wa_relay_map_t *up, const wa_sdp_end_t *us, const wa_sdp_end_t *pbx,
		const wa_sdp_end_t *agreed, const struct speech *sp)
{
	for(unsigned i = 0; i < us->n; i++)
		map_one_up(up, us->pt[i].pt, us->pt[i].what, agreed, sp);
	for(unsigned i = 0; i < pbx->n; i++)
		if(wa_sdp_end_pt(us, pbx->pt[i].what) >= 0)
			map_one_up(up, pbx->pt[i].pt, pbx->pt[i].what, agreed, sp);
}

/* What the PBX does not have becomes `codec`; a digit goes no further. */
static void map_one_down(wa_relay_map_t *down, uint8_t from, int same,
		enum wa_relay_payload engine, int pt, enum wa_relay_payload codec)
{
	if(same >= 0)
		(void)wa_relay_map_add(down, from, (uint8_t)same, engine, engine);
	else if(engine == WA_RELAY_EVENT)
		(void)wa_relay_map_add(down, from, 0, WA_RELAY_DROP, engine);
	else
		(void)wa_relay_map_add(down, from, (uint8_t)pt, codec, engine);
}

/* What it has offered and was not answered with it does not have. */
static void map_down(wa_relay_map_t *down, const wa_sdp_end_t *engine, const wa_sdp_end_t *us,
		const wa_sdp_end_t *pbx, enum wa_relay_payload codec)
{
	for(unsigned i = 0; i < engine->n; i++) {
		enum wa_relay_payload what = engine->pt[i].what;
		int same = wa_sdp_end_pt(us, what) < 0 ? -1 : wa_sdp_end_same(pbx, engine->pt[i].pt, what);

		map_one_down(down, engine->pt[i].pt, same, what, wa_sdp_end_pt(pbx, codec), codec);
	}
}

static unsigned codecs_of(const wa_sdp_end_t *e)
{
	unsigned bits = 0;

	for(unsigned i = 0; i < e->n; i++)
		bits |= (unsigned)wa_relay_codec(e->pt[i].what);
	return bits;
}

static void set_pbx(wa_relay_msg_t *m, const wa_sdp_end_t *pbx)
{
	m->has_direction = true;
	m->sends = pbx->sends;
	m->hears = pbx->hears;
	if(!wa_endpoint_is_any(&pbx->rtp)) {
		m->pbx = pbx->rtp;
		m->rtcp = pbx->rtcp;
	}
	m->has_learn = true;
	m->learn = relay_learning;
}

/* What is agreed on is the answerer's first choice of what the offerer has. */
static int choose_speech(bool in, const wa_sdp_end_t *us, const wa_sdp_end_t *pbx,
		const wa_sdp_end_t *agreed, struct speech *out)
{
	const wa_sdp_end_t *answer = in ? pbx : us, *offer = in ? us : pbx;
	int pt;

	out->pbx = wa_sdp_end_codec(answer, codecs_of(offer));
	out->engine = (codecs_of(agreed) & (unsigned)out->pbx)
						  ? out->pbx
						  : wa_sdp_end_codec(agreed, codecs_of(agreed));
	pt = wa_sdp_end_pt(agreed, wa_relay_payload_of(out->engine));
	if(out->pbx == 0 || pt < 0)
		return WA_EUNSUP;
	out->pt = (uint8_t)pt;
	return 0;
}

static void set_format(wa_relay_msg_t *m, const wa_sdp_end_t *agreed, const struct speech *sp)
{
	int event = wa_sdp_end_pt(agreed, WA_RELAY_EVENT);

	m->has_format = true;
	m->codec = sp->engine;
	m->pt = sp->pt;
	if(event >= 0)
		m->event = (uint8_t)event;
}

int ki_join(sip_msg_t *msg, str *dir, str *engine_sdp, str *agreed_sdp, str *pbx_sdp,
		str *told, str *start)
{
	wa_relay_msg_t m = wa_relay_msg(WA_RELAY_JOIN, (wa_sv_t){NULL, 0});
	wa_sdp_end_t engine, agreed, us, pbx;
	struct speech speech;
	unsigned long ms;
	wa_ben_t reply;
	int err = wa_sdp_end(KSR_SV(engine_sdp), &engine);

	if(err == 0)
		err = wa_sdp_end(KSR_SV(agreed_sdp), &agreed);
	if(err == 0)
		err = wa_sdp_end(KSR_SV(pbx_sdp), &pbx);
	if(err == 0)
		err = wa_sdp_end(KSR_SV(told), &us);
	if(err == 0)
		err = choose_speech(wa_sv_eq(KSR_SV(dir), WA_SV("in")), &us, &pbx, &agreed, &speech);
	if(err < 0 || script_callid(msg, &m.callid) < 0)
		return result("wa_media_join", err < 0 ? err : WA_EPARSE);
	m.engine = engine.rtp;
	set_pbx(&m, &pbx);
	set_format(&m, &agreed, &speech);
	map_up(&m.up, &us, &pbx, &agreed, &speech);
	map_down(&m.down, &engine, &us, &pbx, wa_relay_payload_of(speech.pbx));
	m.has_up = m.has_down = m.has_note = true;
	m.note = KSR_SV(told);
	if(wa_sv_ulong(KSR_SV(start), 600000, &ms) == 0)
		m.start = (int64_t)ms;
	return result("wa_media_join", relay_ask(&m, &reply));
}

int w_join(sip_msg_t *msg, char *dir, char *engine, char *agreed, char *pbx,
		char *told, char *start)
{
	char *params[6] = {dir, engine, agreed, pbx, told, start};
	str v[6];

	for(int i = 0; i < 6; i++)
		if(fixup_get_svalue(msg, (gparam_t *)params[i], &v[i]) < 0)
			return -1;
	return ki_join(msg, &v[0], &v[1], &v[2], &v[3], &v[4], &v[5]);
}

int fixup_join(void **param, int no KSR_UNUSED)
{
	return fixup_spve_null(param, 1);
}

/* --- a new offer of the PBX --------------------------------------------------------- */

/* What the relay knows of the call. */
struct agreed
{
	enum wa_codec codec;
	uint8_t pt, event; /* as rtpengine numbers them */
	wa_relay_map_t down;
	wa_endpoint_t pbx;
	char told[WA_RELAY_NOTE_MAX];
	size_t told_len;
};

static int get_number(const wa_ben_t *d, const char *key, uint8_t *out)
{
	wa_ben_t v;

	if(wa_ben_get(d, wa_sv_from(key), WA_BEN_INT, &v) < 0 || v.num < 0 || v.num > 255)
		return WA_EPARSE;
	*out = (uint8_t)v.num;
	return 0;
}

static int read_agreed(const wa_ben_t *d, struct agreed *a)
{
	enum wa_relay_payload what;
	wa_sv_t codec, down, pbx, note;
	int err = get_text(d, "codec", &codec);

	if(err == 0)
		err = wa_relay_payload_read(codec, &what);
	if(err == 0)
		err = get_text(d, "down", &down);
	if(err == 0)
		err = wa_relay_map_read(down, &a->down);
	if(err == 0)
		err = get_number(d, "pt", &a->pt);
	if(err == 0)
		err = get_number(d, "event", &a->event);
	if(err == 0)
		err = get_text(d, "pbx", &pbx);
	if(err == 0)
		err = get_text(d, "note", &note);
	if(err < 0)
		return err;
	a->codec = wa_relay_codec(what);
	(void)wa_endpoint_parse(pbx, &a->pbx);
	if(note.len == 0 || wa_sv_copy(a->told, sizeof(a->told), note) < 0)
		return WA_EPARSE;
	a->told_len = note.len;
	return 0;
}

static int ask_agreed(sip_msg_t *msg, wa_sv_t *callid, struct agreed *a)
{
	wa_relay_msg_t m = wa_relay_msg(WA_RELAY_QUERY, (wa_sv_t){NULL, 0});
	wa_ben_t reply;
	int err;

	if(script_callid(msg, &m.callid) < 0)
		return WA_EPARSE;
	*callid = m.callid;
	err = relay_ask(&m, &reply);
	return err < 0 ? err : read_agreed(&reply, a);
}

/* From the numbers that the PBX uses to those that rtpengine uses: any codec that
 * both ends of the new agreement have becomes the one of before. */
static void map_up_again(wa_relay_map_t *up, const struct agreed *a, const wa_sdp_end_t *us,
		const wa_sdp_end_t *pbx)
{
	int event = wa_sdp_end_pt(us, WA_RELAY_EVENT);

	for(unsigned i = 0; i < us->n; i++)
		if(wa_relay_codec(us->pt[i].what) != 0 && wa_sdp_end_pt(pbx, us->pt[i].what) >= 0)
			(void)wa_relay_map_add(up, us->pt[i].pt, a->pt, us->pt[i].what,
					wa_relay_payload_of(a->codec));
	if(event >= 0 && a->event != WA_RTP_NO_PT && wa_sdp_end_pt(pbx, WA_RELAY_EVENT) >= 0)
		(void)wa_relay_map_add(up, (uint8_t)event, a->event, WA_RELAY_EVENT, WA_RELAY_EVENT);
}

/* And back, all codecs as `codec`. */
static void map_down_again(wa_relay_map_t *down, const struct agreed *a, const wa_sdp_end_t *us,
		const wa_sdp_end_t *pbx, enum wa_relay_payload codec)
{
	int event = wa_sdp_end_pt(us, WA_RELAY_EVENT);

	if(event >= 0)
		event = wa_sdp_end_same(pbx, (uint8_t)event, WA_RELAY_EVENT);
	for(unsigned i = 0; i < a->down.n; i++) {
		enum wa_relay_payload engine = (enum wa_relay_payload)a->down.pt[i].engine;

		map_one_down(down, a->down.pt[i].from, engine == WA_RELAY_EVENT ? event : -1, engine,
				wa_sdp_end_pt(pbx, codec), codec);
	}
}

/* `ours` is what the PBX has of us from now on, `theirs` what it says itself. */
static int join_again(wa_sv_t callid, const struct agreed *a, wa_sv_t ours,
		wa_sv_t theirs)
{
	wa_relay_msg_t m = wa_relay_msg(WA_RELAY_JOIN, callid);
	enum wa_relay_payload codec;
	wa_sdp_end_t us, pbx;
	wa_ben_t reply;
	int err = wa_sdp_end(ours, &us);

	if(err == 0)
		err = wa_sdp_end(theirs, &pbx);
	if(err < 0)
		return err;
	codec = wa_relay_payload_of(wa_sdp_end_usable(&pbx, a->codec));
	if(codec == WA_RELAY_DROP || wa_sdp_end_pt(&us, codec) < 0)
		return WA_EUNSUP;
	set_pbx(&m, &pbx);
	map_up_again(&m.up, a, &us, &pbx);
	map_down_again(&m.down, a, &us, &pbx, codec);
	m.has_up = m.has_down = m.has_note = true;
	m.renew = m.pbx.family && !wa_endpoint_eq(&m.pbx, &a->pbx);
	m.note = ours;
	return relay_ask(&m, &reply);
}

/* Keys in the offer of a call that has none would be answered in clear. */
static int plain_audio(wa_sv_t sdp)
{
	wa_sdp_info_t info;
	int err = wa_sdp_scan(sdp, &info);

	if(err < 0)
		return err;
	return info.placed && info.keys == WA_SDP_KEYS_NONE ? 0 : WA_EUNSUP;
}

static int answer_again(const struct agreed *a, wa_sv_t offer, wa_buf_t *out)
{
	wa_sdp_end_t pbx;
	int err = wa_sdp_end(offer, &pbx);

	return err != 0 ? err
					: wa_sdp_answer_again((wa_sv_t){a->told, a->told_len}, offer,
							wa_sdp_end_usable(&pbx, a->codec),
							a->event != WA_RTP_NO_PT, out);
}

static int offer_again(const struct agreed *a, wa_buf_t *out)
{
	return wa_sdp_offer_again((wa_sv_t){a->told, a->told_len}, a->codec,
			a->event != WA_RTP_NO_PT, out);
}

static int do_reoffer(sip_msg_t *msg, str *sdp, pv_spec_t *dst)
{
	static struct agreed a;
	char mem[WA_RELAY_NOTE_MAX];
	wa_buf_t out = wa_buf_on(mem, sizeof(mem));
	wa_sv_t callid, offer = KSR_SV(sdp);
	int err = ask_agreed(msg, &callid, &a);

	if(err < 0)
		return result("wa_media_reoffer", err);
	if(offer.len == 0) {
		err = offer_again(&a, &out);
	} else {
		err = plain_audio(offer);
		if(err == 0)
			err = answer_again(&a, offer, &out);
		if(err == 0)
			err = join_again(callid, &a, wa_buf_sv(&out), offer);
	}
	if(err == 0)
		err = set_pv(msg, dst, &out);
	return result("wa_media_reoffer", err);
}

int ki_reoffer(sip_msg_t *msg, str *sdp, str *dst)
{
	pv_spec_t *pv = writable(dst);

	return pv ? do_reoffer(msg, sdp, pv) : -1;
}

int w_reoffer(sip_msg_t *msg, char *sdp, char *dst)
{
	str s;

	if(fixup_get_svalue(msg, (gparam_t *)sdp, &s) < 0)
		return -1;
	return do_reoffer(msg, &s, (pv_spec_t *)dst);
}

int fixup_reoffer(void **param, int no)
{
	return no < 2 ? fixup_spve_null(param, 1) : fixup_dst(param);
}

/* The answer to our offer of wa_sdp_offer_again(), whose version nobody has
 * counted yet. */
int ki_reanswer(sip_msg_t *msg, str *sdp)
{
	static struct agreed a;
	char mem[WA_RELAY_NOTE_MAX];
	wa_buf_t out = wa_buf_on(mem, sizeof(mem));
	wa_sv_t callid;
	int err = ask_agreed(msg, &callid, &a);

	if(err == 0)
		err = plain_audio(KSR_SV(sdp));
	if(err == 0)
		err = offer_again(&a, &out);
	if(err == 0)
		err = join_again(callid, &a, wa_buf_sv(&out), KSR_SV(sdp));
	return result("wa_media_reanswer", err);
}

int w_reanswer(sip_msg_t *msg, char *sdp, char *unused KSR_UNUSED)
{
	str s;

	if(fixup_get_svalue(msg, (gparam_t *)sdp, &s) < 0)
		return -1;
	return ki_reanswer(msg, &s);
}

/* --- calls that ring ------------------------------------------------------------------ */

int ki_rings(sip_msg_t *msg)
{
	wa_relay_msg_t m = wa_relay_msg(WA_RELAY_QUERY, (wa_sv_t){NULL, 0});
	wa_ben_t reply, answered = {.num = -1};
	int err = WA_EPARSE;

	if(script_callid(msg, &m.callid) == 0)
		err = relay_ask(&m, &reply);
	if(err == 0)
		err = wa_ben_get(&reply, WA_SV("answered"), WA_BEN_INT, &answered);
	return err == 0 && answered.num == 0 ? 1 : -1;
}

int w_rings(sip_msg_t *msg, char *u1 KSR_UNUSED, char *u2 KSR_UNUSED)
{
	return ki_rings(msg);
}

/* --- digits ------------------------------------------------------------------------- */

int ki_press(sip_msg_t *msg, str *type, str *body)
{
	wa_relay_msg_t m = wa_relay_msg(WA_RELAY_PRESS, (wa_sv_t){NULL, 0});
	unsigned long cseq = 0;
	wa_ben_t reply;
	unsigned ms;
	int err = wa_dtmf_info(KSR_SV(type), KSR_SV(body), &m.digit, &ms);

	if(err == 0 && (script_callid(msg, &m.callid) < 0
						   || parse_headers(msg, HDR_CSEQ_F, 0) < 0
						   || msg->cseq == NULL))
		err = WA_EPARSE;
	if(err < 0)
		return result("wa_media_press", err);
	/* an INFO that is sent again presses nothing */
	(void)wa_sv_ulong(KSR_SV(&get_cseq(msg)->number), 4294967295ul, &cseq);
	m.serial = (int64_t)cseq + 1;
	m.ms = ms;
	return result("wa_media_press", relay_ask(&m, &reply));
}

int w_press(sip_msg_t *msg, char *type, char *body)
{
	str a, b;

	if(fixup_get_svalue(msg, (gparam_t *)type, &a) < 0
			|| fixup_get_svalue(msg, (gparam_t *)body, &b) < 0)
		return -1;
	return ki_press(msg, &a, &b);
}
