/* SPDX-License-Identifier: GPL-2.0-or-later */
#define _GNU_SOURCE /* pipe2 */
#include "wake.h"

#include "../ksr_compat.h"

#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "../lib/wa_err.h"
#include "state.h"

static int ends[2] = {-1, -1};

int wst_wake_init(void)
{
	if(pipe2(ends, O_NONBLOCK | O_CLOEXEC) == 0)
		return 0;
	LM_ERR("pipe: %s\n", strerror(errno));
	return -1;
}

int wst_wake_send(enum wst_ask what, wa_sv_t key, wa_sv_t app_id, unsigned ticket)
{
	wst_wake_t w;

	memset(&w, 0, sizeof(w));
	w.what = (char)what;
	w.ticket = ticket;
	if(wa_sv_copy(w.key, sizeof(w.key), key) < 0
			|| wa_sv_copy(w.app_id, sizeof(w.app_id), app_id) < 0)
		return WA_ETOOLONG;
	if(write(ends[1], &w, sizeof(w)) == (ssize_t)sizeof(w))
		return 0;
	counter_inc(wst_cnt_wakes_dropped);
	return WA_EBUSY;
}

int wst_wake_fd(void)
{
	return ends[0];
}

bool wst_wake_take(wst_wake_t *out)
{
	return read(ends[0], out, sizeof(*out)) == (ssize_t)sizeof(*out);
}
