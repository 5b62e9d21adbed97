/* What mod_init has made of the parameters; each process has its own copy, so
 * the Redis password does not stand in shared memory.
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef WA_NUMBERS_PARAMS_H
#define WA_NUMBERS_PARAMS_H

#include "../lib/wa_seal.h"
#include "redis_conf.h"

typedef struct wan_params
{
	wan_redis_conf_t redis;
	wa_seal_ring_t ring; /* as of the last wan_keys() of this process */
	const char *snapshot_file; /* NULL or "" = none */
	unsigned snapshot_interval; /* seconds, at least, between two */
	unsigned reseal_rate;		/* passwords a second */
} wan_params_t;

extern wan_params_t wan_params;

#endif
