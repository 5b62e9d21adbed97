/* ng messages: flags as Kamailio's rtpengine module writes them, and queries as
 * rtpengine answers them.
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "wa_err.h"
#include "wa_ng.h"

static void request(void **state)
{
	char mem[200];
	wa_buf_t b = wa_buf_on(mem, sizeof(mem));

	(void)state;
	wa_ng_begin(&b, WA_SV("c1"), WA_SV("query"), WA_SV("outgoing:x="));
	wa_ben_put_end(&b);
	assert_true(wa_sv_eq(wa_buf_sv(&b),
			WA_SV("c1 d7:command5:query7:call-id11:outgoing:x=e")));
}

static void flags(void **state)
{
	static const struct
	{
		const char *in, *out;
	} cases[] = {
			{"", ""},
			{"   ", ""},
			{"trust-address", "5:flagsl13:trust-addresse"},
			{"ICE=force", "3:ICE5:force"},
			{"ICE=", "3:ICE0:"},
			{"RTP/SAVP", "18:transport-protocol8:RTP/SAVP"},
			{"UDP/TLS/RTP/SAVPF a",
					"18:transport-protocol17:UDP/TLS/RTP/SAVPF5:flagsl1:ae"},
			{"replace-origin x replace-session-connection",
					"7:replacel6:origin18:session-connectione5:flagsl1:xe"},
			{"direction=meta direction=pbx",
					"9:directionl4:meta3:pbxe"},
			{"SDES-off rtcp-mux-require",
					"8:rtcp-muxl7:requiree4:SDESl3:offe"},
			{" drop-traffic=start  label=meta ",
					"12:drop-traffic5:start5:label4:meta"},
	};

	(void)state;
	for(size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		char mem[400];
		wa_buf_t b = wa_buf_on(mem, sizeof(mem));

		wa_ng_flags(&b, wa_sv_from(cases[i].in));
		if(!wa_sv_eq(wa_buf_sv(&b), wa_sv_from(cases[i].out)))
			fail_msg("%s: %.*s", cases[i].in, (int)b.len, b.s);
	}
}

static void replies(void **state)
{
	static const struct
	{
		const char *text;
		int reply, result;
	} cases[] = {
			{"c d6:result2:oke", 0, 0},
			{"c d6:result4:ponge", 0, 0},
			{"c d6:result5:errore", 0, WA_EUNSUP},
			{"c d6:result5:error12:error-reason15:Unknown call-ide", 0,
					WA_ENOENT},
			{"c d6:result5:error12:error-reason15:Unknown call-IDe", 0,
					WA_ENOENT},
			{"c d6:result5:error12:error-reason1:xe", 0, WA_EUNSUP},
			{"c de", 0, WA_EPARSE},
			{"c d6:resulti1ee", 0, WA_EPARSE},
			{"c l6:resulte", WA_EPARSE, 0},
			{"c ", WA_EPARSE, 0},
			{"c", WA_EPARSE, 0},
			{"", WA_EPARSE, 0},
			{"c d6:result2:ok", WA_EPARSE, 0},
	};

	(void)state;
	for(size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		wa_sv_t cookie, why;
		wa_ben_t d;
		int err = wa_ng_reply(wa_sv_from(cases[i].text), &cookie, &d);

		if(err != cases[i].reply)
			fail_msg("reply %s", cases[i].text);
		if(err == 0 && wa_ng_result(&d, &why) != cases[i].result)
			fail_msg("result %s", cases[i].text);
	}
}

#define PARTY(crypto, flags, packets)                                          \
	"d6:mediasld7:streamsld" crypto "5:flagsl" flags                           \
	"e5:statsd7:packetsi" packets "eeeeeee"

static void queries(void **state)
{
	static const struct
	{
		const char *text;
		int err;
		bool keys, filled;
		int64_t sent;
	} cases[] = {
			{"d4:tagsd1:m" PARTY("12:crypto suite3:AES", "3:RTP6:filled", "0")
			 "1:p" PARTY("", "3:RTP", "17") "ee", 0, true, true, 17},
			{"d4:tagsd1:m" PARTY("", "3:RTP", "5")
			 "1:p" PARTY("", "", "0") "ee", 0, false, false, 0},
			{"d4:tagsd1:m" PARTY("", "", "0")
			 "1:p" PARTY("", "", "9e6:errorsi4") "ee", 0, false, false, 5},
			/* the PBX has not answered yet */
			{"d4:tagsd1:m" PARTY("", "", "0")
			 "12:<untagged 1>" PARTY("", "", "0") "ee", WA_ENOENT, 0, 0, 0},
			{"de", WA_ENOENT, 0, 0, 0},
			{"d4:tagslee", WA_ENOENT, 0, 0, 0},
			{"d4:tagsd1:mde1:pdeee", WA_ENOENT, 0, 0, 0},
			{"d4:tagsd1:md6:mediaslee1:pdeee", WA_ENOENT, 0, 0, 0},
			{"d4:tagsd1:md6:mediasli1eee1:pdeee", WA_ENOENT, 0, 0, 0},
			{"d4:tagsd1:md6:mediasld7:streamsleeee1:pdeee", WA_ENOENT, 0, 0, 0},
			{"d4:tagsd1:md6:mediasld7:streamsli1eeeee1:pdeee", WA_ENOENT, 0, 0,
					0},
	};

	(void)state;
	for(size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		wa_ng_call_t q;
		wa_ben_t d;

		assert_int_equal(wa_ben_open(wa_sv_from(cases[i].text), &d), 0);
		if(wa_ng_query(&d, WA_SV("m"), WA_SV("p"), &q) != cases[i].err
				|| q.keys != cases[i].keys || q.filled != cases[i].filled
				|| q.sent != cases[i].sent)
			fail_msg("case %zu: %s", i, cases[i].text);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
			cmocka_unit_test(request),
			cmocka_unit_test(flags),
			cmocka_unit_test(replies),
			cmocka_unit_test(queries),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
