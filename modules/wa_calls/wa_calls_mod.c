/* wa_calls: which calls are there, and what became of them.
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "../ksr_compat.h"

#include "script.h"
#include "wa_calls_rpc.h"

MODULE_VERSION

static int mod_init(void)
{
	return sr_kemi_modules_add(script_kemi);
}

struct module_exports exports = {"wa_calls", DEFAULT_DLFLAGS, script_cmds, 0,
		calls_rpcs, 0, 0, mod_init, 0, 0};
