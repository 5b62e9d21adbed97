/* What mod_init has made of the parameters; each process has its own copy, so
 * neither keys nor the Redis password stand in shared memory.
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef WA_NUMBERS_PARAMS_H
#define WA_NUMBERS_PARAMS_H

#include "../lib/wa_seal.h"
#include "redis_conf.h"

typedef struct wan_params
{
	wan_redis_conf_t redis;
	wa_seal_ring_t ring;
} wan_params_t;

extern wan_params_t wan_params;

#endif
