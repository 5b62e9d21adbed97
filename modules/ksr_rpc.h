/* Parameters of RPC commands, the same in every module.
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef KSR_RPC_H
#define KSR_RPC_H

#include "ksr_compat.h"

#include <stdbool.h>
#include <stdint.h>

#include "lib/wa_sv.h"

#define RPC_PAGE_DEFAULT 100
#define RPC_PAGE_MAX 250 /* the reply has to fit one datagram */

/** The next parameter as text; kamcmd sends what looks like a number as one.
 * False: there is none. `out` is valid while the RPC runs. */
static inline bool rpc_text(rpc_t *rpc, void *ctx, str *out)
{
	return rpc->scan(ctx, "*.S", out) == 1 && out->s != NULL;
}

/** The optional parameters cursor (0 = from the start) and limit of a list.
 * False: a fault has been sent. */
static inline bool rpc_page(
		rpc_t *rpc, void *ctx, uint32_t *cursor, size_t *limit)
{
	unsigned long n = 0;
	str s;

	*cursor = 0;
	*limit = RPC_PAGE_DEFAULT;
	if(!rpc_text(rpc, ctx, &s))
		return true;
	if(wa_sv_ulong(KSR_SV(&s), INT32_MAX, &n) < 0) {
		rpc->fault(ctx, 400, "cursor: a number, 0 = from the start");
		return false;
	}
	*cursor = (uint32_t)n;
	if(!rpc_text(rpc, ctx, &s))
		return true;
	if(wa_sv_ulong(KSR_SV(&s), RPC_PAGE_MAX, &n) < 0 || n == 0) {
		rpc->fault(ctx, 400, "limit: 1 to %d", RPC_PAGE_MAX);
		return false;
	}
	*limit = n;
	return true;
}

#endif
