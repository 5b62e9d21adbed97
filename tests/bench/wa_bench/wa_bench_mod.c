/* What a SIP worker asks of the directory, with a clock beside it: a module of
 * the bench alone.
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "../../../modules/ksr_compat.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>

#include "../../../modules/wa_numbers/api.h"

MODULE_VERSION

static wa_numbers_api_t wan;

static int64_t now_ns(clockid_t clock)
{
	struct timespec ts;

	clock_gettime(clock, &ts);
	return (int64_t)ts.tv_sec * 1000000000 + ts.tv_nsec;
}

/* Numbers have 11 digits, one after the other from `first`. */
static wa_sv_t write_digits(char *buf, unsigned long first, unsigned long i)
{
	unsigned long n = first + i;

	for(int k = 10; k >= 0; k--, n /= 10)
		buf[k] = (char)('0' + n % 10);
	return (wa_sv_t){buf, 11};
}

static unsigned long next_random(uint64_t *state)
{
	*state ^= *state << 13;
	*state ^= *state >> 7;
	*state ^= *state << 17;
	return (unsigned long)*state;
}

static const char *doc_mean[] = {
		"Mean CPU time of look-ups in random order. Parameters: first number, how many "
		"there are, look-ups.",
		0};

static void rpc_mean(rpc_t *rpc, void *ctx)
{
	int count, n, missing = 0;
	unsigned long first;
	uint64_t seed = 88172645463325252ULL;
	wa_number_t out;
	char digits[11];
	int64_t start, ns;
	str text;
	void *s;

	if(rpc->scan(ctx, "Sdd", &text, &count, &n) < 3 || count < 1 || n < 1) {
		rpc->fault(ctx, 400, "first, count, look-ups");
		return;
	}
	first = strtoul(text.s, NULL, 10);
	start = now_ns(CLOCK_PROCESS_CPUTIME_ID);
	for(int i = 0; i < n; i++)
		missing += wan.get(write_digits(digits, first,
								   next_random(&seed) % (unsigned)count),
						   &out)
				   < 0;
	ns = now_ns(CLOCK_PROCESS_CPUTIME_ID) - start;
	if(rpc->add(ctx, "{", &s) == 0)
		rpc->struct_add(s, "fd", "ns", (double)ns / n, "missing", missing);
}

static long switches(void)
{
	struct rusage u;

	getrusage(RUSAGE_SELF, &u);
	return u.ru_nivcsw;
}

typedef struct slowest
{
	int64_t any;	/* ns */
	int64_t on_cpu; /* of those that kept the CPU */
	int count, wrong; /* not found, or another number's record */
	int over, over_on_cpu; /* more than 1 ms */
} slowest_t;

static void note(slowest_t *m, int64_t ns, bool kept)
{
	m->count++;
	m->any = ns > m->any ? ns : m->any;
	m->over += ns > 1000000;
	if(!kept)
		return;
	m->on_cpu = ns > m->on_cpu ? ns : m->on_cpu;
	m->over_on_cpu += ns > 1000000;
}

static const char *doc_slowest[] = {
		"The slowest of look-ups during some time, one each 20 us; whether the",
		"kernel took the CPU away meanwhile is told apart. Parameters: first",
		"number, how many there are, milliseconds.", 0};

static void rpc_slowest(rpc_t *rpc, void *ctx)
{
	int count, ms;
	unsigned long first;
	uint64_t seed = 88172645463325252ULL;
	struct timespec pause = {0, 20000};
	slowest_t m = {0, 0, 0, 0, 0, 0};
	wa_number_t out;
	char digits[11];
	int64_t end;
	str text;
	void *s;

	if(rpc->scan(ctx, "Sdd", &text, &count, &ms) < 3 || count < 1) {
		rpc->fault(ctx, 400, "first, count, milliseconds");
		return;
	}
	first = strtoul(text.s, NULL, 10);
	end = now_ns(CLOCK_MONOTONIC) + (int64_t)ms * 1000000;
	while(now_ns(CLOCK_MONOTONIC) < end) {
		wa_sv_t d = write_digits(
				digits, first, next_random(&seed) % (unsigned)count);
		long before = switches();
		int64_t start = now_ns(CLOCK_MONOTONIC), ns;
		int ret = wan.get(d, &out);

		ns = now_ns(CLOCK_MONOTONIC) - start;
		m.wrong += ret < 0 || !wa_sv_eq(wa_sv_from(out.digits), d);
		note(&m, ns, switches() == before);
		nanosleep(&pause, NULL);
	}
	if(rpc->add(ctx, "{", &s) == 0)
		rpc->struct_add(s, "dddffd", "count", m.count,
				"wrong", m.wrong, "over_1ms", m.over,
				"slowest_us", (double)m.any / 1000, "slowest_on_cpu_us",
				(double)m.on_cpu / 1000, "over_1ms_on_cpu", m.over_on_cpu);
}

static const char *doc_wait[] = {
		"When a number has this trunk: microseconds since 1970, as text. Looks",
		"each 50 us. Parameters: number, trunk, at most so many milliseconds.",
		0};

static void rpc_wait(rpc_t *rpc, void *ctx)
{
	struct timespec pause = {0, 50000};
	wa_number_t out;
	int64_t end;
	char shown[32];
	str digits, trunk;
	int ms;

	if(rpc->scan(ctx, "SSd", &digits, &trunk, &ms) < 3) {
		rpc->fault(ctx, 400, "digits, trunk, milliseconds");
		return;
	}
	end = now_ns(CLOCK_MONOTONIC) + (int64_t)ms * 1000000;
	while(now_ns(CLOCK_MONOTONIC) < end) {
		if(wan.get(KSR_SV(&digits), &out) == 0
				&& wa_sv_eq(wa_sv_from(out.trunk), KSR_SV(&trunk))) {
			snprintf(shown, sizeof(shown), "%lld",
					(long long)(now_ns(CLOCK_REALTIME) / 1000));
			rpc->add(ctx, "s", shown);
			return;
		}
		nanosleep(&pause, NULL);
	}
	rpc->fault(ctx, 404, "not seen");
}

static rpc_export_t rpcs[] = {{"wa_bench.lookup", rpc_mean, doc_mean, 0},
		{"wa_bench.slowest", rpc_slowest, doc_slowest, 0},
		{"wa_bench.wait", rpc_wait, doc_wait, 0}, {NULL, NULL, NULL, 0}};

static int mod_init(void)
{
	if(wa_numbers_load(&wan) < 0)
		return -1;
	return rpc_register_array(rpcs) != 0 ? -1 : 0;
}

struct module_exports exports = {.name = "wa_bench",
		.dlflags = DEFAULT_DLFLAGS,
		.init_mod_f = mod_init};
