/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "../ksr_compat.h"

#include "watch.h"

#include <stdio.h>
#include <string.h>

#include <kamailio/core/cfg/cfg.h>
#include <kamailio/core/parser/parse_uri.h>
#include <kamailio/core/xavp.h>
#include <kamailio/modules/tm/tm_load.h>

#include "../lib/wa_net.h"
#include "../wa_numbers/api.h"
#include "gateways.h"
#include "resolve.h"

watch_conf_t watch_conf = {.nameserver = ""};
watch_knobs_t watch_defaults = {.ping_interval = 20, .down_after = 2};

static void *knobs = &watch_defaults;
static tm_api_t tmb;
static wa_numbers_api_t numbers;

static cfg_def_t knob_defs[] = {
		{"ping_interval", CFG_VAR_INT, 0, 86400, 0, 0,
				"seconds between two OPTIONS to a gateway; 0: none"},
		{"down_after", CFG_VAR_INT, 1, 100, 0, 0,
				"OPTIONS in a row without an answer until a gateway is down"},
		{0, 0, 0, 0, 0, 0, 0}};

static int enter(const wa_trunk_t *trunk, void *arg KSR_UNUSED)
{
	gateways_enter(trunk);
	return 0;
}

static void look_at_trunks(void)
{
	gateways_begin();
	/* a directory that is not loaded yet, or no memory: nothing is removed */
	if(numbers.each_trunk(enter, NULL) == 0)
		gateways_end();
}

/* In whichever process has the answer, or tm's timer without one. */
static void answered(
		struct cell *t KSR_UNUSED, int type KSR_UNUSED, struct tmcb_params *ps)
{
	gateways_answered((uint32_t)(uintptr_t)*ps->param, ps->code,
			(unsigned)cfg_get(wa_trunk, knobs, down_after));
}

static str *local_address(char proto)
{
	return proto == PROTO_TLS	? &watch_conf.tls
		   : proto == PROTO_TCP ? &watch_conf.tcp
								: &watch_conf.udp;
}

/* A gateway by its name must have it in its certificate, as for a call. */
static void set_server_name(const gateway_t *g)
{
	str tls = str_init("tls"), key = str_init("server_name");
	struct sip_uri uri;
	gw_address_t at;

	xavp_rm_by_name(&tls, 1, NULL);
	if(g->addresses[0].proto == PROTO_TLS && !gateways_literal(g->uri, &at)
			&& parse_uri((char *)(uintptr_t)g->uri, (int)strlen(g->uri), &uri)
					   == 0)
		xavp_set_child_sval(&tls, &key, &uri.host);
}

static int ask(const gateway_t *g, uint32_t ticket)
{
	const gw_address_t *a = &g->addresses[0];
	static const char *const protos[] = {
			[PROTO_UDP] = "udp", [PROTO_TCP] = "tcp", [PROTO_TLS] = "tls"};
	char target[GW_TARGET_SIZE], from[128], socket[96];
	str method = str_init("OPTIONS"), to = {(char *)(uintptr_t)g->uri, 0};
	str *local = local_address(a->proto);
	str hop = {target, 0}, sender = {from, 0}, sock = {socket, 0};
	uac_req_t req;

	gateways_target(a, target);
	hop.len = (int)strlen(target);
	to.len = (int)strlen(g->uri);
	sender.len = snprintf(from, sizeof(from), "sip:%.*s", local->len, local->s);
	sock.len = snprintf(socket, sizeof(socket), "%s:%.*s",
			protos[(int)a->proto], local->len, local->s);
	if(sender.len < 0 || (size_t)sender.len >= sizeof(from) || sock.len < 0
			|| (size_t)sock.len >= sizeof(socket))
		return -1;
	set_server_name(g);
	set_uac_req(&req, &method, NULL, NULL, NULL, TMCB_LOCAL_COMPLETED, answered,
			(void *)(uintptr_t)ticket);
	if(local->len > 0)
		req.ssock = &sock;
	return tmb.t_request(&req, &to, &to, &sender, &hop);
}

/* A pair's node that stands by listens on addresses that the other one has: the answers
 * would reach that one, and every gateway would look dead here. */
static bool may_ask(void)
{
	const str *from[] = {&watch_conf.udp, &watch_conf.tcp, &watch_conf.tls};

	for(size_t i = 0; i < sizeof(from) / sizeof(from[0]); i++)
		if(from[i]->len > 0 && !wa_net_is_here(KSR_SV(from[i])))
			return false;
	return true;
}

static void ask_those_due(void)
{
	unsigned interval = (unsigned)cfg_get(wa_trunk, knobs, ping_interval);
	unsigned cursor = 0;
	uint32_t ticket;
	gateway_t g;

	if(interval == 0 || !may_ask())
		return;
	while(gateways_due(&cursor, interval, &g, &ticket))
		if(ask(&g, ticket) < 0)
			gateways_answered(ticket, 477,
					(unsigned)cfg_get(wa_trunk, knobs, down_after));
}

static void watch(unsigned ticks KSR_UNUSED, void *param KSR_UNUSED)
{
	look_at_trunks();
	ask_those_due();
}

static void resolve(unsigned ticks KSR_UNUSED, void *param KSR_UNUSED)
{
	static bool ready = false;
	char uri[sizeof(((gateway_t *)NULL)->uri)];
	gw_address_t found[GW_ADDRESSES_MAX];
	unsigned cursor = 0, ttl = 0;
	const char *why;

	if(!ready && resolve_init(watch_conf.nameserver) < 0)
		LM_ERR("nameserver: \"%s\" is no ADDRESS[:PORT]\n",
				watch_conf.nameserver);
	ready = true;
	while(gateways_unresolved(&cursor, uri, sizeof(uri))) {
		unsigned n = resolve_uri(uri, found, &ttl, &why);

		gateways_resolved(uri, found, n, ttl, why);
	}
}

int watch_init(void)
{
	if(tm_load_api(&tmb) < 0) {
		LM_ERR("load tm.so before this module\n");
		return -1;
	}
	if(cfg_declare("wa_trunk", knob_defs, &watch_defaults,
			   sizeof(watch_defaults), &knobs)
			!= 0) {
		LM_ERR("cannot declare the run-time knobs\n");
		return -1;
	}
	if(wa_numbers_load(&numbers) < 0)
		return -1;
	return register_basic_timers(2);
}

int watch_start(void)
{
	if(fork_basic_timer(PROC_TIMER, "wa_trunk watches gateways", 1, watch, NULL,
			   1)
			< 0)
		return -1;
	return fork_basic_timer(PROC_TIMER, "wa_trunk looks up names", 1, resolve,
				   NULL, 1)
						   < 0
				   ? -1
				   : 0;
}
