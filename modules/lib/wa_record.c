/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "wa_record.h"

#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>

#include "wa_err.h"

#define ALNUM "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
#define DIGITS "0123456789"
#define HOST_CHARS ALNUM ".-"
#define NAME_CHARS ALNUM "._-"
/* What RFC 3261 allows in a URI parameter, and '%' of an escape: these end up
 * in a Request-URI. */
#define PARAM_CHARS ALNUM "-_.!~*'()[]/:&+$%"
#define WEIGHT_MAX 1000
#define PRIORITY_MAX 99
#define HEADER_CHARS ALNUM "-_.!%+`'~*, "

/* How one field is read and written. */
typedef struct field
{
	const char *name;
	unsigned flags;
	/* returns 0, or a wa_err and has changed nothing (gateways: has taken those
	 * that are right) */
	int (*parse)(const struct field *f, wa_sv_t v, void *rec);
	/* as snprintf() */
	int (*format)(
			const struct field *f, const void *rec, char *out, size_t size);
	size_t offset;
	size_t size;	   /* text: of the member */
	const char *chars; /* text: the characters allowed, NULL = any; or words */
	const char *want;  /* what an operator is told */
} field_t;

static void *member(const field_t *f, void *rec)
{
	return (char *)rec + f->offset;
}

static const void *const_member(const field_t *f, const void *rec)
{
	return (const char *)rec + f->offset;
}

static bool only(wa_sv_t v, const char *chars)
{
	for(size_t i = 0; i < v.len; i++)
		if(v.s[i] == '\0' || strchr(chars, v.s[i]) == NULL)
			return false;
	return true;
}

/* Where `c` stands in v, or v.len. */
static size_t find(wa_sv_t v, char c)
{
	const char *p = v.len > 0 ? memchr(v.s, c, v.len) : NULL;

	return p == NULL ? v.len : (size_t)(p - v.s);
}

static int parse_text(const field_t *f, wa_sv_t v, void *rec)
{
	char *dst = member(f, rec);

	if(v.len >= f->size)
		return WA_ETOOLONG;
	if(f->chars != NULL && !only(v, f->chars))
		return WA_EPARSE;
	wa_sv_copy(dst, f->size, v);
	/* free text goes to logs and terminals */
	for(size_t i = 0; i < v.len; i++)
		if((unsigned char)dst[i] < ' ' || dst[i] == 0x7f)
			dst[i] = ' ';
	return 0;
}

static int format_text(
		const field_t *f, const void *rec, char *out, size_t size)
{
	return snprintf(out, size, "%s", (const char *)const_member(f, rec));
}

static int parse_port(const field_t *f, wa_sv_t v, void *rec)
{
	uint16_t *port = member(f, rec);
	unsigned long n;
	int ret = wa_sv_ulong(v, 65535, &n);

	if(ret < 0)
		return ret;
	if(n == 0)
		return WA_ERANGE;
	*port = (uint16_t)n;
	return 0;
}

static int format_port(
		const field_t *f, const void *rec, char *out, size_t size)
{
	unsigned port = *(const uint16_t *)const_member(f, rec);

	return port > 0 ? snprintf(out, size, "%u", port)
					: snprintf(out, size, "%s", "");
}

static int parse_srtp(const field_t *f, wa_sv_t v, void *rec)
{
	enum wa_srtp *srtp = member(f, rec);

	if(wa_sv_ieq(v, WA_SV("DTLS")))
		*srtp = WA_SRTP_DTLS;
	else if(wa_sv_ieq(v, WA_SV("SDES")))
		*srtp = WA_SRTP_SDES;
	else
		return WA_EPARSE;
	return 0;
}

static int format_srtp(
		const field_t *f, const void *rec, char *out, size_t size)
{
	return snprintf(out, size, "%s",
			*(const enum wa_srtp *)const_member(f, rec) == WA_SRTP_SDES
					? "SDES"
					: "DTLS");
}

static const struct
{
	const char *name;
	unsigned bit;
} codec_names[] = {{"OPUS", WA_CODEC_OPUS}, {"PCMU", WA_CODEC_PCMU},
		{"PCMA", WA_CODEC_PCMA}, {"G722", WA_CODEC_G722}};

#define N_CODECS (sizeof(codec_names) / sizeof(codec_names[0]))

