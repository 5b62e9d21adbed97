/* wa_trunk: who is called, and through which trunk.
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "../ksr_compat.h"

#include "wa_trunk.h"

#include <string.h>

#include <kamailio/core/data_lump.h>
#include <kamailio/core/parser/parse_uri.h>
#include <kamailio/core/lvalue.h>

#include "../lib/wa_err.h"
#include "../lib/wa_net.h"
#include "metrics.h"
#include "watch.h"

MODULE_VERSION

str trunk_default = {"", 0};

static int max_gateways = 512;

trunk_current_t *trunk_current(sip_msg_t *msg)
{
	static trunk_current_t current;

	if(current.msg_id != msg->id || current.pid != msg->pid) {
		memset(&current, 0, sizeof(current));
		current.msg_id = msg->id;
		current.pid = msg->pid;
	}
	return &current;
}

/* 1 = parsed, -1 = malformed, a limit of Meta's broken, or no user part */
static int ki_parse(sip_msg_t *msg)
{
	trunk_current_t *cur = trunk_current(msg);
	int err = WA_EPARSE;

	if(parse_sip_msg_uri(msg) >= 0)
		err = wa_uri_user_parse(KSR_SV(&msg->parsed_uri.user), &cur->user);
	if(err == 0)
		err = wa_uri_params_parse(KSR_SV(&msg->parsed_uri.params), &cur->user);
	if(err < 0) {
		LM_INFO("parameters of the Request-URI: %s\n", wa_strerror(err));
		return -1;
	}
	wa_uri_e164(cur->user.user, cur->number);
	cur->parsed = true;
	return 1;
}

static int w_parse(sip_msg_t *msg, char *p1 KSR_UNUSED, char *p2 KSR_UNUSED)
{
	return ki_parse(msg);
}

static int selected(trunk_current_t *cur, int err)
{
	if(err == 0 && cur->trunk.n_gateways == 0)
		err = WA_ENOENT;
	cur->selected = err == 0;
	if(err < 0)
		return err == WA_ENOTREADY ? -2 : -1;
	cur->n_attempts = route_attempts(&cur->trunk, cur->attempts);
	return cur->n_attempts > 0 ? 1 : -3;
}

/* 1 = a trunk with a gateway that is up, -1 = none, -2 = the directory is not
 * loaded, -3 = all its gateways are down */
static int ki_select(sip_msg_t *msg, str *digits)
{
	trunk_current_t *cur = trunk_current(msg);

	return selected(cur, route_find(&cur->user, KSR_SV(digits),
								 KSR_SV(&trunk_default), &cur->trunk, &cur->by));
}

/* The same for a name that is known already. */
static int ki_load(sip_msg_t *msg, str *name)
{
	trunk_current_t *cur = trunk_current(msg);

	cur->by = ROUTE_BY_NONE;
	return selected(cur, route_numbers()->trunk(KSR_SV(name), &cur->trunk));
}

/* The same for the trunk that the sender is a gateway of. */
static int ki_by_peer(sip_msg_t *msg)
{
	trunk_current_t *cur = trunk_current(msg);

	cur->by = ROUTE_BY_PEER;
	return selected(cur, route_by_peer(&msg->rcv.src_ip, &cur->trunk));
}

static int w_by_peer(sip_msg_t *msg, char *p1 KSR_UNUSED, char *p2 KSR_UNUSED)
{
	return ki_by_peer(msg);
}

static int w_select(sip_msg_t *msg, char *digits, char *p2 KSR_UNUSED)
{
	str s;

	if(fixup_get_svalue(msg, (gparam_t *)digits, &s) < 0)
		return -1;
	return ki_select(msg, &s);
}

static int w_load(sip_msg_t *msg, char *name, char *p2 KSR_UNUSED)
{
	str s;

	if(fixup_get_svalue(msg, (gparam_t *)name, &s) < 0)
		return -1;
	return ki_load(msg, &s);
}

/* 1 = the message came from a gateway of the trunk selected, -1 = it did not */
static int ki_is_peer(sip_msg_t *msg)
{
	trunk_current_t *cur = trunk_current(msg);

	return cur->selected && route_is_peer(&cur->trunk, &msg->rcv.src_ip) ? 1
																		  : -1;
}

static int w_is_peer(sip_msg_t *msg, char *p1 KSR_UNUSED, char *p2 KSR_UNUSED)
{
	return ki_is_peer(msg);
}

static int set_text(sip_msg_t *msg, pv_spec_t *dst, const char *text)
{
	pv_value_t val = {.flags = PV_VAL_STR};

	val.rs = (str){(char *)(uintptr_t)text, (int)strlen(text)};
	return dst->setf == NULL
				   || dst->setf(msg, &dst->pvp, (int)EQ_T, &val) < 0
				   ? -1
				   : 0;
}

/* 1 = a number, 2 = a BSUID, -1 = neither; what it is goes to `dst` */
static int identity(sip_msg_t *msg, str *text, pv_spec_t *dst)
{
	char out[WA_BSUID_SIZE];
	enum wa_identity id = wa_uri_identity(KSR_SV(text), out);

	if(id == WA_IDENTITY_NONE || set_text(msg, dst, out) < 0)
		return -1;
	return id == WA_IDENTITY_E164 ? 1 : 2;
}

