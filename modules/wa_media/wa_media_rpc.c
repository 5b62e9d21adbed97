/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "wa_media_rpc.h"

#include <kamailio/core/counters.h>

#include "../ksr_metrics.h"
#include "../lib/wa_clock.h"
#include "../lib/wa_err.h"
#include "guardian.h"
#include "relay_client.h"

/* One row per counter: shown by RPC, and read by Kamailio's counter API. */
static const struct row
{
	const char *name;
	size_t at;
	const char *doc;
} rows[] = {
#define ROW(f, d) {#f, offsetof(wa_guard_stats_t, f), d}
		ROW(watched, "calls taken care of"),
		ROW(active, KSR_NOW("calls taken care of now")),
		ROW(held_timeout, "calls begun without an ACK"),
		ROW(gone, "calls that rtpengine no longer knew"),
		ROW(refused, "calls that did not fit the table"),
		ROW(deleted, "sessions deleted after a worker could not"),
		ROW(closed, "calls that the relay was told to end"),
		ROW(errors, "commands refused or not sent"),
		ROW(timeouts, "commands without a reply in time"),
		ROW(first_count, "calls whose first packet went out"),
		ROW(first_sum_ms, "sum of their times from the answer, ms"),
#undef ROW
};
#define N_ROWS (sizeof(rows) / sizeof(rows[0]))

/* Of what SIP workers ask the relay. */
static const struct row asked[] = {
#define ROW(f, d) {"relay_" #f, offsetof(relay_client_stats_t, f), d}
		ROW(asked, "questions of SIP workers to the RTP relay"),
		ROW(refused, "of them not granted"),
		ROW(timeouts, "without an answer in time"),
		ROW(skipped, "not asked: it had not answered a moment before"),
#undef ROW
};
#define N_ASKED (sizeof(asked) / sizeof(asked[0]))

static uint64_t asked_value(const struct row *r)
{
	return *(const uint64_t *)((const char *)relay_client_stats() + r->at);
}

static uint64_t value(const struct row *r)
{
	return *(const uint64_t *)((const char *)guardian_stats() + r->at);
}

/* --- RPC ---------------------------------------------------------------- */

static const char *stats_doc[] = {
		"Counters of the guardian, and how long after the answer the first "
		"packet went to Meta (first_ms_le_N: N ms or less).",
		0};

static void rpc_stats(rpc_t *rpc, void *ctx)
{
	const wa_guard_stats_t *st = guardian_stats();
	uint64_t sum = 0;
	char name[32];
	void *h;

	if(rpc->add(ctx, "{", &h) < 0) {
		rpc->fault(ctx, 500, "Out of memory");
		return;
	}
	for(size_t i = 0; i < N_ROWS; i++)
		rpc->struct_add(h, "u", rows[i].name, (unsigned)value(&rows[i]));
	for(size_t i = 0; i < N_ASKED; i++)
		rpc->struct_add(h, "u", asked[i].name, (unsigned)asked_value(&asked[i]));
	rpc->struct_add(h, "u", "silent", (unsigned)guardian_silent());
	rpc->struct_add(h, "u", "queue_drops", (unsigned)guardian_drops());
	for(unsigned i = 0; i < WA_GUARD_BUCKETS; i++) {
		sum += st->first[i];
		snprintf(name, sizeof(name), "first_ms_le_%d", wa_guard_bucket_ms[i]);
		rpc->struct_add(h, "u", name, (unsigned)sum);
	}
	rpc->struct_add(h, "u", "first_ms_le_inf",
			(unsigned)(sum + st->first[WA_GUARD_BUCKETS]));
}

static const char *list_doc[] = {
		"Calls the guardian takes care of: state, key exchange, direction, "
		"age in seconds, ms from the answer to the first packet (-1: none "
		"yet). Parameter: at most so many (100).",
		0};

