/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "wa_given.h"

#include <string.h>

#include "wa_buf.h"
#include "wa_err.h"
#include "wa_number.h"

#define WAYS 4
#define ENTRIES_MAX 1048576u

typedef struct entry
{
	char number[WA_DIGITS_SIZE]; /* "": free */
	char text[WA_GIVEN_TEXT_SIZE]; /* the challenge; "": none */
	bool proxy;
	uint32_t nc; /* last used */
	int64_t given;
	int64_t used;
	unsigned streak;
	int64_t paused_until;
} entry_t;

struct wa_given
{
	unsigned n_sets; /* a power of two */
	wa_given_times_t times;
	entry_t e[];
};

static unsigned sets_for(unsigned numbers)
{
	unsigned n = 1;

	while(n * WAYS < numbers)
		n *= 2;
	return n;
}

size_t wa_given_size(unsigned numbers)
{
	if(numbers == 0 || numbers > ENTRIES_MAX)
		return 0;
	return sizeof(wa_given_t) + sets_for(numbers) * WAYS * sizeof(entry_t);
}

wa_given_t *wa_given_init(
		void *block, unsigned numbers, const wa_given_times_t *times)
{
	wa_given_t *t = block;

	memset(block, 0, wa_given_size(numbers));
	t->n_sets = sets_for(numbers);
	t->times = *times;
	return t;
}

/* FNV-1a */
static entry_t *set_of(wa_given_t *t, wa_sv_t number)
{
	uint32_t h = 2166136261u;

	for(size_t i = 0; i < number.len; i++)
		h = (h ^ (unsigned char)number.s[i]) * 16777619u;
	return &t->e[((h ^ h >> 16) & (t->n_sets - 1)) * WAYS];
}

static entry_t *find(wa_given_t *t, wa_sv_t number)
{
	entry_t *set = set_of(t, number);

	for(unsigned i = 0; i < WAYS; i++)
		if(wa_sv_eq(wa_sv_from(set[i].number), number))
			return &set[i];
	return NULL;
}

static entry_t *find_or_make(wa_given_t *t, wa_sv_t number)
{
	entry_t *e = find(t, number), *set = set_of(t, number);

	if(number.len == 0 || number.len >= sizeof(e->number))
		return NULL;
	if(e != NULL)
		return e;
	e = &set[0];
	for(unsigned i = 1; i < WAYS; i++)
		if(set[i].used < e->used)
			e = &set[i];
	*e = (entry_t){0};
	memcpy(e->number, number.s, number.len);
	return e;
}

static bool parse(const char *text, wa_challenge_t *out)
{
	wa_challenges_t list = {0};

	if(text[0] == '\0' || wa_challenges_parse(wa_sv_from(text), &list) < 0
			|| list.n != 1)
		return false;
	*out = list.v[0];
	return true;
}

static bool holds(const entry_t *e, wa_sv_t nonce)
{
	wa_challenge_t ch;

	return parse(e->text, &ch) && wa_sv_eq(ch.nonce, nonce);
}

/* A -sess key belongs to the client nonce it began with, auth-int to a body. */
static bool is_kept(const wa_challenge_t *ch)
{
	return (ch->qop & WA_QOP_AUTH)
		   && (ch->alg == WA_ALG_MD5 || ch->alg == WA_ALG_SHA256
				   || ch->alg == WA_ALG_SHA512_256);
}

static void put_quoted(wa_buf_t *b, wa_sv_t name, wa_sv_t value)
{
	wa_buf_put(b, name);
	wa_buf_put(b, value);
	wa_buf_put(b, WA_SV("\""));
}

static int write_challenge(const wa_challenge_t *ch, char *dst, size_t size)
{
	wa_buf_t b = wa_buf_on(dst, size - 1);

	put_quoted(&b, WA_SV("Digest realm=\""), ch->realm);
	put_quoted(&b, WA_SV(", nonce=\""), ch->nonce);
	if(ch->opaque.s != NULL)
		put_quoted(&b, WA_SV(", opaque=\""), ch->opaque);
	if(ch->algorithm.s != NULL) {
		wa_buf_put(&b, WA_SV(", algorithm="));
		wa_buf_put(&b, wa_sv_from(wa_alg_name(ch->alg)));
	}
	wa_buf_put(&b, WA_SV(", qop=\"auth\""));
	if(wa_buf_check(&b) < 0) {
		dst[0] = '\0';
		return WA_ETOOLONG;
	}
	dst[b.len] = '\0';
	return 0;
}

uint32_t wa_given_put(wa_given_t *t, wa_sv_t number, const wa_challenge_t *ch,
		bool proxy, time_t now)
{
	entry_t *e;

	if(!is_kept(ch))
		return 1;
	e = find_or_make(t, number);
	if(e == NULL)
		return 1;
	e->used = (int64_t)now;
	if(holds(e, ch->nonce))
		return ++e->nc;
	if(write_challenge(ch, e->text, sizeof(e->text)) < 0)
		return 1;
	e->proxy = proxy;
	e->given = (int64_t)now;
	return e->nc = 1;
}

int wa_given_take(
		wa_given_t *t, wa_sv_t number, time_t now, wa_given_nonce_t *out)
{
	entry_t *e = find(t, number);

	if(e == NULL || number.len == 0 || e->text[0] == '\0')
		return WA_ENOENT;
	if((int64_t)now < e->paused_until)
		return WA_EBUSY;
	if((int64_t)now > e->given + t->times.keep || e->nc == UINT32_MAX)
		return WA_ENOENT;
	memcpy(out->text, e->text, sizeof(out->text));
	if(!parse(out->text, &out->ch))
		return WA_ENOENT;
	out->proxy = e->proxy;
	out->nc = ++e->nc;
	e->used = (int64_t)now;
	return 0;
}

/* A nonce has one second use only, so calls at the same time count once. */
void wa_given_refused(
		wa_given_t *t, wa_sv_t number, wa_sv_t nonce, uint32_t nc, time_t now)
{
	entry_t *e = find(t, number);

	if(e == NULL)
		return;
	if(holds(e, nonce))
		e->text[0] = '\0';
	if(nc != 2)
		return;
	if(++e->streak < WA_GIVEN_STREAK)
		return;
	e->streak = 0;
	e->paused_until = (int64_t)now + t->times.pause;
}

void wa_given_taken(wa_given_t *t, wa_sv_t number, wa_sv_t nonce)
{
	entry_t *e = find(t, number);

	if(e != NULL && holds(e, nonce))
		e->streak = 0;
}
