/* Script functions that hand jobs to the guardian.
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * None of them waits: 1 = handed over, -1 = not (queue full, counted).
 */
#ifndef WA_MEDIA_SCRIPT_GUARD_H
#define WA_MEDIA_SCRIPT_GUARD_H

#include "../ksr_compat.h"

#include "../lib/wa_sv.h"
#include "api.h"

/* The variable that holds the instance of a call (the rtpengine module's
 * rtp_inst_pvar), and what is taken when it holds nothing. */
extern str guard_instance_pv;
extern str guard_ng_socket;

/* The variable that holds the milliseconds to Meta and back; may be empty. */
extern str guard_rtt_pv;

/** Looks the variables up; in mod_init. Returns 0 or -1. */
int script_guard_init(void);

/** The Call-ID that media knows the call by. Returns 0 or -1. */
int script_callid(sip_msg_t *msg, wa_sv_t *out);

/* wa_media_watch(dir, keys, offer, offer_flags, answer, answer_flags) */
int w_watch(sip_msg_t *msg, char *dir, char *keys, char *offer, char *oflags,
		char *answer, char *aflags);
int ki_watch(sip_msg_t *msg, str *dir, str *keys, str *offer, str *oflags,
		str *answer, str *aflags);
int fixup_watch(void **param, int no);

/* wa_media_start(), wa_media_end(), wa_media_delete() */
int w_start(sip_msg_t *msg, char *u1, char *u2);
int w_end(sip_msg_t *msg, char *u1, char *u2);
int w_delete(sip_msg_t *msg, char *u1, char *u2);
int ki_start(sip_msg_t *msg);
int ki_end(sip_msg_t *msg);
int ki_delete(sip_msg_t *msg);

/** The C API of api.h. */
int bind_wa_media(wa_media_api_t *api);

#endif
