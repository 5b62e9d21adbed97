/* Script functions of wa_calls.
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef WA_CALLS_SCRIPT_H
#define WA_CALLS_SCRIPT_H

#include "../ksr_compat.h"

extern cmd_export_t script_cmds[];
extern sr_kemi_t script_kemi[];

#endif
