/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "args.h"

#include <getopt.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "../../lib/wa_err.h"

#define THREADS_MAX 16

enum option_id
{
	O_CONTROL = 256,
	O_INNER,
	O_OUTER,
	O_PORTS,
	O_STATE,
	O_CALLS,
	O_RTCP,
	O_IDLE,
	O_OPEN,
	O_TOS,
	O_THREADS,
	O_CPU,
	O_MIRROR,
	O_STANDBY,
	O_HELP
};

static const struct option options[] = {
		{"control", required_argument, NULL, O_CONTROL},
		{"inner", required_argument, NULL, O_INNER},
		{"outer", required_argument, NULL, O_OUTER},
		{"ports", required_argument, NULL, O_PORTS},
		{"state", required_argument, NULL, O_STATE},
		{"max-calls", required_argument, NULL, O_CALLS},
		{"rtcp", required_argument, NULL, O_RTCP},
		{"idle", required_argument, NULL, O_IDLE},
		{"unanswered", required_argument, NULL, O_OPEN},
		{"tos", required_argument, NULL, O_TOS},
		{"threads", required_argument, NULL, O_THREADS},
		{"max-cpu", required_argument, NULL, O_CPU},
		{"mirror", required_argument, NULL, O_MIRROR},
		{"standby", required_argument, NULL, O_STANDBY},
		{"help", no_argument, NULL, O_HELP}, {NULL, 0, NULL, 0}};

static const char usage[] =
		"wasbc-relay: one RTP stream without a gap between rtpengine and a PBX\n"
		"\n"
		"  --control IP:PORT     where commands come, by UDP; anyone who reaches\n"
		"                        it can redirect any call (127.0.0.1:2226)\n"
		"  --inner IP:PORT       toward rtpengine, RTP; RTCP one above\n"
		"                        (127.0.0.1:2228)\n"
		"  --outer IP[!SHOWN]    toward the PBXes; SHOWN stands in SDP instead\n"
		"  --ports MIN-MAX       of that address, two for each call (20000-29999)\n"
		"  --state FILE          the calls, in memory of the host\n"
		"                        (/run/wasbc-relay/calls)\n"
		"  --max-calls N         (4000)\n"
		"  --max-cpu PERCENT     no new calls while the host's processors are busier\n"
		"                        (0: whatever they are)\n"
		"  --rtcp MS             between two reports, in the mean (5000)\n"
		"  --idle S              nothing from Meta: the call is gone (120)\n"
		"  --unanswered S        not answered: the call is gone (300)\n"
		"  --tos N               of the packets (184, expedited forwarding)\n"
		"  --threads N           that make Opus; 0: the one that does all else\n"
		"                        (one for each core but two, 16 at most)\n"
		"  --mirror IP:PORT      another host that is told of all calls, by UDP\n"
		"  --standby IP:PORT     does not work: keeps in FILE what the host of\n"
		"                        --mirror tells here, for who is started after it\n";

static int fail(const char *option, const char *value, const char *want)
{
	fprintf(stderr, "wasbc-relay: --%s %s: %s\n", option, value, want);
	return WA_EPARSE;
}

static int number(const char *option, const char *text, unsigned long min,
		unsigned long max, unsigned long *out)
{
	char want[64];

	if(wa_sv_ulong(wa_sv_from(text), max, out) == 0 && *out >= min)
		return 0;
	snprintf(want, sizeof(want), "a number from %lu to %lu is wanted", min, max);
	return fail(option, text, want);
}

static int endpoint(const char *option, const char *text, wa_endpoint_t *out)
{
	if(wa_endpoint_parse(wa_sv_from(text), out) == 0 && out->port > 0
			&& !wa_endpoint_is_any(out))
		return 0;
	return fail(option, text, "an address and a port are wanted, IP:PORT");
}

static int outer(const char *text, struct config *c)
{
	wa_sv_t shown = wa_sv_from(text), own = wa_sv_cut(&shown, '!');

	if(shown.len == 0)
		shown = own;
	if(wa_endpoint_address(own, &c->outer) == 0
			&& wa_endpoint_address(shown, &c->shown) == 0
			&& !wa_endpoint_is_any(&c->outer))
		return 0;
	return fail("outer", text, "an address is wanted, or IP!SHOWN");
}

