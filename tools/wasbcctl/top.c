/* wasbcctl top: calls, rate, answer rate and failures, live, per number and trunk.
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "rpc.h"
#include "screen.h"
#include "table.h"

#define INTERVAL_DEFAULT 2
#define INTERVAL_MAX 3600
#define LINES_AROUND 5 /* two above the columns' names, these, and two below the rows */
#define ALL_FIGURES 75 /* columns of a screen that has room for them */
#define WIDE 100	   /* for whole names, and the age of a failure */
#define NAME 15		   /* an E.164 number */
#define NAME_WIDE 30
#define CAUSE 24

typedef struct options
{
	bool once;
	unsigned long interval; /* s */
} options_t;

/* One look: rows of wa_calls.top, and when it was made. */
typedef struct look
{
	json_object *rows, *node;
	double at;
} look_t;

static double now_s(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (double)ts.tv_sec + (double)ts.tv_nsec / 1e9;
}

static long number_of(json_object *row, const char *name)
{
	return strtol(ctl_member(row, name), NULL, 10);
}

static void close_look(look_t *l)
{
	json_object_put(l->rows);
	json_object_put(l->node);
	l->rows = l->node = NULL;
}

/* --- figures ----------------------------------------------------------------------- */

static json_object *same_row(const look_t *before, json_object *row)
{
	for(size_t i = 0; before->rows != NULL && i < json_object_array_length(before->rows);
			i++) {
		json_object *r = json_object_array_get_idx(before->rows, i);

		if(strcmp(ctl_member(r, "of"), ctl_member(row, "of")) == 0
				&& strcmp(ctl_member(r, "name"), ctl_member(row, "name")) == 0)
			return r;
	}
	return NULL;
}

/* Attempts a second since the look before; there was none: "-". */
static void add_rate(json_object *row, const look_t *before, double at)
{
	json_object *old = same_row(before, row);
	char text[32] = "-";
	double s = at - before->at;

	if(before->rows != NULL && s > 0)
		(void)!snprintf(text, sizeof(text), "%.1f",
				(double)(number_of(row, "attempts")
						 - (old != NULL ? number_of(old, "attempts") : 0))
						/ s);
	json_object_object_add(row, "per_second", json_object_new_string(text));
}

/* Of what was offered; calls that still ring count as not answered (yet). */
static void add_answer_rate(json_object *row)
{
	long attempts = number_of(row, "attempts");
	char text[32] = "-";

	if(attempts > 0)
		(void)!snprintf(
				text, sizeof(text), "%ld%%", number_of(row, "answered") * 100 / attempts);
	json_object_object_add(row, "answer_rate", json_object_new_string(text));
}

/* Most calls first, then most attempts. */
static int compare(const void *a, const void *b)
{
	json_object *x = *(json_object *const *)a, *y = *(json_object *const *)b;
	long calls = number_of(y, "calls") - number_of(x, "calls");
	long attempts = number_of(y, "attempts") - number_of(x, "attempts");

	if(calls != 0)
		return calls > 0 ? 1 : -1;
	if(attempts != 0)
		return attempts > 0 ? 1 : -1;
	return strcmp(ctl_member(x, "name"), ctl_member(y, "name"));
}

/* All calls of the node, as a row like the others. */
static json_object *node_row(json_object *drain, json_object *stats, json_object *history)
{
	json_object *row = json_object_new_object(), *list;
	const char *const sums[] = {"answered", "failed"};

	json_object_object_add(row, "of", json_object_new_string("node"));
	json_object_object_add(row, "name", json_object_new_string(ctl_member(drain, "drain")));
	json_object_object_add(row, "calls", json_object_new_int((int)number_of(drain, "calls")));
	json_object_object_add(row, "attempts",
			json_object_new_int(
					(int)(number_of(stats, "attempts_in") + number_of(stats, "attempts_out"))));
	for(size_t i = 0; i < 2; i++) {
		int sum = 0;

		if(history != NULL && json_object_object_get_ex(history, sums[i], &list))
			for(size_t k = 0; k < json_object_array_length(list); k++)
				sum += json_object_get_int(json_object_array_get_idx(list, k));
		json_object_object_add(row, sums[i], json_object_new_int(sum));
	}
	return row;
}

static enum ctl_exit see_node(const ctl_opts_t *o, json_object **row)
{
	json_object *drain = NULL, *stats = NULL, *history = NULL;
	char day[] = "1440", *word = day;
	enum ctl_exit ret = ctl_call(o, "wa_calls.drain_status", NULL, &drain);

