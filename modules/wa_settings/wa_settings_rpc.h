/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef WA_SETTINGS_RPC_H
#define WA_SETTINGS_RPC_H

#include "../wa_numbers/api.h"

extern rpc_export_t wst_rpcs[];
extern rpc_export_t wst_found_rpcs[];

/** The directory, for wa_settings.sync to know a number. mod_init only. */
void wst_rpc_bind(const wa_numbers_api_t *api);
void wst_found_rpc_bind(const wa_numbers_api_t *api);

#endif
