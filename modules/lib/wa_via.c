/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "wa_via.h"

#include <string.h>

#include "wa_headers.h"

/* Text as long as the mark at the beginning of the value. */
static bool is_marked(wa_sv_t name, wa_sv_t value)
{
	const wa_sv_t mark = WA_SV(WA_VIA_MARK);

	if(!wa_sv_ieq(name, WA_SV("Via")) && !wa_sv_ieq(name, WA_SV("v")))
		return false;
	return value.len >= mark.len
		   && wa_sv_eq((wa_sv_t){value.s, mark.len}, mark);
}

size_t wa_via_cut(char *msg, size_t len)
{
	wa_headers_t walk;
	wa_sv_t name, value;

	wa_headers_begin(&walk, (wa_sv_t){msg, len});
	while(wa_headers_next(&walk, &name, &value)) {
		size_t from, to;

		if(!is_marked(name, value))
			continue;
		from = (size_t)(name.s - msg);
		to = (size_t)(walk.p - msg);
		memmove(msg + from, msg + to, len - to);
		return len - (to - from);
	}
	return len;
}
