/* RPCs and counters of wa_trace. SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef WA_TRACE_RPC_H
#define WA_TRACE_RPC_H

#include "../ksr_compat.h"

#include "../lib/wa_ladder.h"

extern rpc_export_t trace_rpcs[];

/** `ladder` NULL: none is kept. mod_init. */
void trace_rpc_init(const wa_ladder_t *ladder, unsigned max);

/** mod_init. Returns 0 or -1, logged. */
int trace_counters_init(void);

#endif