	if(ret == CTL_DONE)
		ret = ctl_call(o, "wa_calls.stats", NULL, &stats);
	if(ret == CTL_DONE)
		ret = ctl_call(o, "wa_calls.history", ctl_params(1, &word), &history);
	*row = ret == CTL_DONE ? node_row(drain, stats, history) : NULL;
	json_object_put(drain);
	json_object_put(stats);
	json_object_put(history);
	return ret;
}

static enum ctl_exit take_look(const ctl_opts_t *o, const look_t *before, look_t *out)
{
	enum ctl_exit ret = ctl_call_list(o, "wa_calls.top", "top", "name", &out->rows);

	out->node = NULL;
	out->at = now_s();
	if(ret == CTL_DONE)
		ret = see_node(o, &out->node);
	if(ret != CTL_DONE)
		return ret;
	for(size_t i = 0; i < json_object_array_length(out->rows); i++) {
		json_object *row = json_object_array_get_idx(out->rows, i);

		add_rate(row, before, out->at);
		add_answer_rate(row);
	}
	json_object_array_sort(out->rows, compare);
	return CTL_DONE;
}

/* --- output ------------------------------------------------------------------------ */

static void print_once(const ctl_opts_t *o, look_t *l)
{
	static const char *const columns[] = {"of", "name", "calls", "attempts", "answered",
			"answer_rate", "failed", "cause", "failed_age", NULL};
	json_object *all = json_object_new_array();

	add_answer_rate(l->node);
	for(size_t i = 0; i < json_object_array_length(l->rows); i++)
		json_object_object_del(json_object_array_get_idx(l->rows, i), "per_second");
	json_object_array_add(all, json_object_get(l->node));
	for(size_t i = 0; i < json_object_array_length(l->rows); i++)
		json_object_array_add(
				all, json_object_get(json_object_array_get_idx(l->rows, i)));
	ctl_print_list(o, all, columns);
	json_object_put(all);
}

/* A line of the screen that is being written, cut where the screen ends. */
typedef struct line
{
	size_t room;
} line_t;

static void put(line_t *l, const char *text, size_t width)
{
	if(width > l->room)
		width = l->room;
	ctl_print_column(text, width);
	l->room -= width;
}

static void put_right(line_t *l, const char *text, size_t width)
{
	size_t len = strlen(text);

	put(l, "", len < width ? width - len : 1);
	put(l, text, len < width ? len : width - 1);
}

/* A full line leaves the cursor on its last character, which must not be erased. */
static void end_line(const line_t *l)
{
	fputs(l->room > 0 ? "\033[K\n" : "\n", stdout);
}

/* "12s", "5m", "3h", "2d". */
static void put_age(line_t *l, long s, size_t width)
{
	char text[32];
	long per = s < 120 ? 1 : s < 7200 ? 60 : s < 172800 ? 3600 : 86400;

	(void)!snprintf(text, sizeof(text), "%ld%c", s / per,
			per == 1 ? 's' : per == 60 ? 'm' : per == 3600 ? 'h' : 'd');
	put(l, s >= 0 ? text : "", width);
}

/* What a row is made of; `name` is the member, `title` what stands above. */
typedef struct column
{
	const char *name, *title;
	size_t width, from; /* the screen's columns that it takes to be there */
} column_t;

static const column_t figures[] = {{"calls", "calls", 6, 0}, {"per_second", "per s", 7, ALL_FIGURES},
		{"attempts", "attempts", 9, ALL_FIGURES}, {"answer_rate", "answer", 7, 0},
		{"failed", "failed", 7, 0}};

static void put_row(json_object *row, screen_size_t s)
{
	line_t l = {s.columns};

	put(&l, row != NULL ? ctl_member(row, "of") : "of", 7);
	put(&l, row != NULL ? ctl_member(row, "name") : "name", s.columns >= WIDE ? NAME_WIDE : NAME);
	for(size_t i = 0; i < sizeof(figures) / sizeof(figures[0]); i++)
		if(s.columns >= figures[i].from)
			put_right(&l, row != NULL ? ctl_member(row, figures[i].name) : figures[i].title,
					figures[i].width);
	put(&l, "", 2);
	if(s.columns >= WIDE && row != NULL)
		put_age(&l, number_of(row, "failed_age"), 6);
	else if(s.columns >= WIDE)
		put(&l, "ago", 6);
	put(&l, row != NULL ? ctl_member(row, "cause") : "last failure", CAUSE);
	end_line(&l);
}

