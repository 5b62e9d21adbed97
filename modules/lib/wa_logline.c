/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "wa_logline.h"

#include <string.h>

size_t wa_logline_clean(char out[WA_LOGLINE_MAX + 8], wa_sv_t line)
{
	static const char hex[] = "0123456789abcdef";
	size_t n = 0;

	if(line.len > 0 && line.s[line.len - 1] == '\n')
		line.len--;
	for(size_t i = 0; i < line.len; i++) {
		unsigned char c = (unsigned char)line.s[i];

		if(n + 4 > WA_LOGLINE_MAX) {
			memcpy(out + n, "...", 3);
			n += 3;
			break;
		}
		if(c >= 0x20 && c != 0x7f) {
			out[n++] = (char)c;
			continue;
		}
		memcpy(out + n, "\\x", 2);
		out[n + 2] = hex[c >> 4];
		out[n + 3] = hex[c & 15];
		n += 4;
	}
	out[n] = '\0';
	return n;
}

bool wa_logline_take(wa_logline_budget_t *b, int64_t now, unsigned limit,
		unsigned *before)
{
	*before = 0;
	if(b->second != now) {
		*before = b->left_out;
		*b = (wa_logline_budget_t){.second = now};
	}
	if(b->used < limit) {
		b->used++;
		return true;
	}
	b->left_out++;
	return false;
}

/* " 8(30413) ERROR: <core> [...": after the process, before anything from
 * outside */
bool wa_logline_is_error(wa_sv_t line)
{
	static const char *const levels[] = {"ERROR: ", "WARNING: ", "CRITICAL: ",
			"ALERT: ", "BUG: ", "NOTICE: <core>", "INFO: <core>", "NOTICE: tls",
			"INFO: tls"};
	wa_sv_t rest = line;

	(void)wa_sv_cut(&rest, ')');
	if(rest.len == 0 || rest.s[0] != ' ')
		return false;
	rest = (wa_sv_t){rest.s + 1, rest.len - 1};
	for(size_t i = 0; i < sizeof(levels) / sizeof(levels[0]); i++) {
		size_t n = strlen(levels[i]);

		if(rest.len >= n && memcmp(rest.s, levels[i], n) == 0)
			return true;
	}
	return false;
}