static int ports(const char *text, struct config *c)
{
	wa_sv_t max = wa_sv_from(text), min = wa_sv_cut(&max, '-');
	unsigned long a, b;

	if(wa_sv_ulong(min, 65534, &a) < 0 || wa_sv_ulong(max, 65535, &b) < 0
			|| a < 1024 || a + 1 > b)
		return fail("ports", text, "a range above 1023 is wanted, MIN-MAX");
	c->port_min = (uint16_t)(a + (a & 1)); /* RTP on even ports */
	c->port_max = (uint16_t)b;
	return 0;
}

static int read_one(int id, const char *v, struct config *c)
{
	unsigned long n = 0;
	int err;

	switch(id) {
		case O_CONTROL:
			return endpoint("control", v, &c->control);
		case O_INNER:
			return endpoint("inner", v, &c->inner);
		case O_OUTER:
			return outer(v, c);
		case O_PORTS:
			return ports(v, c);
		case O_STATE:
			c->state = v;
			return v[0] == '/' ? 0 : fail("state", v, "an absolute path is wanted");
		case O_CALLS:
			err = number("max-calls", v, 1, 100000, &n);
			c->max_calls = (uint32_t)n;
			return err;
		case O_CPU:
			err = number("max-cpu", v, 0, 100, &n);
			c->max_cpu = (unsigned)n;
			return err;
		case O_RTCP:
			err = number("rtcp", v, 100, 20000, &n);
			c->rtcp_us = (int64_t)n * 1000;
			return err;
		case O_IDLE:
			err = number("idle", v, 1, 86400, &n);
			c->idle_us = (int64_t)n * 1000000;
			return err;
		case O_OPEN:
			err = number("unanswered", v, 1, 86400, &n);
			c->open_us = (int64_t)n * 1000000;
			return err;
		case O_MIRROR:
			return endpoint("mirror", v, &c->mirror);
		case O_STANDBY:
			return endpoint("standby", v, &c->standby);
		case O_THREADS:
			err = number("threads", v, 0, THREADS_MAX, &n);
			c->threads = (unsigned)n;
			return err;
		case O_TOS:
			err = number("tos", v, 0, 255, &n);
			c->tos = (int)n;
			return err;
		default:
			return WA_EPARSE;
	}
}

/* One core is the loop's, and one is left to rtpengine: handing packets over costs more
 * than it gains where there are no others. */
static unsigned spare_cores(void)
{
	long n = sysconf(_SC_NPROCESSORS_ONLN) - 2;

	return n < 0 ? 0 : n > THREADS_MAX ? THREADS_MAX : (unsigned)n;
}

static int defaults(struct config *c)
{
	*c = (struct config){.port_min = 20000, .port_max = 29999,
			.state = "/run/wasbc-relay/calls", .max_calls = 4000,
			.rtcp_us = 5000000, .idle_us = 120000000, .open_us = 300000000,
			.tos = 184, .threads = spare_cores()};
	if(wa_endpoint_parse(WA_SV("127.0.0.1:2226"), &c->control) < 0)
		return WA_EPARSE;
	return wa_endpoint_parse(WA_SV("127.0.0.1:2228"), &c->inner);
}

int args_read(int argc, char **argv, struct config *c)
{
	int id, err = defaults(c);

	while(err == 0 && (id = getopt_long(argc, argv, "", options, NULL)) != -1) {
		if(id == O_HELP) {
			fputs(usage, stdout);
			return 1;
		}
		err = read_one(id, optarg, c);
	}
	if(err == 0 && optind < argc)
		return fail("", argv[optind], "no such argument; see --help");
	if(err == 0 && c->outer.family == 0) {
		fputs("wasbc-relay: --outer is needed: the address toward the PBXes\n", stderr);
		return WA_EPARSE;
	}
	if(err == 0 && c->standby.family != 0 && c->mirror.family == 0) {
		fputs("wasbc-relay: --standby needs --mirror: the host that may tell of calls\n", stderr);
		return WA_EPARSE;
	}
	return err;
}
