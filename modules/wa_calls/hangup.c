/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "hangup.h"

#include <stdint.h>
#include <stdint.h>
#include <string.h>

#include <kamailio/core/socket_info.h>
#include <kamailio/core/xavp.h>
#include <kamailio/modules/tm/tm_load.h>

#include "../lib/wa_buf.h"
#include "../lib/wa_err.h"
#include "../lib/wa_leg.h"
#include "events.h"

#define HEADERS_SIZE 2048

static str leg_str(const wa_leg_t *leg, enum wa_leg_text which)
{
	wa_sv_t v = wa_leg_get(leg, which);

	return KSR_STR(v);
}

/* What tls looks at when it opens a connection (its xavp_cfg), as the script
 * sets it in route/target.cfg. */
static void set_tls_name(const char *name)
{
	str list = str_init("tls"), member = str_init("server_name");
	str value = {(char *)(uintptr_t)name, (int)strlen(name)};

	xavp_rm_by_name(&list, 1, NULL);
	if(value.len > 0 && xavp_set_child_sval(&list, &member, &value) < 0)
		LM_ERR("out of memory: Meta's name cannot be checked\n");
}

static int send_bye(const wa_leg_t *leg, const char *hop, wa_buf_t *headers)
{
	str method = str_init("BYE"), socket = leg_str(leg, WA_LEG_SOCKET);
	str extra = {headers->s, (int)headers->len};
	uac_req_t req;
	dlg_t d;

	memset(&d, 0, sizeof(d));
	d.id.call_id = leg_str(leg, WA_LEG_CALL_ID);
	d.id.loc_tag = leg_str(leg, WA_LEG_LOCAL_TAG);
	d.id.rem_tag = leg_str(leg, WA_LEG_REMOTE_TAG);
	d.loc_uri = leg_str(leg, WA_LEG_LOCAL);
	d.rem_uri = leg_str(leg, WA_LEG_REMOTE);
	d.rem_target = leg_str(leg, WA_LEG_TARGET);
	/* tm sends with the number after this one */
	d.loc_seq.value = leg->cseq - 1;
	d.loc_seq.is_set = 1;
	d.state = DLG_CONFIRMED;
	d.send_sock = socket.len > 0 ? lookup_local_socket(&socket) : NULL;
	d.dst_uri = (str){(char *)(uintptr_t)hop, (int)strlen(hop)};
	set_uac_req(&req, &method, &extra, NULL, &d, 0, NULL, NULL);
	return events_tm()->t_request_within(&req) < 0 ? WA_EIO : 0;
}

static int bye(const wa_leg_t *leg, wa_sv_t hop, wa_sv_t cause)
{
	char mem[HEADERS_SIZE], text[512];
	wa_buf_t b = wa_buf_on(mem, sizeof(mem));
	wa_sv_t routes = wa_leg_get(leg, WA_LEG_ROUTES);

	if(hop.len == 0)
		hop = routes.len > 0 ? wa_leg_uri(routes)
							 : wa_leg_get(leg, WA_LEG_TARGET);
	if(wa_sv_copy(text, sizeof(text), hop) < 0)
		return WA_ETOOLONG;
	if(routes.len > 0) {
		wa_buf_put(&b, WA_SV("Route: "));
		wa_buf_put(&b, routes);
		wa_buf_put(&b, WA_SV("\r\n"));
	}
	if(cause.len > 0) {
		wa_buf_put(&b, WA_SV("Reason: SIP;cause=200;text=\""));
		wa_buf_put(&b, cause);
		wa_buf_put(&b, WA_SV("\"\r\n"));
	}
	return wa_buf_check(&b) < 0 ? WA_ETOOLONG : send_bye(leg, text, &b);
}

/* "" for an address: there is no name to be checked. */
static void name_of(wa_sv_t uri, char *out, size_t size)
{
	wa_sv_t rest = uri, host;
	str s;

	wa_sv_cut(&rest, ':');
	if(memchr(rest.s, '@', rest.len) != NULL)
		wa_sv_cut(&rest, '@');
	host = wa_sv_cut(&rest, ';');
	host = wa_sv_cut(&host, ':');
	s = KSR_STR(host);
	if(host.len == 0 || host.s[0] == '[' || str2ip(&s) != NULL
			|| wa_sv_copy(out, size, host) < 0)
		out[0] = '\0';
}

void hangup_both(const hangup_conf_t *conf, const wa_call_t *c)
{
	wa_sv_t cause = wa_sv_from(c->cause);
	char name[256];

	if(!wa_leg_is_set(&c->meta) || !wa_leg_is_set(&c->pbx))
		return;
	set_tls_name(conf->meta_name);
	if(bye(&c->meta, wa_sv_from(conf->meta_hop), (wa_sv_t){NULL, 0}) < 0)
		LM_WARN("call %s: no BYE to Meta\n", c->call);
	name_of(wa_leg_get(&c->pbx, WA_LEG_TARGET), name, sizeof(name));
	set_tls_name(name);
	if(bye(&c->pbx, (wa_sv_t){NULL, 0}, cause) < 0)
		LM_WARN("call %s: no BYE to the PBX\n", c->call);
	set_tls_name("");
}
