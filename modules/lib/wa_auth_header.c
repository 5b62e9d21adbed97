/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "wa_auth_header.h"

#include <string.h>

#include "wa_err.h"

typedef struct cursor
{
	const char *p;
	const char *end;
} cursor_t;

typedef struct param
{
	wa_sv_t name;
	wa_sv_t value;
} param_t;

static const struct
{
	enum wa_alg alg;
	const char *name;
} algs[] = {
		{WA_ALG_MD5, "MD5"},
		{WA_ALG_MD5_SESS, "MD5-sess"},
		{WA_ALG_SHA256, "SHA-256"},
		{WA_ALG_SHA256_SESS, "SHA-256-sess"},
		{WA_ALG_SHA512_256, "SHA-512-256"},
		{WA_ALG_SHA512_256_SESS, "SHA-512-256-sess"},
};

enum wa_alg wa_alg_by_name(wa_sv_t name)
{
	for(size_t i = 0; i < sizeof(algs) / sizeof(algs[0]); i++)
		if(wa_sv_ieq(name, wa_sv_from(algs[i].name)))
			return algs[i].alg;
	return WA_ALG_UNKNOWN;
}

const char *wa_alg_name(enum wa_alg alg)
{
	for(size_t i = 0; i < sizeof(algs) / sizeof(algs[0]); i++)
		if(algs[i].alg == alg)
			return algs[i].name;
	return "unknown";
}

