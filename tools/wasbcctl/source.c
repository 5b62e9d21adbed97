/* wasbcctl source, ban, tls: who may speak, and by what certificates.
 * SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../../modules/lib/wa_err.h"
#include "../../modules/lib/wa_ranges.h"
#include "rpc.h"
#include "table.h"

#define INPUT_MAX (16 * 1024 * 1024)
#define NETWORKS_MAX 50000

/* All of standard input; free() it. NULL: too much, or no memory. */
static char *read_input(size_t *len)
{
	size_t room = 65536;
	char *text = malloc(room), *more;

	*len = 0;
	while(text != NULL) {
		*len += fread(text + *len, 1, room - *len, stdin);
		if(*len < room)
			return text;
		room *= 2;
		more = room <= INPUT_MAX ? realloc(text, room) : NULL;
		if(more == NULL)
			free(text);
		text = more;
	}
	return NULL;
}

static enum ctl_exit failed(const char *what, wa_sv_t word)
{
	fprintf(stderr, "wasbcctl: source convert: %s%s%.*s\n", what,
			word.len > 0 ? ": " : "", word.len > 80 ? 80 : (int)word.len,
			word.s);
	return CTL_FAILED;
}

static enum ctl_exit write_networks(wa_range_t *r, size_t n, bool any)
{
	char text[WA_ADDR_TEXT];
	const wa_range_t *at;
	const char *why;

	if(!any && wa_ranges_sane(r, n, &why, &at) < 0)
		return failed(why,
				wa_sv_from(at != NULL ? wa_addr_text(&at->lo, text) : ""));
	for(size_t i = 0; i < n; i++)
		while(wa_range_next(&r[i], text))
			puts(text);
	return fflush(stdout) == 0 ? CTL_DONE : CTL_FAILED;
}

static enum ctl_exit source_convert(const ctl_opts_t *o, int argc, char **argv)
{
	wa_sv_t bad = {"", 0};
	wa_range_t *r = malloc(NETWORKS_MAX * sizeof(*r));
	enum ctl_exit ret = CTL_FAILED;
	size_t len, n;
	char *text;

	(void)o;
	if(argc > 1 && strcmp(argv[1], "--force") != 0) {
		fprintf(stderr, "wasbcctl: source convert: the only option is --force\n");
		free(r);
		return CTL_USAGE;
	}
	text = read_input(&len);
	if(text == NULL || r == NULL)
		ret = failed("too much input, or no memory", bad);
	else if(wa_ranges_read((wa_sv_t){text, len}, r, NETWORKS_MAX, &n, &bad) < 0)
		ret = failed(bad.len > 0 ? "no network" : "no network in the input", bad);
	else
		ret = write_networks(r, n, argc > 1);
	free(text);
	free(r);
	return ret;
}

/* What an RPC answers that has nothing to say but that it is done. */
static enum ctl_exit done(
		const ctl_opts_t *o, const char *method, json_object *params)
{
	json_object *r;
	enum ctl_exit ret = ctl_call(o, method, params, &r);

	json_object_put(r);
	return ret;
}

/* "--force" as the RPC wants it. */
static json_object *forced(int argc, char **argv)
{
	static char force[] = "force";

	for(int i = 1; i < argc; i++)
		if(strcmp(argv[i], "--force") == 0)
			argv[i] = force;
	return ctl_params(argc - 1, argv + 1);
}

static enum ctl_exit source_reload(const ctl_opts_t *o, int argc, char **argv)
{
	return done(o, "wa_door.reload", forced(argc, argv));
}

static enum ctl_exit source_set(const ctl_opts_t *o, int argc, char **argv)
{
	return done(o, "wa_door.set", forced(argc, argv));
}

static enum ctl_exit show(
		const ctl_opts_t *o, const char *method, json_object *params)
{
	json_object *r;
	enum ctl_exit ret = ctl_call(o, method, params, &r);

	if(ret == CTL_DONE)
		ctl_print_object(o, r);
	json_object_put(r);
	return ret;
}

static enum ctl_exit source_status(const ctl_opts_t *o, int argc, char **argv)
{
	(void)argc;
	(void)argv;
	return show(o, "wa_door.status", NULL);
}

static enum ctl_exit source_check(const ctl_opts_t *o, int argc, char **argv)
{
	return show(o, "wa_door.check", ctl_params(argc - 1, argv + 1));
}

static enum ctl_exit ban_list(const ctl_opts_t *o, int argc, char **argv)
{
	static const char *const columns[] = {
			"address", "seconds", "reason", NULL};
	json_object *r, *bans;
	enum ctl_exit ret = ctl_call(o, "wa_door.bans", NULL, &r);

	(void)argc;
	(void)argv;
	if(ret == CTL_DONE && json_object_object_get_ex(r, "bans", &bans))
		ctl_print_list(o, bans, columns);
	json_object_put(r);
	return ret;
}

static enum ctl_exit ban_add(const ctl_opts_t *o, int argc, char **argv)
{
	return done(o, "wa_door.ban", ctl_params(argc - 1, argv + 1));
}

static enum ctl_exit ban_remove(const ctl_opts_t *o, int argc, char **argv)
{
	return done(o, "wa_door.unban", ctl_params(argc - 1, argv + 1));
}

const ctl_verb_t ctl_source_verbs[] = {
		{"convert", "[--force] < TEXT > FILE",
				"a registry's answer or any list of networks, checked and "
				"merged; whois -h whois.radb.net -- '-i origin AS32934' | ...; "
				"--force: even if it is absurd",
				0, 1, source_convert},
		{"status", "", "networks, bans, connections, the kernel's filter", 0, 0,
				source_status},
		{"check", "ADDRESS", "may this address speak?", 1, 1, source_check},
		{"reload", "[--force]", "read the files of networks now", 0, 1,
				source_reload},
		{"set", "meta|pbx NETWORK,NETWORK... [--force]",
				"other networks until the next restart or reload", 2, 3,
				source_set},
		{NULL, NULL, NULL, 0, 0, NULL}};

static enum ctl_exit tls_status(const ctl_opts_t *o, int argc, char **argv)
{
	(void)argc;
	(void)argv;
	return show(o, "wa_tls.status", NULL);
}

static enum ctl_exit tls_reload(const ctl_opts_t *o, int argc, char **argv)
{
	(void)argc;
	(void)argv;
	return done(o, "wa_tls.reload", NULL);
}

const ctl_verb_t ctl_tls_verbs[] = {
		{"status", "", "the certificates in use and their last days", 0, 0,
				tls_status},
		{"reload", "", "read tls.cfg and the certificates again; no call ends",
				0, 0, tls_reload},
		{NULL, NULL, NULL, 0, 0, NULL}};

const ctl_verb_t ctl_ban_verbs[] = {
		{"list", "", "banned addresses", 0, 0, ban_list},
		{"add", "ADDRESS [SECONDS]", "ban an address", 1, 2, ban_add},
		{"remove", "ADDRESS|all", "end a ban", 1, 1, ban_remove},
		{NULL, NULL, NULL, 0, 0, NULL}};
