/* SPDX-License-Identifier: GPL-2.0-or-later */
#define _GNU_SOURCE /* memrchr, memmem */
#include "wa_redis_url.h"

#include <stdio.h>
#include <string.h>
#include <sys/un.h>

#include "wa_err.h"

#define REDIS_PORT 6379
#define SENTINEL_PORT 26379

static int hex_value(char c)
{
	if(c >= '0' && c <= '9')
		return c - '0';
	if(c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

static int unescape(wa_sv_t v, char *out, size_t size)
{
	size_t o = 0;

	for(size_t i = 0; i < v.len; i++) {
		char c = v.s[i];

		if(c == '%') {
			int hi = i + 2 < v.len ? hex_value(v.s[i + 1]) : -1;
			int lo = i + 2 < v.len ? hex_value(v.s[i + 2]) : -1;

			if(hi < 0 || lo < 0 || hi + lo == 0)
				return WA_EPARSE;
			c = (char)(hi << 4 | lo);
			i += 2;
		}
		if(o + 1 >= size)
			return WA_ETOOLONG;
		out[o++] = c;
	}
	out[o] = '\0';
	return 0;
}

/* Cuts a leading "user:password@", where the user may be empty, or "user@" whose
 * password stands elsewhere. The password
 * ends at the last '@', which no host and no path here needs. */
static int take_userinfo(wa_sv_t *rest, wa_redis_url_t *out)
{
	const char *at = rest->len > 0 ? memrchr(rest->s, '@', rest->len) : NULL;
	wa_sv_t info, user;
	bool named;
	int ret;

	if(at == NULL)
		return 0;
	info = (wa_sv_t){rest->s, (size_t)(at - rest->s)};
	*rest = (wa_sv_t){at + 1, rest->len - info.len - 1};
	named = info.len > 0 && memchr(info.s, ':', info.len) == NULL;
	user = wa_sv_cut(&info, ':');
	ret = unescape(user, out->user, sizeof(out->user));
	if(ret == 0)
		ret = unescape(info, out->password, sizeof(out->password));
	return ret == 0 && out->password[0] == '\0' && !named ? WA_EPARSE : ret;
}

static int parse_number(wa_sv_t v, unsigned long max, unsigned *out)
{
	unsigned long n;
	int ret = wa_sv_ulong(v, max, &n);

	if(ret == 0)
		*out = (unsigned)n;
	return ret;
}

static int parse_unix(wa_sv_t v, wa_redis_url_t *out)
{
	wa_sv_t path = wa_sv_cut(&v, '?');
	int ret = 0;

	if(path.len == 0 || path.s[0] != '/')
		return WA_EPARSE;
	if(v.len > 0) {
		if(!wa_sv_eq(wa_sv_cut(&v, '='), WA_SV("db")))
			return WA_EPARSE;
		ret = parse_number(v, 65535, &out->db);
	}
	if(path.len >= sizeof(((struct sockaddr_un *)NULL)->sun_path))
		return WA_ETOOLONG;
	return ret < 0 ? ret : wa_sv_copy(out->host, sizeof(out->host), path);
}

static int parse_tcp(wa_sv_t v, wa_redis_url_t *out)
{
	wa_sv_t authority = wa_sv_cut(&v, '/');
	wa_sv_t host = authority, port = {NULL, 0};
	const char *colon;
	int ret = 0;

	if(authority.len > 0 && authority.s[0] == '[') { /* IPv6 */
		authority = (wa_sv_t){authority.s + 1, authority.len - 1};
		host = wa_sv_cut(&authority, ']');
		if(authority.len > 0) {
			if(authority.s[0] != ':')
				return WA_EPARSE;
			port = (wa_sv_t){authority.s + 1, authority.len - 1};
		}
	} else {
		colon = host.len > 0 ? memchr(host.s, ':', host.len) : NULL;
		if(colon != NULL) {
			host.len = (size_t)(colon - authority.s);
			port = (wa_sv_t){colon + 1, authority.len - host.len - 1};
		}
	}
	if(host.len == 0)
		return WA_EPARSE;
	if(port.s != NULL)
		ret = parse_number(port, 65535, &out->port);
	if(ret == 0 && out->port == 0)
		ret = WA_ERANGE;
	if(ret == 0 && v.len > 0)
		ret = parse_number(v, 65535, &out->db);
	return ret < 0 ? ret : wa_sv_copy(out->host, sizeof(out->host), host);
}

static bool take_scheme(wa_sv_t *v, wa_sv_t scheme)
{
	if(v->len < scheme.len
			|| !wa_sv_ieq((wa_sv_t){v->s, scheme.len}, scheme))
		return false;
	*v = (wa_sv_t){v->s + scheme.len, v->len - scheme.len};
	return true;
}

static int parse(wa_sv_t text, unsigned port, wa_redis_url_t *out)
{
	int ret;

	memset(out, 0, sizeof(*out));
	text = wa_sv_trim(text);
	out->is_unix = take_scheme(&text, WA_SV("unix://"));
	out->is_tls = !out->is_unix && take_scheme(&text, WA_SV("rediss://"));
	if(!out->is_unix && !out->is_tls && !take_scheme(&text, WA_SV("redis://")))
		return WA_EPARSE;
	out->port = out->is_unix ? 0 : port;
	ret = take_userinfo(&text, out);
	if(ret == 0)
		ret = out->is_unix ? parse_unix(text, out) : parse_tcp(text, out);
	if(ret < 0)
		explicit_bzero(out, sizeof(*out));
	return ret;
}

int wa_redis_url_parse(wa_sv_t text, wa_redis_url_t *out)
{
	return parse(text, REDIS_PORT, out);
}

/* One Sentinel, with or without a scheme. */
static int parse_sentinel(wa_sv_t item, wa_redis_url_t *out)
{
	char text[sizeof(out->host) + sizeof(out->user) + sizeof(out->password)];
	int n, ret;

	if(memmem(item.s, item.len, "://", 3) != NULL) {
		ret = parse(item, SENTINEL_PORT, out);
	} else {
		n = snprintf(text, sizeof(text), "redis://%.*s", WA_SV_ARG(item));
		if(n < 0 || (size_t)n >= sizeof(text))
			return WA_ETOOLONG;
		ret = parse((wa_sv_t){text, (size_t)n}, SENTINEL_PORT, out);
		explicit_bzero(text, sizeof(text));
	}
	return ret == 0 && out->db != 0 ? WA_EPARSE : ret;
}

int wa_redis_url_list(wa_sv_t text, wa_redis_url_t *out, size_t max)
{
	size_t n = 0;

	text = wa_sv_trim(text);
	while(text.len > 0) {
		wa_sv_t item;
		size_t len = 0;
		int ret;

		while(len < text.len && text.s[len] != ',' && text.s[len] != ' ')
			len++;
		item = (wa_sv_t){text.s, len};
		text = len < text.len ? (wa_sv_t){text.s + len + 1, text.len - len - 1}
							  : (wa_sv_t){NULL, 0};
		if(item.len == 0)
			continue;
		if(n == max)
			return WA_ERANGE;
		ret = parse_sentinel(item, &out[n]);
		if(ret < 0)
			return ret;
		n++;
	}
	return (int)n;
}

int wa_redis_url_show(const wa_redis_url_t *url, char *out, size_t size)
{
	const char *scheme = url->is_tls ? "rediss" : "redis";
	bool bare = strchr(url->host, ':') != NULL; /* IPv6 */
	int n;

	if(url->is_unix)
		n = snprintf(out, size, "unix://%s?db=%u", url->host, url->db);
	else
		n = snprintf(out, size, "%s://%s%s%s:%u/%u", scheme, bare ? "[" : "",
				url->host, bare ? "]" : "", url->port, url->db);
	return n < 0 || (size_t)n >= size ? WA_ETOOLONG : 0;
}
