/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "wa_sdp_write.h"

void sdp_put(wa_buf_t *b, char type, wa_sv_t value)
{
	char head[2] = {type, '='};

	wa_buf_put(b, (wa_sv_t){head, 2});
	wa_buf_put(b, value);
	sdp_end_line(b);
}

void sdp_put_line(wa_buf_t *b, const struct line *l)
{
	sdp_put(b, l->type, l->value);
}

wa_sv_t sdp_put_media(wa_buf_t *b, wa_sv_t m, int port)
{
	wa_sv_t kind, old, proto, pts;

	sdp_read_media(m, &kind, &old, &proto, &pts);
	wa_buf_put(b, WA_SV("m="));
	wa_buf_put(b, kind);
	wa_buf_put(b, WA_SV(" "));
	if(port == SDP_SAME_PORT)
		wa_buf_put(b, old);
	else
		wa_buf_num(b, port);
	wa_buf_put(b, WA_SV(" "));
	wa_buf_put(b, proto);
	return pts;
}

void sdp_put_pt(wa_buf_t *b, unsigned long pt)
{
	wa_buf_put(b, WA_SV(" "));
	wa_buf_num(b, (int64_t)pt);
}

void sdp_end_line(wa_buf_t *b)
{
	wa_buf_put(b, WA_SV("\r\n"));
}
