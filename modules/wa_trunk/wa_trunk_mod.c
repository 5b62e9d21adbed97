/* wa_trunk: who is called, and through which trunk.
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "../ksr_compat.h"

#include "wa_trunk.h"

#include <string.h>

#include <kamailio/core/parser/parse_uri.h>
#include <kamailio/core/resolve.h>
#include <kamailio/core/lvalue.h>

#include "../lib/wa_err.h"
#include "../lib/wa_net.h"

MODULE_VERSION

str trunk_default = {"", 0};

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
	if(err < 0) {
		LM_INFO("user part of the Request-URI: %s\n", wa_strerror(err));
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

/* 1 = a trunk with gateways, -1 = none, -2 = the directory is not loaded */
static int ki_select(sip_msg_t *msg, str *digits)
{
	trunk_current_t *cur = trunk_current(msg);
	int err = route_find(&cur->user, KSR_SV(digits), KSR_SV(&trunk_default),
			&cur->trunk, &cur->by);

	if(err == 0 && cur->trunk.n_gateways == 0)
		err = WA_ENOENT;
	cur->selected = err == 0;
	if(err == 0)
		route_order(&cur->trunk, cur->order);
	return err == 0 ? 1 : err == WA_ENOTREADY ? -2 : -1;
}

static int w_select(sip_msg_t *msg, char *digits, char *p2 KSR_UNUSED)
{
	str s;

	if(fixup_get_svalue(msg, (gparam_t *)digits, &s) < 0)
		return -1;
	return ki_select(msg, &s);
}

/* Is the host of `uri` the address that the message came from? Names go through
 * Kamailio's DNS cache, as they do when a call is sent there. */
static bool is_source(sip_msg_t *msg, const char *uri)
{
	struct sip_uri puri;
	struct hostent *he;
	struct ip_addr ip, *literal;
	unsigned short port;
	char proto;

	if(parse_uri((char *)(uintptr_t)uri, (int)strlen(uri), &puri) < 0)
		return false;
	literal = str2ip(&puri.host);
	if(literal == NULL)
		literal = str2ip6(&puri.host);
	if(literal != NULL)
		return ip_addr_cmp(literal, &msg->rcv.src_ip);
	port = puri.port_no;
	proto = (char)puri.proto;
	he = sip_resolvehost(&puri.host, &port, &proto);
	for(unsigned i = 0; he != NULL && he->h_addr_list[i] != NULL; i++) {
		hostent2ip_addr(&ip, he, i);
		if(ip_addr_cmp(&ip, &msg->rcv.src_ip))
			return true;
	}
	return false;
}

/* 1 = the message came from a gateway of the trunk selected, -1 = it did not */
static int ki_is_peer(sip_msg_t *msg)
{
	trunk_current_t *cur = trunk_current(msg);

	for(unsigned i = 0; cur->selected && i < cur->trunk.n_gateways; i++)
		if(is_source(msg, cur->trunk.gateways[i].uri))
			return 1;
	return -1;
}

static int w_is_peer(sip_msg_t *msg, char *p1 KSR_UNUSED, char *p2 KSR_UNUSED)
{
	return ki_is_peer(msg);
}

/* 1 = a number, 2 = a BSUID, -1 = neither; what it is goes to `dst` */
static int identity(sip_msg_t *msg, str *text, pv_spec_t *dst)
{
	char out[WA_BSUID_SIZE];
	enum wa_identity id = wa_uri_identity(KSR_SV(text), out);
	pv_value_t val = {.flags = PV_VAL_STR};

	if(id == WA_IDENTITY_NONE)
		return -1;
	val.rs = (str){out, (int)strlen(out)};
	if(dst->setf == NULL
			|| dst->setf(msg, &dst->pvp, (int)EQ_T, &val) < 0)
		return -1;
	return id == WA_IDENTITY_E164 ? 1 : 2;
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

static int fix_identity(void **param, int no)
{
	if(no == 1)
		return fixup_spve_null(param, 1);
	if(fixup_pvar_null(param, 1) != 0)
		return -1;
	if(((pv_spec_t *)*param)->setf == NULL) {
		LM_ERR("wa_trunk_identity: the second parameter cannot be written\n");
		return -1;
	}
	return 0;
}

static int mod_init(void)
{
	return route_init();
}

static cmd_export_t cmds[] = {
		{"wa_trunk_parse", w_parse, 0, 0, 0, ANY_ROUTE},
		{"wa_trunk_select", w_select, 1, fixup_spve_null, fixup_free_spve_null,
				ANY_ROUTE},
		{"wa_trunk_is_peer", w_is_peer, 0, 0, 0, ANY_ROUTE},
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
		{"socket", PARAM_STRING | PARAM_USE_FUNC, (void *)check_socket},
		{0, 0, 0}};

struct module_exports exports = {"wa_trunk", DEFAULT_DLFLAGS, cmds, params,
		trunk_rpcs, trunk_pvs, 0, mod_init, 0, 0};

static sr_kemi_t kemi[] = {
		{str_init("wa_trunk"), str_init("parse"), SR_KEMIP_INT, ki_parse,
				{SR_KEMIP_NONE, SR_KEMIP_NONE, SR_KEMIP_NONE, SR_KEMIP_NONE,
						SR_KEMIP_NONE, SR_KEMIP_NONE}},
		{str_init("wa_trunk"), str_init("select"), SR_KEMIP_INT, ki_select,
				{SR_KEMIP_STR, SR_KEMIP_NONE, SR_KEMIP_NONE, SR_KEMIP_NONE,
						SR_KEMIP_NONE, SR_KEMIP_NONE}},
		{str_init("wa_trunk"), str_init("is_peer"), SR_KEMIP_INT, ki_is_peer,
				{SR_KEMIP_NONE, SR_KEMIP_NONE, SR_KEMIP_NONE, SR_KEMIP_NONE,
						SR_KEMIP_NONE, SR_KEMIP_NONE}},
		{str_init("wa_trunk"), str_init("identity"), SR_KEMIP_INT, ki_identity,
				{SR_KEMIP_STR, SR_KEMIP_STR, SR_KEMIP_NONE, SR_KEMIP_NONE,
						SR_KEMIP_NONE, SR_KEMIP_NONE}},
		{{0, 0}, {0, 0}, 0, NULL, {0, 0, 0, 0, 0, 0}}};

int mod_register(char *path, int *dlflags, void *p1, void *p2);

int mod_register(char *path KSR_UNUSED, int *dlflags KSR_UNUSED,
		void *p1 KSR_UNUSED, void *p2 KSR_UNUSED)
{
	sr_kemi_modules_add(kemi);
	return 0;
}
