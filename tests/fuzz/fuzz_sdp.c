/* SDP in each direction.
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Input: one digit (codec bits), then an SDP; where a line is "----", a second
 * one follows, the offer that the first answers.
 */
#define _GNU_SOURCE /* memmem */
#include "fuzz.h"

#include <string.h>

#include "wa_err.h"
#include "wa_sdp.h"
#include "wa_sdp_end.h"
#include "wa_sdp_turn.h"

static char mem[3 * WA_SDP_MAX];

/* What was written is an SDP with one audio stream that can be read again. */
static void check_out(int err, const wa_buf_t *b, bool keys)
{
	wa_sdp_info_t info;

	FUZZ_CHECK(err == 0 || err == WA_EPARSE || err == WA_ETOOLONG || err == WA_EUNSUP);
	if(err < 0)
		return;
	FUZZ_CHECK(wa_buf_check(b) == 0);
	if(b->len > WA_SDP_MAX)
		return;
	err = wa_sdp_scan(wa_buf_sv(b), &info);
	FUZZ_CHECK(err == 0 || err == WA_ETOOLONG);
	FUZZ_CHECK(err < 0 || !keys || info.keys != WA_SDP_KEYS_NONE);
	FUZZ_CHECK(err < 0 || !keys || info.cryptos <= 1);
}

static wa_sv_t cut_second(wa_sv_t *first)
{
	static const char mark[] = "----\n";
	const char *p = first->len ? memmem(first->s, first->len, mark, sizeof(mark) - 1)
							   : NULL;
	wa_sv_t second = {0};

	if(p != NULL) {
		second.s = p + sizeof(mark) - 1;
		second.len = first->len - (size_t)(second.s - first->s);
		first->len = (size_t)(p - first->s);
	}
	return second;
}

void fuzz_sdp(const uint8_t *data, size_t size)
{
	wa_sv_t sdp = fuzz_text(data, size), offer;
	wa_sdp_info_t info;
	unsigned codecs = size > 0 ? data[0] & 15 : 0;
	wa_buf_t b;
	int err;

	if(size > 0)
		sdp = (wa_sv_t){sdp.s + 1, sdp.len - 1};
	offer = cut_second(&sdp);
	(void)wa_sdp_scan(sdp, &info);
	for(unsigned how = 0; how <= WA_SDP_HELD; how++) {
		b = wa_buf_on(mem, sizeof(mem));
		err = wa_sdp_from_meta(sdp, codecs, how, &b);
		check_out(err, &b, false);
	}
	b = wa_buf_on(mem, sizeof(mem));
	err = wa_sdp_to_meta(sdp, codecs, &b);
	check_out(err, &b, true);
	b = wa_buf_on(mem, sizeof(mem));
	err = wa_sdp_from_pbx(sdp, codecs, &b);
	check_out(err, &b, false);
	b = wa_buf_on(mem, sizeof(mem));
	err = wa_sdp_to_pbx(sdp, offer, codecs, &b);
	check_out(err, &b, false);
	b = wa_buf_on(mem, sizeof(mem));
	err = wa_sdp_renumber(sdp, offer, &b);
	check_out(err, &b, false);
	b = wa_buf_on(mem, sizeof(mem));
	err = wa_sdp_turn_offer(sdp, offer.len & 1 ? WA_SV("PCMU,OPUS") : WA_SV("G722,PCMA"), &b);
	check_out(err, &b, false);
	b = wa_buf_on(mem, sizeof(mem));
	err = wa_sdp_turn_answer(sdp, offer, codecs, &b);
	check_out(err, &b, false);
	for(unsigned codec = WA_CODEC_OPUS; codec <= WA_CODEC_G722; codec *= 2) {
		b = wa_buf_on(mem, sizeof(mem));
		err = wa_sdp_offer_again(sdp, (enum wa_codec)codec, codecs & 1, &b);
		check_out(err, &b, false);
		b = wa_buf_on(mem, sizeof(mem));
		err = wa_sdp_answer_again(sdp, offer, (enum wa_codec)codec, codecs & 1, &b);
		check_out(err, &b, false);
	}
	b = wa_buf_on(mem, 16);
	err = wa_sdp_to_pbx(sdp, offer, codecs, &b);
	FUZZ_CHECK(err < 0);
	b = wa_buf_on(mem, sizeof(mem));
	wa_sdp_codec_list(wa_sdp_codecs(sdp), &b);
	FUZZ_CHECK(wa_sdp_codecs(wa_buf_sv(&b)) == wa_sdp_codecs(sdp));
}
