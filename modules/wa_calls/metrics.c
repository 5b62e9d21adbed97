/* SPDX-License-Identifier: GPL-2.0-or-later */
#define _GNU_SOURCE /* memmem() */
#include "metrics.h"

#include <stdio.h>
#include <string.h>

#include <kamailio/core/counters.h>

#include "../ksr_metrics.h"
#include "../lib/wa_prom.h"
#include "../lib/wa_reason.h"
#include "certificate.h"
#include "nodes.h"
#include "patterns.h"
#include "shared.h"

#define NAME_SIZE 128

static const char *const directions[2] = {
		"direction=\"in\"", "direction=\"out\""};

/* --- calls -------------------------------------------------------------------- */

/* Whose doing a reason is, as in the record. */
static const char *leg_of(const wa_reason_t *r, int out)
{
	static wa_call_t c; /* large, and only this process writes metrics */

	wa_call_init(&c);
	wa_call_set(&c, "cause", wa_sv_from(r->code));
	wa_call_set(&c, "dir", out ? WA_SV("out") : WA_SV("in"));
	return wa_call_ended_by(&c);
}

static void write_results(wa_buf_t *b, int out, int result)
{
	calls_stats_t *st = shared_stats();
	const wa_reason_t *r;
	char labels[NAME_SIZE];

	for(size_t i = 0; (r = wa_reason_row(i)) != NULL; i++) {
		uint64_t n = st->calls[out][result][i];

		if(n == 0)
			continue;
		snprintf(labels, sizeof(labels),
				"leg=\"%s\",%s,result=\"%s\",reason=\"%s\"", leg_of(r, out),
				directions[out], wa_call_result_name(result), r->code);
		wa_prom_value(b, "wasbc_calls_total", labels, (int64_t)n);
	}
}

static void write_calls(wa_buf_t *b)
{
	wa_prom_family(b, "wasbc_calls_total", "counter",
			"attempts that are over, by who decided, direction, result and "
			"reason");
	for(int out = 0; out < 2; out++)
		for(int result = 0; result < WA_CALL_RESULTS; result++)
			write_results(b, out, result);
	wa_prom_family(b, "wasbc_attempts_total", "counter",
			"calls that were offered to the other side");
	for(int out = 0; out < 2; out++)
		wa_prom_value(b, "wasbc_attempts_total", directions[out],
				(int64_t)shared_stats()->attempts[out]);
}

static void write_one(wa_buf_t *b, const char *name, const char *type,
		const char *help, uint64_t value)
{
	wa_prom_family(b, name, type, help);
	wa_prom_value(b, name, "", (int64_t)value);
}

#define TRUNKS_MAX 256

/* Calls through each trunk that has some; called with the table locked. */
static unsigned count_trunks(
		wa_calls_t *t, char name[TRUNKS_MAX][64], unsigned count[TRUNKS_MAX])
{
	unsigned n = 0, i;
	const wa_call_t *c;

	for(unsigned at = 0; (c = wa_calls_next(t, &at)) != NULL;) {
		for(i = 0; i < n && strcmp(name[i], c->trunk) != 0; i++)
			;
		if(i == TRUNKS_MAX || c->trunk[0] == '\0')
			continue;
		if(i == n) {
			memcpy(name[n], c->trunk, sizeof(name[n]));
			count[n++] = 0;
		}
		count[i]++;
	}
	return n;
}

static void write_trunks(wa_buf_t *b)
{
	static char name[TRUNKS_MAX][64];
	unsigned count[TRUNKS_MAX], n = count_trunks(shared_lock(), name, count);
	char label[80], labels[NAME_SIZE];

	shared_unlock();
	wa_prom_family(b, "wasbc_trunk_calls", "gauge",
			"calls there are now through a trunk; of one that has none, nothing");
	for(unsigned i = 0; i < n; i++) {
		wa_prom_label(label, sizeof(label), wa_sv_from(name[i]));
		snprintf(labels, sizeof(labels), "trunk=\"%s\"", label);
		wa_prom_value(b, "wasbc_trunk_calls", labels, count[i]);
	}
}

