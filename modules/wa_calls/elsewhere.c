/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "elsewhere.h"

#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "../lib/wa_clock.h"
#include "../lib/wa_err.h"
#include "events.h"
#include "nodes.h"
#include "patterns.h"
#include "record.h"

#define ASK_MS 5000 /* question and answer: either arrives within 2 s, or never */
#define ASKED_MAX 1024
#define TEXT_MAX 3600

#define ENDED "ended "
#define TAKEN "taken "

/* The writer process' own. */
static struct asked
{
	wa_call_t *call;
	int64_t due;
} asked[ASKED_MAX];
static unsigned n_asked;

/* One that has just started has not heard of those who are there. */
bool elsewhere_is_anybody(void)
{
	nodes_view_t v;

	nodes_view(&v);
	if(v.state == NODES_SHARED && wa_peers_count(&v.peers) == 0)
		return v.age < v.peers.lease;
	return v.state == NODES_SHARED || v.state == NODES_STARTING;
}

/* --- the node that the BYE has come to ------------------------------------------ */

static void write_own(const wa_call_t *c)
{
	wa_call_t own = *c, out;

	atomic_fetch_add(&shared_stats()->unsettled, 1);
	own.restarted = 1;
	events_close(NULL, &own, WA_CALL_ENDED, &out);
	record_close(&out);
}

static int tell_ended(const wa_call_t *c)
{
	char text[TEXT_MAX];
	wa_buf_t b = wa_buf_on(text, sizeof(text));

	wa_buf_put(&b, WA_SV(ENDED));
	wa_call_journal(c, &b);
	return wa_buf_check(&b) < 0 ? WA_ETOOLONG : nodes_tell(wa_buf_sv(&b));
}

/* Both sides have hung up, or a call of that name was here and has its record: what is
 * told is enough. */
static bool has_record(const wa_call_t *c)
{
	wa_sv_t call = wa_sv_from(c->call), dir = wa_sv_from(c->dir);
	bool has = wa_calls_was_here(shared_lock(), call, dir);

	shared_unlock();
	for(unsigned i = 0; !has && i < n_asked; i++)
		has = wa_sv_eq(call, wa_sv_from(asked[i].call->call))
			  && wa_sv_eq(dir, wa_sv_from(asked[i].call->dir));
	return has;
}

void elsewhere_ask(const wa_call_t *c)
{
	wa_call_t *kept;

	if(has_record(c)) {
		tell_ended(c);
		return;
	}
	kept = n_asked < ASKED_MAX ? malloc(sizeof(*kept)) : NULL;
	if(kept == NULL || tell_ended(c) < 0) {
		free(kept);
		write_own(c);
		return;
	}
	*kept = *c;
	asked[n_asked++] = (struct asked){kept, wa_clock_ms() + ASK_MS};
	shared_stats()->asked = n_asked;
}

static void drop(unsigned i)
{
	free(asked[i].call);
	asked[i] = asked[--n_asked];
	shared_stats()->asked = n_asked;
}

void elsewhere_settle(wa_sv_t id)
{
	for(unsigned i = 0; i < n_asked; i++)
		if(wa_sv_eq(id, wa_sv_from(asked[i].call->id))) {
			atomic_fetch_add(&shared_stats()->settled, 1);
			drop(i);
			return;
		}
}

bool elsewhere_turn(bool all)
{
	int64_t now = wa_clock_ms();

	for(unsigned i = 0; i < n_asked;) {
		if(!all && asked[i].due > now) {
			i++;
			continue;
		}
		LM_NOTICE("call %s has ended here, and no node has said that it began there\n",
				  asked[i].call->call);
		write_own(asked[i].call);
		drop(i);
	}
	return n_asked > 0;
}

/* --- the node that has the call -------------------------------------------------- */

void elsewhere_answer(wa_sv_t id)
{
	char text[sizeof(TAKEN) + sizeof(((wa_call_t *)0)->id)];
	wa_buf_t b = wa_buf_on(text, sizeof(text));

	wa_buf_put(&b, WA_SV(TAKEN));
	wa_buf_put(&b, id);
	if(wa_buf_check(&b) < 0 || nodes_tell(wa_buf_sv(&b)) < 0)
		LM_WARN("another node does not hear that the record %.*s is written here: it "
				"may write a second one\n",
				WA_SV_ARG(id));
}

/* One that has ended here, too, is told of as well: it has its record. */
static void take_ended(wa_call_t *told)
{
	wa_sv_t call = wa_sv_from(told->call), dir = wa_sv_from(told->dir);
	wa_calls_t *t = shared_lock();
	wa_call_t out, *c = wa_calls_find(t, call, dir);
	bool here = c != NULL && c->state == WA_CALL_ANSWERED;
	bool known;

	if(here) {
		wa_call_merge(c, told, true);
		wa_call_set(c, "cause", wa_sv_from(told->cause));
		events_close(t, c, WA_CALL_ENDED, &out);
	}
	known = wa_calls_was_here(t, call, dir);
	shared_unlock();
	if(here) {
		shared_push(JOB_CLOSE, &out);
		nodes_wake();
		patterns_end(&out, NULL, 0);
	}
	if(known)
		shared_push(JOB_TAKEN, told);
}

static bool cut_word(wa_sv_t *text, wa_sv_t word)
{
	if(text->len < word.len || memcmp(text->s, word.s, word.len) != 0)
		return false;
	text->s += word.len;
	text->len -= word.len;
	return true;
}

bool elsewhere_hear(wa_sv_t text)
{
	wa_call_t c;

	if(cut_word(&text, WA_SV(ENDED))) {
		if(wa_call_read(&c, text) == 0)
			take_ended(&c);
		return true;
	}
	if(!cut_word(&text, WA_SV(TAKEN)))
		return false;
	wa_call_init(&c);
	if(wa_call_set(&c, "id", text) == 0)
		shared_push(JOB_SETTLED, &c);
	return true;
}
