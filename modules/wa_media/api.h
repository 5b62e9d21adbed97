/* C API of wa_media for wa_calls; bound where it is loaded.
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Any process; nothing waits, jobs go to the guardian.
 */
#ifndef WA_MEDIA_API_H
#define WA_MEDIA_API_H

#include "../ksr_compat.h"

#include <stdbool.h>

#include "../lib/wa_sv.h"

/* A call as rtpengine knows it. */
typedef struct wa_media_call
{
	wa_sv_t callid, meta_tag, pbx_tag;
	wa_sv_t instance; /* rtpengine's, as its rtp_inst_pvar had it; or empty */
	bool sdes;
} wa_media_call_t;

typedef struct wa_media_api
{
	/** A call that was answered before this Kamailio began: the guardian takes
	 * care of it from now on. */
	void (*adopt)(const wa_media_call_t *c);

	/** The call is over: its session is deleted. */
	void (*end)(const wa_media_call_t *c);
} wa_media_api_t;

typedef int (*bind_wa_media_f)(wa_media_api_t *api);

/** False: wa_media is not loaded. mod_init. */
static inline bool wa_media_load(wa_media_api_t *api)
{
	bind_wa_media_f bind =
			(bind_wa_media_f)(void (*)(void))find_export("bind_wa_media", 0, 0);

	return bind != NULL && bind(api) == 0;
}

#endif
