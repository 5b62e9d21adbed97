/* Script functions that speak with the RTP relay.
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * 1 = done, -1 = the SDP or the body will not do, -2 = no relay answers, -3 = it
 * does not know the call.
 */
#ifndef WA_MEDIA_SCRIPT_RELAY_H
#define WA_MEDIA_SCRIPT_RELAY_H

#include "../ksr_compat.h"

/* ms in which a PBX's address may differ from its SDP */
extern int relay_learning;

/* wa_media_port(side, sdp, dst) */
int w_port(sip_msg_t *msg, char *side, char *sdp, char *dst);
int ki_port(sip_msg_t *msg, str *side, str *sdp, str *dst);
int fixup_port(void **param, int no);

/* wa_media_join(dir, engine_sdp, pbx_sdp, meta_sdp, told, start) */
int w_join(sip_msg_t *msg, char *dir, char *engine, char *agreed, char *pbx, char *told,
		char *start);
int ki_join(sip_msg_t *msg, str *dir, str *engine, str *agreed, str *pbx, str *told,
		str *start);
int fixup_join(void **param, int no);

/* wa_media_reoffer(sdp, dst) */
int w_reoffer(sip_msg_t *msg, char *sdp, char *dst);
int ki_reoffer(sip_msg_t *msg, str *sdp, str *dst);
int fixup_reoffer(void **param, int no);

/* wa_media_rings() */
int w_rings(sip_msg_t *msg, char *u1, char *u2);
int ki_rings(sip_msg_t *msg);

/* wa_media_reanswer(sdp) */
int w_reanswer(sip_msg_t *msg, char *sdp, char *unused);
int ki_reanswer(sip_msg_t *msg, str *sdp);

/* wa_media_press(type, body) */
int w_press(sip_msg_t *msg, char *type, char *body);
int ki_press(sip_msg_t *msg, str *type, str *body);

#endif