static int parse_codecs(wa_sv_t v, unsigned allowed, unsigned *bits)
{
	unsigned found = 0;

	while(v.len > 0) {
		wa_sv_t name = wa_sv_trim(wa_sv_cut(&v, ','));
		size_t i = 0;

		while(i < N_CODECS && !wa_sv_ieq(name, wa_sv_from(codec_names[i].name)))
			i++;
		if(i == N_CODECS || !(codec_names[i].bit & allowed))
			return WA_EUNSUP;
		found |= codec_names[i].bit;
	}
	*bits = found;
	return 0;
}

/* Toward Meta Opus cannot be removed (additional_codecs adds to it). */
static int parse_meta_codecs(const field_t *f, wa_sv_t v, void *rec)
{
	unsigned *codecs = member(f, rec);
	unsigned bits;
	int ret = parse_codecs(
			v, WA_CODEC_OPUS | WA_CODEC_PCMU | WA_CODEC_PCMA, &bits);

	if(ret < 0)
		return ret;
	*codecs = bits | WA_CODEC_OPUS;
	return 0;
}

static int parse_pbx_codecs(const field_t *f, wa_sv_t v, void *rec)
{
	return parse_codecs(v, ~0U, member(f, rec));
}

static int format_codecs(
		const field_t *f, const void *rec, char *out, size_t size)
{
	unsigned bits = *(const unsigned *)const_member(f, rec);
	char text[32] = "";
	size_t len = 0;

	for(size_t i = 0; i < N_CODECS; i++) {
		if(!(bits & codec_names[i].bit))
			continue;
		len += (size_t)snprintf(text + len, sizeof(text) - len, "%s%s",
				len > 0 ? "," : "", codec_names[i].name);
	}
	return snprintf(out, size, "%s", text);
}

static int parse_bool(const field_t *f, wa_sv_t v, void *rec)
{
	bool *b = member(f, rec);

	if(wa_sv_eq(v, WA_SV("1")) || wa_sv_ieq(v, WA_SV("true")))
		*b = true;
	else if(wa_sv_eq(v, WA_SV("0")) || wa_sv_ieq(v, WA_SV("false")))
		*b = false;
	else
		return WA_EPARSE;
	return 0;
}

static int format_bool(
		const field_t *f, const void *rec, char *out, size_t size)
{
	return snprintf(
			out, size, "%c", *(const bool *)const_member(f, rec) ? '1' : '0');
}

/* Of fixed words: a member of type int (as enums are), value = place in the
 * list. */
static int parse_word(const field_t *f, wa_sv_t v, void *rec)
{
	int *word = member(f, rec), i = 0;
	wa_sv_t words = wa_sv_from(f->chars);

	while(words.len > 0) {
		if(wa_sv_ieq(v, wa_sv_cut(&words, '|'))) {
			*word = i;
			return 0;
		}
		i++;
	}
	return WA_EPARSE;
}

static int format_word(
		const field_t *f, const void *rec, char *out, size_t size)
{
	wa_sv_t words = wa_sv_from(f->chars), word = {NULL, 0};

	for(int i = *(const int *)const_member(f, rec); i >= 0; i--)
		word = wa_sv_cut(&words, '|');
	return snprintf(out, size, "%.*s", WA_SV_ARG(word));
}

/* Names of headers, commas between, "*" at the end only. One that carries the
 * call itself cannot be named. */
static int parse_headers(const field_t *f, wa_sv_t v, void *rec)
{
	wa_sv_t rest = v;

	if(wa_sv_ieq(v, WA_SV("none")))
		return parse_text(f, v, rec);
	while(rest.len > 0) {
		wa_sv_t name = wa_sv_trim(wa_sv_cut(&rest, ','));
		size_t star = find(name, '*');

		if(name.len < 3 || star + 1 < name.len || find(name, ' ') < name.len
				|| !(wa_sv_ieq((wa_sv_t){name.s, 2}, WA_SV("X-"))))
			return WA_EPARSE;
	}
	return parse_text(f, v, rec);
}

/* A username stands between quotes in a header. */
static int parse_username(const field_t *f, wa_sv_t v, void *rec)
{
	for(size_t i = 0; i < v.len; i++)
		if((unsigned char)v.s[i] <= ' ' || v.s[i] == '"' || v.s[i] == '\\'
				|| (unsigned char)v.s[i] >= 0x7f)
			return WA_EPARSE;
	return parse_text(f, v, rec);
}

