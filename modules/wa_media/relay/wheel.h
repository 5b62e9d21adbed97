/* When each call has to be looked at: a wheel of a thousand milliseconds.
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * A call stands in the slot of its time; one further off than the wheel goes
 * stands in its last slot and is put in again from there. A time that has moved
 * on meanwhile is found out when it comes, so that a packet costs nothing here.
 */
#ifndef RELAY_WHEEL_H
#define RELAY_WHEEL_H

#include <stdint.h>

#define WHEEL_SLOTS 1024

struct wheel
{
	int64_t now; /* ms; all slots before it are empty */
	uint32_t head[WHEEL_SLOTS];
	uint64_t busy[WHEEL_SLOTS / 64];
	uint32_t *next, *prev; /* by call */
	uint16_t *slot;		   /* WHEEL_SLOTS: not in the wheel */
};

/** Returns 0 or WA_ENOMEM. */
int wheel_init(struct wheel *w, uint32_t max, int64_t now_us);

/** Puts a call in, or moves it; `due_us` -1 takes it out. */
void wheel_set(struct wheel *w, uint32_t call, int64_t due_us);

/** Takes out a call that is due, or returns UINT32_MAX. */
uint32_t wheel_pop(struct wheel *w, int64_t now_us);

/** ms until the next slot that is not empty, at most 1000. */
int wheel_wait(const struct wheel *w, int64_t now_us);

#endif
