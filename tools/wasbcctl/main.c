/* wasbcctl: what an operator types. SPDX-License-Identifier: GPL-2.0-or-later */
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "wasbcctl.h"

#define DEFAULT_SOCKET "/run/kamailio/kamailio_rpc.sock"

static const ctl_noun_t nouns[] = {{"number", ctl_number_verbs},
		{"trunk", ctl_trunk_verbs}, {"app", ctl_app_verbs}, {"plan", ctl_plan_verbs},
		{"apply", ctl_apply_verbs}, {"drift", ctl_drift_verbs},
		{"tasks", ctl_tasks_verbs}, {"audit", ctl_audit_verbs},
		{"calls", ctl_calls_verbs}, {"call", ctl_call_verbs},
		{"drain", ctl_drain_verbs}, {"undrain", ctl_undrain_verbs},
		{"blocked", ctl_blocked_verbs}, {"unblock", ctl_unblock_verbs},
		{"doctor", ctl_doctor_verbs}, {"status", ctl_status_verbs},
		{"knob", ctl_knob_verbs}, {"top", ctl_top_verbs}, {"trace", ctl_trace_verbs},
		{"reload", ctl_reload_verbs}, {"source", ctl_source_verbs},
		{"ban", ctl_ban_verbs}, {"tls", ctl_tls_verbs}, {NULL, NULL}};

/* How a verb is written, and what it does. */
static void print_verb(FILE *out, const ctl_noun_t *n, const ctl_verb_t *v)
{
	fprintf(out, "  %s%s%s%s%s\n        %s\n", n->name, *v->name != '\0' ? " " : "", v->name,
			*v->args != '\0' ? " " : "", v->args, v->help);
}

static void print_verbs(FILE *out, const ctl_noun_t *n)
{
	for(const ctl_verb_t *v = n->verbs; v->name != NULL; v++)
		print_verb(out, n, v);
}

static void usage(FILE *out)
{
	fprintf(out, "usage: wasbcctl [-s SOCKET] [-t SECONDS] [--json] NOUN VERB "
				 "...\n\n");
	for(const ctl_noun_t *n = nouns; n->name != NULL; n++)
		print_verbs(out, n);
	fprintf(out, "\n  -s SOCKET   jsonrpcs' datagram socket (or "
				 "$WASBCCTL_SOCKET;\n"
				 "              default " DEFAULT_SOCKET ")\n"
				 "  -t SECONDS  how long to wait (default 5)\n"
				 "  --json      print JSON\n"
				 "\nexit: 0 done, 1 failed, 2 usage or a bad file, 3 kamailio not "
				 "reached,\n      4 plan, drift: something differs\n");
}

static enum ctl_exit wrong(const char *what, const char *word)
{
	fprintf(stderr, "wasbcctl: %s: %s; see wasbcctl --help\n", what, word);
	return CTL_USAGE;
}

static enum ctl_exit run_verb(
		const ctl_opts_t *o, const ctl_noun_t *n, const ctl_verb_t *v, int argc, char **argv)
{
	if(argc - 1 >= v->min_args && argc - 1 <= v->max_args)
		return v->run(o, argc, argv);
	fprintf(stderr, "wasbcctl: too %s words after %s:\n",
			argc - 1 < v->min_args ? "few" : "many", argv[0]);
	print_verb(stderr, n, v);
	return CTL_USAGE;
}

/* No verb, or one that is none: those that there are. */
static enum ctl_exit wrong_verb(const ctl_noun_t *n, const char *what, const char *word)
{
	fprintf(stderr, "wasbcctl: %s %s:\n", what, word);
	print_verbs(stderr, n);
	return CTL_USAGE;
}

static const ctl_noun_t *find_noun(const char *name)
{
	const ctl_noun_t *n = nouns;

	while(n->name != NULL && strcmp(n->name, name) != 0)
		n++;
	return n->name != NULL ? n : NULL;
}

/* argv[0] is the noun. */
static enum ctl_exit run_noun(const ctl_opts_t *o, int argc, char **argv)
{
	const ctl_noun_t *n = find_noun(argv[0]);
	const ctl_verb_t *v;

	if(n == NULL)
		return wrong("no such noun", argv[0]);
	v = n->verbs;
	if(*v->name == '\0')
		return run_verb(o, n, v, argc, argv);
	if(argc < 2)
		return wrong_verb(n, "a verb is missing after", argv[0]);
	while(v->name != NULL && strcmp(v->name, argv[1]) != 0)
		v++;
	if(v->name == NULL)
		return wrong_verb(n, "no such verb:", argv[1]);
	return run_verb(o, n, v, argc - 1, argv + 1);
}

/* Help for a noun, or for all. */
static enum ctl_exit help(const char *noun)
{
	const ctl_noun_t *n = noun != NULL ? find_noun(noun) : NULL;

	if(noun != NULL && n == NULL)
		return wrong("no such noun", noun);
	if(n != NULL)
		print_verbs(stdout, n);
	else
		usage(stdout);
	return CTL_DONE;
}

static int parse_timeout(const char *text)
{
	char *end;
	long s = strtol(text, &end, 10);

	return *end == '\0' && s >= 1 && s <= 3600 ? (int)s * 1000 : -1;
}

/* Options before the noun. Returns 0 to go on; else an exit code is in `*ret`.
 */
static int parse_options(
		int argc, char **argv, ctl_opts_t *o, enum ctl_exit *ret)
{
	static const struct option options[] = {{"json", no_argument, NULL, 'j'},
			{"socket", required_argument, NULL, 's'},
			{"timeout", required_argument, NULL, 't'},
			{"help", no_argument, NULL, 'h'}, {NULL, 0, NULL, 0}};
	int c;

	*ret = CTL_USAGE;
	while((c = getopt_long(argc, argv, "+s:t:jh", options, NULL)) != -1) {
		if(c == 's')
			o->socket = optarg;
		else if(c == 'j')
			o->json = true;
		else if(c == 't' && (o->timeout_ms = parse_timeout(optarg)) < 0)
			return wrong("no time of 1 to 3600 seconds", optarg);
		else if(c == 'h') {
			usage(stdout);
			*ret = CTL_DONE;
			return -1;
		} else if(c == '?')
			return -1;
	}
	return 0;
}

int main(int argc, char **argv)
{
	const char *env = getenv("WASBCCTL_SOCKET");
	ctl_opts_t o = {
			.socket = env != NULL && *env != '\0' ? env : DEFAULT_SOCKET,
			.timeout_ms = 5000};
	enum ctl_exit ret;
	char name[] = "wasbcctl";
	bool wants_help = false;
	int n = 0;

	argv[0] = name; /* what getopt_long() begins its words with */
	if(parse_options(argc, argv, &o, &ret) != 0)
		return ret;
	argc -= optind;
	argv += optind;
	/* --json and --help may also stand at the end */
	for(int i = 0; i < argc; i++) {
		if(strcmp(argv[i], "--json") == 0)
			o.json = true;
		else if(strcmp(argv[i], "--help") == 0)
			wants_help = true;
		else
			argv[n++] = argv[i];
	}
	if(wants_help)
		return help(n > 0 ? argv[0] : NULL);
	if(n > 0)
		return run_noun(&o, n, argv);
	usage(stderr);
	return CTL_USAGE;
}
