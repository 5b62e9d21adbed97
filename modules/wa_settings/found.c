/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "found.h"

#include "../ksr_compat.h"

#include <stdio.h>
#include <string.h>

#include "../lib/wa_err.h"

#define FIRST_SIZE 256

typedef struct shared
{
	gen_lock_t lock;
	wst_found_t head;
	wa_listed_t *v;
	size_t size;
} shared_t;

static shared_t *sh = NULL;

int wst_found_init(void)
{
	sh = shm_malloc(sizeof(*sh));
	if(sh == NULL) {
		SHM_MEM_ERROR;
		return -1;
	}
	memset(sh, 0, sizeof(*sh));
	return lock_init(&sh->lock) == NULL ? -1 : 0;
}

void wst_found_destroy(void)
{
	if(sh == NULL)
		return;
	if(sh->v != NULL)
		shm_free(sh->v);
	lock_destroy(&sh->lock);
	shm_free(sh);
	sh = NULL;
}

unsigned wst_found_begin(wa_sv_t waba_id)
{
	wst_found_t head;
	wa_listed_t *old;

	memset(&head, 0, sizeof(head));
	if(wa_sv_copy(head.waba_id, sizeof(head.waba_id), waba_id) < 0)
		return 0;
	head.running = true;
	lock_get(&sh->lock);
	head.ticket = sh->head.ticket + 1;
	sh->head = head;
	old = sh->v;
	sh->v = NULL;
	sh->size = 0;
	lock_release(&sh->lock);
	if(old != NULL)
		shm_free(old);
	return head.ticket;
}

void wst_found_get(wst_found_t *out)
{
	lock_get(&sh->lock);
	*out = sh->head;
	lock_release(&sh->lock);
}

size_t wst_found_copy(size_t first, wa_listed_t *out, size_t max)
{
	size_t n = 0;

	lock_get(&sh->lock);
	while(n < max && first + n < sh->head.numbers) {
		out[n] = sh->v[first + n];
		n++;
	}
	lock_release(&sh->lock);
	return n;
}

/* A larger array, made outside the lock. */
static int grow(unsigned ticket)
{
	size_t size = sh->size > 0 ? 2 * sh->size : FIRST_SIZE;
	wa_listed_t *v = shm_malloc(size * sizeof(*v)), *old = NULL;
	int err = 0;

	if(v == NULL) {
		SHM_MEM_ERROR;
		return WA_ENOMEM;
	}
	lock_get(&sh->lock);
	if(sh->head.ticket == ticket) {
		if(sh->head.numbers > 0)
			memcpy(v, sh->v, sh->head.numbers * sizeof(*v));
		old = sh->v;
		sh->v = v;
		sh->size = size;
	} else {
		old = v;
		err = WA_ESTALE;
	}
	lock_release(&sh->lock);
	if(old != NULL)
		shm_free(old);
	return err;
}

int wst_found_add(unsigned ticket, const wa_listed_t *n)
{
	wst_found_t head;
	int err = 0;

	wst_found_get(&head);
	if(head.ticket != ticket)
		return WA_ESTALE;
	if(head.numbers == WST_FOUND_MAX)
		return WA_ERANGE;
	if(head.numbers == sh->size)
		err = grow(ticket);
	if(err < 0)
		return err;
	lock_get(&sh->lock);
	if(sh->head.ticket == ticket && sh->head.numbers < sh->size)
		sh->v[sh->head.numbers++] = *n;
	else
		err = WA_ESTALE;
	lock_release(&sh->lock);
	return err;
}

void wst_found_page(unsigned ticket, const char *app_id)
{
	lock_get(&sh->lock);
	if(sh->head.ticket == ticket) {
		sh->head.pages++;
		/* an app's id fits: it is one of ours */
		wa_sv_copy(sh->head.app_id, sizeof(sh->head.app_id), wa_sv_from(app_id));
	}
	lock_release(&sh->lock);
}

void wst_found_end(unsigned ticket, const char *error)
{
	lock_get(&sh->lock);
	if(sh->head.ticket == ticket) {
		sh->head.running = false;
		sh->head.ended = time(NULL);
		if(snprintf(sh->head.error, sizeof(sh->head.error), "%s", error) < 0)
			sh->head.error[0] = '\0';
	}
	lock_release(&sh->lock);
}
