/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "wa_codec_name.h"

static bool begins(wa_sv_t v, wa_sv_t with)
{
	return v.len >= with.len && wa_sv_eq((wa_sv_t){v.s, with.len}, with);
}

/* The first format of "m=audio PORT PROTO FORMAT ...". */
static wa_sv_t first_format(wa_sv_t line)
{
	for(int i = 0; i < 3; i++)
		wa_sv_cut(&line, ' ');
	return wa_sv_cut(&line, ' ');
}

static wa_sv_t fixed(wa_sv_t format)
{
	if(wa_sv_eq(format, WA_SV("0")))
		return WA_SV("PCMU");
	if(wa_sv_eq(format, WA_SV("8")))
		return WA_SV("PCMA");
	if(wa_sv_eq(format, WA_SV("9")))
		return WA_SV("G722");
	return (wa_sv_t){NULL, 0};
}

wa_sv_t wa_codec_name(wa_sv_t sdp)
{
	wa_sv_t format = {NULL, 0}, rtpmap = WA_SV("a=rtpmap:");

	while(sdp.len > 0) {
		wa_sv_t line = wa_sv_trim(wa_sv_cut(&sdp, '\n'));

		if(begins(line, WA_SV("m="))) {
			if(format.len > 0)
				break;
			if(begins(line, WA_SV("m=audio ")))
				format = first_format(line);
		} else if(format.len > 0 && begins(line, rtpmap)) {
			line = (wa_sv_t){line.s + rtpmap.len, line.len - rtpmap.len};
			if(wa_sv_eq(wa_sv_cut(&line, ' '), format))
				return wa_sv_cut(&line, '/');
		}
	}
	return fixed(format);
}