/* The same for what a PBX of the trunk selected has dialled. */
static int dialled(sip_msg_t *msg, str *text, pv_spec_t *dst)
{
	const trunk_current_t *cur = trunk_current(msg);
	const wa_trunk_t *t = &cur->trunk;
	char out[WA_DIGITS_SIZE];

	if(cur->selected
			&& wa_uri_from_pbx(KSR_SV(text), t->format, wa_sv_from(t->country),
					   wa_sv_from(t->prefix), out)
					   == 0)
		return set_text(msg, dst, out) < 0 ? -1 : 1;
	return identity(msg, text, dst) == 2 ? 2 : -1;
}

/* 1 = `dst` has the number as the trunk selected wants it, or what is no number
 * as it is */
static int format(sip_msg_t *msg, str *text, pv_spec_t *dst)
{
	const trunk_current_t *cur = trunk_current(msg);
	const wa_trunk_t *t = &cur->trunk;
	char digits[WA_DIGITS_SIZE], out[2 * WA_DIGITS_SIZE];
	pv_value_t val = {.flags = PV_VAL_STR, .rs = *text};

	if(wa_uri_e164(KSR_SV(text), digits) < 0)
		return dst->setf(msg, &dst->pvp, (int)EQ_T, &val) < 0 ? -1 : 1;
	if(wa_uri_format(wa_sv_from(digits),
			   cur->selected ? t->format : WA_FORMAT_E164,
			   wa_sv_from(t->country), wa_sv_from(t->prefix), out, sizeof(out))
			< 0)
		return -1;
	return set_text(msg, dst, out) < 0 ? -1 : 1;
}

/* Headers x-... that are not in `list` do not go out with this message. */
static int ki_headers(sip_msg_t *msg, str *list)
{
	if(parse_headers(msg, HDR_EOH_F, 0) < 0)
		return -1;
	for(const hdr_field_t *h = msg->headers; h != NULL; h = h->next) {
		wa_sv_t name = KSR_SV(&h->name);

		if(name.len < 2 || !wa_sv_ieq((wa_sv_t){name.s, 2}, WA_SV("x-"))
				|| wa_uri_header_listed(KSR_SV(list), name))
			continue;
		if(del_lump(msg, (int)(h->name.s - msg->buf), h->len, 0) == NULL)
			return -1;
	}
	return 1;
}

static int w_headers(sip_msg_t *msg, char *list, char *p2 KSR_UNUSED)
{
	str s;

	if(fixup_get_svalue(msg, (gparam_t *)list, &s) < 0)
		return -1;
	return ki_headers(msg, &s);
}

/* A call could not be brought to this gateway: it is asked at once. */
static int ki_suspect(sip_msg_t *msg KSR_UNUSED, str *uri)
{
	char text[sizeof(((wa_gateway_t *)NULL)->uri)];

	if(wa_sv_copy(text, sizeof(text), KSR_SV(uri)) < 0)
		return -1;
	gateways_suspect(text);
	return 1;
}

static int w_suspect(sip_msg_t *msg, char *uri, char *p2 KSR_UNUSED)
{
	str s;

	if(fixup_get_svalue(msg, (gparam_t *)uri, &s) < 0)
		return -1;
	return ki_suspect(msg, &s);
}

static int ki_identity(sip_msg_t *msg, str *text, str *dst)
{
	pv_spec_t *spec = pv_cache_get(dst);

	return spec == NULL ? -1 : identity(msg, text, spec);
}

static int w_identity(sip_msg_t *msg, char *text, char *dst)
{
	str s;

	if(fixup_get_svalue(msg, (gparam_t *)text, &s) < 0)
		return -1;
	return identity(msg, &s, (pv_spec_t *)dst);
}

static int w_dialled(sip_msg_t *msg, char *text, char *dst)
{
	str s;

	if(fixup_get_svalue(msg, (gparam_t *)text, &s) < 0)
		return -1;
	return dialled(msg, &s, (pv_spec_t *)dst);
}

static int w_format(sip_msg_t *msg, char *text, char *dst)
{
	str s;

	if(fixup_get_svalue(msg, (gparam_t *)text, &s) < 0)
		return -1;
	return format(msg, &s, (pv_spec_t *)dst);
}

static int ki_dialled(sip_msg_t *msg, str *text, str *dst)
{
	pv_spec_t *spec = pv_cache_get(dst);

	return spec == NULL ? -1 : dialled(msg, text, spec);
}

static int ki_format(sip_msg_t *msg, str *text, str *dst)
{
	pv_spec_t *spec = pv_cache_get(dst);

	return spec == NULL || spec->setf == NULL ? -1 : format(msg, text, spec);
}

static int fix_identity(void **param, int no)
{
	if(no == 1)
		return fixup_spve_null(param, 1);
	if(fixup_pvar_null(param, 1) != 0)
		return -1;
	if(((pv_spec_t *)*param)->setf == NULL) {
		LM_ERR("the second parameter cannot be written\n");
		return -1;
	}
	return 0;
}

