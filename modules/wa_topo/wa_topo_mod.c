/* wa_topo: each side of a call sees us, not the other side.
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "../ksr_compat.h"

#include <string.h>

#include <kamailio/core/lvalue.h>

#include "../lib/wa_err.h"
#include "../lib/wa_token.h"
#include "hangup.h"
#include "hide.h"
#include "restore.h"
#include "routes.h"

MODULE_VERSION

static char *key_file = NULL;
static wa_seal_ring_t ring; /* read before the fork, never changed */

/* The one place where a wa_err becomes a script's value: 1, or -1 and a line
 * that says which function failed and why. */
static int done(const char *function, int err)
{
	if(err == 0)
		return 1;
	LM_NOTICE("%s: %s\n", function, wa_strerror(err));
	return -1;
}

static int set_pv(sip_msg_t *msg, pv_spec_t *dst, const char *text)
{
	pv_value_t val = {.flags = PV_VAL_STR};

	val.rs = (str){(char *)(uintptr_t)text, (int)strlen(text)};
	return dst->setf(msg, &dst->pvp, (int)EQ_T, &val) < 0 ? WA_ENOMEM : 0;
}

static int seal(sip_msg_t *msg, str *what, str *text, pv_spec_t *dst)
{
	char token[WA_TOKEN_SIZE];
	int err = wa_token_seal(
			&ring, KSR_SV(what), KSR_SV(text), token, sizeof(token));

	return done("wa_topo_seal", err < 0 ? err : set_pv(msg, dst, token));
}

/* A token that does not open is nothing to log: anybody can send one. */
static int open_token(sip_msg_t *msg, str *what, str *token, pv_spec_t *dst)
{
	char plain[WA_TOKEN_PLAIN_MAX + 1];
	int err = wa_token_open(
			&ring, KSR_SV(what), KSR_SV(token), plain, sizeof(plain));

	if(err < 0) {
		LM_DBG("token: %s\n", wa_strerror(err));
		return -1;
	}
	return done("wa_topo_open", set_pv(msg, dst, plain));
}

static int mask(sip_msg_t *msg, str *text, pv_spec_t *dst)
{
	char name[WA_TOKEN_MASK_SIZE];
	int err = wa_token_mask(&ring, KSR_SV(text), name);

	return done("wa_topo_mask", err < 0 ? err : set_pv(msg, dst, name));
}

static int ki_is_mask(sip_msg_t *msg KSR_UNUSED, str *text, str *name)
{
	int found = wa_token_is_mask(&ring, KSR_SV(text), KSR_SV(name));

	return found == 0 ? -1 : done("wa_topo_is_mask", found < 0 ? found : 0);
}

static int take_routes(sip_msg_t *msg, pv_spec_t *dst)
{
	char text[WA_TOKEN_PLAIN_MAX];
	int err = routes_take(msg, text, sizeof(text));

	return done("wa_topo_take_routes", err < 0 ? err : set_pv(msg, dst, text));
}

static int ki_restore(sip_msg_t *msg)
{
	return done("wa_topo_restore", restore_reply(msg));
}

static int ki_restore_routes(sip_msg_t *msg)
{
	return done("wa_topo_restore_routes", restore_routes(msg));
}

static int ki_hang_up(sip_msg_t *msg, str *next_hop, str *account)
{
	return done("wa_topo_hang_up",
			hangup_answer(restore_tm(), msg, *next_hop, *account));
}

static int ki_from(sip_msg_t *msg, str *name_addr)
{
	return done("wa_topo_from", hide_from(msg, *name_addr));
}

static int ki_to(sip_msg_t *msg, str *name_addr)
{
	return done("wa_topo_to", hide_to(msg, *name_addr));
}

static int ki_callid(sip_msg_t *msg, str *value)
{
	return done("wa_topo_callid", hide_callid(msg, *value));
}

static int ki_phrase(sip_msg_t *msg)
{
	return done("wa_topo_phrase", hide_phrase(msg));
}

static int ki_show_callid(sip_msg_t *msg, str *value)
{
	return done("wa_topo_show_callid", show_callid(msg, *value));
}

static int ki_contact(sip_msg_t *msg, str *uri)
{
	return done("wa_topo_contact", hide_contact(msg, *uri));
}

static int ki_route_address(sip_msg_t *msg, str *address)
{
	return done("wa_topo_route_address", routes_set_address(msg, *address));
}

static int ki_vias(sip_msg_t *msg)
{
	return done("wa_topo_vias", hide_vias(msg));
}

static int ki_clean(sip_msg_t *msg, int max)
{
	return done("wa_topo_clean", hide_control_bytes(msg, max));
}

#define KI_PV(name_, args_, call_)                                            \
	static int ki_##name_ args_                                               \
	{                                                                         \
		pv_spec_t *spec = pv_cache_get(dst);                                  \
		return spec == NULL || spec->setf == NULL ? -1 : call_;               \
	}
