/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "wa_uri.h"

#include <string.h>

#include "wa_buf.h"
#include "wa_err.h"

#define DIGITS_MIN 7  /* the shortest international numbers in use */
#define DIGITS_MAX 15 /* ITU-T E.164 6.2.1 */

static int hex_value(char c)
{
	if(c >= '0' && c <= '9')
		return c - '0';
	if(c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

/* Unescapes `v`; a control character has no business in a name of a trunk. */
static int unescape(wa_sv_t v, char *out, size_t size)
{
	size_t n = 0;

	for(size_t i = 0; i < v.len; i++) {
		unsigned char c = (unsigned char)v.s[i];

		if(c == '%') {
			int hi = i + 2 < v.len ? hex_value(v.s[i + 1]) : -1;
			int lo = i + 2 < v.len ? hex_value(v.s[i + 2]) : -1;

			if(hi < 0 || lo < 0)
				return WA_EPARSE;
			c = (unsigned char)(hi << 4 | lo);
			i += 2;
		}
		if(c < 0x20 || c == 0x7f)
			return WA_EPARSE;
		if(n + 1 >= size)
			return WA_ETOOLONG;
		out[n++] = (char)c;
	}
	out[n] = '\0';
	return 0;
}

/* Stores the value of a parameter; the same one again must say the same. */
static int set_once(char dst[WA_PARAM_SIZE], const char *value)
{
	if(dst[0] != '\0')
		return strcmp(dst, value) == 0 ? 0 : WA_EPARSE;
	return wa_sv_copy(dst, WA_PARAM_SIZE, wa_sv_from(value));
}

static int parse_param(wa_sv_t param, wa_uri_user_t *out, char *context)
{
	char name[WA_PARAM_SIZE], value[WA_PARAM_SIZE];
	wa_sv_t rest = param, key = wa_sv_cut(&rest, '=');
	int err = unescape(key, name, sizeof(name));

	if(err == 0)
		err = unescape(rest, value, sizeof(value));
	if(err < 0)
		return err;
	if(wa_sv_ieq(wa_sv_from(name), WA_SV("tgrp")))
		return set_once(out->tgrp, value);
	if(wa_sv_ieq(wa_sv_from(name), WA_SV("trunk-context")))
		return set_once(out->context, value);
	if(wa_sv_ieq(wa_sv_from(name), WA_SV("context")))
		return set_once(context, value);
	return 0;
}

int wa_uri_user_parse(wa_sv_t userpart, wa_uri_user_t *out)
{
	char context[WA_PARAM_SIZE] = "";
	int err;

	memset(out, 0, sizeof(*out));
	out->user = wa_sv_cut(&userpart, ';');
	err = out->user.len > 0 ? 0 : WA_EPARSE;
	while(err == 0 && userpart.len > 0)
		err = parse_param(wa_sv_cut(&userpart, ';'), out, context);
	if(err < 0) {
		memset(out, 0, sizeof(*out));
		return err;
	}
	if(out->context[0] == '\0')
		memcpy(out->context, context, sizeof(context));
	return 0;
}

int wa_uri_params_parse(wa_sv_t params, wa_uri_user_t *out)
{
	wa_uri_user_t found = {.user = {NULL, 0}};
	char context[WA_PARAM_SIZE] = "";
	int err = 0;

	while(err == 0 && params.len > 0)
		err = parse_param(wa_sv_cut(&params, ';'), &found, context);
	if(err < 0)
		return err;
	if(found.context[0] == '\0')
		memcpy(found.context, context, sizeof(context));
	/* a group and its context belong together */
	if(out->tgrp[0] == '\0') {
		memcpy(out->tgrp, found.tgrp, sizeof(out->tgrp));
		memcpy(out->context, found.context, sizeof(out->context));
	}
	return 0;
}

static bool is_separator(char c)
{
	return c == '-' || c == '.' || c == '(' || c == ')' || c == ' ';
}

int wa_uri_e164(wa_sv_t text, char digits[WA_DIGITS_SIZE])
{
	bool plus = text.len > 0 && text.s[0] == '+';
	char all[DIGITS_MAX + 3]; /* "00" and a NUL */
	const char *d = all;
	size_t n = 0;

	digits[0] = '\0';
	for(size_t i = plus; i < text.len; i++) {
		if(is_separator(text.s[i]))
			continue;
		if(text.s[i] < '0' || text.s[i] > '9' || n + 1 >= sizeof(all))
			return WA_EPARSE;
		all[n++] = text.s[i];
	}
	all[n] = '\0';
	if(!plus && n > 2 && all[0] == '0' && all[1] == '0') {
		d += 2;
		n -= 2;
	}
	if(n < DIGITS_MIN || n > DIGITS_MAX || d[0] == '0')
		return WA_EPARSE;
	return wa_sv_copy(digits, WA_DIGITS_SIZE, (wa_sv_t){d, n});
}

static bool begins(wa_sv_t v, wa_sv_t with)
{
	return v.len >= with.len && memcmp(v.s, with.s, with.len) == 0;
}

int wa_uri_format(wa_sv_t digits, enum wa_number_format format, wa_sv_t country,
		wa_sv_t prefix, char *out, size_t size)
{
	wa_buf_t b = wa_buf_on(out, size);

	if(format == WA_FORMAT_E164) {
		wa_buf_put(&b, WA_SV("+"));
	} else if(format == WA_FORMAT_NATIONAL) {
		bool ours = country.len > 0 && begins(digits, country);

		wa_buf_put(&b, ours ? prefix : WA_SV("00"));
		if(ours)
			digits = (wa_sv_t){digits.s + country.len, digits.len - country.len};
	}
	wa_buf_put(&b, digits);
	wa_buf_put(&b, (wa_sv_t){"", 1});
	return wa_buf_check(&b) < 0 ? WA_ETOOLONG : 0;
}

int wa_uri_from_pbx(wa_sv_t text, enum wa_number_format format, wa_sv_t country,
		wa_sv_t prefix, char digits[WA_DIGITS_SIZE])
{
	char whole[WA_DIGITS_SIZE * 2];
	wa_buf_t b = wa_buf_on(whole, sizeof(whole));

	digits[0] = '\0';
	if(format != WA_FORMAT_NATIONAL || begins(text, WA_SV("+"))
			|| begins(text, WA_SV("00")))
		return wa_uri_e164(text, digits);
	if(!begins(text, prefix))
		return WA_EPARSE;
	wa_buf_put(&b, WA_SV("+"));
	wa_buf_put(&b, country);
	wa_buf_put(&b, (wa_sv_t){text.s + prefix.len, text.len - prefix.len});
	if(wa_buf_check(&b) < 0)
		return WA_EPARSE;
	return wa_uri_e164((wa_sv_t){b.s, b.len}, digits);
}

/* What RFC 3261 25.1 lets stand in a user part as it is, without ";", "=" and
 * what RFC 4904 uses. */
static bool is_plain(char c)
{
	return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z')
		   || (c >= '0' && c <= '9') || strchr("-_.!~*'()&+$,", c) != NULL;
}

static void put_escaped(wa_buf_t *b, const char *text)
{
	static const char hex[] = "0123456789ABCDEF";

	for(; *text != '\0'; text++) {
		unsigned char c = (unsigned char)*text;
		char escape[3] = {'%', hex[c >> 4], hex[c & 15]};

		wa_buf_put(b, is_plain(*text) ? (wa_sv_t){text, 1}
									  : (wa_sv_t){escape, sizeof(escape)});
	}
}

int wa_uri_write_group(const wa_uri_user_t *user, char *out, size_t size)
{
	wa_buf_t b = wa_buf_on(out, size);

	if(user->tgrp[0] != '\0') {
		wa_buf_put(&b, WA_SV(";tgrp="));
		put_escaped(&b, user->tgrp);
	}
	if(user->context[0] != '\0') {
		wa_buf_put(&b, WA_SV(";trunk-context="));
		put_escaped(&b, user->context);
	}
	wa_buf_put(&b, (wa_sv_t){"", 1});
	return wa_buf_check(&b) < 0 ? WA_ETOOLONG : (int)b.len - 1;
}

static bool same_char(char a, char b)
{
	if(a == '_')
		a = '-';
	if(b == '_')
		b = '-';
	if(a >= 'A' && a <= 'Z')
		a = (char)(a - 'A' + 'a');
	if(b >= 'A' && b <= 'Z')
		b = (char)(b - 'A' + 'a');
	return a == b;
}

static bool header_matches(wa_sv_t pattern, wa_sv_t name)
{
	bool rest = pattern.len > 0 && pattern.s[pattern.len - 1] == '*';

	pattern.len -= rest;
	if(rest ? name.len < pattern.len : name.len != pattern.len)
		return false;
	for(size_t i = 0; i < pattern.len; i++)
		if(!same_char(pattern.s[i], name.s[i]))
			return false;
	return true;
}

bool wa_uri_header_listed(wa_sv_t list, wa_sv_t name)
{
	while(list.len > 0) {
		wa_sv_t pattern = wa_sv_trim(wa_sv_cut(&list, ','));

		if(pattern.len > 0 && header_matches(pattern, name))
			return true;
	}
	return false;
}

static bool is_alpha(char c)
{
	return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
}

bool wa_uri_is_bsuid(wa_sv_t text)
{
	if(text.len < 4 || text.len >= WA_BSUID_SIZE || !is_alpha(text.s[0])
			|| !is_alpha(text.s[1]) || text.s[2] != '.')
		return false;
	for(size_t i = 3; i < text.len; i++) {
		char c = text.s[i];

		if(!is_alpha(c) && !(c >= '0' && c <= '9') && c != '.' && c != '_'
				&& c != '-')
			return false;
	}
	return true;
}

enum wa_identity wa_uri_identity(wa_sv_t text, char out[WA_BSUID_SIZE])
{
	if(wa_uri_e164(text, out) == 0)
		return WA_IDENTITY_E164;
	if(wa_uri_is_bsuid(text) && wa_sv_copy(out, WA_BSUID_SIZE, text) == 0)
		return WA_IDENTITY_BSUID;
	out[0] = '\0';
	return WA_IDENTITY_NONE;
}
