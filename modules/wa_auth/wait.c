/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "../ksr_compat.h"

#include "wait.h"

#include <kamailio/core/route.h>

#include "../lib/wa_clock.h"
#include "../lib/wa_err.h"

#define LOOK_US 50000 /* between two looks at the list */

typedef struct waiter
{
	struct waiter *next;
	unsigned hash_index, label; /* of the transaction */
	int route;
	uint64_t until_ms;
	char digits[WA_DIGITS_SIZE];
	uint64_t version; /* of the number's record: a read from Meta raises it */
	wait_refusal_t refusal; /* its reply lies behind this struct */
} waiter_t;

typedef struct waiting
{
	gen_lock_t lock;
	waiter_t *first;
	unsigned n, most;
} waiting_t;

static waiting_t *waiting;

/* In the process of the list: what it goes on with. */
static const waiter_t *resumed;

static uint64_t now_ms(void)
{
	return (uint64_t)wa_clock_ms();
}

static uint64_t version_of(wa_sv_t digits)
{
	wa_number_t n;

	return auth_numbers.get(digits, &n) < 0 ? 0 : n.version;
}

int wait_init(unsigned most)
{
	waiting = shm_malloc(sizeof(*waiting));
	if(waiting == NULL) {
		SHM_MEM_ERROR;
		return -1;
	}
	memset(waiting, 0, sizeof(*waiting));
	waiting->most = most;
	if(lock_init(&waiting->lock) == NULL) {
		LM_ERR("no lock\n");
		return -1;
	}
	return register_basic_timers(1);
}

void wait_destroy(void)
{
	if(waiting == NULL)
		return;
	while(waiting->first != NULL) {
		waiter_t *w = waiting->first;

		waiting->first = w->next;
		shm_free(w);
	}
	shm_free(waiting);
	waiting = NULL;
}

/* All that wait: the list is empty then, and new ones come meanwhile. */
static waiter_t *take_all(void)
{
	waiter_t *all;

	lock_get(&waiting->lock);
	all = waiting->first;
	waiting->first = NULL;
	lock_release(&waiting->lock);
	return all;
}

static void append(waiter_t *w)
{
	lock_get(&waiting->lock);
	w->next = waiting->first;
	waiting->first = w;
	lock_release(&waiting->lock);
}

static void release(void)
{
	lock_get(&waiting->lock);
	waiting->n--;
	lock_release(&waiting->lock);
}

/* A transaction that was cancelled meanwhile was answered by tm: then
 * t_continue() runs no route. */
static void go_on(waiter_t *w)
{
	resumed = w;
	auth_tmb.t_continue(w->hash_index, w->label, main_rt.rlist[w->route]);
	resumed = NULL;
}

static void look(unsigned ticks KSR_UNUSED, void *param KSR_UNUSED)
{
	waiter_t *w, *next;

	for(w = take_all(); w != NULL; w = next) {
		next = w->next;
		if(w->until_ms > now_ms() && version_of(wa_sv_from(w->digits)) == w->version) {
			append(w);
			continue;
		}
		release();
		go_on(w);
		shm_free(w);
	}
}

int wait_start(void)
{
	return fork_basic_utimer(
				   PROC_TIMER, "wa_auth waiting calls", 1, look, NULL, LOOK_US)
						   < 0
				   ? -1
				   : 0;
}

/* Counts before it suspends: a transaction that is suspended and on no list
 * would hang until tm gives it up. */
static bool reserve(void)
{
	bool ok;

	lock_get(&waiting->lock);
	ok = waiting->n < waiting->most;
	if(ok)
		waiting->n++;
	lock_release(&waiting->lock);
	return ok;
}

static waiter_t *new_waiter(wa_sv_t digits, const wait_refusal_t *refusal)
{
	waiter_t *w = shm_malloc(sizeof(*w) + refusal->reply.len);
	char *text;

	if(w == NULL) {
		SHM_MEM_ERROR;
		return NULL;
	}
	memset(w, 0, sizeof(*w));
	text = (char *)(w + 1);
	memcpy(text, refusal->reply.s, refusal->reply.len);
	w->refusal = *refusal;
	w->refusal.reply.s = text;
	if(wa_sv_copy(w->digits, sizeof(w->digits), digits) < 0) {
		shm_free(w);
		return NULL;
	}
	w->version = version_of(digits);
	return w;
}

int wait_begin(sip_msg_t *msg, wa_sv_t digits, const wait_refusal_t *refusal,
		int route, unsigned ms)
{
	waiter_t *w;

	if(!reserve())
		return WA_EBUSY;
	w = new_waiter(digits, refusal);
	if(w == NULL) {
		release();
		return WA_ENOMEM;
	}
	w->route = route;
	w->until_ms = now_ms() + ms;
	if(auth_tmb.t_suspend(msg, &w->hash_index, &w->label) != 0) {
		shm_free(w);
		release();
		return WA_EIO;
	}
	append(w);
	return 0;
}

const wait_refusal_t *wait_resumed(const tm_cell_t *t)
{
	return resumed != NULL && t->hash_index == resumed->hash_index
						   && t->label == resumed->label
				   ? &resumed->refusal
				   : NULL;
}

unsigned wait_count(void)
{
	unsigned n;

	lock_get(&waiting->lock);
	n = waiting->n;
	lock_release(&waiting->lock);
	return n;
}
