/* Script functions that read and edit SDP, and $wa_media(...).
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "script_sdp.h"

#include <string.h>

#include "../lib/wa_err.h"
#include "../lib/wa_sdp.h"
#include "../lib/wa_sdp_end.h"
#include "../lib/wa_sdp_turn.h"

static wa_sdp_info_t seen; /* by the last wa_media_scan() of this process */

int ki_scan(sip_msg_t *msg KSR_UNUSED, str *sdp)
{
	int err = wa_sdp_scan(KSR_SV(sdp), &seen);

	if(err == 0 && seen.placed)
		return 1;
	LM_INFO("wa_media_scan: %s\n", err < 0			? wa_strerror(err)
								   : seen.audio
										   ? "address or port of the audio is none"
										   : "no audio");
	return -1;
}

int w_scan(sip_msg_t *msg, char *sdp, char *unused KSR_UNUSED)
{
	str s;

	if(fixup_get_svalue(msg, (gparam_t *)sdp, &s) < 0)
		return -1;
	return ki_scan(msg, &s);
}

/* --- edits ---------------------------------------------------------------- */

enum edit
{
	FROM_META,
	TO_META,
	FROM_PBX,
	TO_PBX,
	KEYLESS,
	TURN_OFFER,
	TURN_ANSWER,
	UNKNOWN
};

/* "from_meta held", "to_pbx PCMU,PCMA": what is to be done, and how. */
static enum edit read_edit(const str *text, unsigned *how)
{
	static const char *const names[UNKNOWN] = {
			"from_meta", "to_meta", "from_pbx", "to_pbx", "keyless",
			"turn_offer", "turn_answer"};
	wa_sv_t rest = KSR_SV(text), name = wa_sv_cut(&rest, ' ');
	enum edit e = FROM_META;

	while(e < UNKNOWN && !wa_sv_eq(name, wa_sv_from(names[e])))
		e++;
	*how = 0;
	while(rest.len > 0) {
		wa_sv_t word = wa_sv_cut(&rest, ' ');

		if(e == FROM_META && wa_sv_eq(word, WA_SV("held")))
			*how |= WA_SDP_HELD;
		else if(e == TO_PBX || e == TURN_ANSWER)
			*how |= wa_sdp_codecs(word);
		else if(word.len > 0)
			return UNKNOWN;
	}
	return e;
}

static int run(
		enum edit edit, unsigned how, wa_sv_t sdp, wa_sv_t arg, wa_buf_t *out)
{
	switch(edit) {
		case FROM_META:
			return wa_sdp_from_meta(sdp, wa_sdp_codecs(arg), how, out);
		case TO_META:
			return wa_sdp_to_meta(sdp, wa_sdp_codecs(arg), out);
		case FROM_PBX:
			return wa_sdp_from_pbx(sdp, wa_sdp_codecs(arg), out);
		case KEYLESS:
			return wa_sdp_keyless(sdp, out);
		case TURN_OFFER:
			return wa_sdp_turn_offer(sdp, arg, out);
		case TURN_ANSWER:
			return wa_sdp_turn_answer(sdp, arg, how, out);
		default:
			return wa_sdp_to_pbx(sdp, arg, how, out);
	}
}

static int do_sdp(
		sip_msg_t *msg, str *what, str *sdp, str *arg, pv_spec_t *dst)
{
	char mem[WA_SDP_MAX + 1024];
	wa_buf_t out = wa_buf_on(mem, sizeof(mem));
	pv_value_t val = {.flags = PV_VAL_STR};
	unsigned how;
	enum edit edit = read_edit(what, &how);
	int err;

	if(edit == UNKNOWN) {
		LM_ERR("wa_media_sdp: unknown edit \"%.*s\"\n", what->len, what->s);
		return -1;
	}
	err = run(edit, how, KSR_SV(sdp), KSR_SV(arg), &out);
	if(edit == KEYLESS && err == WA_EUNSUP)
		return -1;
	if(err < 0) {
		LM_INFO("SDP %.*s: %s\n", what->len, what->s, wa_strerror(err));
		return -1;
	}
	val.rs = (str){out.s, (int)out.len};
	return pv_set_spec_value(msg, dst, 0, &val) < 0 ? -1 : 1;
}

int ki_sdp(sip_msg_t *msg, str *what, str *sdp, str *arg, str *dst)
{
	pv_spec_t *pv = pv_cache_get(dst);

	if(pv == NULL || !pv_is_w(pv)) {
		LM_ERR("wa_media_sdp: cannot write to %.*s\n", dst->len, dst->s);
		return -1;
	}
	return do_sdp(msg, what, sdp, arg, pv);
}

int w_sdp(sip_msg_t *msg, char *what, char *sdp, char *arg, char *dst)
{
	str w, s, a;

	if(fixup_get_svalue(msg, (gparam_t *)what, &w) < 0
			|| fixup_get_svalue(msg, (gparam_t *)sdp, &s) < 0
			|| fixup_get_svalue(msg, (gparam_t *)arg, &a) < 0)
		return -1;
	return do_sdp(msg, &w, &s, &a, (pv_spec_t *)dst);
}

int fixup_sdp(void **param, int no)
{
	if(no < 4)
		return fixup_spve_null(param, 1);
	if(fixup_pvar_null(param, 1) < 0)
		return -1;
	if(!pv_is_w((pv_spec_t *)*param)) {
		LM_ERR("wa_media_sdp: the last parameter cannot be written\n");
		return -1;
	}
	return 0;
}

/* --- $wa_media(name) -------------------------------------------------------- */

enum field
{
	F_KEYS,
	F_CODECS,
	F_DTMF,
	F_ICE_LITE,
	F_CANDIDATES,
	F_MEDIAS
};

int pv_parse_media(pv_spec_t *sp, str *in)
{
	static const char *const names[] = {
			"keys", "codecs", "dtmf", "ice_lite", "candidates", "medias"};

	for(size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if(wa_sv_eq(KSR_SV(in), wa_sv_from(names[i]))) {
			sp->pvp.pvn.u.isname.name.n = (int)i;
			sp->pvp.pvn.type = PV_NAME_INTSTR;
			sp->pvp.pvn.u.isname.type = 0;
			return 0;
		}
	LM_ERR("unknown name in $wa_media(%.*s)\n", in->len, in->s);
	return -1;
}

static int get_codecs(sip_msg_t *msg, pv_param_t *param, pv_value_t *res)
{
	static char mem[32];
	wa_buf_t b = wa_buf_on(mem, sizeof(mem));
	str s;

	wa_sdp_codec_list(seen.codecs, &b);
	s = (str){b.s, (int)b.len};
	return pv_get_strval(msg, param, res, &s);
}

static int get_keys(sip_msg_t *msg, pv_param_t *param, pv_value_t *res)
{
	static str names[] = {str_init("none"), str_init("dtls"), str_init("sdes")};

	return pv_get_strval(msg, param, res, &names[seen.keys]);
}

int pv_get_media(sip_msg_t *msg, pv_param_t *param, pv_value_t *res)
{
	switch(param->pvn.u.isname.name.n) {
		case F_KEYS:
			return get_keys(msg, param, res);
		case F_CODECS:
			return get_codecs(msg, param, res);
		case F_DTMF:
			return pv_get_sintval(msg, param, res, seen.dtmf);
		case F_ICE_LITE:
			return pv_get_sintval(msg, param, res, seen.ice_lite);
		case F_CANDIDATES:
			return pv_get_sintval(msg, param, res, (ksr_pvint_t)seen.candidates);
		default:
			return pv_get_sintval(msg, param, res, (ksr_pvint_t)seen.medias);
	}
}