static int parse_time(const field_t *f, wa_sv_t v, void *rec)
{
	time_t *t = member(f, rec);
	unsigned long n;
	int ret = wa_sv_ulong(v, LONG_MAX, &n);

	if(ret < 0)
		return ret;
	*t = (time_t)n;
	return 0;
}

static int format_time(
		const field_t *f, const void *rec, char *out, size_t size)
{
	return snprintf(out, size, "%" PRId64,
			(int64_t) * (const time_t *)const_member(f, rec));
}

static int parse_version(const field_t *f, wa_sv_t v, void *rec)
{
	uint64_t *version = member(f, rec);
	unsigned long n;
	int ret = wa_sv_ulong(v, ULONG_MAX, &n);

	if(ret < 0)
		return ret;
	*version = n;
	return 0;
}

static int format_version(
		const field_t *f, const void *rec, char *out, size_t size)
{
	return snprintf(
			out, size, "%" PRIu64, *(const uint64_t *)const_member(f, rec));
}

static wa_sv_t from(wa_sv_t v, size_t pos)
{
	return (wa_sv_t){v.s + pos, v.len - pos};
}

static bool is_hostname(wa_sv_t v)
{
	return v.len > 0 && v.len < WA_HOST_SIZE && v.s[0] != '-' && v.s[0] != '.'
		   && only(v, HOST_CHARS);
}

static int parse_host(const field_t *f, wa_sv_t v, void *rec)
{
	return is_hostname(v) ? parse_text(f, v, rec) : WA_EPARSE;
}

/* host[:port], where host may be an IPv6 reference */
static bool is_hostport(wa_sv_t v)
{
	bool ipv6 = v.len > 0 && v.s[0] == '[';
	size_t end = find(v, ipv6 ? ']' : ':');
	unsigned long port;

	if(ipv6) {
		if(end == v.len || end < 3
				|| !only((wa_sv_t){v.s + 1, end - 1}, DIGITS "abcdefABCDEF:."))
			return false;
		end++;
	} else if(!is_hostname((wa_sv_t){v.s, end})) {
		return false;
	}
	v = from(v, end);
	if(v.len == 0)
		return true;
	return v.s[0] == ':' && wa_sv_ulong(from(v, 1), 65535, &port) == 0
		   && port > 0;
}

/* sip:host[:port][;transport=udp|tcp|tls]; no user, no other parameter: the
 * script takes it as a destination URI as it is. */
static bool is_gateway_uri(wa_sv_t uri)
{
	wa_sv_t scheme = wa_sv_cut(&uri, ':');
	size_t end = find(uri, ';');
	wa_sv_t param = from(uri, end);

	if(!wa_sv_ieq(scheme, WA_SV("sip")) && !wa_sv_ieq(scheme, WA_SV("sips")))
		return false;
	if(!is_hostport((wa_sv_t){uri.s, end}))
		return false;
	return param.len == 0 || wa_sv_ieq(param, WA_SV(";transport=udp"))
		   || wa_sv_ieq(param, WA_SV(";transport=tcp"))
		   || wa_sv_ieq(param, WA_SV(";transport=tls"));
}

/* Whether there is a ";;"; `v` then ends before the first one, `rest` begins
 * behind it. */
static bool cut_pair(wa_sv_t *v, wa_sv_t *rest)
{
	for(size_t i = 0; i + 1 < v->len; i++) {
		if(v->s[i] != ';' || v->s[i + 1] != ';')
			continue;
		*rest = from(*v, i + 2);
		v->len = i;
		return true;
	}
	return false;
}

/* uri[;;weight[;;priority]] */
static int parse_gateway(wa_sv_t v, wa_gateway_t *out)
{
	unsigned long weight = 1, priority = 1;
	wa_sv_t first, second;
	bool has_first = cut_pair(&v, &first);
	bool has_second = has_first && cut_pair(&first, &second);

	if(has_first
			&& (wa_sv_ulong(first, WEIGHT_MAX, &weight) < 0 || weight == 0))
		return WA_ERANGE;
	if(has_second
			&& (wa_sv_ulong(second, PRIORITY_MAX, &priority) < 0
					|| priority == 0))
		return WA_ERANGE;
	if(!is_gateway_uri(v))
		return WA_EPARSE;
	out->weight = (unsigned)weight;
	out->priority = (unsigned)priority;
	return wa_sv_copy(out->uri, sizeof(out->uri), v);
}

