/* Records on their way to the stream wa:cdr, through wa_numbers.
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The writer process only.
 */
#ifndef WA_CALLS_TO_REDIS_H
#define WA_CALLS_TO_REDIS_H

#include "../ksr_compat.h"

#include "../lib/wa_sv.h"

/** Binds wa_numbers where it is loaded. mod_init. */
void to_redis_bind(void);

void to_redis_init(int enabled, int stream_max, size_t limit);

void to_redis_put(wa_sv_t json);

/** Hands over what Redis can take now. True: something still waits. */
bool to_redis_flush(void);

#endif
