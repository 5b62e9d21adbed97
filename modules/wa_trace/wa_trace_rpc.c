/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "wa_trace_rpc.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include <kamailio/core/counters.h>

#include "../ksr_rpc.h"
#include "conf.h"
#include "hep.h"

#define STEPS_MAX 250 /* the reply has to fit one datagram */
#define CALL_IDS_MAX 4

static const wa_ladder_t *ladder;
static unsigned places;

void trace_rpc_init(const wa_ladder_t *l, unsigned max)
{
	ladder = l;
	places = max;
}

/* UTC with milliseconds. */
static void show_time(int64_t us, char out[40])
{
	time_t s = (time_t)(us / 1000000);
	char text[24];
	struct tm tm;

	out[0] = '\0';
	if(gmtime_r(&s, &tm) != NULL
			&& strftime(text, sizeof(text), "%Y-%m-%dT%H:%M:%S", &tm) > 0)
		snprintf(out, 40, "%s.%03dZ", text, (int)(us / 1000 % 1000));
}

static int add_step(rpc_t *rpc, void *list, const wa_step_t *s, int64_t first)
{
	char at[40];
	void *h;

	if(rpc->array_add(list, "{", &h) < 0)
		return -1;
	show_time(s->at, at);
	return rpc->struct_add(h, "sdsssssddd", "at", at, "ms",
			(int)((s->at - first) / 1000), "side", s->meta ? "meta" : "pbx",
			"way", s->sent ? "out" : "in", "what", s->what, "method", s->method,
			"far", s->far, "cseq", (int)(s->cseq & INT32_MAX), "sdp",
			(int)s->sdp, "credentials", (int)s->credentials);
}

static void send_steps(
		rpc_t *rpc, void *ctx, const wa_step_t *steps, size_t n)
{
	void *head, *list;

	if(rpc->add(ctx, "{", &head) < 0
			|| rpc->struct_add(head, "[", "messages", &list) < 0) {
		rpc->fault(ctx, 500, "Out of memory");
		return;
	}
	for(size_t i = 0; i < n; i++)
		if(add_step(rpc, list, &steps[i], steps[0].at) < 0)
			return;
	rpc->struct_add(head, "d", "more", n == STEPS_MAX);
}

static const char *ladder_doc[] = {
		"The messages of a recent call, first to last, on both sides: when, "
		"which,",
		"and to or from where. Parameters: its Call-IDs, up to 4 (one that began",
		"at a PBX has another toward Meta: `meta_call` of its record).", 0};

static void rpc_ladder(rpc_t *rpc, void *ctx)
{
	static wa_step_t steps[STEPS_MAX];
	wa_sv_t ids[CALL_IDS_MAX];
	size_t n = 0;
	str s;

	while(n < CALL_IDS_MAX && rpc_text(rpc, ctx, &s))
		if(s.len > 0)
			ids[n++] = KSR_SV(&s);
	if(n == 0)
		rpc->fault(ctx, 400, "the Call-ID of a call");
	else if(ladder == NULL)
		rpc->fault(ctx, 500, "no messages are kept: messages is 0");
	else
		send_steps(rpc, ctx, steps,
				wa_ladder_find(ladder, ids, n, steps, STEPS_MAX));
}

static const char *status_doc[] = {
		"How many messages are kept, and where copies go by HEP.", 0};

static void rpc_status(rpc_t *rpc, void *ctx)
{
	const char *target = trace_conf_hep();
	void *h;

	if(rpc->add(ctx, "{", &h) < 0)
		return;
	rpc->struct_add(h, "dusuu", "places", (int)places, "messages",
			ladder != NULL ? (unsigned)wa_ladder_count(ladder) : 0, "hep",
			target != NULL ? target : "", "hep_sent",
			(unsigned)hep_stats->sent, "hep_dropped",
			(unsigned)hep_stats->dropped);
}

rpc_export_t trace_rpcs[] = {{"wa_trace.ladder", rpc_ladder, ladder_doc, 0},
		{"wa_trace.status", rpc_status, status_doc, 0}, {0, 0, 0, 0}};

/* --- counters -------------------------------------------------------------- */

static counter_val_t messages(
		counter_handle_t h KSR_UNUSED, void *unused KSR_UNUSED)
{
	return ladder != NULL ? (counter_val_t)wa_ladder_count(ladder) : 0;
}

static counter_val_t sent(
		counter_handle_t h KSR_UNUSED, void *unused KSR_UNUSED)
{
	return (counter_val_t)hep_stats->sent;
}

static counter_val_t dropped(
		counter_handle_t h KSR_UNUSED, void *unused KSR_UNUSED)
{
	return (counter_val_t)hep_stats->dropped;
}

static counter_def_t counters[] = {
		{NULL, "messages", CNT_F_NO_RESET, messages, NULL,
				"messages of calls that came in or went out"},
		{NULL, "hep_sent", CNT_F_NO_RESET, sent, NULL,
				"copies sent by HEP"},
		{NULL, "hep_dropped", CNT_F_NO_RESET, dropped, NULL,
				"copies that the socket did not take, or too long for one"},
		{NULL, NULL, 0, NULL, NULL, NULL}};

int trace_counters_init(void)
{
	if(counter_register_array("wa_trace", counters) >= 0)
		return 0;
	LM_ERR("cannot register the counters\n");
	return -1;
}
