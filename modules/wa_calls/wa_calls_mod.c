/* wa_calls: which calls are there, and what became of them.
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "../ksr_compat.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "certificate.h"
#include "events.h"
#include "http.h"
#include "nodes.h"
#include "patterns.h"
#include "recent.h"
#include "script.h"
#include "shared.h"
#include "tally.h"
#include "to_redis.h"
#include "wa_calls_rpc.h"
#include "writer.h"

MODULE_VERSION

#define OTHERS 4 /* times as many calls, of all other nodes, have room */

static int max_calls = 4096;
static int shared_limits = 0;
static int shared_lease = 15;
static int recent_kept = 500;
static char empty[] = "";
static char *metrics_listen = empty;
static writer_conf_t writer = {
		.record = {.cdr_file = empty, .journal_file = empty, .buffer = 64,
				.redis_max = 100000},
		.hangup = {.meta_hop = empty, .meta_name = empty},
		.new_timeout = 10};
char *calls_node = empty;
calls_site_t calls_site = {.hostname = empty, .port = 5061};

static param_export_t params[] = {{"max_calls", PARAM_INT, &max_calls},
		{"shared_limits", PARAM_INT, &shared_limits},
		{"shared_lease", PARAM_INT, &shared_lease},
		{"recent_calls", PARAM_INT, &recent_kept},
		{"node", PARAM_STRING, &calls_node},
		{"hostname", PARAM_STRING, &calls_site.hostname},
		{"port", PARAM_INT, &calls_site.port},
		{"field", PARAM_STRING | PARAM_USE_FUNC, (void *)events_add_field},
		{"cdr_file", PARAM_STRING, &writer.record.cdr_file},
		{"cdr_buffer", PARAM_INT, &writer.record.buffer},
		{"cdr_syslog", PARAM_INT, &writer.record.syslog},
		{"cdr_mask", PARAM_INT, &writer.record.mask},
		{"cdr_redis", PARAM_INT, &writer.record.redis},
		{"cdr_redis_max", PARAM_INT, &writer.record.redis_max},
		{"journal_file", PARAM_STRING, &writer.record.journal_file},
		{"metrics_listen", PARAM_STRING, &metrics_listen},
		{"certificate", PARAM_STRING | PARAM_USE_FUNC,
				(void *)certificate_add},
		{"meta_hop", PARAM_STRING, &writer.hangup.meta_hop},
		{"meta_name", PARAM_STRING, &writer.hangup.meta_name}, {0, 0, 0}};

static bool is_usable(const char *name, const char *path)
{
	if(*path == '\0' || *path == '/')
		return true;
	LM_ERR("%s: an absolute path, not %s\n", name, path);
	return false;
}

static bool in_range(const char *name, int value, int min, int max)
{
	if(value >= min && value <= max)
		return true;
	LM_ERR("%s is %d: %d to %d is possible\n", name, value, min, max);
	return false;
}

/* Of other nodes' records ours differ by this. */
static int name_node(void)
{
	static char host[64];

	if(*calls_node != '\0')
		return 0;
	if(gethostname(host, sizeof(host) - 1) < 0) {
		LM_ERR("this host has no name: set the parameter node\n");
		return -1;
	}
	calls_node = host;
	return 0;
}

static int mod_init(void)
{
	wa_calls_room_t room;

	if(wa_reason_count() > REASONS_MAX) {
		LM_BUG("REASONS_MAX is too small\n");
		return -1;
	}
	if(!in_range("max_calls", max_calls, 1, 65536)
			|| !in_range("shared_limits", shared_limits, 0, 1)
			|| !in_range("shared_lease", shared_lease, 2, 3600)
			|| !in_range("recent_calls", recent_kept, 1, 65536)
			|| !in_range("cdr_buffer", writer.record.buffer, 1, 4096)
			|| !in_range(
					"cdr_redis_max", writer.record.redis_max, 1, 100000000)
			|| !is_usable("cdr_file", writer.record.cdr_file)
			|| !is_usable("journal_file", writer.record.journal_file)
			|| name_node() < 0)
		return -1;
	room = (wa_calls_room_t){.max = (unsigned)max_calls,
			.others = shared_limits ? OTHERS * (unsigned)max_calls : 0,
			.lease = shared_lease * INT64_C(1000)};
	if(hangup_init() < 0 || events_init() < 0
			|| shared_prepare(&room) < 0
			|| (shared_limits && nodes_prepare(room.lease) < 0)
			|| recent_prepare((unsigned)recent_kept) < 0 || tally_prepare() < 0
			|| patterns_prepare() < 0)
		return -1;
	if(*metrics_listen != '\0' && http_listen(metrics_listen) < 0)
		return -1;
	calls_site.meta_hop = writer.hangup.meta_hop;
	calls_site.meta_name = writer.hangup.meta_name;
	to_redis_bind();
	writer_bind();
	register_procs(*metrics_listen != '\0' ? 2 : 1);
	cfg_register_child(*metrics_listen != '\0' ? 2 : 1);
	return sr_kemi_modules_add(script_kemi);
}

static int start_http(void)
{
	int pid = fork_process(PROC_NOCHLDINIT, "wa_calls metrics", 0);

	if(pid < 0)
		return -1;
	if(pid > 0)
		return 0;
	if(cfg_child_init() < 0)
		return -1;
	http_loop();
}

static int child_init(int rank)
{
	int pid;

	if(rank != PROC_MAIN)
		return 0;
	/* with a socket to the TCP main process: it sends BYEs */
	pid = fork_process(PROC_RPC, "wa_calls writer", 1);
	if(pid < 0)
		return -1;
	if(pid > 0)
		return *metrics_listen != '\0' ? start_http() : 0;
	if(cfg_child_init() < 0)
		return -1;
	writer_loop(&writer);
}

static void mod_destroy(void)
{
	patterns_destroy();
	nodes_destroy();
	recent_destroy();
	tally_destroy();
	shared_destroy();
}

struct module_exports exports = {"wa_calls", DEFAULT_DLFLAGS, script_cmds,
		params, calls_rpcs, 0, 0, mod_init, child_init, mod_destroy};
