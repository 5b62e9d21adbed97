/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "hangup.h"

#include <stdint.h>
#include <string.h>

#include <kamailio/core/resolve.h>
#include <kamailio/core/socket_info.h>

#include "../lib/wa_buf.h"
#include "../lib/wa_err.h"
#include "../lib/wa_leg.h"
#include "../wa_auth/api.h"

#define HEADERS_SIZE 2048
#define NAME_SIZE 256	/* of a host */
#define ACCOUNT_SIZE 80 /* "trunk:" and its name */

static wa_auth_api_t auth;

/* One BYE. */
typedef struct bye
{
	const wa_leg_t *leg;
	wa_sv_t hop; /* "": as the leg has it */
	wa_sv_t cause;
	char server_name[NAME_SIZE];
	char account[ACCOUNT_SIZE];
} bye_t;

int hangup_init(void)
{
	return wa_auth_load(&auth);
}

static int send_bye(const bye_t *b, wa_sv_t hop, wa_sv_t headers)
{
	const wa_leg_t *leg = b->leg;
	wa_sv_t sv = wa_leg_get(leg, WA_LEG_SOCKET);
	str socket = KSR_STR(sv);
	wa_own_t r = {.cseq = leg->cseq,
			.socket = socket.len > 0 ? lookup_local_socket(&socket) : NULL};

	r.text[WA_OWN_METHOD] = WA_SV("BYE");
	r.text[WA_OWN_HEADERS] = headers;
	r.text[WA_OWN_CALL_ID] = wa_leg_get(leg, WA_LEG_CALL_ID);
	r.text[WA_OWN_LOCAL] = wa_leg_get(leg, WA_LEG_LOCAL);
	r.text[WA_OWN_LOCAL_TAG] = wa_leg_get(leg, WA_LEG_LOCAL_TAG);
	r.text[WA_OWN_REMOTE] = wa_leg_get(leg, WA_LEG_REMOTE);
	r.text[WA_OWN_REMOTE_TAG] = wa_leg_get(leg, WA_LEG_REMOTE_TAG);
	r.text[WA_OWN_TARGET] = wa_leg_get(leg, WA_LEG_TARGET);
	r.text[WA_OWN_HOP] = hop;
	r.text[WA_OWN_SERVER_NAME] = wa_sv_from(b->server_name);
	r.text[WA_OWN_ACCOUNT] = wa_sv_from(b->account);
	return auth.request(&r);
}

static int bye(const bye_t *y)
{
	char mem[HEADERS_SIZE];
	wa_buf_t b = wa_buf_on(mem, sizeof(mem));
	wa_sv_t routes = wa_leg_get(y->leg, WA_LEG_ROUTES), hop = y->hop;

	if(hop.len == 0)
		hop = routes.len > 0 ? wa_leg_uri(routes)
							 : wa_leg_get(y->leg, WA_LEG_TARGET);
	if(routes.len > 0) {
		wa_buf_put(&b, WA_SV("Route: "));
		wa_buf_put(&b, routes);
		wa_buf_put(&b, WA_SV("\r\n"));
	}
	if(y->cause.len > 0) {
		wa_buf_put(&b, WA_SV("Reason: SIP;cause=200;text=\""));
		wa_buf_put(&b, y->cause);
		wa_buf_put(&b, WA_SV("\"\r\n"));
	}
	return wa_buf_check(&b) < 0 ? WA_ETOOLONG : send_bye(y, hop, wa_buf_sv(&b));
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

/* What may ask for credentials: Meta for the number's, a PBX for its trunk's. */
static void set_account(bye_t *y, const char *kind, const char *name)
{
	wa_buf_t b = wa_buf_on(y->account, sizeof(y->account) - 1);

	wa_buf_put(&b, wa_sv_from(kind));
	wa_buf_put(&b, wa_sv_from(name));
	y->account[wa_buf_check(&b) < 0 ? 0 : b.len] = '\0';
}

void hangup_both(const hangup_conf_t *conf, const wa_call_t *c)
{
	bye_t meta = {.leg = &c->meta, .hop = wa_sv_from(conf->meta_hop)};
	bye_t pbx = {.leg = &c->pbx, .cause = wa_sv_from(c->cause)};

	if(!wa_leg_is_set(&c->meta) || !wa_leg_is_set(&c->pbx))
		return;
	set_account(&meta, "number:", c->number);
	set_account(&pbx, "trunk:", c->trunk);
	name_of(wa_leg_get(&c->pbx, WA_LEG_TARGET), pbx.server_name,
			sizeof(pbx.server_name));
	if(wa_sv_copy(meta.server_name, sizeof(meta.server_name),
			   wa_sv_from(conf->meta_name))
					< 0
			|| bye(&meta) < 0)
		LM_WARN("call %s: no BYE to Meta\n", c->call);
	if(bye(&pbx) < 0)
		LM_WARN("call %s: no BYE to the PBX\n", c->call);
}
