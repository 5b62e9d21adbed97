/* Header fields of an INVITE and its answer, as a BYE is made of them; heads of
 * HTTP requests; the codec of an SDP.
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Input: From, To, Call-ID, CSeq, Contact, a line each, then Record-Routes.
 */
#include "fuzz.h"

#include <string.h>

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

static void requests(wa_sv_t text)
{
	wa_http_request_t r;
	char name[8], value[64];

	if(wa_http_head(text, &r) < 0)
		return;
	FUZZ_CHECK(fuzz_inside(r.method, text) && fuzz_inside(r.path, text) && r.path.s[0] == '/');
	FUZZ_CHECK(fuzz_inside(r.query, text) && fuzz_inside(r.site, text));
	FUZZ_CHECK(fuzz_inside(wa_http_host(r.host), text));
	while(r.query.len > 0)
		if(wa_http_param(&r.query, name, sizeof(name), value, sizeof(value)) == 0)
			FUZZ_CHECK(strlen(name) < sizeof(name) && strlen(value) < sizeof(value));
}

void fuzz_leg(const uint8_t *data, size_t size)
{
	wa_sv_t text = fuzz_text(data, size), codec;

	legs(text);
	requests(text);
	codec = wa_codec_name(text);
	FUZZ_CHECK(codec.len <= text.len || codec.len == 4);
}
