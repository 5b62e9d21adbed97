/* wa_trace: which messages crossed, for people who look.
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "../ksr_compat.h"

#include <errno.h>
#include <string.h>
#include <sys/random.h>

#include "conf.h"
#include "hep.h"
#include "tap.h"
#include "wa_trace_rpc.h"

MODULE_VERSION

static char empty[] = "";
static char *meta_socket = empty;
static int messages = 8192;
static int capture_id = 1;
static wa_ladder_t *ladder;

static param_export_t params[] = {{"meta_socket", PARAM_STRING, &meta_socket},
		{"messages", PARAM_INT, &messages},
		{"hep", PARAM_STRING, &trace_conf_default.hep},
		{"capture_id", PARAM_INT, &capture_id}, {0, 0, 0}};

static int make_ladder(void)
{
	size_t size = wa_ladder_size((unsigned)messages);
	uint64_t seed;
	void *block;

	if(messages == 0)
		return 0;
	if(messages < 0 || size == 0) {
		LM_ERR("messages is %d: 0, or 64 to 4194304\n", messages);
		return -1;
	}
	block = shm_malloc(size);
	if(block == NULL) {
		SHM_MEM_ERROR;
		return -1;
	}
	if(getrandom(&seed, sizeof(seed), 0) != (ssize_t)sizeof(seed)) {
		LM_ERR("getrandom: %s\n", strerror(errno));
		return -1;
	}
	ladder = wa_ladder_init(block, (unsigned)messages, seed);
	return 0;
}

static int mod_init(void)
{
	if(trace_conf_init() < 0 || make_ladder() < 0)
		return -1;
	hep_stats = shm_malloc(sizeof(*hep_stats));
	if(hep_stats == NULL) {
		SHM_MEM_ERROR;
		return -1;
	}
	memset(hep_stats, 0, sizeof(*hep_stats));
	trace_rpc_init(ladder, (unsigned)messages);
	if(trace_counters_init() < 0)
		return -1;
	return tap_init(ladder, meta_socket, (unsigned)capture_id);
}

static void mod_destroy(void)
{
	if(ladder != NULL)
		shm_free(ladder);
	if(hep_stats != NULL)
		shm_free(hep_stats);
	ladder = NULL;
	hep_stats = NULL;
}

struct module_exports exports = {.name = "wa_trace",
		.dlflags = DEFAULT_DLFLAGS,
		.params = params,
		.rpc_methods = trace_rpcs,
		.init_mod_f = mod_init,
		.destroy_mod_f = mod_destroy};
