/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "wa_milli.h"

#include "wa_err.h"

#define MOST 1000000

/* The first three digits behind the dot. */
static int read_fraction(wa_sv_t text, int64_t *out)
{
	int64_t weight = 100;

	*out = 0;
	for(size_t i = 0; i < text.len; i++, weight /= 10) {
		if(text.s[i] < '0' || text.s[i] > '9')
			return WA_EPARSE;
		*out += weight * (text.s[i] - '0');
	}
	return 0;
}

int wa_milli(wa_sv_t text, int64_t *out)
{
	wa_sv_t whole = wa_sv_cut(&text, '.');
	int64_t fraction;
	unsigned long n;
	int err = wa_sv_ulong(whole, MOST, &n);

	if(err == 0)
		err = read_fraction(text, &fraction);
	if(err == 0)
		*out = (int64_t)n * 1000 + fraction;
	return err;
}
