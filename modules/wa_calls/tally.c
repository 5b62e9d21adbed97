/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tally.h"

#include <string.h>
#include <sys/random.h>

#include "shared.h"

static struct tally
{
	gen_lock_t lock;
	wa_tally_t table;
} *tally;

int tally_prepare(void)
{
	tally = shm_malloc(sizeof(*tally));
	if(tally == NULL) {
		SHM_MEM_ERROR;
		return -1;
	}
	memset(tally, 0, sizeof(*tally));
	if(getrandom(&tally->table.seed, sizeof(tally->table.seed), 0)
			!= (ssize_t)sizeof(tally->table.seed))
		return -1;
	return lock_init(&tally->lock) == NULL ? -1 : 0;
}

void tally_destroy(void)
{
	if(tally == NULL)
		return;
	lock_destroy(&tally->lock);
	shm_free(tally);
	tally = NULL;
}

void tally_count(const wa_call_t *c, enum wa_tally_what what)
{
	int64_t now = shared_now() / 1000;

	lock_get(&tally->lock);
	wa_tally_count(&tally->table, wa_sv_from(c->number), false, what,
			wa_sv_from(c->cause), now);
	wa_tally_count(&tally->table, wa_sv_from(c->trunk), true, what,
			wa_sv_from(c->cause), now);
	lock_release(&tally->lock);
}

bool tally_next(unsigned *at, wa_tally_key_t *out)
{
	bool found = false;

	lock_get(&tally->lock);
	while(!found && *at < WA_TALLY_PLACES) {
		*out = tally->table.keys[(*at)++];
		found = out->name[0] != '\0';
	}
	lock_release(&tally->lock);
	return found;
}
