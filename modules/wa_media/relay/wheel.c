/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "wheel.h"

#include <stdlib.h>
#include <string.h>

#include "../../lib/wa_err.h"

#define NONE UINT32_MAX

int wheel_init(struct wheel *w, uint32_t max, int64_t now_us)
{
	memset(w, 0, sizeof(*w));
	memset(w->head, 0xff, sizeof(w->head));
	w->now = now_us / 1000;
	w->next = calloc(max, sizeof(*w->next));
	w->prev = calloc(max, sizeof(*w->prev));
	w->slot = malloc(max * sizeof(*w->slot));
	if(w->next == NULL || w->prev == NULL || w->slot == NULL)
		return WA_ENOMEM;
	for(uint32_t i = 0; i < max; i++)
		w->slot[i] = WHEEL_SLOTS;
	return 0;
}

static void take_out(struct wheel *w, uint32_t call)
{
	uint16_t at = w->slot[call];

	if(at == WHEEL_SLOTS)
		return;
	if(w->prev[call] == NONE)
		w->head[at] = w->next[call];
	else
		w->next[w->prev[call]] = w->next[call];
	if(w->next[call] != NONE)
		w->prev[w->next[call]] = w->prev[call];
	if(w->head[at] == NONE)
		w->busy[at / 64] &= ~((uint64_t)1 << at % 64);
	w->slot[call] = WHEEL_SLOTS;
}

void wheel_set(struct wheel *w, uint32_t call, int64_t due_us)
{
	int64_t due = (due_us + 999) / 1000; /* not before its time */
	uint16_t at;

	take_out(w, call);
	if(due_us < 0)
		return;
	if(due < w->now)
		due = w->now;
	if(due > w->now + WHEEL_SLOTS - 1)
		due = w->now + WHEEL_SLOTS - 1;
	at = (uint16_t)(due % WHEEL_SLOTS);
	w->slot[call] = at;
	w->prev[call] = NONE;
	w->next[call] = w->head[at];
	if(w->head[at] != NONE)
		w->prev[w->head[at]] = call;
	w->head[at] = call;
	w->busy[at / 64] |= (uint64_t)1 << at % 64;
}

/* Slots from `w->now` to the first that is not empty, at most WHEEL_SLOTS. */
static int64_t to_busy(const struct wheel *w)
{
	int64_t ahead = 0;

	while(ahead < WHEEL_SLOTS) {
		unsigned at = (unsigned)((w->now + ahead) % WHEEL_SLOTS);
		uint64_t bits = w->busy[at / 64] >> at % 64;

		if(bits)
			return ahead + __builtin_ctzll(bits);
		ahead += 64 - at % 64;
	}
	return WHEEL_SLOTS;
}

uint32_t wheel_pop(struct wheel *w, int64_t now_us)
{
	int64_t now = now_us / 1000, ahead = to_busy(w), next = w->now + ahead;
	uint32_t call;

	/* an empty wheel may stand still for longer than it is round */
	if(ahead == WHEEL_SLOTS || next > now) {
		w->now = now;
		return NONE;
	}
	w->now = next;
	call = w->head[next % WHEEL_SLOTS];
	take_out(w, call);
	return call;
}

int wheel_wait(const struct wheel *w, int64_t now_us)
{
	int64_t wait = w->now + to_busy(w) - now_us / 1000;

	return wait < 0 ? 0 : wait > 1000 ? 1000 : (int)wait;
}
