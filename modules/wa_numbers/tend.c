/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tend.h"

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

#include "../lib/wa_err.h"
#include "keys.h"
#include "reseal.h"
#include "snapshot.h"
#include "status.h"

static volatile sig_atomic_t ending = 0;

static void on_end(int signo KSR_UNUSED)
{
	ending = 1;
}

void wan_tend_init(void)
{
	struct sigaction sa;

	/* Kamailio's own handler ends the process at once */
	memset(&sa, 0, sizeof(sa));
	sa.sa_handler = on_end;
	sigemptyset(&sa.sa_mask);
	if(sigaction(SIGTERM, &sa, NULL) < 0 || sigaction(SIGINT, &sa, NULL) < 0)
		LM_ERR("sigaction: %s\n", strerror(errno));
}

static void read_keys(const wan_job_view_t *job)
{
	char err[512], text[WAN_TEXT_SIZE];

	if(wan_keys_reload(err, sizeof(err)) == 0) {
		LM_NOTICE("the key file is read: %zu keys, %s seals\n", wan_keys()->n,
				wan_keys()->keys[0].id);
		if(job->op == WAN_OP_RESEAL_ALL)
			wan_reseal_begin();
		wan_result_set(job->id, WAN_JOB_DONE, NULL);
		return;
	}
	counter_inc(wan_cnt_jobs_failed);
	LM_ERR("the keys stay as they are: seal_key_file: %s\n", err);
	if(wa_sv_copy(text, sizeof(text), wa_sv_from(err)) < 0) {
		memcpy(text, err, sizeof(text) - 1);
		text[sizeof(text) - 1] = '\0';
	}
	wan_result_set(job->id, WAN_JOB_FAILED, text);
}

bool wan_tend_job(const wan_job_view_t *job)
{
	if(job->op != WAN_OP_KEYS && job->op != WAN_OP_RESEAL_ALL)
		return false;
	read_keys(job);
	return true;
}

void wan_tend_end(void)
{
	if(!ending)
		return;
	wan_snapshot_last();
	_exit(0);
}

int wan_tend(wan_link_t *l, int *wait_ms)
{
	wan_tend_end();
	if(l == NULL)
		wan_snapshot_restore();
	*wait_ms = wan_snapshot_step();
	return l != NULL ? wan_reseal_step(l, wait_ms) : 0;
}
