/* wa_tls: what Kamailio's tls module lacks for a peer like Meta.
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "../ksr_compat.h"

#include "fork_guard.h"
#include "peer_name.h"
#include "random_source.h"

MODULE_VERSION

static int mod_init(void)
{
	if(!module_loaded("tls")) {
		LM_ERR("load tls.so before wa_tls.so\n");
		return -1;
	}
	random_source_init();
	return fork_guard_init() < 0 || peer_name_init() < 0 ? -1 : 0;
}

struct module_exports exports = {
		"wa_tls", DEFAULT_DLFLAGS, 0, 0, 0, 0, 0, mod_init, 0, 0};
