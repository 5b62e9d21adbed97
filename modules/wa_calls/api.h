/* C API of wa_calls for wa_media; bound where it is loaded.
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Any process; nothing waits.
 */
#ifndef WA_CALLS_API_H
#define WA_CALLS_API_H

#include "../ksr_compat.h"

#include <stdbool.h>

#include "../lib/wa_sv.h"

typedef struct wa_calls_api
{
	/** The first packet went to Meta, `ms` after the answer. */
	void (*media_first)(wa_sv_t callid, int ms);

	/** The call has no media any more: a side died, or rtpengine no longer knows
	 * the call. Unless it is being ended anyhow, both sides get BYE. */
	void (*media_gone)(wa_sv_t callid);
} wa_calls_api_t;

typedef int (*bind_wa_calls_f)(wa_calls_api_t *api);

/** False: wa_calls is not loaded. mod_init. */
static inline bool wa_calls_load(wa_calls_api_t *api)
{
	bind_wa_calls_f bind =
			(bind_wa_calls_f)(void (*)(void))find_export("bind_wa_calls", 0, 0);

	return bind != NULL && bind(api) == 0;
}

#endif
