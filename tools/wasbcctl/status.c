/* wasbcctl status, wasbcctl reload. SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdio.h>
#include <string.h>

#include "rpc.h"
#include "table.h"

/* Done only when the directory is loaded and follows Redis: for scripts. */
static enum ctl_exit status(const ctl_opts_t *o, int argc, char **argv)
{
	json_object *r;
	enum ctl_exit ret = ctl_call(o, "wa_numbers.status", NULL, &r);

	(void)argc;
	(void)argv;
	if(ret == CTL_DONE) {
		ctl_print_object(o, r);
		if(strcmp(ctl_member(r, "ready"), "1") != 0
				|| strcmp(ctl_member(r, "connected"), "1") != 0)
			ret = CTL_FAILED;
	}
	json_object_put(r);
	return ret;
}

static enum ctl_exit reload(const ctl_opts_t *o, int argc, char **argv)
{
	char force[] = "force", *words[] = {force};

	if(argc > 1 && strcmp(argv[1], "--force") != 0) {
		fprintf(stderr, "wasbcctl: reload: the only option is --force\n");
		return CTL_USAGE;
	}
	return ctl_call_job(
			o, "wa_numbers.reload", argc > 1 ? ctl_params(1, words) : NULL);
}

const ctl_verb_t ctl_status_verbs[] = {
		{"", "", "the directory: Redis, sizes, the last error", 0, 0, status},
		{NULL, NULL, NULL, 0, 0, NULL}};

const ctl_verb_t ctl_reload_verbs[] = {
		{"", "[--force]",
				"load all records from Redis anew; --force: even if Redis "
				"holds no number any more",
				0, 1, reload},
		{NULL, NULL, NULL, 0, 0, NULL}};
