/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "nodes.h"

#include <stdio.h>
#include <string.h>

#include "../lib/wa_clock.h"
#include "../lib/wa_err.h"
#include "load.h"
#include "status.h"

#define KEPT "1000"		/* entries of the stream, about */
#define TOO_OLD_MS 2000 /* the next one says it better */
#define FIELDS 8
#define NUMBER_SIZE 24

static wa_told_h *hearer;

void wan_nodes_hear(wa_told_h *h)
{
	hearer = h;
}

bool wan_nodes_wanted(void)
{
	return hearer != NULL;
}

static int add_number(wan_job_t *j, const char *name, unsigned long long v)
{
	char text[NUMBER_SIZE];
	int n = snprintf(text, sizeof(text), "%llu", v);

	return n < 0 ? WA_ETOOLONG
				 : wan_job_add(j, wa_sv_from(name), (wa_sv_t){text, (size_t)n});
}

int wan_nodes_tell(const wa_told_t *t)
{
	wan_status_t status;
	wan_job_t j;
	int ret;

	wan_status_get(&status);
	if(!status.connected)
		return WA_EBUSY;
	wan_job_begin(&j, WAN_OP_TELL, WA_RECORD_NUMBER, 0, (wa_sv_t){NULL, 0});
	ret = wan_job_add(&j, WA_SV("node"), t->node);
	if(ret == 0)
		ret = add_number(&j, "run", t->run);
	if(ret == 0)
		ret = add_number(&j, "age", (unsigned long long)t->age);
	if(ret == 0)
		ret = add_number(&j, "at", (unsigned long long)t->at);
	if(ret == 0)
		ret = wan_job_add(&j, WA_SV("text"), t->text);
	return ret < 0 ? ret : wan_job_send(&j);
}

/* --- the directory process ------------------------------------------------------ */

static bool number(wa_sv_t v, uint64_t *out)
{
	unsigned long n;

	if(wa_sv_ulong(v, ULONG_MAX, &n) < 0)
		return false;
	*out = n;
	return true;
}

/* Words of a job, or of an entry of the stream: whoever can write to Redis may have
 * written it. */
static bool understand(const wa_pair_t *pairs, size_t n, wa_told_t *t)
{
	uint64_t age = 0, at = 0;
	unsigned seen = 0;

	for(size_t i = 0; i < n; i++) {
		wa_sv_t name = pairs[i].name, v = pairs[i].value;

		if(wa_sv_eq(name, WA_SV("node")) && v.len > 0)
			t->node = v, seen |= 1;
		else if(wa_sv_eq(name, WA_SV("run")) && number(v, &t->run))
			seen |= 2;
		else if(wa_sv_eq(name, WA_SV("age")) && number(v, &age) && age <= INT64_MAX)
			seen |= 4;
		else if(wa_sv_eq(name, WA_SV("at")) && number(v, &at) && at <= INT64_MAX)
			seen |= 8;
		else if(wa_sv_eq(name, WA_SV("text")))
			t->text = v, seen |= 16;
	}
	t->age = (int64_t)age;
	t->at = (int64_t)at;
	return seen == 31;
}

static redisReply *add_entry(wan_link_t *l, const wan_job_view_t *job)
{
	wan_cmd_t c;

	wan_cmd_begin_entry(&c, WA_SV(WAN_NODES), WA_SV(KEPT));
	for(size_t i = 0; i < job->n; i++) {
		wan_cmd_add(&c, job->pairs[i].name);
		wan_cmd_add(&c, job->pairs[i].value);
	}
	return wan_link_run(l, &c);
}

int wan_nodes_job(wan_link_t *l, const wan_job_view_t *job)
{
	wa_told_t t;
	redisReply *r;

	if(!understand(job->pairs, job->n, &t) || wa_clock_ms() - t.at > TOO_OLD_MS)
		return 0;
	r = add_entry(l, job);
	if(r == NULL)
		return WA_EIO;
	/* a refusal: the teller hears that its words do not come back */
	if(r->type == REDIS_REPLY_ERROR && wan_link_is_refusal(l, r))
		wan_status_error(l->why);
	freeReplyObject(r);
	return 0;
}

int wan_nodes_take(const redisReply *entries, char *last, size_t size)
{
	wa_pair_t pairs[FIELDS];
	wa_told_t t;

	for(size_t i = 0; i < entries->elements; i++) {
		const redisReply *e = entries->element[i];
		size_t n;

		if(e->type != REDIS_REPLY_ARRAY || e->elements != 2
				|| wa_sv_copy(last, size, wan_reply_sv(e->element[0])) < 0)
			return WA_EIO;
		n = wan_reply_pairs(e->element[1], pairs, FIELDS);
		if(hearer != NULL && understand(pairs, n, &t))
			hearer(&t);
	}
	return 0;
}
