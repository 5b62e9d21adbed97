/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "wa_dtmf_info.h"

#include <string.h>

#include "wa_err.h"

#define MS_MAX 60000

static int read_digit(wa_sv_t v, char *out)
{
	static const char known[] = "0123456789*#ABCD";
	char c;

	v = wa_sv_trim(v);
	if(wa_sv_eq(v, WA_SV("10")))
		v = WA_SV("*");
	else if(wa_sv_eq(v, WA_SV("11")))
		v = WA_SV("#");
	if(v.len != 1)
		return WA_EPARSE;
	c = v.s[0] >= 'a' && v.s[0] <= 'd' ? (char)(v.s[0] - 'a' + 'A') : v.s[0];
	if(memchr(known, c, sizeof(known) - 1) == NULL)
		return WA_EPARSE;
	*out = c;
	return 0;
}

static int read_lines(wa_sv_t body, char *digit, unsigned *ms)
{
	int err = WA_EPARSE;

	while(body.len > 0) {
		wa_sv_t value = wa_sv_cut(&body, '\n'), name = wa_sv_cut(&value, '=');
		unsigned long n;

		name = wa_sv_trim(name);
		if(wa_sv_ieq(name, WA_SV("Signal")))
			err = read_digit(value, digit);
		else if(wa_sv_ieq(name, WA_SV("Duration"))
				&& wa_sv_ulong(wa_sv_trim(value), MS_MAX, &n) == 0)
			*ms = (unsigned)n;
	}
	return err;
}

int wa_dtmf_info(wa_sv_t type, wa_sv_t body, char *digit, unsigned *ms)
{
	wa_sv_t name = wa_sv_trim(wa_sv_cut(&type, ';'));

	*ms = WA_DTMF_MS;
	if(wa_sv_ieq(name, WA_SV("application/dtmf-relay")))
		return read_lines(body, digit, ms);
	if(wa_sv_ieq(name, WA_SV("application/dtmf")))
		return read_digit(body, digit);
	return WA_EUNSUP;
}
