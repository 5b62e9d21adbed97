/* wa_page: a page for the operator.
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "../ksr_compat.h"

#include <errno.h>
#include <string.h>

#include "../lib/wa_err.h"
#include "../lib/wa_httpd.h"
#include "page.h"
#include "params.h"
#include "serve.h"

MODULE_VERSION

static char empty[] = "";
page_params_t page_params = {empty, empty, empty, empty};
static int listener = -1;

static param_export_t params[] = {
		{"listen", PARAM_STRING, &page_params.listen},
		{"file", PARAM_STRING, &page_params.file},
		{"hosts", PARAM_STRING, &page_params.hosts},
		{"rpc_socket", PARAM_STRING, &page_params.socket}, {0, 0, 0}};

static bool is_on(void)
{
	return *page_params.listen != '\0';
}

static int mod_init(void)
{
	if(!is_on())
		return 0;
	if(*page_params.file != '/' || *page_params.socket != '/') {
		LM_ERR("file and rpc_socket: absolute paths\n");
		return -1;
	}
	if(page_load(page_params.file) < 0)
		return -1;
	listener = wa_httpd_listen(page_params.listen);
	if(listener == WA_EPARSE)
		LM_ERR("listen: \"%s\" is not ADDRESS:PORT\n", page_params.listen);
	else if(listener < 0)
		LM_ERR("listen: %s: %s\n", page_params.listen, strerror(errno));
	if(listener < 0)
		return -1;
	register_procs(1);
	return 0;
}

static int child_init(int rank)
{
	int pid;

	if(rank != PROC_MAIN || !is_on())
		return 0;
	pid = fork_process(PROC_NOCHLDINIT, "wa_page", 0);
	if(pid != 0)
		return pid < 0 ? -1 : 0;
	serve_loop(listener);
}

struct module_exports exports = {.name = "wa_page",
		.dlflags = DEFAULT_DLFLAGS,
		.params = params,
		.init_mod_f = mod_init,
		.init_child_f = child_init};
