/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "wa_mask.h"

#include "wa_buf.h"
#include "wa_err.h"

#define SHOWN_FIRST 4
#define SHOWN_LAST 2
#define SHORTEST 7

static void put_masked(wa_buf_t *b, wa_sv_t number)
{
	wa_buf_put(b, (wa_sv_t){number.s, SHOWN_FIRST});
	wa_buf_put(b, WA_SV("***"));
	wa_buf_put(b, (wa_sv_t){number.s + number.len - SHOWN_LAST, SHOWN_LAST});
}

int wa_mask(wa_sv_t number, char *out, size_t size)
{
	wa_buf_t b = wa_buf_on(out, size > 0 ? size - 1 : 0);

	if(size == 0)
		return WA_ETOOLONG;
	if(number.len < SHORTEST)
		wa_buf_put(&b, WA_SV("-"));
	else
		put_masked(&b, number);
	out[wa_buf_check(&b) < 0 ? 0 : b.len] = '\0';
	return wa_buf_check(&b);
}

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

void wa_mask_text(wa_sv_t text, char *out, size_t size)
{
	wa_buf_t b = wa_buf_on(out, size > 0 ? size - 1 : 0);

	for(size_t i = 0; i < text.len && !b.full;) {
		size_t run = 0;
		char c = text.s[i];

		while(i + run < text.len && is_digit(text.s[i + run]))
			run++;
		if(run >= SHORTEST) {
			put_masked(&b, (wa_sv_t){text.s + i, run});
		} else if(run > 0) {
			wa_buf_put(&b, (wa_sv_t){text.s + i, run});
		} else {
			c = (unsigned char)c < 0x20 || c == 0x7f ? ' ' : c;
			wa_buf_put(&b, (wa_sv_t){&c, 1});
			run = 1;
		}
		i += run;
	}
	if(size > 0)
		out[b.len] = '\0';
}
