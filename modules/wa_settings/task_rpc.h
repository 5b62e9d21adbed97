/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef WA_SETTINGS_TASK_RPC_H
#define WA_SETTINGS_TASK_RPC_H

#include "../wa_numbers/api.h"

extern rpc_export_t wst_task_rpcs[];

/** The directory, for what is wanted. mod_init only. */
void wst_task_rpc_bind(const wa_numbers_api_t *api);

#endif