static void rpc_list(rpc_t *rpc, void *ctx)
{
	int64_t now = wa_clock_ms();
	wa_guard_view_t v;
	int max = 100;
	void *h;

	rpc->scan(ctx, "*d", &max);
	if(max < 0) {
		rpc->fault(ctx, 400, "The parameter is a number of calls");
		return;
	}
	for(unsigned i = 0; max > 0 && guardian_view(i, &v); i++) {
		if(!v.used)
			continue;
		max--;
		if(rpc->add(ctx, "{", &h) < 0) {
			rpc->fault(ctx, 500, "Out of memory");
			return;
		}
		rpc->struct_add(h, "sssssdd", "callid", v.callid, "state",
				wa_guard_state_name(v.state), "keys", v.sdes ? "sdes" : "dtls",
				"direction", v.hold ? "in" : "out", "instance", v.url, "age",
				(int)((now - v.at) / 1000), "first_ms", (int)v.first_ms);
	}
}

static const char *relays_doc[] = {
		"The RTP relays, and whether each answers now.", 0};

static void rpc_relays(rpc_t *rpc, void *ctx)
{
	wa_sv_t url;
	str text;
	void *h;
	int err;

	for(unsigned i = 0; (err = relay_ping(i, &url)) != WA_ENOENT; i++) {
		text = KSR_STR(url);
		if(rpc->add(ctx, "{", &h) < 0
				|| rpc->struct_add(h, "Ss", "socket", &text, "state",
						   err == 0 ? "up" : "silent")
						   < 0) {
			rpc->fault(ctx, 500, "Out of memory");
			return;
		}
	}
}

rpc_export_t media_rpcs[] = {
		{"wa_media.relays", rpc_relays, relays_doc, RPC_RET_ARRAY},
		{"wa_media.list", rpc_list, list_doc, RPC_RET_ARRAY},
		{"wa_media.stats", rpc_stats, stats_doc, 0}, {0, 0, 0, 0}};

/* --- counters -------------------------------------------------------------- */

static counter_val_t get_row(counter_handle_t h KSR_UNUSED, void *row)
{
	return (counter_val_t)value(row);
}

static counter_val_t get_asked(counter_handle_t h KSR_UNUSED, void *row)
{
	return (counter_val_t)asked_value(row);
}

static counter_val_t get_drops(
		counter_handle_t h KSR_UNUSED, void *unused KSR_UNUSED)
{
	return (counter_val_t)guardian_drops();
}

static counter_val_t get_silent(
		counter_handle_t h KSR_UNUSED, void *unused KSR_UNUSED)
{
	return (counter_val_t)guardian_silent();
}

static counter_val_t get_bucket(counter_handle_t h KSR_UNUSED, void *at)
{
	counter_val_t sum = 0;

	for(uintptr_t i = 0; i <= (uintptr_t)at; i++)
		sum += (counter_val_t)guardian_stats()->first[i];
	return sum;
}

static int add_counter(
		const char *name, counter_cbk_f cbk, void *param, const char *doc)
{
	return counter_register(
			NULL, "wa_media", name, CNT_F_NO_RESET, cbk, param, doc, 0);
}

int media_counters_init(void)
{
	static const char *const buckets[WA_GUARD_BUCKETS] = {"first_ms_le_10",
			"first_ms_le_20", "first_ms_le_50", "first_ms_le_100",
			"first_ms_le_200", "first_ms_le_500", "first_ms_le_1000",
			"first_ms_le_2000", "first_ms_le_5000", "first_ms_le_20000"};

	for(size_t i = 0; i < N_ROWS; i++)
		if(add_counter(rows[i].name, get_row, (void *)(uintptr_t)&rows[i],
				   rows[i].doc) < 0)
			return -1;
	for(size_t i = 0; i < N_ASKED; i++)
		if(add_counter(asked[i].name, get_asked, (void *)(uintptr_t)&asked[i],
				   asked[i].doc) < 0)
			return -1;
	for(uintptr_t i = 0; i < WA_GUARD_BUCKETS; i++)
		if(add_counter(buckets[i], get_bucket, (void *)i,
				   "calls whose first packet went out in so many ms") < 0)
			return -1;
	if(add_counter("silent", get_silent, NULL,
			   "calls of which one side sent nothing for silence_timeout") < 0)
		return -1;
	return add_counter("queue_drops", get_drops, NULL,
				   "jobs that found the guardian's queue full") < 0
				   ? -1
				   : 0;
}
