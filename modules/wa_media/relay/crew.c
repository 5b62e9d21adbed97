/* SPDX-License-Identifier: GPL-2.0-or-later */
#define _GNU_SOURCE
#include "crew.h"

#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "../../lib/wa_err.h"
#include "batch.h"

#define WAITING 256 /* packets: 20 ms of as many calls, more than a thread can do */

struct item
{
	struct crew_packet p;
	bool forget;
	uint8_t payload[PACKET_MAX];
};

/* A ring; `lock` is the thread's. */
struct ring
{
	struct item *item;
	unsigned first, n, max;
};

struct worker
{
	struct crew *crew;
	pthread_t thread;
	bool runs;
	pthread_mutex_t lock;
	pthread_cond_t more, less; /* in `in` */
	bool waits;
	struct ring in, out;
	unsigned failed; /* packets that were none */
	bool ending;
};

struct crew
{
	int fd;
	wa_voice_t **voice; /* by slot; that slot's thread's alone */
	uint32_t slots;
	unsigned n;
	struct worker worker[];
};

wa_rtp_t crew_header(const wa_rtp_t *of, const wa_voice_packet_t *made, bool first)
{
	wa_rtp_t rtp = *of;

	rtp.len = made->len;
	rtp.seq = made->seq;
	rtp.ts += (uint32_t)made->later;
	rtp.marker = of->marker && first;
	return rtp;
}

/* --- rings --------------------------------------------------------------------- */

static bool ring_init(struct ring *r, unsigned max)
{
	r->item = malloc(max * sizeof(*r->item));
	r->max = max;
	return r->item != NULL;
}

/* NULL: it is full. */
static struct item *ring_put(struct ring *r)
{
	if(r->n == r->max)
		return NULL;
	return &r->item[(r->first + r->n++) % r->max];
}

static void copy_packet(struct item *to, const struct crew_packet *p)
{
	to->p = *p;
	to->forget = false;
	memcpy(to->payload, p->payload, p->rtp.len);
}

static void ring_drop(struct ring *r)
{
	r->first = (r->first + 1) % r->max;
	r->n--;
}

/* --- a thread --------------------------------------------------------------------- */

static void ready(const struct crew *w)
{
	uint64_t one = 1;

	/* it is full only if the loop has been told often enough */
	if(write(w->fd, &one, sizeof(one)) < 0)
		return;
}

/* What it has become goes out; what finds no room there is lost. */
static void deliver(struct worker *w, const struct crew_packet *p, const wa_voice_packet_t *made, int n)
{
	bool tell;

	pthread_mutex_lock(&w->lock);
	tell = w->out.n == 0 && w->failed == 0; /* else the loop has been told */
	w->failed += n < 0;
	for(int i = 0; i < n; i++) {
		struct crew_packet one = *p;
		struct item *room = ring_put(&w->out);

		if(room == NULL)
			break;
		one.payload = made[i].data;
		one.rtp = crew_header(&p->rtp, &made[i], i == 0);
		copy_packet(room, &one);
	}
	pthread_mutex_unlock(&w->lock);
	if(tell && n != 0)
		ready(w->crew);
}

static int convert(wa_voice_t **v, const struct crew_packet *p, wa_voice_packet_t *made)
{
	if(wa_voice_for(v, p->from, WA_CODEC_OPUS) == NULL)
		return WA_ENOMEM;
	wa_voice_expect_loss(*v, p->loss);
	return wa_voice_convert(*v, p->rtp.ssrc, p->rtp.seq, p->payload, p->rtp.len, made);
}

static void work_on(struct worker *w, struct item *item, wa_voice_packet_t *made)
{
	wa_voice_t **v = &w->crew->voice[item->p.slot];

	if(item->forget) {
		wa_voice_free(*v);
		*v = NULL;
		return;
	}
	item->p.payload = item->payload;
	if(item->p.from != WA_CODEC_OPUS) {
		deliver(w, &item->p, made, convert(v, &item->p, made));
		return;
	}
	made[0].seq = item->p.rtp.seq;
	made[0].later = 0;
	made[0].len = item->p.rtp.len;
	memcpy(made[0].data, item->payload, made[0].len);
	deliver(w, &item->p, made, 1);
}

