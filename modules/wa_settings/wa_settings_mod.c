/* Settings and passwords from Meta's Graph API: exports, parameters, start.
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "../ksr_compat.h"

#include <string.h>

#include "../lib/wa_err.h"
#include "../wa_numbers/api.h"
#include "found.h"
#include "metrics.h"
#include "params.h"
#include "state.h"
#include "sync.h"
#include "task.h"
#include "task_rpc.h"
#include "wa_settings_rpc.h"
#include "wake.h"

MODULE_VERSION

#define URL_MAX 128
#define PARALLEL_MAX 64
#define RATE_MAX 1000
#define SECONDS_MAX 86400

static int mod_init(void);
static int child_init(int rank);
static void mod_destroy(void);
static int w_settings_sync(sip_msg_t *msg, char *digits, char *p2);
static int ki_settings_sync(sip_msg_t *msg, str *digits);

wst_params_t wst_params;

static wa_numbers_api_t wan;

static char *graph_url = "https://graph.facebook.com";
static char *graph_version = "v25.0";
static char *token_file = "";
static char *secret_file = "";
static char *apps_file = "";
static char *ca_file = "";
static char *app_id = "";
static char *hostname = "";
static int interval = 300;
static int health_interval = 900;
static int timeout = 10000;
static int retry_min = 5;
static int retry_max = 900;
static int sync_gap = 10;
static int lease = 30;
static int parallel = 16;
static int rate = 250;

static cmd_export_t cmds[] = {KSR_METRICS(wst_metrics_write),
		{"wa_settings_sync", KSR_CMD(w_settings_sync), 1,
									  fixup_spve_null, fixup_free_spve_null,
									  ANY_ROUTE},
		{0, 0, 0, 0, 0, 0}};

static param_export_t params[] = {{"graph_url", PARAM_STRING, &graph_url},
		{"graph_version", PARAM_STRING, &graph_version},
		{"token_file", PARAM_STRING, &token_file},
		{"secret_file", PARAM_STRING, &secret_file},
		{"apps_file", PARAM_STRING, &apps_file},
		{"ca_file", PARAM_STRING, &ca_file}, {"app_id", PARAM_STRING, &app_id},
		{"hostname", PARAM_STRING, &hostname},
		{"interval", PARAM_INT, &interval},
		{"health_interval", PARAM_INT, &health_interval}, {"timeout", PARAM_INT, &timeout},
		{"retry_min", PARAM_INT, &retry_min},
		{"retry_max", PARAM_INT, &retry_max}, {"sync_gap", PARAM_INT, &sync_gap},
		{"lease", PARAM_INT, &lease},
		{"parallel", PARAM_INT, &parallel}, {"rate", PARAM_INT, &rate}, {0, 0, 0}};

struct module_exports exports = {.name = "wa_settings",
		.dlflags = DEFAULT_DLFLAGS,
		.cmds = cmds,
		.params = params,
		.init_mod_f = mod_init,
		.init_child_f = child_init,
		.destroy_mod_f = mod_destroy};

/* clang-format off */
static sr_kemi_t kemi[] = {
	{ str_init("wa_settings"), str_init("sync"),
		SR_KEMIP_INT, ki_settings_sync,
		{ SR_KEMIP_STR, SR_KEMIP_NONE, SR_KEMIP_NONE,
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

/* A token must never travel in clear, nor to a host that shows no certificate. */
static int read_url(void)
{
	wa_sv_t url = wa_sv_trim(wa_sv_from(graph_url));

	while(url.len > 0 && url.s[url.len - 1] == '/')
		url.len--;
	if(url.len > URL_MAX || url.len <= 8
			|| !wa_sv_ieq((wa_sv_t){url.s, 8}, WA_SV("https://"))
			|| memchr(url.s, '@', url.len) != NULL) {
		LM_ERR("graph_url: expected https://host[:port], without credentials\n");
		return -1;
	}
	wst_params.graph_url = url;
	return 0;
}

/* "v25.0" */
static int read_version(void)
{
	wa_sv_t rest = wa_sv_from(graph_version), major;
	unsigned long n;

	wst_params.version = rest;
	if(rest.len > 1 && rest.len < 16 && rest.s[0] == 'v') {
		rest = (wa_sv_t){rest.s + 1, rest.len - 1};
		major = wa_sv_cut(&rest, '.');
		if(wa_sv_ulong(major, 9999, &n) == 0 && wa_sv_ulong(rest, 9999, &n) == 0)
			return 0;
	}
	LM_ERR("graph_version: expected v<major>.<minor>, such as v25.0\n");
	return -1;
}

static int check_range(const char *name, int value, int min, int max)
{
	if(value >= min && value <= max)
		return 0;
	LM_ERR("%s: %d to %d\n", name, min, max);
	return -1;
}

static int check_numbers(void)
{
	if(check_range("interval", interval, 1, SECONDS_MAX) < 0
			|| check_range("health_interval", health_interval, 0, SECONDS_MAX) < 0
			|| check_range("timeout", timeout, 100, 120000) < 0
			|| check_range("retry_min", retry_min, 1, SECONDS_MAX) < 0
			|| check_range("retry_max", retry_max, retry_min, SECONDS_MAX) < 0
			|| check_range("sync_gap", sync_gap, 0, SECONDS_MAX) < 0
			|| check_range("lease", lease, 2, SECONDS_MAX) < 0
			|| check_range("parallel", parallel, 1, PARALLEL_MAX) < 0
			|| check_range("rate", rate, 0, RATE_MAX) < 0)
		return -1;
	wst_params.interval_ms = (uint64_t)interval * 1000;
	wst_params.health_interval_ms = (uint64_t)health_interval * 1000;
	wst_params.timeout_ms = timeout;
	wst_params.retry_min_ms = (uint64_t)retry_min * 1000;
	wst_params.retry_max_ms = (uint64_t)retry_max * 1000;
	wst_params.sync_gap_ms = (uint64_t)sync_gap * 1000;
	wst_params.lease_ms = (uint64_t)lease * 1000;
	wst_params.parallel = (unsigned)parallel;
	wst_params.rate = (unsigned)rate;
	return 0;
}

static const char *or_null(const char *text)
{
	return text != NULL && text[0] != '\0' ? text : NULL;
}

static int read_params(void)
{
	if(read_url() < 0 || read_version() < 0 || check_numbers() < 0)
		return -1;
	wst_params.token_file = or_null(token_file);
	wst_params.secret_file = or_null(secret_file);
	wst_params.apps_file = or_null(apps_file);
	wst_params.ca_file = or_null(ca_file);
	wst_params.app_id = wa_sv_trim(wa_sv_from(app_id));
	wst_params.hostname = wa_sv_trim(wa_sv_from(hostname));
	return 0;
}

/* No libcurl and no OpenSSL here: both belong to the process after the fork. */
static int mod_init(void)
{
	if(read_params() < 0 || wa_numbers_load(&wan) < 0)
		return -1;
	if(wst_state_init() < 0 || wst_found_init() < 0 || wst_wake_init() < 0
			|| wst_task_init() < 0)
		return -1;
	wst_rpc_bind(&wan);
	wst_found_rpc_bind(&wan);
	wst_task_rpc_bind(&wan);
	if(rpc_register_array(wst_rpcs) != 0 || rpc_register_array(wst_found_rpcs) != 0
			|| rpc_register_array(wst_task_rpcs) != 0) {
		LM_ERR("cannot register the RPC commands\n");
		return -1;
	}
	if(!wst_enabled()) {
		LM_NOTICE("neither token_file nor apps_file is set: nothing is read from "
				  "Meta\n");
		return 0;
	}
	register_procs(1);
	cfg_register_child(1);
	return 0;
}

static int child_init(int rank)
{
	int pid;

	if(rank != PROC_MAIN || !wst_enabled())
		return 0;
	pid = fork_process(PROC_RPC, "wa_settings sync", 0);
	if(pid < 0) {
		LM_ERR("cannot start the settings process\n");
		return -1;
	}
	if(pid > 0)
		return 0;
	if(cfg_child_init() < 0)
		return -1;
	wst_sync_run(&wan);
}

static void mod_destroy(void)
{
	wst_found_destroy();
	wst_state_destroy();
	wst_task_destroy();
}

static int ki_settings_sync(sip_msg_t *msg KSR_UNUSED, str *digits)
{
	wa_sv_t v = KSR_SV(digits);

	if(v.len > 0 && v.s[0] == '+')
		v = (wa_sv_t){v.s + 1, v.len - 1};
	if(v.len == 0 || !wst_enabled())
		return -1;
	return wst_wake_send(WST_ASK_READ_SCRIPT, v, WA_SV(""), 0) < 0 ? -1 : 1;
}

static int w_settings_sync(sip_msg_t *msg, char *digits, char *p2 KSR_UNUSED)
{
	str s;

	if(fixup_get_svalue(msg, (gparam_t *)digits, &s) < 0) {
		LM_ERR("wa_settings_sync: no number\n");
		return -1;
	}
	return ki_settings_sync(msg, &s);
}
