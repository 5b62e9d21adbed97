/* wa_door: who may speak, floods and bans: exports, parameters, start.
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "../ksr_compat.h"

#include <string.h>

#include "conf.h"
#include "counters.h"
#include "door.h"
#include "keeper.h"
#include "lists.h"
#include "sockets.h"
#include "wa_door_rpc.h"

MODULE_VERSION

static char *meta_socket = "";

static wa_addr_t source_of(const sip_msg_t *msg)
{
	return wa_addr_of(msg->rcv.src_ip.u.addr, msg->rcv.src_ip.len);
}

/* 1 = Meta's side, 2 = a PBX's, -1 = a stranger, -2 = banned, -3 = too many
 * requests */
static int ki_enter(sip_msg_t *msg)
{
	static const int verdicts[] = {
			[DOOR_STRANGER] = -1, [DOOR_BANNED] = -2, [DOOR_FLOOD] = -3};
	enum door_side side = sockets_side(msg->rcv.bind_address);
	wa_addr_t a = source_of(msg);
	enum door_verdict v = door_enter(side, &a);

	if(v != DOOR_IN)
		return verdicts[v];
	return side == DOOR_META ? 1 : 2;
}

static int w_enter(sip_msg_t *msg, char *p1 KSR_UNUSED, char *p2 KSR_UNUSED)
{
	return ki_enter(msg);
}

/* 1 = that was one too many, the source is banned now; -1 = it is not */
static int ki_strike(sip_msg_t *msg, int weight, str *reason)
{
	wa_addr_t a = source_of(msg);
	char text[24], shown[WA_ADDR_TEXT];

	if(wa_sv_copy(text, sizeof(text), KSR_SV(reason)) < 0 || weight <= 0)
		return -1;
	if(!door_strike(&a, (unsigned)weight, text))
		return -1;
	LM_NOTICE("event=banned src=%s seconds=%u reason=%s\n",
			wa_addr_text(&a, shown), door_conf(ban_time), text);
	return 1;
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
	wa_addr_t a = source_of(msg);

	door_trust(&a);
	return 1;
}

static int w_trust(sip_msg_t *msg, char *p1 KSR_UNUSED, char *p2 KSR_UNUSED)
{
	return ki_trust(msg);
}

static int mod_init(void)
{
	if(door_conf_init() < 0 || door_init() < 0 || keeper_init() < 0
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
	keeper_destroy();
	door_destroy();
}

static int fix_strike(void **param, int no)
{
	return no == 1 ? fixup_igp_null(param, 1) : fixup_spve_null(param, 1);
}

static cmd_export_t cmds[] = {
		{"wa_door_enter", w_enter, 0, 0, 0, REQUEST_ROUTE},
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
		{0, 0, 0}};

struct module_exports exports = {.name = "wa_door",
		.dlflags = DEFAULT_DLFLAGS,
		.cmds = cmds,
		.params = params,
		.init_mod_f = mod_init,
		.init_child_f = child_init,
		.destroy_mod_f = mod_destroy};

/* clang-format off */
static sr_kemi_t kemi[] = {
	{ str_init("wa_door"), str_init("enter"),
		SR_KEMIP_INT, ki_enter,
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
