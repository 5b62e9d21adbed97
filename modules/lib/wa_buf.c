/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "wa_buf.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "wa_err.h"

wa_buf_t wa_buf_on(char *mem, size_t size)
{
	return (wa_buf_t){.s = mem, .size = size};
}

void wa_buf_put(wa_buf_t *b, wa_sv_t v)
{
	if(b->full || v.len > b->size - b->len) {
		b->full = true;
		return;
	}
	if(v.len > 0)
		memcpy(b->s + b->len, v.s, v.len);
	b->len += v.len;
}

void wa_buf_num(wa_buf_t *b, int64_t n)
{
	char digits[24];
	int len = snprintf(digits, sizeof(digits), "%" PRId64, n);

	wa_buf_put(b, (wa_sv_t){digits, (size_t)len});
}

void wa_buf_hex(wa_buf_t *b, uint64_t n, unsigned width)
{
	static const char hex[16] = "0123456789abcdef";

	while(width-- > 0)
		wa_buf_put(b, (wa_sv_t){&hex[width < 16 ? (n >> (width * 4)) & 15 : 0], 1});
}

int wa_buf_check(const wa_buf_t *b)
{
	return b->full ? WA_ETOOLONG : 0;
}

wa_sv_t wa_buf_sv(const wa_buf_t *b)
{
	return (wa_sv_t){b->s, b->len};
}
