/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "wanted.h"

#include <stdlib.h>
#include <string.h>

#include <kamailio/core/hashes.h>

#include "../lib/wa_err.h"

#define BUCKETS 4096 /* a power of two */

/* Texts one after the other, each with a NUL: digits, doc, job, by. */
enum
{
	T_DIGITS,
	T_DOC,
	T_JOB,
	T_BY,
	N_TEXTS
};

typedef struct wish
{
	struct wish *next;
	unsigned mark; /* the load that met it last */
	int64_t at, rotated;
	uint64_t version;
	uint16_t len[N_TEXTS];
	char text[];
} wish_t;

typedef struct shared
{
	gen_lock_t lock;
	wish_t *buckets[BUCKETS];
} shared_t;

static shared_t *sh = NULL;
static unsigned load_mark; /* the directory process' own */

int wan_wanted_init(void)
{
	sh = shm_malloc(sizeof(*sh));
	if(sh == NULL) {
		SHM_MEM_ERROR;
		return -1;
	}
	memset(sh, 0, sizeof(*sh));
	return lock_init(&sh->lock) == NULL ? -1 : 0;
}

void wan_wanted_destroy(void)
{
	if(sh == NULL)
		return;
	for(size_t i = 0; i < BUCKETS; i++)
		while(sh->buckets[i] != NULL) {
			wish_t *w = sh->buckets[i];

			sh->buckets[i] = w->next;
			shm_free(w);
		}
	lock_destroy(&sh->lock);
	shm_free(sh);
	sh = NULL;
}

static wish_t **bucket(wa_sv_t digits)
{
	str s = KSR_STR(digits);

	return &sh->buckets[core_hash(&s, NULL, BUCKETS)];
}

static wish_t **find(wa_sv_t digits)
{
	wish_t **at = bucket(digits);

	while(*at != NULL
			&& !wa_sv_eq((wa_sv_t){(*at)->text, (*at)->len[T_DIGITS]}, digits))
		at = &(*at)->next;
	return at;
}

/* Every text fits: put() has seen to it. */
static void copy(const wish_t *w, wa_wish_t *out)
{
	char *const to[N_TEXTS] = {out->digits, out->doc, out->job, out->by};
	const char *from = w->text;

	for(size_t i = 0; i < N_TEXTS; i++) {
		memcpy(to[i], from, w->len[i] + 1U);
		from += w->len[i] + 1U;
	}
	out->at = w->at;
	out->rotated = w->rotated;
	out->version = w->version;
}

int wan_wanted_get(wa_sv_t digits, wa_wish_t *out)
{
	const wish_t *w;

	lock_get(&sh->lock);
	w = *find(digits);
	if(w != NULL)
		copy(w, out);
	lock_release(&sh->lock);
	return w != NULL ? 0 : WA_ENOENT;
}

bool wan_wanted_has(wa_sv_t digits)
{
	bool has;

	lock_get(&sh->lock);
	has = *find(digits) != NULL;
	lock_release(&sh->lock);
	return has;
}

/* The i-th of a bucket; records may come and go between two calls, which at worst
 * leaves one out until the next walk. */
static bool copy_at(size_t b, size_t i, wa_wish_t *out)
{
	const wish_t *w;

	lock_get(&sh->lock);
	w = sh->buckets[b];
	while(w != NULL && i-- > 0)
		w = w->next;
	if(w != NULL)
		copy(w, out);
	lock_release(&sh->lock);
	return w != NULL;
}

int wan_wanted_each(int (*cb)(const wa_wish_t *w, void *arg), void *arg)
{
	wa_wish_t *w = pkg_malloc(sizeof(*w));
	int ret = 0;

	if(w == NULL) {
		PKG_MEM_ERROR;
		return WA_ENOMEM;
	}
	for(size_t b = 0; ret == 0 && b < BUCKETS; b++) {
		if(sh->buckets[b] == NULL)
			continue;
		for(size_t i = 0; ret == 0 && copy_at(b, i, w); i++)
			ret = cb(w, arg);
	}
	pkg_free(w);
	return ret;
}

static wa_sv_t value_of(const wa_pair_t *pairs, size_t n, wa_sv_t name)
{
	for(size_t i = 0; i < n; i++)
		if(wa_sv_eq(pairs[i].name, name))
			return pairs[i].value;
	return (wa_sv_t){"", 0};
}

static int64_t number_of(const wa_pair_t *pairs, size_t n, wa_sv_t name)
{
	unsigned long value = 0;

	if(wa_sv_ulong(value_of(pairs, n, name), INT64_MAX, &value) < 0)
		return 0;
	return (int64_t)value;
}

static wish_t *make(wa_sv_t digits, const wa_pair_t *pairs, size_t n, int *err)
{
	static const size_t max[N_TEXTS] = {WA_DIGITS_SIZE, WA_WISH_TEXT_SIZE,
			WA_WISH_TEXT_SIZE, WA_WISH_BY_SIZE};
	const wa_sv_t texts[N_TEXTS] = {digits, value_of(pairs, n, WA_SV("doc")),
			value_of(pairs, n, WA_SV("job")), value_of(pairs, n, WA_SV("by"))};
	size_t size = sizeof(wish_t);
	wish_t *w;
	char *to;

	for(size_t i = 0; i < N_TEXTS; i++) {
		if(texts[i].len >= max[i]) {
			*err = WA_ETOOLONG;
			return NULL;
		}
		size += texts[i].len + 1;
	}
	w = shm_malloc(size);
	if(w == NULL) {
		SHM_MEM_ERROR;
		*err = WA_ENOMEM;
		return NULL;
	}
	memset(w, 0, sizeof(*w));
	to = w->text;
	for(size_t i = 0; i < N_TEXTS; i++) {
		w->len[i] = (uint16_t)texts[i].len;
		if(texts[i].len > 0)
			memcpy(to, texts[i].s, texts[i].len);
		to[texts[i].len] = '\0';
		to += texts[i].len + 1;
	}
	w->at = number_of(pairs, n, WA_SV("at"));
	w->rotated = number_of(pairs, n, WA_SV("rotated"));
	w->version = (uint64_t)number_of(pairs, n, WA_SV("version"));
	w->mark = load_mark;
	return w;
}

int wan_wanted_put(wa_sv_t digits, const wa_pair_t *pairs, size_t n)
{
	int err = 0;
	wish_t *w = make(digits, pairs, n, &err), *old, **at;

	if(w == NULL)
		return err;
	lock_get(&sh->lock);
	at = find(digits);
	old = *at;
	w->next = old != NULL ? old->next : NULL;
	*at = w;
	lock_release(&sh->lock);
	err = old == NULL || old->version != w->version;
	if(old != NULL)
		shm_free(old);
	return err;
}

static void unlink_at(wish_t **at)
{
	wish_t *w = *at;

	lock_get(&sh->lock);
	*at = w->next;
	lock_release(&sh->lock);
	shm_free(w);
}

bool wan_wanted_remove(wa_sv_t digits)
{
	wish_t **at = find(digits);

	if(*at == NULL)
		return false;
	unlink_at(at);
	return true;
}

void wan_wanted_begin(void)
{
	load_mark++;
}

void wan_wanted_touch(wa_sv_t digits)
{
	wish_t *w = *find(digits);

	if(w != NULL)
		w->mark = load_mark;
}

void wan_wanted_sweep(void)
{
	for(size_t i = 0; i < BUCKETS; i++) {
		wish_t **at = &sh->buckets[i];

		while(*at != NULL) {
			if((*at)->mark != load_mark)
				unlink_at(at);
			else
				at = &(*at)->next;
		}
	}
}
