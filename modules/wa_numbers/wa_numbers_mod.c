/* The directory of business numbers and trunks: exports, parameters, start.
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "../ksr_compat.h"

#include <stdio.h>
#include <string.h>

#include "../lib/wa_err.h"
#include "directory.h"
#include "follower.h"
#include "job.h"
#include "keys.h"
#include "ledger.h"
#include "params.h"
#include "status.h"
#include "wa_numbers_pv.h"
#include "wa_numbers_rpc.h"
#include "wan_api.h"
#include "wanted.h"

MODULE_VERSION

#define HASH_BITS_MIN 4
#define HASH_BITS_MAX 22

static int mod_init(void);
static int child_init(int rank);
static void mod_destroy(void);

wan_params_t wan_params;

static wan_redis_args_t redis = {
		.url = "redis://127.0.0.1:6379", .timeout = 2000};
static char *seal_key_file = NULL;
static char *snapshot_file = NULL;
static int snapshot_interval = 60;
static int reseal_rate = 500;
static int hash_size = 20;

static cmd_export_t cmds[] = {
		{"wa_numbers_load", KSR_CMD(w_numbers_load), 1, fixup_spve_null,
				fixup_free_spve_null, ANY_ROUTE},
		{"bind_wa_numbers", KSR_CMD(bind_wa_numbers), 0, 0, 0, 0},
		{0, 0, 0, 0, 0, 0}};

static pv_export_t pvs[] = {{STR_STATIC_INIT("wa_number"), PVT_OTHER,
									wan_pv_get, 0, wan_pv_parse_name, 0, 0, 0},
		{{0, 0}, 0, 0, 0, 0, 0, 0, 0}};

static param_export_t params[] = {{"redis_url", PARAM_STRING, &redis.url},
		{"redis_password_file", PARAM_STRING, &redis.password_file},
		{"redis_sentinels", PARAM_STRING, &redis.sentinels},
		{"redis_sentinel_password_file", PARAM_STRING,
				&redis.sentinel_password_file},
		{"redis_master", PARAM_STRING, &redis.master},
		{"redis_near", PARAM_STRING, &redis.near},
		{"redis_ca_file", PARAM_STRING, &redis.ca_file},
		{"redis_cert_file", PARAM_STRING, &redis.cert_file},
		{"redis_key_file", PARAM_STRING, &redis.key_file},
		{"redis_tls_name", PARAM_STRING, &redis.tls_name},
		{"redis_timeout", PARAM_INT, &redis.timeout},
		{"seal_key_file", PARAM_STRING, &seal_key_file},
		{"snapshot_file", PARAM_STRING, &snapshot_file},
		{"snapshot_interval", PARAM_INT, &snapshot_interval},
		{"reseal_rate", PARAM_INT, &reseal_rate},
		{"hash_size", PARAM_INT, &hash_size}, {0, 0, 0}};

struct module_exports exports = {.name = "wa_numbers",
		.dlflags = DEFAULT_DLFLAGS,
		.cmds = cmds,
		.params = params,
		.pv_items = pvs,
		.init_mod_f = mod_init,
		.init_child_f = child_init,
		.destroy_mod_f = mod_destroy};

/* clang-format off */
static sr_kemi_t kemi[] = {
	{ str_init("wa_numbers"), str_init("load"),
		SR_KEMIP_INT, ki_numbers_load,
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

static int read_params(void)
{
	if(hash_size < HASH_BITS_MIN || hash_size > HASH_BITS_MAX) {
		LM_ERR("hash_size: %d to %d\n", HASH_BITS_MIN, HASH_BITS_MAX);
		return -1;
	}
	if(snapshot_interval < 1 || snapshot_interval > 86400) {
		LM_ERR("snapshot_interval: 1 to 86400 seconds\n");
		return -1;
	}
	if(reseal_rate < 1 || reseal_rate > 100000) {
		LM_ERR("reseal_rate: 1 to 100000 a second\n");
		return -1;
	}
	wan_params.snapshot_file = snapshot_file;
	wan_params.snapshot_interval = (unsigned)snapshot_interval;
	wan_params.reseal_rate = (unsigned)reseal_rate;
	if(wan_redis_conf_read(&redis, &wan_params.redis) < 0)
		return -1;
	if(seal_key_file == NULL || *seal_key_file == '\0') {
		LM_ERR("seal_key_file is not set: passwords cannot be kept without "
			   "it\n");
		return -1;
	}
	return wan_keys_init(seal_key_file);
}

static int mod_init(void)
{
	if(read_params() < 0)
		return -1;
	if(wan_dir_init((unsigned)hash_size) < 0 || wan_status_init() < 0
			|| wan_job_init() < 0 || wan_wanted_init() < 0
			|| wan_ledger_init() < 0)
		return -1;
	if(rpc_register_array(wan_rpcs) != 0) {
		LM_ERR("cannot register the RPC commands\n");
		return -1;
	}
	register_procs(1);
	cfg_register_child(1);
	return 0;
}

static int child_init(int rank)
{
	int pid;

	if(rank == PROC_INIT)
		return wan_dir_prefork() < 0 ? -1 : 0;
	if(rank != PROC_MAIN)
		return 0;
	pid = fork_process(PROC_RPC, "wa_numbers directory", 0);
	if(pid < 0) {
		LM_ERR("cannot start the directory process\n");
		return -1;
	}
	if(pid > 0)
		return 0;
	if(cfg_child_init() < 0)
		return -1;
	wan_follower_run();
}

static void mod_destroy(void)
{
	wan_dir_destroy();
	wan_wanted_destroy();
	wan_ledger_destroy();
	wan_status_destroy();
	wan_keys_destroy();
	explicit_bzero(&wan_params.redis, sizeof(wan_params.redis));
}
