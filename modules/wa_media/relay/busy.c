/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "busy.h"

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include "../../lib/wa_err.h"

#define TICKS_MIN 20 /* of 50 that a processor has in BUSY_EVERY_MS */
#define LINE 512 /* the first one of /proc/stat is shorter */

static int look(wa_cpu_t *out)
{
	char text[LINE];
	int fd = open("/proc/stat", O_RDONLY | O_CLOEXEC);
	ssize_t n = fd < 0 ? -1 : read(fd, text, sizeof(text));

	if(fd >= 0)
		close(fd);
	return n < 0 ? WA_EIO : wa_cpu_read((wa_sv_t){text, (size_t)n}, out);
}

int busy_open(struct busy *b, unsigned limit)
{
	static const struct timespec every = {.tv_nsec = BUSY_EVERY_MS * 1000000L};
	const struct itimerspec when = {every, every};

	*b = (struct busy){.limit = limit, .timer = -1};
	if(limit == 0)
		return 0;
	b->timer = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC);
	if(b->timer >= 0 && timerfd_settime(b->timer, 0, &when, NULL) == 0 && look(&b->seen) == 0)
		return 0;
	fprintf(stderr, "wasbc-relay: --max-cpu: how busy this host is cannot be seen: %s\n", strerror(errno));
	return WA_EIO;
}

void busy_look(struct busy *b)
{
	uint64_t times;
	wa_cpu_t seen;

	/* many at once, where the loop was late, are one; and soon after a late one comes
	 * the next, which has seen too little to judge by */
	if(read(b->timer, &times, sizeof(times)) < 0 || look(&seen) < 0
			|| seen.total - b->seen.total < TICKS_MIN)
		return;
	b->now = wa_cpu_percent(&b->seen, &seen) >= b->limit;
	b->seen = seen;
}