/* Takes all that can be understood, and says whether that was all. */
static int read_gateways(wa_sv_t v, wa_trunk_t *t)
{
	int ret = 0;

	t->n_gateways = 0;
	while(v.len > 0) {
		wa_sv_t one = wa_sv_trim(wa_sv_cut(&v, ' '));

		if(one.len == 0)
			continue;
		if(t->n_gateways == WA_GATEWAYS_MAX)
			return WA_ETOOLONG;
		if(parse_gateway(one, &t->gateways[t->n_gateways]) == 0)
			t->n_gateways++;
		else
			ret = WA_EPARSE;
	}
	return ret;
}

static int parse_gateways(
		const field_t *f __attribute__((unused)), wa_sv_t v, void *rec)
{
	return read_gateways(v, rec);
}

static int format_gateways(const field_t *f __attribute__((unused)),
		const void *rec, char *out, size_t size)
{
	const wa_trunk_t *t = rec;
	size_t len = 0;

	if(size > 0)
		out[0] = '\0';
	for(unsigned i = 0; i < t->n_gateways && len < size; i++) {
		const wa_gateway_t *g = &t->gateways[i];
		const char *space = len > 0 ? " " : "";
		int n;

		if(g->priority > 1)
			n = snprintf(out + len, size - len, "%s%s;;%u;;%u", space, g->uri,
					g->weight, g->priority);
		else if(g->weight != 1)
			n = snprintf(out + len, size - len, "%s%s;;%u", space, g->uri,
					g->weight);
		else
			n = snprintf(out + len, size - len, "%s%s", space, g->uri);
		if(n < 0)
			return n;
		len += (size_t)n;
	}
	return (int)len;
}

#define O WA_RECORD_OPERATOR
#define S WA_RECORD_SEEN
#define AT(rec_, member_) offsetof(rec_, member_), sizeof(((rec_ *)NULL)->member_)
#define TEXT(rec_, member_, chars_) \
	parse_text, format_text, AT(rec_, member_), chars_
#define VALUE(how_, rec_, member_) \
	parse_##how_, format_##how_, AT(rec_, member_), NULL
#define WORD(rec_, member_, words_) \
	parse_word, format_word, AT(rec_, member_), words_

#define WANT_ID "digits, at most 31"
#define WANT_PARAM "at most 128 characters of a URI parameter, no space or ';'"
#define WANT_NAME "1 to 63 letters, digits, '.', '_' or '-'"
#define WANT_BOOL "0 or 1"
#define WANT_TIME "seconds since 1970"

static const field_t number_fields[] = {
		{"phone_number_id", O, TEXT(wa_number_t, phone_number_id, DIGITS),
				WANT_ID},
		{"waba_id", O, TEXT(wa_number_t, waba_id, DIGITS), WANT_ID},
		{"app_id", O, TEXT(wa_number_t, app_id, DIGITS), WANT_ID},
		{"trunk", O, TEXT(wa_number_t, trunk, NAME_CHARS), WANT_NAME},
		{"hostname", O | S, parse_host, format_text, AT(wa_number_t, hostname),
				HOST_CHARS, "a host name of at most 253 characters"},
		{"port", O | S, VALUE(port, wa_number_t, port), "1 to 65535"},
		{"srtp", O | S, VALUE(srtp, wa_number_t, srtp), "DTLS or SDES"},
		{"codecs", O | S, parse_meta_codecs, format_codecs,
				AT(wa_number_t, codecs), NULL,
				"a comma list of OPUS, PCMU and PCMA"},
		{"tgrp", O | S, TEXT(wa_number_t, tgrp, PARAM_CHARS), WANT_PARAM},
		{"context", O | S, TEXT(wa_number_t, context, PARAM_CHARS),
				WANT_PARAM},
		{"calling", O | S, VALUE(bool, wa_number_t, calling_enabled),
				WANT_BOOL},
		{"sip", O | S, VALUE(bool, wa_number_t, sip_enabled), WANT_BOOL},
		{"synced", S, VALUE(time, wa_number_t, synced), WANT_TIME},
		{"sync_error", S, TEXT(wa_number_t, sync_error, NULL),
				"at most 159 characters"},
		{"rotating", 0, VALUE(bool, wa_number_t, rotating), WANT_BOOL},
		{"password_since", 0, VALUE(time, wa_number_t, password_since),
				WANT_TIME},
		{"version", 0, VALUE(version, wa_number_t, version), "a number"},
};

