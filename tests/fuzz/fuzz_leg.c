/* Header fields of an INVITE and its answer, as a BYE is made of them; heads of
 * HTTP requests; the codec of an SDP.
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Input: From, To, Call-ID, CSeq, Contact, a line each, then Record-Routes.
 */
#include "fuzz.h"

#include "wa_codec_name.h"
#include "wa_http.h"
#include "wa_leg.h"

static void legs(wa_sv_t rest)
{
	wa_leg_msg_t m = {.n = 0};
	wa_leg_t leg;

	m.from = wa_sv_cut(&rest, '\n');
	m.to = wa_sv_cut(&rest, '\n');
	m.call_id = wa_sv_cut(&rest, '\n');
	m.cseq = wa_sv_cut(&rest, '\n');
	m.contact = wa_sv_cut(&rest, '\n');
	while(rest.len > 0 && m.n < WA_LEG_ROUTES_MAX)
		m.record_routes[m.n++] = wa_sv_cut(&rest, '\n');
	if(wa_leg_of_reply(&leg, &m) == 0)
		FUZZ_CHECK(wa_leg_get(&leg, WA_LEG_TARGET).len > 0 && leg.cseq > 0);
	else
		FUZZ_CHECK(!wa_leg_is_set(&leg));
	if(wa_leg_of_request(&leg, &m, WA_SV("tag")) == 0)
		FUZZ_CHECK(wa_sv_eq(
				wa_leg_get(&leg, WA_LEG_LOCAL_TAG), WA_SV("tag")));
}

void fuzz_leg(const uint8_t *data, size_t size)
{
	wa_sv_t text = fuzz_text(data, size), method, path, codec;

	legs(text);
	if(wa_http_head(text, &method, &path) == 0)
		FUZZ_CHECK(fuzz_inside(method, text) && fuzz_inside(path, text)
				   && path.s[0] == '/');
	codec = wa_codec_name(text);
	FUZZ_CHECK(codec.len <= text.len || codec.len == 4);
}
