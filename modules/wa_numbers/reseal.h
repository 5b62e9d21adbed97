/* Sealing all passwords anew under the current key. The directory process only.
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef WA_NUMBERS_RESEAL_H
#define WA_NUMBERS_RESEAL_H

#include "redis_link.h"

/** Begins with the first number. */
void wan_reseal_begin(void);

/** Goes on at the rate of the parameter reseal_rate. `*wait_ms` is lowered to when
 * it wants to be called again. Returns 0 or WA_EIO: `l` is of no more use, it
 * goes on with the next connection. */
int wan_reseal_step(wan_link_t *l, int *wait_ms);

#endif
