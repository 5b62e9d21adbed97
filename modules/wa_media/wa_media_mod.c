/* wa_media: the media guardian, and edits of SDP.
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "../ksr_compat.h"

#include "guardian.h"
#include "metrics.h"
#include "relay_client.h"
#include "script_guard.h"
#include "script_relay.h"
#include "script_sdp.h"
#include "wa_media_rpc.h"

MODULE_VERSION

#define LEARN_MS 3000

static str learning = str_init("off");
static int max_calls = 4096;
static int poll_interval = 10;
static int slow_interval = 30000;
static int ack_timeout = 2000;
static int ack_timeout_sdes = 500;
static int ice_timeout = 600;
static int ng_timeout = 300;

static wa_guard_cfg_t guard_cfg;

static cmd_export_t cmds[] = {
		KSR_METRICS(media_metrics_write),
		{"wa_media_scan", w_scan, 1, fixup_spve_null, 0, ANY_ROUTE},
		{"wa_media_sdp", KSR_CMD(w_sdp), 4, fixup_sdp, 0, ANY_ROUTE},
		{"wa_media_port", KSR_CMD(w_port), 3, fixup_port, 0, ANY_ROUTE},
		{"wa_media_join", KSR_CMD(w_join), 6, fixup_join, 0, ANY_ROUTE},
		{"wa_media_reoffer", w_reoffer, 2, fixup_reoffer, 0, ANY_ROUTE},
		{"wa_media_reanswer", w_reanswer, 1, fixup_join, 0, ANY_ROUTE},
		{"wa_media_rings", w_rings, 0, 0, 0, ANY_ROUTE},
		{"wa_media_press", w_press, 2, fixup_join, 0, ANY_ROUTE},
		{"wa_media_watch", KSR_CMD(w_watch), 6, fixup_watch, 0, ANY_ROUTE},
		{"wa_media_start", w_start, 0, 0, 0, ANY_ROUTE},
		{"wa_media_end", w_end, 0, 0, 0, ANY_ROUTE},
		{"wa_media_delete", w_delete, 0, 0, 0, ANY_ROUTE},
		{"bind_wa_media", KSR_CMD(bind_wa_media), 0, 0, 0, 0},
		{0, 0, 0, 0, 0, 0}};

static param_export_t params[] = {
		{"relay_socket", PARAM_STR, &relay_socket},
		{"relay_timeout", PARAM_INT, &relay_timeout},
		{"learning", PARAM_STR, &learning},
		{"ng_socket", PARAM_STR, &guard_ng_socket},
		{"instance_pv", PARAM_STR, &guard_instance_pv},
		{"rtt_pv", PARAM_STR, &guard_rtt_pv},
		{"silence_timeout", PARAM_INT, &guardian_silence},
		{"max_calls", PARAM_INT, &max_calls},
		{"poll_interval", PARAM_INT, &poll_interval},
		{"slow_interval", PARAM_INT, &slow_interval},
		{"ack_timeout", PARAM_INT, &ack_timeout},
		{"ack_timeout_sdes", PARAM_INT, &ack_timeout_sdes},
		{"ice_timeout", PARAM_INT, &ice_timeout},
		{"ng_timeout", PARAM_INT, &ng_timeout},
		{0, 0, 0}};

static pv_export_t pvs[] = {{{"wa_media", sizeof("wa_media") - 1}, PVT_OTHER,
									pv_get_media, 0, pv_parse_media, 0, 0, 0},
		{{0, 0}, 0, 0, 0, 0, 0, 0, 0}};

static sr_kemi_t kemi[] = {
		{str_init("wa_media"), str_init("scan"), SR_KEMIP_INT, ki_scan,
				{SR_KEMIP_STR, SR_KEMIP_NONE, SR_KEMIP_NONE, SR_KEMIP_NONE,
						SR_KEMIP_NONE, SR_KEMIP_NONE}},
		{str_init("wa_media"), str_init("sdp"), SR_KEMIP_INT, ki_sdp,
				{SR_KEMIP_STR, SR_KEMIP_STR, SR_KEMIP_STR, SR_KEMIP_STR,
						SR_KEMIP_NONE, SR_KEMIP_NONE}},
		{str_init("wa_media"), str_init("port"), SR_KEMIP_INT, ki_port,
				{SR_KEMIP_STR, SR_KEMIP_STR, SR_KEMIP_STR, SR_KEMIP_NONE,
						SR_KEMIP_NONE, SR_KEMIP_NONE}},
		{str_init("wa_media"), str_init("join"), SR_KEMIP_INT, ki_join,
				{SR_KEMIP_STR, SR_KEMIP_STR, SR_KEMIP_STR, SR_KEMIP_STR,
						SR_KEMIP_STR, SR_KEMIP_STR}},
		{str_init("wa_media"), str_init("reoffer"), SR_KEMIP_INT, ki_reoffer,
				{SR_KEMIP_STR, SR_KEMIP_STR, SR_KEMIP_NONE, SR_KEMIP_NONE,
						SR_KEMIP_NONE, SR_KEMIP_NONE}},
		{str_init("wa_media"), str_init("reanswer"), SR_KEMIP_INT, ki_reanswer,
				{SR_KEMIP_STR, SR_KEMIP_NONE, SR_KEMIP_NONE, SR_KEMIP_NONE,
						SR_KEMIP_NONE, SR_KEMIP_NONE}},
		{str_init("wa_media"), str_init("rings"), SR_KEMIP_INT, ki_rings,
				{SR_KEMIP_NONE, SR_KEMIP_NONE, SR_KEMIP_NONE, SR_KEMIP_NONE,
						SR_KEMIP_NONE, SR_KEMIP_NONE}},
		{str_init("wa_media"), str_init("press"), SR_KEMIP_INT, ki_press,
				{SR_KEMIP_STR, SR_KEMIP_STR, SR_KEMIP_NONE, SR_KEMIP_NONE,
						SR_KEMIP_NONE, SR_KEMIP_NONE}},
		{str_init("wa_media"), str_init("watch"), SR_KEMIP_INT, ki_watch,
				{SR_KEMIP_STR, SR_KEMIP_STR, SR_KEMIP_STR, SR_KEMIP_STR,
						SR_KEMIP_STR, SR_KEMIP_STR}},
		{str_init("wa_media"), str_init("start"), SR_KEMIP_INT, ki_start,
				{SR_KEMIP_NONE, SR_KEMIP_NONE, SR_KEMIP_NONE, SR_KEMIP_NONE,
						SR_KEMIP_NONE, SR_KEMIP_NONE}},
		{str_init("wa_media"), str_init("end"), SR_KEMIP_INT, ki_end,
				{SR_KEMIP_NONE, SR_KEMIP_NONE, SR_KEMIP_NONE, SR_KEMIP_NONE,
						SR_KEMIP_NONE, SR_KEMIP_NONE}},
		{str_init("wa_media"), str_init("delete"), SR_KEMIP_INT, ki_delete,
				{SR_KEMIP_NONE, SR_KEMIP_NONE, SR_KEMIP_NONE, SR_KEMIP_NONE,
						SR_KEMIP_NONE, SR_KEMIP_NONE}},
		{{0, 0}, {0, 0}, 0, NULL, {0, 0, 0, 0, 0, 0}}};

static bool in_range(const char *name, int value, int min, int max)
{
	if(value >= min && value <= max)
		return true;
	LM_ERR("%s is %d: %d to %d is possible\n", name, value, min, max);
	return false;
}

/* The names that rtpengine has for the same. */
static bool read_learning(void)
{
	if(wa_sv_eq(KSR_SV(&learning), WA_SV("delayed")))
		relay_learning = LEARN_MS;
	else if(!wa_sv_eq(KSR_SV(&learning), WA_SV("off"))) {
		LM_ERR("learning is \"%.*s\": \"off\" or \"delayed\" is possible\n",
				learning.len, learning.s);
		return false;
	}
	return true;
}

