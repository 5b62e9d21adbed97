/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "wa_filter.h"

#include <stdio.h>
#include <string.h>

#include "wa_err.h"

/* Names of no record field. */
enum
{
	FILTER_DIGITS = 1000,
	FILTER_HAS_PASSWORD
};

static int field_named(wa_sv_t name)
{
	const char *field;

	if(wa_sv_eq(name, WA_SV("digits")))
		return FILTER_DIGITS;
	if(wa_sv_eq(name, WA_SV("has_password")))
		return FILTER_HAS_PASSWORD;
	for(size_t i = 0;
			(field = wa_record_field(WA_RECORD_NUMBER, i, NULL)) != NULL; i++)
		if(wa_sv_eq(name, wa_sv_from(field)))
			return (int)i;
	return -1;
}

int wa_filter_add(wa_filter_t *f, wa_sv_t text, char *err, size_t size)
{
	wa_sv_t value = text, name = wa_sv_cut(&value, '=');
	int field = field_named(name);

	if(name.len == text.len || field < 0) {
		if(snprintf(err, size, "%.*s: expected field=value, or field=beginning*",
				   (int)(text.len < 40 ? text.len : 40), text.s)
				< 0)
			err[0] = '\0';
		return WA_EPARSE;
	}
	if(f->n == WA_FILTER_MAX) {
		if(snprintf(err, size, "more than %d filters", WA_FILTER_MAX) < 0)
			err[0] = '\0';
		return WA_ETOOLONG;
	}
	f->terms[f->n].field = field;
	f->terms[f->n].prefix = value.len > 0 && value.s[value.len - 1] == '*';
	f->terms[f->n].value =
			(wa_sv_t){value.s, value.len - f->terms[f->n].prefix};
	f->n++;
	return 0;
}

static wa_sv_t text_of(
		const wa_number_t *n, int field, char *buf, size_t size)
{
	if(field == FILTER_DIGITS)
		return wa_sv_from(n->digits);
	if(field == FILTER_HAS_PASSWORD)
		return n->has_password ? WA_SV("1") : WA_SV("0");
	if(wa_record_number_text(n, (size_t)field, buf, size) < 0)
		return (wa_sv_t){NULL, 0};
	return wa_sv_from(buf);
}

bool wa_filter_matches(const wa_filter_t *f, const wa_number_t *n)
{
	char buf[WA_HOST_SIZE + 1];

	for(size_t i = 0; f != NULL && i < f->n; i++) {
		wa_sv_t has = text_of(n, f->terms[i].field, buf, sizeof(buf));
		wa_sv_t want = f->terms[i].value;

		if(f->terms[i].prefix && has.len > want.len)
			has.len = want.len;
		if(!wa_sv_eq(has, want))
			return false;
	}
	return true;
}
