/* What is due when: a heap of deadlines.
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * A deadline is a member of what waits for it, so ten thousand numbers need no
 * search for the next. One process only; the array of pointers is the heap's.
 */
#ifndef WA_DUE_H
#define WA_DUE_H

#include <stddef.h>
#include <stdint.h>

typedef struct wa_due
{
	uint64_t at; /* any clock that does not go back */
	size_t pos;	 /* 0 = in no heap: zeroed memory is a deadline that is not set */
} wa_due_t;

typedef struct wa_due_heap
{
	wa_due_t **v;
	size_t n, size;
} wa_due_heap_t;

/* What a wa_due_t stands in. */
#define WA_DUE_OF(due, type, member) \
	((type *)(void *)((char *)(due)-offsetof(type, member)))

/** Sets or moves a deadline. Returns 0, or WA_ENOMEM (never for one that is
 * set already). */
int wa_due_set(wa_due_heap_t *h, wa_due_t *d, uint64_t at);

/** Takes a deadline out; fine if it is in no heap. */
void wa_due_drop(wa_due_heap_t *h, wa_due_t *d);

/** The earliest, NULL = none. */
wa_due_t *wa_due_first(const wa_due_heap_t *h);

/** Releases the array; every deadline is then in no heap. */
void wa_due_free(wa_due_heap_t *h);

#endif
