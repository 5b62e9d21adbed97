/* wa_door: who may speak, floods and bans: exports, parameters, start.
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "../ksr_compat.h"

#include <string.h>

#include "../lib/wa_shape.h"
#include "conf.h"
#include "connections.h"
#include "counters.h"
#include "door.h"
#include "keeper.h"
#include "lists.h"
#include "log_guard.h"
#include "sockets.h"
#include "wa_door_rpc.h"

MODULE_VERSION

static char *meta_socket = "";

static wa_addr_t source_of(const receive_info_t *rcv)
{
	return wa_addr_of(rcv->src_ip.u.addr, rcv->src_ip.len);
}

static bool strike(const wa_addr_t *a, unsigned weight, const char *reason)
{
	char text[WA_ADDR_TEXT];

	if(!door_strike(a, weight, reason))
		return false;
	LM_NOTICE("event=banned src=%s seconds=%u reason=%s\n",
			wa_addr_text(a, text), door_conf(ban_time), reason);
	return true;
}

static enum wa_shape shape_of(const sr_net_info_t *net)
{
	wa_shape_limits_t limits = {.head = door_conf(head_bytes),
			.line = door_conf(head_bytes),
			.lines = door_conf(head_lines)};

	return wa_shape_of(KSR_SV(&net->data), &limits);
}

#define WEIGHT_MALFORMED 10
#define WEIGHT_FLOOD 1

/* Whether what came from `a` may be parsed. */
static bool may_pass(const sr_net_info_t *net, const wa_addr_t *a)
{
	enum wa_shape shape = shape_of(net);
	enum door_verdict v;

	if(shape == WA_SHAPE_PING)
		return false;
	/* a gateway's answer, from wherever it is; a transaction has to know it */
	if(shape == WA_SHAPE_REPLY)
		return true;
	v = door_enter(sockets_side(net->rcv->bind_address), a);
	if(v == DOOR_FLOOD)
		strike(a, WEIGHT_FLOOD, "flood");
	if(v != DOOR_IN)
		return false;
	if(shape == WA_SHAPE_REQUEST)
		return true;
	door_count(COUNT_MALFORMED);
	strike(a, WEIGHT_MALFORMED, wa_shape_name(shape));
	return false;
}

/* 1 = go on, -1 = drop it; its connection is closed then */
static int ki_hear(sip_msg_t *msg KSR_UNUSED)
{
	const sr_net_info_t *net = ksr_evrt_rcvnetinfo_get();
	wa_addr_t a;

	if(net == NULL || net->rcv == NULL)
		return 1;
	a = source_of(net->rcv);
	if(may_pass(net, &a))
		return 1;
	if(net->rcv->proto != PROTO_UDP)
		connections_close(net->rcv->proto_reserved1);
	return -1;
}

static int w_hear(sip_msg_t *msg, char *p1 KSR_UNUSED, char *p2 KSR_UNUSED)
{
	return ki_hear(msg);
}

/* 1 = Meta's side, 2 = a PBX's */
static int ki_side(sip_msg_t *msg)
{
	return sockets_side(msg->rcv.bind_address) == DOOR_META ? 1 : 2;
}

static int w_side(sip_msg_t *msg, char *p1 KSR_UNUSED, char *p2 KSR_UNUSED)
{
	return ki_side(msg);
}

/* 1 = that was one too many, the source is banned now; -1 = it is not */
static int ki_strike(sip_msg_t *msg, int weight, str *reason)
{
	wa_addr_t a = source_of(&msg->rcv);
	char text[24];

	if(wa_sv_copy(text, sizeof(text), KSR_SV(reason)) < 0 || weight <= 0)
		return -1;
	return strike(&a, (unsigned)weight, text) ? 1 : -1;
}

static int w_strike(sip_msg_t *msg, char *weight, char *reason)
{
	int w;
	str s;

	if(fixup_get_ivalue(msg, (gparam_t *)weight, &w) < 0
			|| fixup_get_svalue(msg, (gparam_t *)reason, &s) < 0)
		return -1;
	return ki_strike(msg, w, &s);
}

/* 1, always */
static int ki_trust(sip_msg_t *msg)
{
	wa_addr_t a = source_of(&msg->rcv);

	door_trust(&a);
	return 1;
}

static int w_trust(sip_msg_t *msg, char *p1 KSR_UNUSED, char *p2 KSR_UNUSED)
{
	return ki_trust(msg);
}

static int mod_init(void)
{
	if(door_conf_init() < 0 || log_guard_init() < 0 || door_init() < 0 || keeper_init() < 0
			|| lists_init() < 0 || door_counters_init() < 0)
		return -1;
	if(rpc_register_array(door_rpcs) != 0) {
		LM_ERR("cannot register the RPC commands\n");
		return -1;
	}
	register_procs(1);
	cfg_register_child(1);
	return 0;
}

/* fork_process() calls child_init() of every module in the new process. */
static bool starts_keeper;

static int start_keeper(void)
{
	int pid;

	starts_keeper = true;
	pid = fork_process(PROC_RPC, "wa_door keeper", 1);
	if(pid < 0) {
		LM_ERR("cannot start the keeper\n");
		return -1;
	}
	if(pid > 0) {
		starts_keeper = false;
		sockets_close();
		return 0;
	}
	if(cfg_child_init() < 0)
		return -1;
	keeper_run();
}

