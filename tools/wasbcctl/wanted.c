/* wasbcctl plan, apply: a wanted file against the numbers it names.
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The file is checked here as a whole before anything is asked; each number then
 * is a task of its own, some of them at a time.
 */
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "../../modules/lib/wa_wanted.h"
#include "rpc.h"
#include "table.h"
#include "task.h"

#define PARALLEL_DEFAULT 8
#define PARALLEL_MAX 32

/* A run through the file. */
typedef struct run
{
	const ctl_opts_t *o;
	const char *method;
	const char *verb;
	wa_wanted_file_t file;
	bool keep_going, all;
	unsigned parallel;

	struct slot
	{
		bool busy;
		size_t at;
		ctl_task_t task;
	} slots[PARALLEL_MAX];
	size_t next, done, failed, differ;
	time_t begun;
	bool stop;
	json_object **results; /* by position in the file */
} run_t;

static char *read_all(FILE *f, size_t *len)
{
	size_t size = 65536, n;
	char *buf = malloc(size);

	*len = 0;
	while(buf != NULL && (n = fread(buf + *len, 1, size - *len, f)) > 0) {
		char *bigger;

		*len += n;
		if(*len < size)
			continue;
		bigger = size <= WA_WANTED_FILE_MAX ? realloc(buf, size * 2) : NULL;
		if(bigger == NULL) {
			free(buf);
			errno = EFBIG;
			return NULL;
		}
		buf = bigger;
		size *= 2;
	}
	return buf;
}

static enum ctl_exit open_file(run_t *run, const char *path)
{
	FILE *f = strcmp(path, "-") == 0 ? stdin : fopen(path, "re");
	char why[WA_WANTED_WHY_SIZE] = "", *text = NULL;
	enum ctl_exit ret = CTL_USAGE;
	size_t len = 0;

	if(f != NULL)
		text = read_all(f, &len);
	if(text == NULL || ferror(f))
		fprintf(stderr, "wasbcctl: %s: %s\n", path, strerror(errno));
	else if(wa_wanted_open(&run->file, (wa_sv_t){text, len}, why, sizeof(why)) < 0)
		fprintf(stderr, "wasbcctl: %s: %s\n", path, why);
	else
		ret = CTL_DONE;
	if(f != NULL && f != stdin)
		fclose(f);
	free(text);
	return ret;
}

/* Seconds until the end, if it goes on like this. */
static long left(const run_t *run)
{
	long gone = (long)(time(NULL) - run->begun);

	return run->done > 0 ? (long)(gone * (run->file.n - run->done) / run->done) : 0;
}

/* One line, written over itself; what a longer one has left is erased. */
static void progress(const run_t *run, bool last)
{
	if(!isatty(STDERR_FILENO) || run->file.n < 2)
		return;
	fprintf(stderr, "\r%s: %zu of %zu numbers, %zu failed", run->verb, run->done,
			run->file.n, run->failed);
	if(!last && left(run) > 1)
		fprintf(stderr, ", about %ld s left", left(run));
	fprintf(stderr, "\033[K%s", last ? "\n" : "");
}

/* What became of a number that no task could be started for. */
static json_object *no_result(const char *number, const char *error)
{
	json_object *r = json_object_new_object();

	json_object_object_add(r, "number", json_object_new_string(number));
	json_object_object_add(r, "state", json_object_new_string("failed"));
	json_object_object_add(r, "error", json_object_new_string(error));
	json_object_object_add(r, "writes", json_object_new_int(0));
	return r;
}

static void note(run_t *run, size_t at, json_object *r)
{
	run->results[at] = r;
	run->done++;
	if(strcmp(ctl_member(r, "state"), "done") == 0) {
		run->differ += strcmp(ctl_member(r, "differs"), "1") == 0;
		return;
	}
	run->failed++;
	run->stop = run->stop || !run->keep_going;
}

static enum ctl_exit start(run_t *run, struct slot *s)
{
	char text[WA_WANTED_TEXT_SIZE];
	wa_wanted_t w;
	enum ctl_exit ret;

	wa_wanted_get(&run->file, run->next, &w);
	if(wa_wanted_text(&w, text, sizeof(text)) < 0)
		return CTL_FAILED;
	ret = ctl_task_start(run->o, run->method, text, &s->task);
	if(ret == CTL_FAILED) {
		note(run, run->next++, no_result(w.digits, "not started"));
		return CTL_DONE;
	}
	s->at = run->next++;
	s->busy = ret == CTL_DONE;
	return ret;
}

static enum ctl_exit look(run_t *run, struct slot *s)
{
	json_object *r = NULL;
	bool ended;
	enum ctl_exit ret = ctl_task_look(run->o, &s->task, &r, &ended);

	if(ret == CTL_DONE && ended) {
		note(run, s->at, r);
		s->busy = false;
		return ret;
	}
	json_object_put(r);
	return ret;
}

/* All of the file, or until something fails: what is running then still ends. */
static enum ctl_exit run_all(run_t *run)
{
	enum ctl_exit ret = CTL_DONE;
	bool busy = true;

	while(ret == CTL_DONE && busy) {
		busy = false;
		for(unsigned i = 0; ret == CTL_DONE && i < run->parallel; i++) {
			struct slot *s = &run->slots[i];

			if(s->busy)
				ret = look(run, s);
			if(ret == CTL_DONE && !s->busy && !run->stop && run->next < run->file.n)
				ret = start(run, s);
			busy = busy || s->busy || (!run->stop && run->next < run->file.n);
		}
		progress(run, false);
		if(ret == CTL_DONE && busy)
			poll(NULL, 0, CTL_TASK_POLL_MS);
	}
	progress(run, true);
	return ret;
}

