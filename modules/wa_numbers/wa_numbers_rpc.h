/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef WA_NUMBERS_RPC_H
#define WA_NUMBERS_RPC_H

#include "../ksr_compat.h"

extern rpc_export_t wan_rpcs[];

#endif
