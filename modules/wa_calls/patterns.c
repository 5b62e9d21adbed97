/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "patterns.h"

#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <sys/random.h>
#include <time.h>

#include "../lib/wa_clock.h"
#include "../lib/wa_err.h"
#include "../lib/wa_mask.h"
#include "../lib/wa_prom.h"
#include "shared.h"

static struct all
{
	gen_lock_t lock;
	_Atomic uint64_t told[2][WA_PATTERNS]; /* numbers, trunks */
	wa_pattern_limits_t last; /* what was said last, as is short_ms */
	uint32_t short_ms;
	wa_patterns_t table;
} *all;

int patterns_prepare(void)
{
	all = shm_malloc(sizeof(*all));
	if(all == NULL) {
		SHM_MEM_ERROR;
		return -1;
	}
	memset(all, 0, sizeof(*all));
	if(getrandom(&all->table.seed, sizeof(all->table.seed), 0)
			!= (ssize_t)sizeof(all->table.seed))
		return -1;
	return lock_init(&all->lock) == NULL ? -1 : 0;
}

void patterns_destroy(void)
{
	if(all == NULL)
		return;
	lock_destroy(&all->lock);
	shm_free(all);
	all = NULL;
}

static int64_t now_s(void)
{
	return wa_clock_ms() / 1000;
}

bool patterns_allow(const wa_call_t *c)
{
	int64_t now = now_s();
	bool blocked;

	lock_get(&all->lock);
	blocked = wa_pattern_is_blocked(
					  &all->table, wa_sv_from(c->number), false, now)
			  || wa_pattern_is_blocked(
					  &all->table, wa_sv_from(c->trunk), true, now);
	lock_release(&all->lock);
	return !blocked;
}

/* The event: one line, and a count. */
static void tell(wa_sv_t name, bool trunk, enum wa_pattern p,
		const wa_pattern_limits_t *l)
{
	char shown[80];

	atomic_fetch_add(&all->told[trunk][p], 1);
	if(trunk)
		wa_sv_copy(shown, sizeof(shown), name);
	else
		wa_mask(name, shown, sizeof(shown));
	LM_WARN("event=pattern pattern=%s %s=%s more_than=%u window=%u "
			"blocked_for=%u\n",
			wa_pattern_name(p), trunk ? "trunk" : "number", shown, l->most[p],
			l->window, l->block);
}

static void count(
		const wa_call_t *c, enum wa_pattern p, const wa_pattern_limits_t *l)
{
	const wa_sv_t names[2] = {wa_sv_from(c->number), wa_sv_from(c->trunk)};
	bool over[2];

	lock_get(&all->lock);
	for(int trunk = 0; trunk < 2; trunk++)
		over[trunk] = wa_pattern_count(
				&all->table, names[trunk], trunk != 0, p, l, now_s());
	lock_release(&all->lock);
	for(int trunk = 0; trunk < 2; trunk++)
		if(over[trunk])
			tell(names[trunk], trunk != 0, p, l);
}

static uint32_t now_hhmm(void)
{
	time_t now = time(NULL);
	struct tm tm;

	return localtime_r(&now, &tm) == NULL
				   ? 0
				   : (uint32_t)(tm.tm_hour * 100 + tm.tm_min);
}

void patterns_begin(
		const wa_call_t *c, const wa_pattern_limits_t *l, uint32_t short_ms)
{
	bool fresh;

	lock_get(&all->lock);
	all->last = *l;
	all->short_ms = short_ms;
	fresh = wa_pattern_is_new(
			&all->table, wa_sv_from(c->number), wa_sv_from(c->peer));
	lock_release(&all->lock);
	if(strcmp(c->dir, "out") != 0)
		return;
	if(fresh)
		count(c, WA_PATTERN_NEW_USERS, l);
	if(wa_pattern_is_off(l, now_hhmm()))
		count(c, WA_PATTERN_OFF_HOURS, l);
}

void patterns_end(
		const wa_call_t *c, const wa_pattern_limits_t *l, uint32_t short_ms)
{
	const wa_reason_t *r = wa_reason_find(wa_sv_from(c->cause));
	wa_pattern_limits_t last;

	if(l == NULL) {
		lock_get(&all->lock);
		last = all->last;
		short_ms = all->short_ms;
		lock_release(&all->lock);
		l = &last;
	}
	if(strcmp(c->cause, "wrong_credentials") == 0
			|| strcmp(c->cause, "pbx_credentials") == 0
			|| strcmp(c->cause, "meta_auth") == 0)
		count(c, WA_PATTERN_AUTH_FAILURES, l);
	if(c->answered > 0 && c->ended - c->answered < (int64_t)short_ms)
		count(c, WA_PATTERN_SHORT_CALLS, l);
	/* what our own limits turn away would keep a block alive for ever */
	if(c->result <= WA_CALL_FAILED
			&& (r == NULL || r->class != WA_REASON_LIMIT))
		count(c, WA_PATTERN_REFUSALS, l);
}

int patterns_unblock(wa_sv_t name)
{
	int number, trunk;

	lock_get(&all->lock);
	number = wa_pattern_unblock(&all->table, name, false);
	trunk = wa_pattern_unblock(&all->table, name, true);
	lock_release(&all->lock);
	return number == 0 || trunk == 0 ? 0 : WA_ENOENT;
}

unsigned patterns_blocked(
		void (*each)(void *arg, const wa_pattern_key_t *k), void *arg)
{
	unsigned n = 0;

	for(unsigned i = 0; i < WA_PATTERN_PLACES; i++) {
		wa_pattern_key_t k;

		lock_get(&all->lock);
		k = all->table.keys[i];
		lock_release(&all->lock);
		if(k.blocked_until <= now_s())
			continue;
		n++;
		if(each != NULL)
			each(arg, &k);
	}
	return n;
}

void patterns_write(wa_buf_t *b)
{
	char labels[80];

	wa_prom_family(b, "wasbc_patterns_total", "counter",
			"times that a number or a trunk had more of something in a window "
			"than it may have");
	for(int trunk = 0; trunk < 2; trunk++)
		for(int p = 0; p < WA_PATTERNS; p++) {
			snprintf(labels, sizeof(labels), "of=\"%s\",pattern=\"%s\"",
					trunk ? "trunk" : "number",
					wa_pattern_name((enum wa_pattern)p));
			wa_prom_value(b, "wasbc_patterns_total", labels,
					(int64_t)all->told[trunk][p]);
		}
	wa_prom_family(b, "wasbc_blocked", "gauge",
			"numbers and trunks that are blocked for a pattern");
	wa_prom_value(b, "wasbc_blocked", "", patterns_blocked(NULL, NULL));
}