static void put_head(const look_t *l, const look_t *before, screen_size_t size)
{
	char clock[16] = "", rate[32] = "-", text[256];
	line_t line = {size.columns};
	time_t t = time(NULL);
	struct tm tm;

	if(localtime_r(&t, &tm) != NULL && strftime(clock, sizeof(clock), "%H:%M:%S", &tm) == 0)
		clock[0] = '\0';
	if(before->node != NULL && l->at > before->at)
		(void)!snprintf(rate, sizeof(rate), "%.1f",
				(double)(number_of(l->node, "attempts") - number_of(before->node, "attempts"))
						/ (l->at - before->at));
	(void)!snprintf(text, sizeof(text), "%s  %s calls, %s/s, in 24 h %s answered, %s failed%s%s",
			clock, ctl_member(l->node, "calls"), rate, ctl_member(l->node, "answered"),
			ctl_member(l->node, "failed"),
			strcmp(ctl_member(l->node, "name"), "off") == 0 ? "" : "; drain ",
			strcmp(ctl_member(l->node, "name"), "off") == 0 ? "" : ctl_member(l->node, "name"));
	fputs("\033[H", stdout);
	put(&line, text, strlen(text));
	end_line(&line);
	printf("\033[K\n");
}

/* Each line as wide as the screen at most: one that is wider would move all others. */
static void print_screen(const look_t *l, const look_t *before)
{
	screen_size_t size = screen_size();
	size_t n = json_object_array_length(l->rows);
	size_t room = size.lines > LINES_AROUND ? size.lines - LINES_AROUND : 1;
	char hidden[48] = "", end[80];
	line_t line = {size.columns};

	put_head(l, before, size);
	put_row(NULL, size);
	for(size_t i = 0; i < n && i < room; i++)
		put_row(json_object_array_get_idx(l->rows, i), size);
	if(n > room)
		(void)!snprintf(hidden, sizeof(hidden), "%zu more, with fewer calls; ", n - room);
	(void)!snprintf(end, sizeof(end), "%sq ends", hidden);
	put(&line, end, strlen(end));
	end_line(&line);
	printf("\033[J");
	fflush(stdout);
}

static enum ctl_exit run_live(const ctl_opts_t *o, unsigned long interval)
{
	look_t now = {NULL, NULL, 0}, before = {NULL, NULL, 0};
	enum ctl_exit ret;

	screen_open();
	printf("\033[2J");
	while((ret = take_look(o, &before, &now)) == CTL_DONE) {
		print_screen(&now, &before);
		close_look(&before);
		before = now;
		now = (look_t){NULL, NULL, 0};
		if(!screen_wait((int)interval * 1000))
			break;
	}
	screen_close();
	close_look(&now);
	close_look(&before);
	return ret;
}

static bool read_options(options_t *opt, int argc, char **argv)
{
	char *end;

	for(int i = 1; i < argc; i++) {
		if(strcmp(argv[i], "--once") == 0) {
			opt->once = true;
		} else if(strcmp(argv[i], "--interval") == 0 && i + 1 < argc) {
			opt->interval = strtoul(argv[++i], &end, 10);
			if(*end != '\0' || opt->interval < 1 || opt->interval > INTERVAL_MAX)
				return false;
		} else {
			return false;
		}
	}
	return true;
}

static enum ctl_exit top(const ctl_opts_t *o, int argc, char **argv)
{
	options_t opt = {false, INTERVAL_DEFAULT};
	look_t none = {NULL, NULL, 0}, l = none;
	enum ctl_exit ret;

	if(!read_options(&opt, argc, argv)) {
		fprintf(stderr, "wasbcctl: top [--once] [--interval 1 to %d]\n", INTERVAL_MAX);
		return CTL_USAGE;
	}
	if(!opt.once && !o->json && screen_is_one())
		return run_live(o, opt.interval);
	ret = take_look(o, &none, &l);
	if(ret == CTL_DONE)
		print_once(o, &l);
	close_look(&l);
	return ret;
}

const ctl_verb_t ctl_top_verbs[] = {
		{"", "[--once] [--interval SECONDS]",
				"calls, their rate, answer rate and failures, of the node, each number and "
				"each trunk, live until q, Enter or Ctrl-C; --once, --json, in a pipe: one look",
				0, 3, top},
		{NULL, NULL, NULL, 0, 0, NULL}};
