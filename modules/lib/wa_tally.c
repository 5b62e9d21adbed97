/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "wa_tally.h"

#include <string.h>

#define PROBES 8

static uint64_t hash(uint64_t seed, wa_sv_t name, bool trunk)
{
	uint64_t h = 14695981039346656037ULL ^ seed ^ (trunk ? 1 : 0);

	for(size_t i = 0; i < name.len; i++)
		h = (h ^ (unsigned char)name.s[i]) * 1099511628211ULL;
	return h ^ h >> 29;
}

static wa_tally_key_t *place(wa_tally_t *t, wa_sv_t name, bool trunk)
{
	uint64_t h = hash(t->seed, name, trunk);
	wa_tally_key_t *oldest = NULL;

	for(unsigned i = 0; i < PROBES; i++) {
		wa_tally_key_t *k = &t->keys[(h + i) % WA_TALLY_PLACES];

		if(k->trunk == trunk && wa_sv_eq(wa_sv_from(k->name), name))
			return k;
		if(oldest == NULL || k->seen < oldest->seen)
			oldest = k;
	}
	memset(oldest, 0, sizeof(*oldest));
	memcpy(oldest->name, name.s, name.len);
	oldest->trunk = trunk;
	return oldest;
}

void wa_tally_count(wa_tally_t *t, wa_sv_t name, bool trunk,
		enum wa_tally_what what, wa_sv_t cause, int64_t now)
{
	wa_tally_key_t *k;

	if(name.len == 0 || name.len >= sizeof(k->name))
		return;
	k = place(t, name, trunk);
	k->seen = now;
	if(k->n[what] < UINT32_MAX)
		k->n[what]++;
	if(what != WA_TALLY_FAILED)
		return;
	k->failed_at = now;
	if(wa_sv_copy(k->cause, sizeof(k->cause), cause) < 0)
		k->cause[0] = '\0';
}