static void write_rounds(wa_buf_t *b)
{
	char labels[NAME_SIZE];

	wa_prom_family(b, "wasbc_digest_rounds_total", "counter",
			"answered calls of the business, by how many challenges of Meta they "
			"took");
	for(int i = 0; i <= ROUNDS_MAX; i++) {
		snprintf(labels, sizeof(labels), "rounds=\"%d%s\"", i,
				i == ROUNDS_MAX ? "+" : "");
		wa_prom_value(b, "wasbc_digest_rounds_total", labels,
				(int64_t)shared_stats()->rounds[i]);
	}
}

/* Calls there are now, by direction and state. */
static void write_now(wa_buf_t *b)
{
	unsigned n[2][WA_CALL_ANSWERED + 1] = {{0}};
	char labels[NAME_SIZE];
	wa_calls_t *t = shared_lock();
	wa_call_t *c;

	for(unsigned at = 0; (c = wa_calls_next(t, &at)) != NULL;)
		n[strcmp(c->dir, "in") != 0][c->state]++;
	shared_unlock();
	wa_prom_family(b, "wasbc_calls", "gauge", "calls there are now");
	for(int out = 0; out < 2; out++)
		for(int s = 0; s <= WA_CALL_ANSWERED; s++) {
			snprintf(labels, sizeof(labels), "%s,state=\"%s\"", directions[out],
					wa_call_state_name(s));
			wa_prom_value(b, "wasbc_calls", labels, n[out][s]);
		}
	write_one(b, "wasbc_calls_max", "gauge",
			"calls that this node can have at once", shared_max_calls());
	wa_prom_family(b, "wasbc_draining", "gauge", "1: no new calls are taken");
	wa_prom_value(b, "wasbc_draining", "", shared_drain() != DRAIN_OFF);
}

static void write_times(wa_buf_t *b)
{
	calls_stats_t *st = shared_stats();
	const struct
	{
		const char *name, *help;
		const int64_t *bounds;
		const wa_histogram_t *h;
	} all[] = {{"wasbc_setup_seconds", "from the INVITE to the first ringing",
					   wa_histogram_ms, st->setup},
			{"wasbc_answer_seconds", "from the INVITE to the answer",
					wa_histogram_ms, st->answer},
			{"wasbc_first_packet_seconds",
					"from the answer to our first packet toward Meta",
					wa_histogram_ms, st->first},
			{"wasbc_call_seconds", "from the answer to the end",
					wa_histogram_ms, st->duration},
			{"wasbc_call_mos", "voice quality of calls that are over",
					wa_histogram_mos, st->mos},
			{"wasbc_call_loss_ratio", "packets lost in calls that are over",
					wa_histogram_share, st->loss},
			{"wasbc_call_jitter_seconds", "jitter of calls that are over",
					wa_histogram_jitter, st->jitter}};

	for(size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++) {
		wa_prom_family(b, all[i].name, "histogram", all[i].help);
		for(int out = 0; out < 2; out++)
			wa_prom_histogram(b, all[i].name, directions[out], all[i].bounds,
					&all[i].h[out]);
	}
}

static void write_records(wa_buf_t *b)
{
	calls_stats_t *st = shared_stats();

	write_one(b, "wasbc_cdr_written_total", "counter",
			"records written to the file, or waiting for it", st->cdr_written);
	write_one(b, "wasbc_cdr_redis_total", "counter",
			"records handed over to Redis", st->cdr_redis);
	write_one(b, "wasbc_cdr_lost_total", "counter", "records that are lost",
			st->cdr_lost + st->queue_drops);
	write_one(b, "wasbc_cdr_errors_total", "counter",
			"writes that the disk refused", st->cdr_errors);
	write_one(b, "wasbc_cdr_pending", "gauge", "records that wait for the disk",
			st->cdr_pending);
	write_one(b, "wasbc_cdr_redis_pending", "gauge",
			"records that wait for Redis", st->redis_pending);
	write_one(b, "wasbc_journal_errors_total", "counter",
			"writes of the journal that failed", st->journal_errors);
	wa_prom_family(b, "wasbc_calls_elsewhere_total", "counter",
			"calls of other nodes that ended here, by which node wrote the record");
	wa_prom_value(b, "wasbc_calls_elsewhere_total", "record=\"other\"",
			(int64_t)st->settled);
	wa_prom_value(b, "wasbc_calls_elsewhere_total", "record=\"own\"",
			(int64_t)st->unsettled);
	write_one(b, "wasbc_calls_hung_up_total", "counter",
			"calls that were ended from here", st->hung_up);
	write_one(b, "wasbc_calls_recovered_total", "counter",
			"calls taken over from before a restart", st->recovered);
}

