/* The lines of an SDP, written: private to the wa_sdp files.
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef WA_SDP_WRITE_H
#define WA_SDP_WRITE_H

#include "wa_sdp_read.h"

#define SDP_SAME_PORT (-1)

void sdp_put(wa_buf_t *b, char type, wa_sv_t value);
void sdp_put_line(wa_buf_t *b, const struct line *l);

/** The m= line `m` as far as its payload types, which are returned: " 111 8" and the
 * end of the line have to follow. */
wa_sv_t sdp_put_media(wa_buf_t *b, wa_sv_t m, int port);

void sdp_put_pt(wa_buf_t *b, unsigned long pt);
void sdp_end_line(wa_buf_t *b);

#endif