/* Rows of a plan, with the number in front of each. */
static json_object *rows_of(const run_t *run)
{
	json_object *rows = json_object_new_array(), *fields;

	for(size_t i = 0; i < run->file.n; i++) {
		if(run->results[i] == NULL
				|| !json_object_object_get_ex(run->results[i], "fields", &fields))
			continue;
		for(size_t k = 0; k < json_object_array_length(fields); k++) {
			json_object *row = json_object_array_get_idx(fields, k);

			if(!run->all && *ctl_member(row, "differs") == '\0')
				continue;
			json_object_object_add(row, "number",
					json_object_new_string(ctl_member(run->results[i], "number")));
			json_object_array_add(rows, json_object_get(row));
		}
	}
	return rows;
}

static json_object *results_of(const run_t *run)
{
	json_object *list = json_object_new_array();

	for(size_t i = 0; i < run->file.n; i++)
		if(run->results[i] != NULL)
			json_object_array_add(list, json_object_get(run->results[i]));
	return list;
}

static void print(const run_t *run, bool plan)
{
	static const char *const plan_columns[] = {
			"number", "field", "wanted", "stored", "meta", "differs", NULL};
	static const char *const apply_columns[] = {
			"number", "state", "writes", "seconds", "error", NULL};
	json_object *list = plan && !run->o->json ? rows_of(run) : results_of(run);

	ctl_print_list(run->o, list, plan ? plan_columns : apply_columns);
	json_object_put(list);
	for(size_t i = 0; i < run->file.n; i++)
		if(run->results[i] != NULL)
			ctl_task_words(run->results[i]);
	if(run->done < run->file.n)
		fprintf(stderr, "wasbcctl: %zu of %zu numbers were not looked at; run it again\n",
				run->file.n - run->done, run->file.n);
}

static void close_run(run_t *run)
{
	for(size_t i = 0; run->results != NULL && i < run->file.n; i++)
		json_object_put(run->results[i]);
	free(run->results);
	wa_wanted_close(&run->file);
}

static enum ctl_exit run_file(run_t *run, const char *path, bool plan)
{
	enum ctl_exit ret = open_file(run, path);

	if(ret != CTL_DONE)
		return ret;
	run->method = plan ? "wa_settings.plan" : "wa_settings.apply";
	run->results = calloc(run->file.n + 1, sizeof(json_object *));
	if(run->results == NULL)
		return CTL_FAILED;
	ret = run_all(run);
	print(run, plan);
	if(ret == CTL_DONE && run->failed > 0)
		ret = CTL_FAILED;
	if(ret == CTL_DONE && plan && run->differ > 0)
		ret = CTL_DIFFERS;
	close_run(run);
	return ret;
}

static bool take_number(const char *text, unsigned *out)
{
	char *end;
	unsigned long n = strtoul(text, &end, 10);

	*out = (unsigned)n;
	return *text != '\0' && *end == '\0' && n >= 1 && n <= PARALLEL_MAX;
}

/* Options may stand before and after the file. */
static enum ctl_exit run_words(const ctl_opts_t *o, int argc, char **argv)
{
	run_t run = {
			.o = o, .verb = argv[0], .parallel = PARALLEL_DEFAULT, .begun = time(NULL)};
	bool plan = strcmp(argv[0], "plan") == 0;
	const char *path = NULL, *wrong = NULL;

	for(int i = 1; i < argc && wrong == NULL; i++) {
		if(!plan && strcmp(argv[i], "--dry-run") == 0)
			plan = true;
		else if(strcmp(argv[i], "--keep-going") == 0)
			run.keep_going = true;
		else if(strcmp(argv[i], "--all") == 0)
			run.all = true;
		else if(strcmp(argv[i], "--parallel") == 0 && i + 1 < argc)
			wrong = take_number(argv[++i], &run.parallel) ? NULL : argv[i];
		else if(path == NULL && (argv[i][0] != '-' || argv[i][1] == '\0'))
			path = argv[i];
		else
			wrong = argv[i];
	}
	if(wrong == NULL && path != NULL)
		return run_file(&run, path, plan);
	fprintf(stderr, "wasbcctl: %s: %s%s; FILE%s [--keep-going] [--parallel 1 to %d]\n", argv[0],
			wrong != NULL ? "not " : "a file is missing", wrong != NULL ? wrong : "",
			strcmp(argv[0], "plan") == 0 ? " [--all]" : " [--dry-run]", PARALLEL_MAX);
	return CTL_USAGE;
}

const ctl_verb_t ctl_plan_verbs[] = {
		{"", "FILE [--all] [--keep-going] [--parallel N]",
				"field by field, how the wanted file differs from the directory and "
				"from Meta; --all: also what does not; exit 4: something differs",
				1, 8, run_words},
		{NULL, NULL, NULL, 0, 0, NULL}};

const ctl_verb_t ctl_apply_verbs[] = {
		{"", "FILE [--dry-run] [--keep-going] [--parallel N]",
				"write what differs to Meta, number by number, and verify it; can be run "
				"again; stops at the first number that fails, or goes on; --dry-run: as "
				"plan",
				1, 8, run_words},
		{NULL, NULL, NULL, 0, 0, NULL}};
