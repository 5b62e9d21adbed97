/* RPCs of wa_calls.
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef WA_CALLS_RPC_H
#define WA_CALLS_RPC_H

#include "../ksr_compat.h"

extern rpc_export_t calls_rpcs[];

#endif