static bool is_space(char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

static bool is_control(char c)
{
	return ((unsigned char)c < 0x20 && c != '\t') || c == 0x7f;
}

bool wa_auth_quotable(wa_sv_t v)
{
	for(size_t i = 0; i < v.len; i++)
		if(v.s[i] == '"' || v.s[i] == '\\' || is_control(v.s[i]))
			return false;
	return v.len > 0;
}

static bool is_alnum(char c)
{
	return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z')
		   || (c >= 'a' && c <= 'z');
}

/* RFC 7230 3.2.6 */
static bool is_token(char c)
{
	return is_alnum(c) || (c != '\0' && strchr("!#$%&'*+-.^_`|~", c) != NULL);
}

static bool at_end(const cursor_t *c)
{
	return c->p == c->end;
}

static bool at(const cursor_t *c, char ch)
{
	return c->p < c->end && *c->p == ch;
}

static void skip_space(cursor_t *c)
{
	while(c->p < c->end && is_space(*c->p))
		c->p++;
}

static void skip_list_gaps(cursor_t *c)
{
	while(c->p < c->end && (is_space(*c->p) || *c->p == ','))
		c->p++;
}

static wa_sv_t take(cursor_t *c, bool (*belongs)(char))
{
	const char *start = c->p;

	while(c->p < c->end && belongs(*c->p))
		c->p++;
	return (wa_sv_t){start, (size_t)(c->p - start)};
}

/* What an unquoted value may hold. More than a token, since base64 nonces and
 * SIP URIs are seen without their quotes; but no backslash: out here it escapes
 * nothing, echoed between quotes it would. */
static bool is_bare(char c)
{
	return !is_space(c) && !is_control(c) && c != ',' && c != '"' && c != '\\';
}

static bool is_token68(char c)
{
	return is_alnum(c) || (c != '\0' && strchr("-._~+/", c) != NULL);
}

static int take_quoted(cursor_t *c, wa_sv_t *out)
{
	const char *start = ++c->p;

	for(; c->p < c->end && *c->p != '"'; c->p++) {
		if(*c->p == '\\' && ++c->p == c->end)
			return WA_EPARSE;
		if(is_control(*c->p))
			return WA_EPARSE;
	}
	if(at_end(c))
		return WA_EPARSE;
	*out = (wa_sv_t){start, (size_t)(c->p - start)};
	c->p++;
	return 0;
}

static int take_value(cursor_t *c, wa_sv_t *out)
{
	if(at(c, '"'))
		return take_quoted(c, out);
	*out = take(c, is_bare);
	return out->len ? 0 : WA_EPARSE;
}

/* After a list element there is a comma or nothing. */
static int element_ends(cursor_t *c)
{
	skip_space(c);
	return at_end(c) || at(c, ',') ? 0 : WA_EPARSE;
}

enum step
{
	STEP_PARAM = 1, /* a parameter was read */
	STEP_DONE = 0	/* the header ends, or the next challenge begins */
};

/* Reads one name=value. What has no "=" behind its name is the scheme of the
 * next challenge: the cursor is put back before it. */
static int next_param(cursor_t *c, param_t *out)
{
	const char *start;

	skip_list_gaps(c);
	start = c->p;
	if(at_end(c))
		return STEP_DONE;
	out->name = take(c, is_token);
	if(out->name.len == 0)
		return WA_EPARSE;
	skip_space(c);
	if(!at(c, '=')) {
		c->p = start;
		return STEP_DONE;
	}
	c->p++;
	skip_space(c);
	if(take_value(c, &out->value) < 0 || element_ends(c) < 0)
		return WA_EPARSE;
	return STEP_PARAM;
}

/* "Negotiate dG9rZW4=": one token68 instead of parameters. It is passed over
 * only if the whole element has that form. */
static bool skip_token68(cursor_t *c)
{
	cursor_t try = *c;

	skip_space(&try);
	if(take(&try, is_token68).len == 0)
		return false;
	while(at(&try, '='))
		try.p++;
	if(element_ends(&try) < 0)
		return false;
	*c = try;
	return true;
}

/* Stores a parameter that may stand once only. */
static void set_once(wa_sv_t *slot, wa_sv_t value, int *err)
{
	if(slot->s != NULL)
		*err = WA_EPARSE;
	*slot = value;
}

static unsigned qop_bits(wa_sv_t list)
{
	unsigned bits = 0;

	while(list.len > 0) {
		wa_sv_t one = wa_sv_trim(wa_sv_cut(&list, ','));

		if(wa_sv_ieq(one, WA_SV("auth")))
			bits |= WA_QOP_AUTH;
		else if(wa_sv_ieq(one, WA_SV("auth-int")))
			bits |= WA_QOP_AUTH_INT;
	}
	return bits;
}

typedef struct challenge_text
{
	wa_sv_t qop;
	wa_sv_t stale;
} challenge_text_t;

static void challenge_param(
		wa_challenge_t *ch, challenge_text_t *text, const param_t *p)
{
	const struct
	{
		const char *name;
		wa_sv_t *slot;
	} known[] = {{"realm", &ch->realm}, {"nonce", &ch->nonce},
			{"opaque", &ch->opaque}, {"algorithm", &ch->algorithm},
			{"qop", &text->qop}, {"stale", &text->stale}};

	for(size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++)
		if(wa_sv_ieq(p->name, wa_sv_from(known[i].name)))
			set_once(known[i].slot, p->value, &ch->err);
}

/* An empty realm is legal, an empty nonce is not. */
static void judge_challenge(wa_challenge_t *ch, const challenge_text_t *text)
{
	if(!wa_sv_ieq(ch->scheme, WA_SV("Digest"))) {
		ch->err = WA_EUNSUP;
		return;
	}
	ch->alg = ch->algorithm.s ? wa_alg_by_name(ch->algorithm) : WA_ALG_MD5;
	ch->qop = qop_bits(text->qop);
	ch->stale = wa_sv_ieq(text->stale, WA_SV("true"));
	if(ch->realm.s == NULL || ch->nonce.len == 0)
		ch->err = WA_EPARSE;
	if(ch->err == 0
			&& (ch->alg == WA_ALG_UNKNOWN
					|| (wa_sv_trim(text->qop).len > 0 && ch->qop == 0)))
		ch->err = WA_EUNSUP;
}

static int parse_challenge(cursor_t *c, wa_challenge_t *ch)
{
	challenge_text_t text = {0};
	param_t p;
	int step;

	*ch = (wa_challenge_t){.scheme = take(c, is_token)};
	if(ch->scheme.len == 0 || !(at_end(c) || is_space(*c->p) || at(c, ',')))
		return WA_EPARSE;
	if(!skip_token68(c)) {
		while((step = next_param(c, &p)) == STEP_PARAM)
			challenge_param(ch, &text, &p);
		if(step < 0)
			return step;
	}
	judge_challenge(ch, &text);
	return 0;
}

int wa_challenges_parse(wa_sv_t header, wa_challenges_t *list)
{
	cursor_t c = {header.s, header.len ? header.s + header.len : header.s};
	unsigned before = list->n;

	for(skip_list_gaps(&c); !at_end(&c); skip_list_gaps(&c)) {
		wa_challenge_t ch;

		if(parse_challenge(&c, &ch) < 0)
			return WA_EPARSE;
		if(list->n == WA_CHALLENGES_MAX)
			return WA_ETOOLONG;
		list->v[list->n++] = ch;
	}
	return list->n > before ? 0 : WA_EPARSE;
}

typedef struct credentials_text
{
	wa_sv_t algorithm;
	wa_sv_t qop;
} credentials_text_t;

static void credentials_param(wa_credentials_t *cr, credentials_text_t *text,
		const param_t *p, int *err)
{
	const struct
	{
		const char *name;
		wa_sv_t *slot;
	} known[] = {{"username", &cr->username}, {"realm", &cr->realm},
			{"nonce", &cr->nonce}, {"uri", &cr->uri},
			{"response", &cr->response}, {"cnonce", &cr->cnonce},
			{"nc", &cr->nc_text}, {"opaque", &cr->opaque},
			{"algorithm", &text->algorithm}, {"qop", &text->qop}};

	for(size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++)
		if(wa_sv_ieq(p->name, wa_sv_from(known[i].name)))
			set_once(known[i].slot, p->value, err);
}

int wa_hex_digit(char c)
{
	if(c >= '0' && c <= '9')
		return c - '0';
	if((c | 0x20) >= 'a' && (c | 0x20) <= 'f')
		return (c | 0x20) - 'a' + 10;
	return -1;
}

static int parse_nc(wa_sv_t text, uint32_t *out)
{
	uint32_t n = 0;

	if(text.len != 8)
		return WA_EPARSE;
	for(size_t i = 0; i < text.len; i++) {
		int d = wa_hex_digit(text.s[i]);

		if(d < 0)
			return WA_EPARSE;
		n = n << 4 | (uint32_t)d;
	}
	*out = n;
	return n > 0 ? 0 : WA_EPARSE;
}

/* cnonce and nc stand with qop and never without (RFC 7616 3.4). */
static int judge_credentials(
		wa_credentials_t *cr, const credentials_text_t *text)
{
	if(cr->username.len == 0 || cr->realm.s == NULL || cr->nonce.len == 0
			|| cr->uri.len == 0 || cr->response.len == 0)
		return WA_EPARSE;
	cr->alg = text->algorithm.s ? wa_alg_by_name(text->algorithm) : WA_ALG_MD5;
	if(cr->alg == WA_ALG_UNKNOWN)
		return WA_EUNSUP;
	if(text->qop.s == NULL)
		return 0;
	cr->qop = qop_bits(text->qop);
	if(cr->qop != WA_QOP_AUTH && cr->qop != WA_QOP_AUTH_INT)
		return WA_EUNSUP;
	if(cr->cnonce.len == 0)
		return WA_EPARSE;
	return parse_nc(cr->nc_text, &cr->nc);
}

int wa_credentials_parse(wa_sv_t header, wa_credentials_t *out)
{
	cursor_t c = {header.s, header.len ? header.s + header.len : header.s};
	credentials_text_t text = {0};
	wa_sv_t scheme;
	param_t p;
	int step, err = 0;

	*out = (wa_credentials_t){0};
	skip_space(&c);
	scheme = take(&c, is_token);
	if(scheme.len == 0 || (!at_end(&c) && !is_space(*c.p)))
		return WA_EPARSE;
	if(!wa_sv_ieq(scheme, WA_SV("Digest")))
		return WA_EUNSUP;
	while((step = next_param(&c, &p)) == STEP_PARAM)
		credentials_param(out, &text, &p, &err);
	if(step < 0 || err < 0 || !at_end(&c))
		return WA_EPARSE;
	return judge_credentials(out, &text);
}