static bool params_are_right(void)
{
	if(relay_socket.len <= 0) {
		LM_ERR("relay_socket: where wasbc-relay listens, udp:IP:PORT\n");
		return false;
	}
	if(guard_ng_socket.len <= 0 && guard_instance_pv.len <= 0) {
		LM_ERR("neither ng_socket nor instance_pv says where rtpengine is\n");
		return false;
	}
	if(!read_learning())
		return false;
	return in_range("relay_timeout", relay_timeout, 5, 2000)
		   && in_range("silence_timeout", guardian_silence, 0, 86400)
		   && in_range("max_calls", max_calls, 1, 1 << 20)
		   && in_range("poll_interval", poll_interval, 2, 1000)
		   && in_range("slow_interval", slow_interval, 1000, 3600000)
		   && in_range("ack_timeout", ack_timeout, 0, 32000)
		   && in_range("ack_timeout_sdes", ack_timeout_sdes, 0, 32000)
		   && in_range("ice_timeout", ice_timeout, 0, 10000)
		   && in_range("ng_timeout", ng_timeout, 20, 10000);
}

static int mod_init(void)
{
	if(!params_are_right() || script_guard_init() < 0)
		return -1;
	guard_cfg = (wa_guard_cfg_t){.max_calls = (unsigned)max_calls,
			.poll_ms = poll_interval, .slow_ms = slow_interval,
			.ack_ms = ack_timeout, .ack_sdes_ms = ack_timeout_sdes,
			.ice_ms = ice_timeout,
			.ng_ms = ng_timeout};
	if(guardian_prepare(&guard_cfg) < 0 || relay_client_init() < 0 || media_counters_init() < 0)
		return -1;
	register_procs(1);
	cfg_register_child(1);
	return sr_kemi_modules_add(kemi);
}

static int child_init(int rank)
{
	int pid;

	if(rank != PROC_MAIN)
		return 0;
	pid = fork_process(PROC_NOCHLDINIT, "wa_media guardian", 1);
	if(pid < 0)
		return -1;
	if(pid > 0)
		return 0;
	if(cfg_child_init() < 0)
		return -1;
	guardian_loop(&guard_cfg);
}

static void mod_destroy(void)
{
	guardian_destroy();
	relay_client_destroy();
}

struct module_exports exports = {"wa_media", DEFAULT_DLFLAGS, cmds, params,
		media_rpcs, pvs, 0, mod_init, child_init, mod_destroy};
