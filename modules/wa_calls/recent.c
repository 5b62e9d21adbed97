/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "recent.h"

#include <stddef.h>
#include <string.h>

#include "../lib/wa_milli.h"
#include "shared.h"

#define KEPT offsetof(wa_call_t, meta) /* octets of a call: all but its legs */

/* The last calls of a kind, a ring. */
typedef struct ring
{
	uint64_t count; /* put so far */
	char *calls;
} ring_t;

static struct recent
{
	gen_lock_t lock;
	unsigned max;
	ring_t all, failed;
	wa_history_t history;
} *recent;

int recent_prepare(unsigned max)
{
	size_t size = sizeof(*recent) + 2 * max * KEPT;

	recent = shm_malloc(size);
	if(recent == NULL) {
		SHM_MEM_ERROR;
		return -1;
	}
	memset(recent, 0, size);
	recent->max = max;
	recent->all.calls = (char *)(recent + 1);
	recent->failed.calls = recent->all.calls + max * KEPT;
	return lock_init(&recent->lock) == NULL ? -1 : 0;
}

void recent_destroy(void)
{
	if(recent == NULL)
		return;
	lock_destroy(&recent->lock);
	shm_free(recent);
	recent = NULL;
}

static void put(ring_t *r, const wa_call_t *c)
{
	memcpy(r->calls + r->count % recent->max * KEPT, c, KEPT);
	r->count++;
}

void recent_add(const wa_call_t *c)
{
	bool failed = c->result <= WA_CALL_FAILED;
	int64_t mos = 0;

	if(wa_milli(wa_sv_from(c->mos), &mos) < 0)
		mos = 0;
	lock_get(&recent->lock);
	put(&recent->all, c);
	if(failed)
		put(&recent->failed, c);
	wa_history_count(&recent->history, c->ended,
			failed ? WA_HISTORY_FAILED : WA_HISTORY_ENDED);
	wa_history_mos(&recent->history, c->ended, mos);
	lock_release(&recent->lock);
}

bool recent_get(bool failed, unsigned i, wa_call_t *out)
{
	const ring_t *r = failed ? &recent->failed : &recent->all;
	bool found;

	wa_call_init(out);
	lock_get(&recent->lock);
	found = i < recent->max && i < r->count;
	if(found)
		memcpy(out, r->calls + (r->count - 1 - i) % recent->max * KEPT, KEPT);
	lock_release(&recent->lock);
	return found;
}

void recent_count(enum wa_history_count what)
{
	lock_get(&recent->lock);
	wa_history_count(&recent->history, shared_now(), what);
	lock_release(&recent->lock);
}

void recent_calls(unsigned now)
{
	lock_get(&recent->lock);
	wa_history_calls(&recent->history, shared_now(), now);
	lock_release(&recent->lock);
}

wa_minute_t recent_minute(int64_t minute)
{
	wa_minute_t m;

	lock_get(&recent->lock);
	m = wa_history_get(&recent->history, minute);
	lock_release(&recent->lock);
	return m;
}