KI_PV(seal, (sip_msg_t * msg, str *what, str *text, str *dst),
		seal(msg, what, text, spec))
KI_PV(open, (sip_msg_t * msg, str *what, str *token, str *dst),
		open_token(msg, what, token, spec))
KI_PV(mask, (sip_msg_t * msg, str *text, str *dst), mask(msg, text, spec))
KI_PV(take_routes, (sip_msg_t * msg, str *dst), take_routes(msg, spec))

static int value(sip_msg_t *msg, char *param, str *out)
{
	return fixup_get_svalue(msg, (gparam_t *)param, out);
}

static int w_seal(sip_msg_t *msg, char *what, char *text, char *dst)
{
	str w, t;

	return value(msg, what, &w) < 0 || value(msg, text, &t) < 0
				   ? -1
				   : seal(msg, &w, &t, (pv_spec_t *)dst);
}

static int w_open(sip_msg_t *msg, char *what, char *token, char *dst)
{
	str w, t;

	return value(msg, what, &w) < 0 || value(msg, token, &t) < 0
				   ? -1
				   : open_token(msg, &w, &t, (pv_spec_t *)dst);
}

static int w_mask(sip_msg_t *msg, char *text, char *dst)
{
	str t;

	return value(msg, text, &t) < 0 ? -1 : mask(msg, &t, (pv_spec_t *)dst);
}

static int w_is_mask(sip_msg_t *msg, char *text, char *name)
{
	str t, n;

	return value(msg, text, &t) < 0 || value(msg, name, &n) < 0
				   ? -1
				   : ki_is_mask(msg, &t, &n);
}

static int w_take_routes(sip_msg_t *msg, char *dst, char *p2 KSR_UNUSED)
{
	return take_routes(msg, (pv_spec_t *)dst);
}

static int w_restore(sip_msg_t *msg, char *p1 KSR_UNUSED, char *p2 KSR_UNUSED)
{
	return ki_restore(msg);
}

static int w_phrase(sip_msg_t *msg, char *p1 KSR_UNUSED, char *p2 KSR_UNUSED)
{
	return ki_phrase(msg);
}

static int w_restore_routes(
		sip_msg_t *msg, char *p1 KSR_UNUSED, char *p2 KSR_UNUSED)
{
	return ki_restore_routes(msg);
}

static int w_vias(sip_msg_t *msg, char *p1 KSR_UNUSED, char *p2 KSR_UNUSED)
{
	return ki_vias(msg);
}

static int w_clean(sip_msg_t *msg, char *max, char *p2 KSR_UNUSED)
{
	int n;

	return fixup_get_ivalue(msg, (gparam_t *)max, &n) < 0 ? -1
														  : ki_clean(msg, n);
}

static int w_hang_up(sip_msg_t *msg, char *next_hop, char *account)
{
	str hop, who;

	return value(msg, next_hop, &hop) < 0 || value(msg, account, &who) < 0
				   ? -1
				   : ki_hang_up(msg, &hop, &who);
}

#define W_STR(name_)                                                          \
	static int w_##name_(sip_msg_t *msg, char *param, char *p2 KSR_UNUSED)    \
	{                                                                         \
		str s;                                                                \
		return value(msg, param, &s) < 0 ? -1 : ki_##name_(msg, &s);          \
	}
W_STR(from)
W_STR(to)
W_STR(callid)
W_STR(show_callid)
W_STR(contact)
W_STR(route_address)

static int fix_writable(void **param)
{
	if(fixup_pvar_null(param, 1) != 0)
		return -1;
	if(((pv_spec_t *)*param)->setf == NULL) {
		LM_ERR("the last parameter cannot be written\n");
		return -1;
	}
	return 0;
}

/* A text with variables; Kamailio's own fixup refuses an empty one. */
static int fix_text(void **param, int no KSR_UNUSED)
{
	gparam_t *empty;

	if(*(char *)*param != '\0')
		return fixup_spve_null(param, 1);
	empty = pkg_malloc(sizeof(*empty));
	if(empty == NULL) {
		PKG_MEM_ERROR;
		return -1;
	}
	memset(empty, 0, sizeof(*empty));
	empty->type = GPARAM_TYPE_STR;
	empty->v.str = (str){(char *)*param, 0};
	*param = empty;
	return 0;
}

static int fix_1(void **param, int no KSR_UNUSED)
{
	return fix_writable(param);
}

static int fix_2(void **param, int no)
{
	return no < 2 ? fixup_spve_null(param, 1) : fix_writable(param);
}

static int fix_3(void **param, int no)
{
	return no < 3 ? fixup_spve_null(param, 1) : fix_writable(param);
}

static int fix_int(void **param, int no)
{
	return fixup_igp_null(param, no);
}

