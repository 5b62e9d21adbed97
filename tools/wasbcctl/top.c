/* wasbcctl top: calls, rate, answer rate and failures, live, per number and trunk.
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <time.h>
#include <unistd.h>

#include "rpc.h"
#include "table.h"

#define INTERVAL_DEFAULT 2
#define INTERVAL_MAX 3600
#define LINES_DEFAULT 24
#define LINES_HEAD 4

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

static size_t screen_lines(void)
{
	struct winsize w;

	return ioctl(STDOUT_FILENO, TIOCGWINSZ, &w) == 0 && w.ws_row > LINES_HEAD + 1
				   ? w.ws_row
				   : LINES_DEFAULT;
}

static void print_row(json_object *row)
{
	printf("%-7.7s", ctl_member(row, "of"));
	ctl_print_column(ctl_member(row, "name"), 24);
	printf(" %6.6s %7.7s %8.8s %7.7s %7.7s  ", ctl_member(row, "calls"),
			ctl_member(row, "per_second"), ctl_member(row, "attempts"),
			ctl_member(row, "answer_rate"), ctl_member(row, "failed"));
	ctl_print_column(ctl_member(row, "cause"), 24);
	printf("\033[K\n");
}

static void print_screen(const look_t *l, const look_t *before)
{
	size_t n = json_object_array_length(l->rows), room = screen_lines() - LINES_HEAD - 1;
	double s = l->at - before->at;
	char clock[16] = "", rate[32] = "-";
	time_t t = time(NULL);
	struct tm tm;

	if(localtime_r(&t, &tm) != NULL && strftime(clock, sizeof(clock), "%H:%M:%S", &tm) == 0)
		clock[0] = '\0';
	if(before->node != NULL && s > 0)
		(void)!snprintf(rate, sizeof(rate), "%.1f",
				(double)(number_of(l->node, "attempts") - number_of(before->node, "attempts"))
						/ s);
	printf("\033[H%s  %s calls now, %s a second, %s of a day answered, %s failed; drain "
		   "%s\033[K\n\033[K\n",
			clock, ctl_member(l->node, "calls"), rate, ctl_member(l->node, "answered"),
			ctl_member(l->node, "failed"), ctl_member(l->node, "name"));
	printf("%-7s%-24s %6s %7s %8s %7s %7s  %-24s\033[K\n", "of", "name", "calls", "per s",
			"attempts", "answer", "failed", "last failure");
	for(size_t i = 0; i < n && i < room; i++)
		print_row(json_object_array_get_idx(l->rows, i));
	printf("\033[J");
	fflush(stdout);
}

/* Enter ends it, as does the end of the input. */
static bool wants_to_end(unsigned long seconds)
{
	struct pollfd p = {.fd = STDIN_FILENO, .events = POLLIN};

	return poll(&p, 1, (int)seconds * 1000) > 0;
}

static enum ctl_exit run_live(const ctl_opts_t *o, unsigned long interval)
{
	look_t now = {NULL, NULL, 0}, before = {NULL, NULL, 0};
	enum ctl_exit ret;

	printf("\033[2J");
	while((ret = take_look(o, &before, &now)) == CTL_DONE) {
		print_screen(&now, &before);
		close_look(&before);
		before = now;
		now = (look_t){NULL, NULL, 0};
		if(wants_to_end(interval))
			break;
	}
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
	if(!opt.once && !o->json && isatty(STDOUT_FILENO))
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
				"each trunk, live until Enter or Ctrl-C; --once, --json, in a pipe: one look",
				0, 3, top},
		{NULL, NULL, NULL, 0, 0, NULL}};