static int mod_init(void)
{
	if(max_gateways < 1 || max_gateways > 65536) {
		LM_ERR("max_gateways is %d, not within 1 and 65536\n", max_gateways);
		return -1;
	}
	if(route_init() < 0 || watch_init() < 0)
		return -1;
	return gateways_init((unsigned)max_gateways);
}

static int child_init(int rank)
{
	return rank == PROC_MAIN ? watch_start() : 0;
}

static void mod_destroy(void)
{
	gateways_destroy();
}

static cmd_export_t cmds[] = {
		KSR_METRICS(trunk_metrics_write),
		{"wa_trunk_parse", w_parse, 0, 0, 0, ANY_ROUTE},
		{"wa_trunk_select", w_select, 1, fixup_spve_null, fixup_free_spve_null,
				ANY_ROUTE},
		{"wa_trunk_load", w_load, 1, fixup_spve_null, fixup_free_spve_null,
				ANY_ROUTE},
		{"wa_trunk_by_peer", w_by_peer, 0, 0, 0, ANY_ROUTE},
		{"wa_trunk_is_peer", w_is_peer, 0, 0, 0, ANY_ROUTE},
		{"wa_trunk_dialled", w_dialled, 2, fix_identity, 0, ANY_ROUTE},
		{"wa_trunk_format", w_format, 2, fix_identity, 0, ANY_ROUTE},
		{"wa_trunk_headers", w_headers, 1, fixup_spve_null,
				fixup_free_spve_null, ANY_ROUTE},
		{"wa_trunk_suspect", w_suspect, 1, fixup_spve_null,
				fixup_free_spve_null, ANY_ROUTE},
		{"wa_trunk_identity", w_identity, 2, fix_identity, 0, ANY_ROUTE},
		{0, 0, 0, 0, 0, 0}};

/* Called for each line of the configuration that sets it; Kamailio adds where. */
static int check_socket(modparam_t type KSR_UNUSED, void *val)
{
	if(wa_net_socket_check(wa_sv_from(val)) == 0)
		return 0;
	LM_ERR("socket: \"%s\" is not ADDRESS:PORT, such as 192.0.2.1:5061\n",
			(char *)val);
	return -1;
}

static param_export_t params[] = {
		{"default_trunk", PARAM_STR, &trunk_default},
		{"max_gateways", PARAM_INT, &max_gateways},
		{"nameserver", PARAM_STRING, &watch_conf.nameserver},
		{"ping_udp", PARAM_STR, &watch_conf.udp},
		{"ping_tcp", PARAM_STR, &watch_conf.tcp},
		{"ping_tls", PARAM_STR, &watch_conf.tls},
		{"ping_interval", PARAM_INT, &watch_defaults.ping_interval},
		{"down_after", PARAM_INT, &watch_defaults.down_after},
		{"socket", PARAM_STRING | PARAM_USE_FUNC, (void *)check_socket},
		{0, 0, 0}};

struct module_exports exports = {"wa_trunk", DEFAULT_DLFLAGS, cmds, params,
		trunk_rpcs, trunk_pvs, 0, mod_init, child_init, mod_destroy};

#define KEMI(name_, func_, p1_, p2_)                                      \
	{                                                                     \
		str_init("wa_trunk"), str_init(name_), SR_KEMIP_INT, func_,       \
		{                                                                 \
			p1_, p2_, SR_KEMIP_NONE, SR_KEMIP_NONE, SR_KEMIP_NONE,        \
					SR_KEMIP_NONE                                         \
		}                                                                 \
	}

static sr_kemi_t kemi[] = {
		KEMI("parse", ki_parse, SR_KEMIP_NONE, SR_KEMIP_NONE),
		KEMI("select", ki_select, SR_KEMIP_STR, SR_KEMIP_NONE),
		KEMI("load", ki_load, SR_KEMIP_STR, SR_KEMIP_NONE),
		KEMI("by_peer", ki_by_peer, SR_KEMIP_NONE, SR_KEMIP_NONE),
		KEMI("is_peer", ki_is_peer, SR_KEMIP_NONE, SR_KEMIP_NONE),
		KEMI("identity", ki_identity, SR_KEMIP_STR, SR_KEMIP_STR),
		KEMI("dialled", ki_dialled, SR_KEMIP_STR, SR_KEMIP_STR),
		KEMI("format", ki_format, SR_KEMIP_STR, SR_KEMIP_STR),
		KEMI("headers", ki_headers, SR_KEMIP_STR, SR_KEMIP_NONE),
		KEMI("suspect", ki_suspect, SR_KEMIP_STR, SR_KEMIP_NONE),
		{{0, 0}, {0, 0}, 0, NULL, {0, 0, 0, 0, 0, 0}}};

int mod_register(char *path, int *dlflags, void *p1, void *p2);

int mod_register(char *path KSR_UNUSED, int *dlflags KSR_UNUSED,
		void *p1 KSR_UNUSED, void *p2 KSR_UNUSED)
{
	sr_kemi_modules_add(kemi);
	return 0;
}
