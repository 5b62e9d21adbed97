/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "to_redis.h"

#include <string.h>

#include "../lib/wa_err.h"
#include "../lib/wa_spool.h"
#include "../wa_numbers/api.h"
#include "shared.h"

static wa_numbers_api_t numbers;
static bool bound, on;
static int keep;
static wa_spool_t waiting; /* a buffer only: it is never flushed to a file */

void to_redis_bind(void)
{
	bound = find_export("bind_wa_numbers", 0, 0) != NULL
			&& wa_numbers_load(&numbers) == 0;
}

void to_redis_init(int enabled, int stream_max, size_t limit)
{
	on = enabled && bound;
	keep = stream_max;
	wa_spool_init(&waiting, "", limit);
}

void to_redis_put(wa_sv_t json)
{
	if(on && wa_spool_put(&waiting, json) < 0)
		atomic_fetch_add(&shared_stats()->cdr_lost, 1);
}

bool to_redis_flush(void)
{
	wa_sv_t rest = {waiting.mem, waiting.len}, before = rest;

	while(on && rest.len > 0) {
		wa_sv_t json = wa_sv_cut(&rest, '\n');

		int err = numbers.put_cdr(json, (unsigned)keep);

		if(err == WA_EBUSY) {
			rest = before;
			break;
		}
		before = rest;
		waiting.lines--;
		atomic_fetch_add(err == 0 ? &shared_stats()->cdr_redis
								  : &shared_stats()->cdr_lost,
				1);
	}
	if(waiting.len > 0) {
		memmove(waiting.mem, rest.s, rest.len);
		waiting.len = rest.len;
	}
	shared_stats()->redis_pending = waiting.lines;
	return waiting.len > 0;
}
