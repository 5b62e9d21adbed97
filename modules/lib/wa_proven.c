/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "wa_proven.h"

#include <string.h>

#define WAYS 4
#define NUMBERS_MAX 1048576u

struct wa_proven_table
{
	unsigned n_sets; /* a power of two */
	wa_proven_t e[];
};

static unsigned sets_for(unsigned numbers)
{
	unsigned n = 1;

	while(n * WAYS < numbers)
		n *= 2;
	return n;
}

size_t wa_proven_size(unsigned numbers)
{
	if(numbers == 0 || numbers > NUMBERS_MAX)
		return 0;
	return sizeof(wa_proven_table_t)
		   + sets_for(numbers) * WAYS * sizeof(wa_proven_t);
}

wa_proven_table_t *wa_proven_init(void *block, unsigned numbers)
{
	wa_proven_table_t *t = block;

	memset(block, 0, wa_proven_size(numbers));
	t->n_sets = sets_for(numbers);
	return t;
}

/* FNV-1a */
static size_t set_of(const wa_proven_table_t *t, wa_sv_t number)
{
	uint32_t h = 2166136261u;

	for(size_t i = 0; i < number.len; i++)
		h = (h ^ (unsigned char)number.s[i]) * 16777619u;
	return (size_t)((h ^ h >> 16) & (t->n_sets - 1)) * WAYS;
}

static int64_t heard_of(const wa_proven_t *e)
{
	int64_t last = 0;

	for(int i = 0; i < WA_PROOFS; i++) {
		if(e->right[i] > last)
			last = e->right[i];
		if(e->wrong[i] > last)
			last = e->wrong[i];
	}
	return last;
}

static wa_proven_t *find_or_make(wa_proven_table_t *t, wa_sv_t number)
{
	wa_proven_t *set = &t->e[set_of(t, number)], *oldest = set;

	for(unsigned i = 0; i < WAYS; i++) {
		if(wa_sv_eq(wa_sv_from(set[i].number), number))
			return &set[i];
		if(heard_of(&set[i]) < heard_of(oldest))
			oldest = &set[i];
	}
	*oldest = (wa_proven_t){.number = ""};
	memcpy(oldest->number, number.s, number.len);
	return oldest;
}

void wa_proven_put(wa_proven_table_t *t, wa_sv_t number, enum wa_proof_of of,
		bool right, int64_t now)
{
	wa_proven_t *e;

	if(number.len == 0 || number.len >= sizeof(e->number))
		return;
	e = find_or_make(t, number);
	if(right)
		e->right[of] = now;
	else
		e->wrong[of] = now;
}

void wa_proven_get(
		const wa_proven_table_t *t, wa_sv_t number, wa_proven_t *out)
{
	const wa_proven_t *set = &t->e[set_of(t, number)];

	*out = (wa_proven_t){.number = ""};
	for(unsigned i = 0; i < WAYS && number.len > 0; i++)
		if(wa_sv_eq(wa_sv_from(set[i].number), number))
			*out = set[i];
}