static const field_t trunk_fields[] = {
		{"gateways", O, parse_gateways, format_gateways, 0, 0, NULL,
				"1 to 8 of "
				"sip:host[:port][;transport=udp|tcp|tls][;;weight[;;priority]], "
				"separated by spaces, weight 1 to 1000, priority 1 to 99"},
		{"codecs", O, parse_pbx_codecs, format_codecs, AT(wa_trunk_t, codecs),
				NULL, "a comma list of OPUS, PCMU, PCMA and G722"},
		{"tgrp", O, TEXT(wa_trunk_t, tgrp, PARAM_CHARS), WANT_PARAM},
		{"context", O, TEXT(wa_trunk_t, context, PARAM_CHARS), WANT_PARAM},
		{"pstn", O, VALUE(bool, wa_trunk_t, pstn), WANT_BOOL},
		{"options", O, VALUE(bool, wa_trunk_t, options), WANT_BOOL},
		{"format", O, WORD(wa_trunk_t, format, "e164|digits|national"),
				"e164, digits or national"},
		{"country", O, TEXT(wa_trunk_t, country, DIGITS),
				"a country code of 1 to 3 digits"},
		{"prefix", O, TEXT(wa_trunk_t, prefix, DIGITS "*#"),
				"what precedes national numbers, at most 7 digits"},
		{"identity", O, WORD(wa_trunk_t, identity, "none|pai|rpid"),
				"none, pai or rpid"},
		{"params", O, WORD(wa_trunk_t, params, "none|user|uri"),
				"none, user or uri"},
		{"headers", O, parse_headers, format_text, AT(wa_trunk_t, headers),
				HEADER_CHARS,
				"none, or names that begin with x-, commas between, * only at an end, "
				"at most 512 characters"},
		{"username", O, parse_username, format_text, AT(wa_trunk_t, username),
				NULL, "at most 64 characters without space, quote and backslash"},
		{"challenge", O, VALUE(bool, wa_trunk_t, challenge), WANT_BOOL},
		{"password", WA_RECORD_SECRET, TEXT(wa_trunk_t, sealed, NULL),
				"only from a file: password_file=path"},
		{"version", 0, VALUE(version, wa_trunk_t, version), "a number"},
};

#define COUNT(a_) (sizeof(a_) / sizeof((a_)[0]))

static const field_t *field_at(enum wa_record_kind kind, size_t i)
{
	if(kind == WA_RECORD_NUMBER)
		return i < COUNT(number_fields) ? &number_fields[i] : NULL;
	if(kind != WA_RECORD_TRUNK)
		return NULL;
	return i < COUNT(trunk_fields) ? &trunk_fields[i] : NULL;
}

static const field_t *field_named(enum wa_record_kind kind, wa_sv_t name)
{
	const field_t *f;

	for(size_t i = 0; (f = field_at(kind, i)) != NULL; i++)
		if(wa_sv_eq(name, wa_sv_from(f->name)))
			return f;
	return NULL;
}

const char *wa_record_field(enum wa_record_kind kind, size_t i, unsigned *flags)
{
	const field_t *f = field_at(kind, i);

	if(f != NULL && flags != NULL)
		*flags = f->flags;
	return f == NULL ? NULL : f->name;
}

/* Lenient: `bad` gets the name of the first field that was ignored. */
static void read_fields(enum wa_record_kind kind, const wa_pair_t *pairs,
		size_t n, void *rec, wa_sv_t *bad)
{
	*bad = (wa_sv_t){NULL, 0};
	for(size_t i = 0; i < n; i++) {
		const field_t *f = field_named(kind, pairs[i].name);

		if(f == NULL || pairs[i].value.len == 0)
			continue;
		if(f->parse(f, wa_sv_trim(pairs[i].value), rec) < 0 && bad->len == 0)
			*bad = pairs[i].name;
	}
}