static int child_init(int rank)
{
	door_counters_start();
	if(rank == PROC_INIT)
		return sockets_init(meta_socket);
	if(rank == PROC_MAIN)
		return start_keeper();
	if(!starts_keeper)
		sockets_close();
	return 0;
}

static void mod_destroy(void)
{
	log_guard_end();
	lists_destroy();
	keeper_destroy();
	door_destroy();
}

static int fix_strike(void **param, int no)
{
	return no == 1 ? fixup_igp_null(param, 1) : fixup_spve_null(param, 1);
}

static cmd_export_t cmds[] = {
		{"wa_door_hear", w_hear, 0, 0, 0, ANY_ROUTE},
		{"wa_door_side", w_side, 0, 0, 0, ANY_ROUTE},
		{"wa_door_strike", w_strike, 2, fix_strike, 0, ANY_ROUTE},
		{"wa_door_trust", w_trust, 0, 0, 0, ANY_ROUTE},
		{0, 0, 0, 0, 0, 0}};

/* A typing error would let nobody in, or the wrong side: `kamailio -c` tells. */
static int set_list(enum door_side side, char *text)
{
	char error[LISTS_ERROR] = "out of memory";

	lists_params.list[side] = text;
	if(lists_check(text, error) == 0)
		return 0;
	LM_ERR("%s_sources: %s\n", door_side_name[side], error);
	return -1;
}

static int set_meta(modparam_t type KSR_UNUSED, void *val)
{
	return set_list(DOOR_META, val);
}

static int set_pbx(modparam_t type KSR_UNUSED, void *val)
{
	return set_list(DOOR_PBX, val);
}

static param_export_t params[] = {{"meta_socket", PARAM_STRING, &meta_socket},
		{"meta_sources", PARAM_STRING | PARAM_USE_FUNC, (void *)set_meta},
		{"pbx_sources", PARAM_STRING | PARAM_USE_FUNC, (void *)set_pbx},
		{"meta_file", PARAM_STRING, &lists_params.file[DOOR_META]},
		{"pbx_file", PARAM_STRING, &lists_params.file[DOOR_PBX]},
		{"ban_time", PARAM_INT, &door_conf_default.ban_time},
		{"ban_score", PARAM_INT, &door_conf_default.ban_score},
		{"ban_window", PARAM_INT, &door_conf_default.ban_window},
		{"rate", PARAM_INT, &door_conf_default.rate},
		{"trusted_rate", PARAM_INT, &door_conf_default.trusted_rate},
		{"trust_time", PARAM_INT, &door_conf_default.trust_time},
		{"source_connections", PARAM_INT,
				&door_conf_default.source_connections},
		{"meta_source_connections", PARAM_INT,
				&door_conf_default.meta_source_connections},
		{"pbx_connections", PARAM_INT, &door_conf_default.pbx_connections},
		{"error_lines", PARAM_INT, &door_conf_default.error_lines},
		{"head_bytes", PARAM_INT, &door_conf_default.head_bytes},
		{"head_lines", PARAM_INT, &door_conf_default.head_lines}, {0, 0, 0}};

struct module_exports exports = {.name = "wa_door",
		.dlflags = DEFAULT_DLFLAGS,
		.cmds = cmds,
		.params = params,
		.init_mod_f = mod_init,
		.init_child_f = child_init,
		.destroy_mod_f = mod_destroy};

/* clang-format off */
static sr_kemi_t kemi[] = {
	{ str_init("wa_door"), str_init("hear"),
		SR_KEMIP_INT, ki_hear,
		{ SR_KEMIP_NONE, SR_KEMIP_NONE, SR_KEMIP_NONE,
			SR_KEMIP_NONE, SR_KEMIP_NONE, SR_KEMIP_NONE }
	},
	{ str_init("wa_door"), str_init("side"),
		SR_KEMIP_INT, ki_side,
		{ SR_KEMIP_NONE, SR_KEMIP_NONE, SR_KEMIP_NONE,
			SR_KEMIP_NONE, SR_KEMIP_NONE, SR_KEMIP_NONE }
	},
	{ str_init("wa_door"), str_init("strike"),
		SR_KEMIP_INT, ki_strike,
		{ SR_KEMIP_INT, SR_KEMIP_STR, SR_KEMIP_NONE,
			SR_KEMIP_NONE, SR_KEMIP_NONE, SR_KEMIP_NONE }
	},
	{ str_init("wa_door"), str_init("trust"),
		SR_KEMIP_INT, ki_trust,
		{ SR_KEMIP_NONE, SR_KEMIP_NONE, SR_KEMIP_NONE,
			SR_KEMIP_NONE, SR_KEMIP_NONE, SR_KEMIP_NONE }
	},
	{ {0, 0}, {0, 0}, 0, NULL, { 0, 0, 0, 0, 0, 0 } }
};
/* clang-format on */

int mod_register(char *path, int *dlflags, void *p1, void *p2);

int mod_register(char *path KSR_UNUSED, int *dlflags KSR_UNUSED,
		void *p1 KSR_UNUSED, void *p2 KSR_UNUSED)
{
	return sr_kemi_modules_add(kemi);
}