static int mod_init(void)
{
	char why[160];

	if(key_file == NULL) {
		LM_ERR("parameter key_file is not set\n");
		return -1;
	}
	if(wa_seal_ring_load(&ring, key_file, why, sizeof(why)) < 0) {
		LM_ERR("key_file: %s\n", why);
		return -1;
	}
	return hide_init() < 0 || hangup_init() < 0 ? -1 : restore_init();
}

static cmd_export_t cmds[] = {
		{"wa_topo_seal", KSR_CMD(w_seal), 3, fix_3, 0, ANY_ROUTE},
		{"wa_topo_open", KSR_CMD(w_open), 3, fix_3, 0, ANY_ROUTE},
		{"wa_topo_mask", w_mask, 2, fix_2, 0, ANY_ROUTE},
		{"wa_topo_is_mask", w_is_mask, 2, fix_text, 0, ANY_ROUTE},
		{"wa_topo_from", w_from, 1, fixup_spve_null, 0, ANY_ROUTE},
		{"wa_topo_to", w_to, 1, fixup_spve_null, 0, ANY_ROUTE},
		{"wa_topo_callid", w_callid, 1, fixup_spve_null, 0, ANY_ROUTE},
		{"wa_topo_show_callid", w_show_callid, 1, fix_text, 0,
				ANY_ROUTE},
		{"wa_topo_contact", w_contact, 1, fix_text, 0, ANY_ROUTE},
		{"wa_topo_vias", w_vias, 0, 0, 0, ANY_ROUTE},
		{"wa_topo_take_routes", w_take_routes, 1, fix_1, 0, ANY_ROUTE},
		{"wa_topo_route_address", w_route_address, 1, fixup_spve_null, 0,
				ANY_ROUTE},
		{"wa_topo_clean", w_clean, 1, fix_int, 0, ANY_ROUTE},
		{"wa_topo_hang_up", w_hang_up, 2, fix_text, 0, ANY_ROUTE},
		{"wa_topo_phrase", w_phrase, 0, 0, 0, ANY_ROUTE},
		{"wa_topo_restore", w_restore, 0, 0, 0, ANY_ROUTE},
		{"wa_topo_restore_routes", w_restore_routes, 0, 0, 0, ANY_ROUTE},
		{0, 0, 0, 0, 0, 0}};

static param_export_t params[] = {
		{"key_file", PARAM_STRING, &key_file}, {0, 0, 0}};

struct module_exports exports = {
		"wa_topo", DEFAULT_DLFLAGS, cmds, params, 0, 0, 0, mod_init, 0, 0};

#define KEMI(name_, ...)                                                      \
	{str_init("wa_topo"), str_init(#name_), SR_KEMIP_INT, ki_##name_,         \
			{__VA_ARGS__}}

static sr_kemi_t kemi[] = {
		KEMI(seal, SR_KEMIP_STR, SR_KEMIP_STR, SR_KEMIP_STR, 0, 0, 0),
		KEMI(open, SR_KEMIP_STR, SR_KEMIP_STR, SR_KEMIP_STR, 0, 0, 0),
		KEMI(mask, SR_KEMIP_STR, SR_KEMIP_STR, 0, 0, 0, 0),
		KEMI(is_mask, SR_KEMIP_STR, SR_KEMIP_STR, 0, 0, 0, 0),
		KEMI(from, SR_KEMIP_STR, 0, 0, 0, 0, 0),
		KEMI(to, SR_KEMIP_STR, 0, 0, 0, 0, 0),
		KEMI(callid, SR_KEMIP_STR, 0, 0, 0, 0, 0),
		KEMI(show_callid, SR_KEMIP_STR, 0, 0, 0, 0, 0),
		KEMI(contact, SR_KEMIP_STR, 0, 0, 0, 0, 0),
		KEMI(vias, 0, 0, 0, 0, 0, 0),
		KEMI(take_routes, SR_KEMIP_STR, 0, 0, 0, 0, 0),
		KEMI(route_address, SR_KEMIP_STR, 0, 0, 0, 0, 0),
		KEMI(clean, SR_KEMIP_INT, 0, 0, 0, 0, 0),
		KEMI(hang_up, SR_KEMIP_STR, SR_KEMIP_STR, 0, 0, 0, 0),
		KEMI(phrase, 0, 0, 0, 0, 0, 0),
		KEMI(restore, 0, 0, 0, 0, 0, 0),
		KEMI(restore_routes, 0, 0, 0, 0, 0, 0),
		{{0, 0}, {0, 0}, 0, NULL, {0, 0, 0, 0, 0, 0}}};

int mod_register(char *path, int *dlflags, void *p1, void *p2);

int mod_register(char *path KSR_UNUSED, int *dlflags KSR_UNUSED,
		void *p1 KSR_UNUSED, void *p2 KSR_UNUSED)
{
	sr_kemi_modules_add(kemi);
	return 0;
}
