/* wa_auth.stats and wa_auth.reload.
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "../ksr_compat.h"

#include "wa_auth.h"

#include <time.h>

#include "../lib/wa_err.h"
#include "shared.h"
#include "wait.h"

static const char *const stats_doc[2] = {
		"Challenges answered, sent and verified; state of the nonce table", 0};
static const char *const reload_doc[2] = {
		"Reads the keys that sign nonces from their file again", 0};

static int add_nonces(rpc_t *rpc, void *top)
{
	wa_replay_stats_t s;
	wa_seal_ring_t keys;
	unsigned n;
	void *nonces;

	shared_replay_stats(time(NULL), &s);
	shared_keys(&keys);
	n = (unsigned)keys.n;
	wa_seal_ring_wipe(&keys);
	if(rpc->struct_add(top, "{", "nonces", &nonces) < 0)
		return -1;
	return rpc->struct_add(nonces, "ddddd", "capacity", (int)s.capacity, "used",
			(int)s.used, "evicted", (int)s.evicted, "lifetime",
			auth_conf.nonce_lifetime, "keys", (int)n);
}

static void rpc_stats(rpc_t *rpc, void *ctx)
{
	void *top;
	int err = rpc->add(ctx, "{", &top);

	for(int i = 0; err >= 0 && i < COUNT_ALL; i++)
		err = rpc->struct_add(top, "d", auth_counter_name(i),
				(int)auth_counter_value(i));
	if(err >= 0)
		err = rpc->struct_add(top, "d", "waiting", (int)wait_count());
	if(err >= 0)
		err = add_nonces(rpc, top);
	if(err < 0)
		rpc->fault(ctx, 500, "Out of memory");
}

static void rpc_reload(rpc_t *rpc, void *ctx)
{
	char why[200];
	int err = shared_reload(why, sizeof(why));

	if(err < 0)
		rpc->fault(ctx, err == WA_ENOENT ? 404 : 500, "%s", why);
}

rpc_export_t auth_rpcs[] = {
		{"wa_auth.stats", rpc_stats, (const char **)(uintptr_t)stats_doc, 0},
		{"wa_auth.reload", rpc_reload, (const char **)(uintptr_t)reload_doc, 0},
		{0, 0, 0, 0}};
