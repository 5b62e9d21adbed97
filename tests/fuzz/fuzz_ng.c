/* Datagrams from rtpengine, and the flags of a request to it.
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Input: a line with flags, then a datagram.
 */
#include "fuzz.h"

#include "wa_ng.h"

/* Walks through everything that is nested in an item. */
static void walk(const wa_ben_t *item, wa_sv_t whole, unsigned depth)
{
	wa_sv_t rest = item->body, key;
	wa_ben_t v;

	FUZZ_CHECK(depth <= WA_BEN_DEPTH);
	FUZZ_CHECK(fuzz_inside(item->raw, whole) && fuzz_inside(item->body, whole));
	if(item->type == WA_BEN_LIST) {
		while(wa_ben_next(&rest, &v))
			walk(&v, whole, depth + 1);
		(void)wa_ben_has(item, WA_SV("ok"));
	} else if(item->type == WA_BEN_DICT) {
		while(wa_ben_pair(&rest, &key, &v)) {
			FUZZ_CHECK(fuzz_inside(key, whole));
			walk(&v, whole, depth + 1);
		}
	}
}

static void reply(wa_sv_t datagram)
{
	wa_sv_t cookie, reason = {0};
	wa_ng_call_t call;
	wa_ben_t item;

	if(wa_ben_open(datagram, &item) == 0)
		walk(&item, datagram, 0);
	if(wa_ng_reply(datagram, &cookie, &item) < 0)
		return;
	FUZZ_CHECK(fuzz_inside(cookie, datagram));
	walk(&item, datagram, 0);
	(void)wa_ng_result(&item, &reason);
	FUZZ_CHECK(fuzz_inside(reason, datagram));
	(void)wa_ng_query(&item, WA_SV("m"), WA_SV("p"), &call);
}

/* Whatever the flags, a request that fits is well-formed. */
static void request(wa_sv_t flags)
{
	static char mem[4096];
	wa_buf_t b = wa_buf_on(mem, sizeof(mem));
	wa_ben_t item;
	wa_sv_t cookie;

	wa_ng_begin(&b, WA_SV("c1"), WA_SV("offer"), WA_SV("call-1"));
	wa_ng_flags(&b, flags);
	wa_ben_put_end(&b);
	if(wa_buf_check(&b) == 0)
		FUZZ_CHECK(wa_ng_reply(wa_buf_sv(&b), &cookie, &item) == 0);
}

void fuzz_ng(const uint8_t *data, size_t size)
{
	wa_sv_t rest = fuzz_text(data, size);

	request(wa_sv_cut(&rest, '\n'));
	reply(rest);
}