int wa_record_read_number(wa_sv_t digits, const wa_pair_t *pairs, size_t n,
		wa_number_t *out, wa_sv_t *sealed, wa_sv_t *bad)
{
	wa_sv_t none;

	memset(out, 0, sizeof(*out));
	if(sealed != NULL)
		*sealed = (wa_sv_t){NULL, 0};
	if(digits.len == 0 || !only(digits, DIGITS)
			|| wa_sv_copy(out->digits, sizeof(out->digits), digits) < 0)
		return WA_EPARSE;
	out->port = WA_RECORD_PORT;
	out->codecs = WA_CODEC_OPUS;
	read_fields(WA_RECORD_NUMBER, pairs, n, out, bad != NULL ? bad : &none);
	for(size_t i = 0; i < n; i++) {
		if(!wa_sv_eq(pairs[i].name, WA_SV("password"))
				|| pairs[i].value.len == 0)
			continue;
		out->has_password = true;
		if(sealed != NULL)
			*sealed = pairs[i].value;
	}
	return 0;
}

int wa_record_read_trunk(wa_sv_t name, const wa_pair_t *pairs, size_t n,
		wa_trunk_t *out, wa_sv_t *bad)
{
	wa_sv_t none;

	memset(out, 0, sizeof(*out));
	if(!wa_record_is_trunk_name(name))
		return WA_EPARSE;
	wa_sv_copy(out->name, sizeof(out->name), name);
	out->options = true;
	wa_sv_copy(out->headers, sizeof(out->headers), WA_SV(WA_RECORD_HEADERS));
	read_fields(WA_RECORD_TRUNK, pairs, n, out, bad != NULL ? bad : &none);
	return 0;
}

static int text_of(
		const field_t *f, const void *rec, char *out, size_t size)
{
	int n;

	if(f == NULL)
		return WA_ENOENT;
	n = f->format(f, rec, out, size);
	return n < 0 || (size_t)n >= size ? WA_ETOOLONG : 0;
}

int wa_record_number_text(
		const wa_number_t *rec, size_t i, char *out, size_t size)
{
	return text_of(field_at(WA_RECORD_NUMBER, i), rec, out, size);
}

int wa_record_trunk_text(
		const wa_trunk_t *rec, size_t i, char *out, size_t size)
{
	return text_of(field_at(WA_RECORD_TRUNK, i), rec, out, size);
}

static int refuse(int ret, wa_sv_t name, const char *why, char *err, size_t size)
{
	if(snprintf(err, size, "%.*s: %s", (int)(name.len < 40 ? name.len : 40),
			   name.s, why)
			< 0)
		wa_sv_copy(err, size, WA_SV("bad field"));
	return ret;
}

int wa_record_check(enum wa_record_kind kind, wa_sv_t name, wa_sv_t value,
		char *out, size_t size, char *err, size_t errsize)
{
	union
	{
		wa_number_t number;
		wa_trunk_t trunk;
	} rec;
	const field_t *f = field_named(kind, name);
	int ret;

	if(f == NULL)
		return refuse(WA_ENOENT, name, "no such field", err, errsize);
	if(!(f->flags & WA_RECORD_OPERATOR))
		return refuse(
				WA_EAUTH, name, "kept by the directory itself", err, errsize);
	value = wa_sv_trim(value);
	if(value.len == 0)
		return wa_sv_copy(out, size, value);
	memset(&rec, 0, sizeof(rec));
	ret = f->parse(f, value, &rec);
	if(ret == 0)
		ret = text_of(f, &rec, out, size);
	return ret == 0 ? 0 : refuse(ret, name, f->want, err, errsize);
}

int wa_record_digits(wa_sv_t text, wa_sv_t *digits)
{
	text = wa_sv_trim(text);
	if(text.len > 0 && text.s[0] == '+')
		text = from(text, 1);
	if(text.len < 5 || text.len > 15 || text.s[0] == '0' || !only(text, DIGITS))
		return WA_EPARSE;
	*digits = text;
	return 0;
}

bool wa_record_is_trunk_name(wa_sv_t name)
{
	return name.len > 0 && name.len < WA_NAME_SIZE && only(name, NAME_CHARS);
}