static void *run(void *arg)
{
	struct worker *w = arg;
	struct item *item = malloc(sizeof(*item));
	wa_voice_packet_t *made = malloc(WA_VOICE_PACKETS * sizeof(*made));
	bool goes_on = item != NULL && made != NULL;

	while(goes_on) {
		pthread_mutex_lock(&w->lock);
		while(w->in.n == 0 && !w->ending) {
			w->waits = true;
			pthread_cond_wait(&w->more, &w->lock);
			w->waits = false;
		}
		goes_on = !w->ending;
		if(goes_on) {
			memcpy(item, &w->in.item[w->in.first], sizeof(*item));
			ring_drop(&w->in);
			pthread_cond_signal(&w->less);
		}
		pthread_mutex_unlock(&w->lock);
		if(goes_on)
			work_on(w, item, made);
	}
	free(item);
	free(made);
	return NULL;
}

static bool start(struct crew *c, struct worker *w)
{
	w->crew = c;
	if(!ring_init(&w->in, WAITING) || !ring_init(&w->out, 2 * WAITING))
		return false;
	pthread_mutex_init(&w->lock, NULL);
	pthread_cond_init(&w->more, NULL);
	pthread_cond_init(&w->less, NULL);
	w->runs = pthread_create(&w->thread, NULL, run, w) == 0;
	if(w->runs)
		pthread_setname_np(w->thread, "wasbc-opus");
	return w->runs;
}

/* --- the loop's side ---------------------------------------------------------------- */

struct crew *crew_open(unsigned n, uint32_t max, int *fd)
{
	struct crew *c = calloc(1, sizeof(*c) + n * sizeof(c->worker[0]));
	sigset_t all, old;
	bool ok;

	if(c == NULL)
		return NULL;
	c->fd = *fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
	c->voice = calloc(max, sizeof(*c->voice));
	c->slots = max;
	ok = c->fd >= 0 && c->voice != NULL;
	/* signals are the loop's */
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &old);
	for(; ok && c->n < n; c->n++)
		ok = start(c, &c->worker[c->n]);
	pthread_sigmask(SIG_SETMASK, &old, NULL);
	if(ok)
		return c;
	crew_close(c);
	return NULL;
}

void crew_close(struct crew *c)
{
	for(unsigned i = 0; i < c->n; i++) {
		struct worker *w = &c->worker[i];

		if(w->runs) {
			pthread_mutex_lock(&w->lock);
			w->ending = true;
			pthread_cond_signal(&w->more);
			pthread_mutex_unlock(&w->lock);
			pthread_join(w->thread, NULL);
		}
		free(w->in.item);
		free(w->out.item);
	}
	for(uint32_t i = 0; c->voice != NULL && i < c->slots; i++)
		wa_voice_free(c->voice[i]);
	if(c->fd >= 0)
		close(c->fd);
	free(c->voice);
	free(c);
}

bool crew_give(struct crew *c, const struct crew_packet *p)
{
	struct worker *w = &c->worker[p->slot % c->n];
	struct item *room;

	if(p->rtp.len > WA_VOICE_MAX)
		return false;
	pthread_mutex_lock(&w->lock);
	room = ring_put(&w->in);
	if(room != NULL)
		copy_packet(room, p);
	if(w->waits)
		pthread_cond_signal(&w->more);
	pthread_mutex_unlock(&w->lock);
	return room != NULL;
}

void crew_forget(struct crew *c, uint32_t slot)
{
	struct worker *w = &c->worker[slot % c->n];
	struct item *room;

	pthread_mutex_lock(&w->lock);
	while((room = ring_put(&w->in)) == NULL)
		pthread_cond_wait(&w->less, &w->lock);
	room->p = (struct crew_packet){.slot = slot};
	room->forget = true;
	pthread_cond_signal(&w->more);
	pthread_mutex_unlock(&w->lock);
}

/* Copied out, for `cb` takes its time; false: there is none. */
static bool take_one(struct worker *w, struct item *item, unsigned *failed)
{
	bool found;

	pthread_mutex_lock(&w->lock);
	found = w->out.n > 0;
	if(found) {
		memcpy(item, &w->out.item[w->out.first], sizeof(*item));
		ring_drop(&w->out);
	}
	*failed += w->failed;
	w->failed = 0;
	pthread_mutex_unlock(&w->lock);
	return found;
}

unsigned crew_take(struct crew *c, void (*cb)(const struct crew_packet *p, void *arg), void *arg)
{
	static struct item item;
	unsigned failed = 0;
	uint64_t times;

	if(read(c->fd, &times, sizeof(times)) < 0)
		return 0;
	for(unsigned i = 0; i < c->n; i++)
		while(take_one(&c->worker[i], &item, &failed)) {
			item.p.payload = item.payload;
			cb(&item.p, arg);
		}
	return failed;
}
