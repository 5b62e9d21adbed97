/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "wa_random.h"

#include <errno.h>

#include <sys/random.h>
#include <sys/types.h>

#include "wa_err.h"

int wa_random(void *buf, size_t len)
{
	unsigned char *p = buf;

	while(len > 0) {
		ssize_t n = getrandom(p, len, 0);

		if(n < 0 && errno == EINTR)
			continue;
		if(n <= 0)
			return WA_EIO;
		p += n;
		len -= (size_t)n;
	}
	return 0;
}
