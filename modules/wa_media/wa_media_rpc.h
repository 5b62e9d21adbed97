/* wa_media.list, wa_media.stats; the same numbers as Kamailio's counters.
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef WA_MEDIA_RPC_H
#define WA_MEDIA_RPC_H

#include "../ksr_compat.h"

extern rpc_export_t media_rpcs[];

/** Registers the counters of group "wa_media"; after guardian_prepare().
 * Returns 0 or -1. */
int media_counters_init(void);

#endif