/* --- the other modules' counters ------------------------------------------------ */

static const char *const groups[] = {"wa_auth", "wa_door", "wa_media",
		"wa_numbers", "wa_settings", "wa_tls", "wa_topo", "wa_trace",
		"wa_trunk"};

typedef struct group
{
	wa_buf_t *b;
	const char *name;
} group_t;

static void write_counter(void *arg, str *var)
{
	group_t *g = arg;
	str group = {(char *)(uintptr_t)g->name, (int)strlen(g->name)};
	char name[NAME_SIZE];
	wa_buf_t n = wa_buf_on(name, sizeof(name) - 1);
	counter_handle_t h;
	const char *doc;
	bool now;

	/* buckets: those are histograms of their own */
	if(memmem(var->s, (size_t)var->len, "_ms_", 4) != NULL
			|| counter_lookup_str(&h, &group, var) < 0)
		return;
	doc = counter_get_doc(h);
	now = ksr_is_now(&doc);
	wa_buf_put(&n, WA_SV("wasbc_"));
	wa_prom_name(&n, wa_sv_from(g->name + 3));
	wa_buf_put(&n, WA_SV("_"));
	wa_prom_name(&n, KSR_SV(var));
	if(!now)
		wa_buf_put(&n, WA_SV("_total"));
	name[n.len] = '\0';
	write_one(g->b, name, now ? "gauge" : "counter", doc != NULL ? doc : "",
			(uint64_t)counter_get_val(h));
}

static void write_counters(wa_buf_t *b)
{
	for(size_t i = 0; i < sizeof(groups) / sizeof(groups[0]); i++) {
		group_t g = {b, groups[i]};

		counter_iterate_grp_var_names(groups[i], write_counter, &g);
	}
}

/* What the modules write themselves. */
static void write_modules(wa_buf_t *b)
{
	for(size_t i = 0; i < sizeof(groups) / sizeof(groups[0]); i++) {
		ksr_metrics_f write = ksr_metrics_of(groups[i]);

		if(write != NULL)
			write(b);
	}
}

static int64_t counter_of(const char *group, const char *name)
{
	counter_handle_t h;

	return counter_lookup(&h, group, name) < 0 ? 0 : counter_get_val(h);
}

/* How late a change in Redis is seen by calls: wa_numbers counts that itself. */
static void write_lag(wa_buf_t *b)
{
	static const int bounds[] = {1, 5, 10, 25, 50, 100, 250, 500, 1000, 5000};
	const char *name = "wasbc_redis_lag_seconds";
	char labels[NAME_SIZE], counter[32];
	int64_t count = counter_of("wa_numbers", "visible_ms_count");
	int64_t sum = counter_of("wa_numbers", "visible_ms_sum");

	wa_prom_family(b, name, "histogram",
			"from a change in Redis until calls see it");
	for(size_t i = 0; i < sizeof(bounds) / sizeof(bounds[0]); i++) {
		snprintf(counter, sizeof(counter), "visible_ms_le_%d", bounds[i]);
		snprintf(labels, sizeof(labels), "le=\"%d.%03d\"", bounds[i] / 1000,
				bounds[i] % 1000);
		wa_prom_value(b, "wasbc_redis_lag_seconds_bucket", labels,
				counter_of("wa_numbers", counter));
	}
	wa_prom_value(b, "wasbc_redis_lag_seconds_bucket", "le=\"+Inf\"", count);
	snprintf(labels, sizeof(labels), "wasbc_redis_lag_seconds_sum %lld.%03d\n",
			(long long)(sum / 1000), (int)(sum % 1000));
	wa_buf_put(b, wa_sv_from(labels));
	wa_prom_value(b, "wasbc_redis_lag_seconds_count", "", count);
}

void metrics_write(wa_buf_t *b)
{
	write_calls(b);
	write_now(b);
	write_trunks(b);
	write_times(b);
	write_rounds(b);
	write_records(b);
	patterns_write(b);
	nodes_write(b);
	write_lag(b);
	certificate_write(b);
	write_counters(b);
	write_modules(b);
}
