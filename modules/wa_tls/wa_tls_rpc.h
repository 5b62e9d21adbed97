/* RPC of wa_tls. SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef WA_TLS_RPC_H
#define WA_TLS_RPC_H

#include "../ksr_compat.h"

extern rpc_export_t wa_tls_rpcs[];

#endif
