/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "wa_base64.h"

#include "wa_err.h"

static const char alphabet[] =
		"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

int wa_base64_encode(const uint8_t *data, size_t len, char *out, size_t size)
{
	size_t o = 0;

	if(size < WA_BASE64_LEN(len) + 1)
		return WA_ETOOLONG;
	for(size_t i = 0; i < len; i += 3) {
		uint32_t v = (uint32_t)data[i] << 16;

		if(i + 1 < len)
			v |= (uint32_t)data[i + 1] << 8;
		if(i + 2 < len)
			v |= data[i + 2];
		out[o++] = alphabet[v >> 18];
		out[o++] = alphabet[v >> 12 & 63];
		out[o++] = i + 1 < len ? alphabet[v >> 6 & 63] : '=';
		out[o++] = i + 2 < len ? alphabet[v & 63] : '=';
	}
	out[o] = '\0';
	return 0;
}

static int digit_value(char c)
{
	if(c >= 'A' && c <= 'Z')
		return c - 'A';
	if(c >= 'a' && c <= 'z')
		return c - 'a' + 26;
	if(c >= '0' && c <= '9')
		return c - '0' + 52;
	if(c == '+')
		return 62;
	return c == '/' ? 63 : -1;
}

int wa_base64_decode(wa_sv_t text, uint8_t *out, size_t size, size_t *len)
{
	size_t pad = 0, digits, o = 0;
	uint32_t acc = 0;
	unsigned bits = 0;

	if(text.len % 4 != 0)
		return WA_EPARSE;
	while(pad < 2 && pad < text.len && text.s[text.len - 1 - pad] == '=')
		pad++;
	digits = text.len - pad;
	if(digits * 3 / 4 > size)
		return WA_ETOOLONG;
	for(size_t i = 0; i < digits; i++) {
		int v = digit_value(text.s[i]);

		if(v < 0)
			return WA_EPARSE;
		acc = acc << 6 | (uint32_t)v;
		bits += 6;
		if(bits >= 8) {
			bits -= 8;
			out[o++] = (uint8_t)(acc >> bits);
			acc &= (1U << bits) - 1;
		}
	}
	if(acc != 0)
		return WA_EPARSE;
	*len = o;
	return 0;
}
