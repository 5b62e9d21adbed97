/* Script functions that read and edit SDP, and $wa_media(...).
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * They need no guardian and work in every process.
 */
#ifndef WA_MEDIA_SCRIPT_SDP_H
#define WA_MEDIA_SCRIPT_SDP_H

#include "../ksr_compat.h"

/* wa_media_scan(sdp): 1, or -1 when there is no audio in it */
int w_scan(sip_msg_t *msg, char *sdp, char *unused);
int ki_scan(sip_msg_t *msg, str *sdp);

/* wa_media_sdp(edit, sdp, arg, dst): 1, or -1 and dst is left alone */
int w_sdp(sip_msg_t *msg, char *what, char *sdp, char *arg, char *dst);
int ki_sdp(sip_msg_t *msg, str *what, str *sdp, str *arg, str *dst);
int fixup_sdp(void **param, int no);

int pv_parse_media(pv_spec_t *sp, str *in);
int pv_get_media(sip_msg_t *msg, pv_param_t *param, pv_value_t *res);

#endif
