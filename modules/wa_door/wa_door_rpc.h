/* RPC of wa_door. SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef WA_DOOR_RPC_H
#define WA_DOOR_RPC_H

#include "../ksr_compat.h"

extern rpc_export_t door_rpcs[];

#endif
