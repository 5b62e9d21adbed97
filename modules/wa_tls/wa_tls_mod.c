/* wa_tls: what Kamailio's tls module lacks for a peer like Meta.
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "../ksr_compat.h"

#include <kamailio/core/counters.h>

#include "fork_guard.h"
#include "peer_name.h"
#include "random_source.h"
#include "wa_tls_rpc.h"
#include "../ksr_metrics.h"
#include "watch.h"

MODULE_VERSION

static char *config = "";
static int warn_days = 30;

static counter_val_t certificate_days(
		counter_handle_t h KSR_UNUSED, void *param KSR_UNUSED)
{
	return watch_days();
}

/* What needs a process of its own: without `config` there is none. */
static int init_watch(void)
{
	counter_handle_t h;

	if(config[0] == '\0')
		return 0;
	if(watch_init(config, warn_days) < 0)
		return -1;
	if(counter_register(&h, "wa_tls", "certificate_days", 0, certificate_days,
			   NULL,
			   KSR_NOW("days until the first certificate of ours expires; -1: it "
						   "has"),
			   0)
					< 0
			|| rpc_register_array(wa_tls_rpcs) != 0) {
		LM_ERR("cannot register the counter or the RPC commands\n");
		return -1;
	}
	register_procs(1);
	cfg_register_child(1);
	return 0;
}

static int mod_init(void)
{
	if(!module_loaded("tls")) {
		LM_ERR("load tls.so before wa_tls.so\n");
		return -1;
	}
	random_source_init();
	return fork_guard_init() < 0 || peer_name_init() < 0 || init_watch() < 0
				   ? -1
				   : 0;
}

static int child_init(int rank)
{
	int pid;

	if(rank != PROC_MAIN || config[0] == '\0')
		return 0;
	pid = fork_process(PROC_RPC, "wa_tls watch", 0);
	if(pid < 0) {
		LM_ERR("cannot start the process that watches certificates\n");
		return -1;
	}
	if(pid > 0)
		return 0;
	if(cfg_child_init() < 0)
		return -1;
	watch_run();
}

static void mod_destroy(void)
{
	watch_destroy();
}

static param_export_t params[] = {{"config", PARAM_STRING, &config},
		{"warn_days", PARAM_INT, &warn_days}, {0, 0, 0}};

struct module_exports exports = {.name = "wa_tls",
		.dlflags = DEFAULT_DLFLAGS,
		.params = params,
		.init_mod_f = mod_init,
		.init_child_f = child_init,
		.destroy_mod_f = mod_destroy};
