/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "wa_bencode.h"

#include "wa_err.h"

/* A decimal number that ends at `end`; `*p` is left behind `end`. */
static int read_num(wa_sv_t *p, char end, bool is_signed, int64_t *out)
{
	int64_t n = 0;
	size_t i = 0, digits = 0;
	bool neg = false;

	if(is_signed && p->len > 0 && p->s[0] == '-') {
		neg = true;
		i++;
	}
	for(; i < p->len && p->s[i] >= '0' && p->s[i] <= '9'; i++) {
		if(++digits > 18)
			return WA_ERANGE;
		n = n * 10 + (p->s[i] - '0');
	}
	if(digits == 0 || i >= p->len || p->s[i] != end)
		return WA_EPARSE;
	*p = (wa_sv_t){p->s + i + 1, p->len - i - 1};
	*out = neg ? -n : n;
	return 0;
}

static int read_str(wa_sv_t *p, wa_sv_t *out)
{
	int64_t len;
	int err = read_num(p, ':', false, &len);

	if(err < 0)
		return err;
	if((uint64_t)len > p->len)
		return WA_EPARSE;
	*out = (wa_sv_t){p->s, (size_t)len};
	*p = (wa_sv_t){p->s + len, p->len - (size_t)len};
	return 0;
}

/* Steps over one item, with all that is inside. */
static int skip(wa_sv_t *p, unsigned depth)
{
	wa_sv_t s;
	int64_t n;
	char c;
	int err;

	if(depth > WA_BEN_DEPTH)
		return WA_ETOOLONG;
	if(p->len == 0)
		return WA_EPARSE;
	c = p->s[0];
	if(c == 'i') {
		*p = (wa_sv_t){p->s + 1, p->len - 1};
		return read_num(p, 'e', true, &n);
	}
	if(c != 'l' && c != 'd')
		return read_str(p, &s);
	*p = (wa_sv_t){p->s + 1, p->len - 1};
	while(p->len > 0 && p->s[0] != 'e') {
		if(c == 'd' && (err = read_str(p, &s)) < 0)
			return err;
		if((err = skip(p, depth + 1)) < 0)
			return err;
	}
	if(p->len == 0)
		return WA_EPARSE;
	*p = (wa_sv_t){p->s + 1, p->len - 1};
	return 0;
}

/* Opens the item at the head of `*p`, which skip() has found well-formed. */
static int take(wa_sv_t *p, wa_ben_t *item)
{
	const char *start = p->s;
	char c = p->len > 0 ? p->s[0] : '\0';
	wa_sv_t in = *p;
	int err = skip(p, 0);

	if(err < 0)
		return err;
	item->raw = (wa_sv_t){start, (size_t)(p->s - start)};
	item->num = 0;
	item->body = (wa_sv_t){start + 1, item->raw.len - 2};
	if(c == 'i') {
		item->type = WA_BEN_INT;
		in = (wa_sv_t){in.s + 1, in.len - 1};
		return read_num(&in, 'e', true, &item->num);
	}
	if(c == 'l' || c == 'd') {
		item->type = c == 'l' ? WA_BEN_LIST : WA_BEN_DICT;
		return 0;
	}
	item->type = WA_BEN_STR;
	return read_str(&in, &item->body);
}

int wa_ben_open(wa_sv_t text, wa_ben_t *item)
{
	int err = take(&text, item);

	if(err < 0)
		return err;
	return text.len == 0 ? 0 : WA_EPARSE;
}

bool wa_ben_next(wa_sv_t *rest, wa_ben_t *item)
{
	return rest->len > 0 && take(rest, item) == 0;
}

bool wa_ben_pair(wa_sv_t *rest, wa_sv_t *key, wa_ben_t *value)
{
	return rest->len > 0 && read_str(rest, key) == 0 && take(rest, value) == 0;
}

int wa_ben_get(const wa_ben_t *dict, wa_sv_t key, enum wa_ben_type type,
		wa_ben_t *value)
{
	wa_sv_t rest = dict->body, k;
	wa_ben_t v;

	if(dict->type != WA_BEN_DICT)
		return WA_ETYPE;
	while(wa_ben_pair(&rest, &k, &v)) {
		if(!wa_sv_eq(k, key))
			continue;
		if(v.type != type)
			return WA_ETYPE;
		*value = v;
		return 0;
	}
	return WA_ENOENT;
}

bool wa_ben_has(const wa_ben_t *list, wa_sv_t s)
{
	wa_sv_t rest = list->body;
	wa_ben_t v;

	if(list->type != WA_BEN_LIST)
		return false;
	while(wa_ben_next(&rest, &v))
		if(v.type == WA_BEN_STR && wa_sv_eq(v.body, s))
			return true;
	return false;
}

void wa_ben_put_str(wa_buf_t *b, wa_sv_t s)
{
	wa_buf_num(b, (int64_t)s.len);
	wa_buf_put(b, WA_SV(":"));
	wa_buf_put(b, s);
}

void wa_ben_put_int(wa_buf_t *b, int64_t n)
{
	wa_buf_put(b, WA_SV("i"));
	wa_buf_num(b, n);
	wa_buf_put(b, WA_SV("e"));
}

void wa_ben_put_dict(wa_buf_t *b)
{
	wa_buf_put(b, WA_SV("d"));
}

void wa_ben_put_list(wa_buf_t *b)
{
	wa_buf_put(b, WA_SV("l"));
}

void wa_ben_put_end(wa_buf_t *b)
{
	wa_buf_put(b, WA_SV("e"));
}

void wa_ben_put_pair(wa_buf_t *b, wa_sv_t key, wa_sv_t value)
{
	wa_ben_put_str(b, key);
	wa_ben_put_str(b, value);
}
